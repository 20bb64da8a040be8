"""A screening as a job: it may take minutes, and its page can be left."""

from django.urls import reverse
from django.utils.translation import gettext_lazy

from foundation.accounts.access import NotAllowed
from foundation.jobs import kinds
from foundation.jobs.kinds import JobFailed, Kind, Result
from foundation.jobs.models import Job
from measures import screening_workflow
from measures.models import CallItem, Screening
from measures.workflow import Refused


def run(job: Job, progress) -> Result:
    call_item = CallItem.objects.get(pk=job.parameters["call_item"])
    try:
        found = screening_workflow.screen(call_item, job.created_by)
    except Refused as refusal:
        raise JobFailed("；".join(refusal.messages)) from refusal
    except NotAllowed as refusal:
        raise JobFailed(str(refusal.message)) from refusal
    return Result({"screening": found.pk})


def _context(job: Job, user) -> dict:
    found = Screening.objects.select_related("call_item__item", "rule").get(pk=job.outcome["screening"])
    return {"screening": found, "screening_url": reverse("desk:screening", args=[found.pk])}


def register() -> None:
    kinds.register(
        Kind(
            name=screening_workflow.KIND,
            label=gettext_lazy("筛选企业"),
            run=run,
            may=screening_workflow.may_screen,
            template="jobs/screened.html",
            context=_context,
        )
    )
