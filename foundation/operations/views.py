"""What a load balancer asks: may this host get requests?"""

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from foundation.accounts.access import public
from foundation.health import health


@public
@never_cache
@require_safe
def answer(request):
    """200 where this host can serve, else 503; no details, and nothing that another host would fail at as well."""
    well = health.is_well(health.examine(serving_only=True))
    return HttpResponse(status=200 if well else 503, content_type="text/plain")
