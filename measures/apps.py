from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MeasuresConfig(AppConfig):
    name = "measures"
    label = "measures"
    verbose_name = _("政策与申报通知")

    def ready(self):
        from measures import screening_job

        screening_job.register()
