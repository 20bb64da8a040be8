from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"
    label = "portal"
    verbose_name = _("企业服务门户")

    def ready(self):
        from foundation.display import surfaces
        from portal import nav, subjects

        surfaces.register(
            "portal", nav=nav.entries, account=nav.account_label, switch=nav.switch, barred=nav.barred
        )
        subjects.register()
