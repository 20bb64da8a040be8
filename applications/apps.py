from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApplicationsConfig(AppConfig):
    name = "applications"
    label = "applications"
    verbose_name = _("申请")

    def ready(self):
        from applications import audiences, deadlines
        from foundation.workdays import workdays

        audiences.register()
        workdays.on_calendar_changed(deadlines.recompute)
