from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReviewsConfig(AppConfig):
    name = "reviews"
    label = "reviews"
    verbose_name = _("审核")

    def ready(self):
        from reviews import audiences, checks, list_job

        audiences.register()
        checks.register()
        list_job.register()
