from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    name = "foundation.operations"
    label = "operations"
    verbose_name = _("运行维护")

    def ready(self):
        from foundation.operations import audiences, checks

        audiences.register()
        checks.register()
