"""Doing a job: one worker at a time, its progress seen from outside while its work is still one transaction.

Who runs a job holds a lock of a database session of its own, which ends with the process, however it ends. So a
job that is running and whose lock is free was left by a killed worker; no clock decides that.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from foundation.clock import clock
from foundation.jobs import kinds, workflow
from foundation.jobs.models import Job

logger = logging.getLogger(__name__)

# Seconds between two writings of the progress.
PAUSE = 1.0
# A job that kills its worker every time is given up.
MOST_ATTEMPTS = 3
# A waiting job of this age may have been lost by the broker.
LOST_AFTER = timedelta(minutes=2)
# First half of the advisory locks' keys: jobs.
LOCKS = 0x6A6F6273


class Session:
    """A database session beside the work's own: holds the job, and writes its progress at once."""

    def __init__(self, job_id: int):
        self.job_id, self.last = job_id, float("-inf")
        self.connection = connection.copy()

    def hold(self) -> bool:
        """Take the job; False where another worker has it."""
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCKS, self.job_id])
            return cursor.fetchone()[0]

    def progress(self, done: int, total: int) -> None:
        """Write how far the work is, once a second at most."""
        now = time.monotonic()
        if now - self.last < PAUSE:
            return
        self.last = now
        with self.connection.cursor() as cursor:
            cursor.execute(
                "UPDATE jobs_job SET done = %s, total = %s, progress_at = %s WHERE id = %s AND state = 'running'",
                [done, total, clock.now(), self.job_id],
            )

    def close(self) -> None:
        self.connection.close()


def run(job_id: int) -> None:
    """Do a job, unless it has ended or somebody is at it. Safe to call at any time, by several."""
    with _session(job_id) as session:
        if not session.hold():
            return
        job = workflow.start(job_id)
        if job is None:
            return
        if job.attempts > MOST_ATTEMPTS:
            workflow.fail(job_id, _("执行时反复中断，已停止；请缩小文件后重试，或联系系统管理员"))
            return
        _work(job, session)


def _work(job: Job, session: Session) -> None:
    try:
        with transaction.atomic():
            result = kinds.get(job.kind).run(job, session.progress)
            workflow.finish(job.pk, result)
    except kinds.JobFailed as reason:
        workflow.fail(job.pk, str(reason))
    except Exception:
        logger.exception("job %d (%s) failed", job.pk, job.kind)
        workflow.fail(job.pk, _("系统出错，没有写入任何内容；请稍后重试，或联系系统管理员"))


@contextmanager
def _session(job_id: int) -> Iterator[Session]:
    session = Session(job_id)
    try:
        yield session
    finally:
        session.close()


def sweep() -> list[int]:
    """Enqueue what a dead broker or a killed worker left behind; returns the jobs' ids."""
    lost = list(
        Job.objects.filter(state=Job.State.WAITING, created_at__lt=clock.now() - LOST_AFTER)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    running = Job.objects.filter(state=Job.State.RUNNING).order_by("pk").values_list("pk", flat=True)
    left = sorted(set(running) - _held())
    for job_id in lost + left:
        workflow.enqueue(job_id)
    return lost + left


def _held() -> set[int]:
    """The jobs that a living worker holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT objid::bigint FROM pg_locks
            WHERE locktype = 'advisory' AND objsubid = 2 AND granted AND classid::bigint = %s
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """,
            [LOCKS],
        )
        return {job_id for (job_id,) in cursor.fetchall()}
