"""The content security policy by surface: strict everywhere, and the admin's own."""

from csp.middleware import CSPMiddleware
from django.conf import settings

ADMIN = "/admin/"


class SurfacePolicyMiddleware(CSPMiddleware):
    """CONTENT_SECURITY_POLICY for our pages, ADMIN_POLICY for the admin's; a view's own decorator still counts."""

    def get_policy_parts(self, request, response, report_only=False):
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and request.path_info.startswith(ADMIN) and parts.config is None:
            parts.config = settings.ADMIN_POLICY
        return parts
