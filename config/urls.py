"""Where each surface stands: / the portal, /desk/ the desk, /admin/ the configuration."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from foundation.operations import views as operations

# One door: the admin's own sign-in would know no rate limit.
admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)
# Its first page is what waits for the person (measures.admin.dashboard), in the plain frame.
admin.site.index_template = "admin/base_site.html"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.account.urls")),
    path("health/", operations.answer, name="health"),
    path("desk/", include("desk.urls")),
    path("", include("portal.urls")),
]
if settings.DEMO or settings.TESTING:
    urlpatterns.insert(0, path("demo/", include("demo.urls")))
