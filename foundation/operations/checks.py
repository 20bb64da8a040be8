"""The room's check: the beat and a worker do their work, as the heartbeat shows."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.clock import clock
from foundation.health import health
from foundation.health.health import Problem
from foundation.operations.models import Heartbeat

# A beat is a minute.
SILENT = timedelta(minutes=5)


def check() -> Iterator[Problem]:
    last = Heartbeat.objects.filter(pk=Heartbeat.SINGLETON).values_list("at", flat=True).first()
    todo = _("启动 celery beat 与至少一个 celery worker；没有它们，邮件、封存和到期处理都会停下。")
    if last is None:
        yield Problem("operations.beat", _("定时任务从未运行过"), todo)
    elif last < clock.now() - SILENT:
        moment = f"{clock.shanghai(last):%Y-%m-%d %H:%M}"
        yield Problem("operations.beat", _("定时任务自 %(moment)s 起没有运行") % {"moment": moment}, todo)


def register() -> None:
    health.register("beat", gettext_lazy("定时与后台进程"), check)
