"""The room's checks: jobs that wait or run too long, and the beat's own rows."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_celery_beat.models import PeriodicTask

from foundation.clock import clock
from foundation.health import health
from foundation.health.health import Problem
from foundation.jobs.models import Job

WAITS = timedelta(minutes=15)
# Since its last sign of progress.
SILENT = timedelta(minutes=30)


def jobs() -> Iterator[Problem]:
    now = clock.now()
    waiting = Job.objects.filter(state=Job.State.WAITING, created_at__lt=now - WAITS).count()
    if waiting:
        yield Problem(
            "jobs.waiting",
            _("有 %(count)d 个后台任务排队超过 15 分钟") % {"count": waiting},
            _("检查 celery worker 是否在运行、数量是否足够。"),
        )
    silent = Job.objects.filter(state=Job.State.RUNNING, progress_at__lt=now - SILENT).order_by("pk")
    for job in silent[:5]:
        yield Problem(
            f"jobs.silent.{job.pk}",
            _("后台任务 %(number)d 已有 30 分钟没有进展") % {"number": job.pk},
            _("查看 worker 的日志；必要时重启 worker，任务会重新执行，不会重复写入。"),
        )


def schedule() -> Iterator[Problem]:
    """Every entry of the settings has its row, switched on: the beat reads rows, not settings."""
    on = set(PeriodicTask.objects.filter(enabled=True).values_list("name", flat=True))
    missing = sorted(set(settings.CELERY_BEAT_SCHEDULE) - on)
    if missing:
        yield Problem(
            "jobs.schedule",
            _("定时任务缺失或被停用：%(names)s") % {"names": "、".join(missing)},
            _(
                "启动一次 celery beat 即自动补齐；被停用的，请在数据库 django_celery_beat_periodictask 中恢复。"
            ),
        )


def register() -> None:
    health.register("jobs", gettext_lazy("后台任务"), jobs)
    health.register("schedule", gettext_lazy("定时任务"), schedule)
