"""The verbs of a job: asked for by a person, begun, finished and failed by the worker."""

import logging

from django.db import transaction

from foundation.accounts.access import NotAllowed
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience
from foundation.files.models import Document
from foundation.jobs import kinds
from foundation.jobs.models import Job

logger = logging.getLogger(__name__)


def request(
    kind: str,
    by,
    *,
    input: Document | None = None,
    second_input: Document | None = None,
    **parameters,
) -> Job:
    """Ask for a job; a worker takes it after the commit. NotAllowed for who may not ask for that kind."""
    if not kinds.get(kind).may(by):
        raise NotAllowed
    with transaction.atomic():
        job = Job.objects.create(
            kind=kind,
            parameters=parameters,
            input=input,
            second_input=second_input,
            created_by=by,
            created_at=clock.now(),
        )
        events.record(
            "request_job",
            job,
            by,
            kind=kind,
            parameters=parameters,
            input_sha256=[document.sha256 for document in (input, second_input) if document],
        )
        transaction.on_commit(lambda: enqueue(job.pk), robust=True)
    return job


def start(job_id: int) -> Job | None:
    """Begin, or begin anew what a killed worker left; None for a job that has ended."""
    with transaction.atomic():
        job = _locked(job_id)
        if job is None or job.is_over:
            return None
        job.start(at=clock.now())
        job.save()
        events.record("start_job", job, SYSTEM, attempt=job.attempts)
    return job


def finish(job_id: int, result: kinds.Result) -> Job:
    """Done; runs within the transaction of the work."""
    with transaction.atomic():
        job = _locked(job_id)
        job.finish(at=clock.now(), outcome=dict(result.outcome), result=result.document)
        job.save()
        events.record(
            "finish_job",
            job,
            SYSTEM,
            tell=[Audience("user", job.created_by_id)],
            label=job.label,
            result_sha256=result.document.sha256 if result.document else None,
        )
    return job


def fail(job_id: int, reason: str) -> Job:
    """Given up, with the reason in Chinese."""
    with transaction.atomic():
        job = _locked(job_id)
        job.fail(at=clock.now(), message=reason[:300])
        job.save()
        events.record(
            "fail_job",
            job,
            SYSTEM,
            tell=[Audience("user", job.created_by_id)],
            label=job.label,
            reason=job.message,
        )
    return job


def enqueue(job_id: int) -> None:
    """Hand a job to the workers; with a dead broker it is left to the sweep."""
    from foundation.jobs import tasks

    try:
        tasks.run.delay(job_id)
    except Exception as error:
        logger.warning("job %d left to the sweep: %s", job_id, type(error).__name__)


def _locked(job_id: int) -> Job | None:
    jobs = Job.objects.select_for_update(of=("self",), no_key=True).select_related("created_by")
    return jobs.filter(pk=job_id).order_by("pk").first()
