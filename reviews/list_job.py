"""The check of a long list as a job: its page shows how far it is, and can be left."""

from django.urls import reverse
from django.utils.translation import gettext_lazy

from applications.verbs import Refused
from foundation.accounts.models import User
from foundation.accounts.roles import Permission
from foundation.jobs import kinds, workflow
from foundation.jobs.kinds import JobFailed, Kind, Result
from foundation.jobs.models import Job
from reviews.models import ProactiveList
from reviews.workflow import check_list

KIND = "check_list"
# Rows up to which a check is done within the request.
AT_ONCE = 300


def may_check(user) -> bool:
    return user.may(Permission.CHECK_LIST)


def request_check(drawn: ProactiveList, by: User) -> Job:
    """Have a list checked by a job, as the page saw it; one that is under way already is led to."""
    under_way = Job.objects.filter(
        kind=KIND, state__in=[Job.State.WAITING, Job.State.RUNNING], parameters__list=drawn.pk
    )
    if job := under_way.order_by("pk").first():
        return job
    return workflow.request(KIND, by, list=drawn.pk, version=drawn.version)


def run(job: Job, progress) -> Result:
    drawn = ProactiveList.objects.get(pk=job.parameters["list"])
    drawn.version = job.parameters["version"]
    try:
        check_list(drawn, job.created_by, progress)
    except Refused as refusal:
        raise JobFailed(refusal.message) from refusal
    return Result({"list": drawn.pk})


def _context(job: Job, user) -> dict:
    drawn = ProactiveList.objects.select_related("call_item__item").get(pk=job.outcome["list"])
    return {"checked": drawn, "list_url": reverse("desk:list", args=[drawn.pk])}


def register() -> None:
    kinds.register(
        Kind(
            name=KIND,
            label=gettext_lazy("复核免申即享名单"),
            run=run,
            may=may_check,
            template="jobs/list_checked.html",
            context=_context,
        )
    )
