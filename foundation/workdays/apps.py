from celery import signals as celery_signals
from django.apps import AppConfig
from django.core.signals import request_started
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class WorkdaysConfig(AppConfig):
    name = "foundation.workdays"
    label = "workdays"
    verbose_name = _("工作日历")

    def ready(self):
        from foundation.workdays import checks, workdays

        checks.register()
        request_started.connect(workdays.forget, dispatch_uid="workdays")
        celery_signals.task_prerun.connect(workdays.forget, dispatch_uid="workdays", weak=False)
        post_migrate.connect(_refill, sender=self)


def _refill(using, **kwargs):
    """An emptied database (manage.py flush) gets its calendar back; a filled one is left alone."""
    from foundation.workdays import seed, workdays
    from foundation.workdays.models import Calendar, Workday

    seed.fill(Calendar.objects.using(using), Workday.objects.using(using))
    workdays.forget()
