from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    name = "desk"
    label = "desk"
    verbose_name = _("审核台")

    def ready(self):
        from desk import nav, subjects
        from foundation.display import surfaces

        surfaces.register("desk", nav=nav.entries, account=nav.account_label)
        subjects.register()
