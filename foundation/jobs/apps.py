from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "foundation.jobs"
    label = "jobs"
    verbose_name = _("后台任务")

    def ready(self):
        from django.urls import reverse

        from foundation.events import events
        from foundation.jobs import checks
        from foundation.jobs.models import Job

        events.register_subject(Job, lambda job_id, user: reverse("admin:jobs_job_change", args=[job_id]))
        checks.register()
