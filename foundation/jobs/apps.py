from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "foundation.jobs"
    label = "jobs"
    verbose_name = _("后台任务")

    def ready(self):
        from django.urls import reverse

        from foundation.accounts.roles import Permission
        from foundation.events import events
        from foundation.jobs import checks
        from foundation.jobs.models import Job

        def page(job_id: int, user) -> str:
            """Where policy is kept, its people read of their jobs; everybody else at the desk."""
            name = "admin:jobs_job_change" if user.may(Permission.CONFIGURE) else "desk:job"
            return reverse(name, args=[job_id])

        events.register_subject(Job, page)
        checks.register()
