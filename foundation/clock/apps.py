from celery import signals as celery_signals
from django.apps import AppConfig
from django.core.signals import request_started
from django.utils.translation import gettext_lazy as _


class ClockConfig(AppConfig):
    name = "foundation.clock"
    label = "clock"
    verbose_name = _("时钟")

    def ready(self):
        from foundation.clock import checks, clock

        request_started.connect(clock.forget_offset, dispatch_uid="clock")
        celery_signals.task_prerun.connect(clock.forget_offset, dispatch_uid="clock", weak=False)
        checks.register()
