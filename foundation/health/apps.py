from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HealthConfig(AppConfig):
    name = "foundation.health"
    label = "health"
    verbose_name = _("自查")

    def ready(self):
        from foundation.health import database

        database.register()
