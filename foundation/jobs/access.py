"""Which jobs a person may see: their own, those of the kinds that they may ask for; the auditor all."""

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from foundation.accounts.roles import Permission
from foundation.jobs import kinds
from foundation.jobs.models import Job


def visible(user) -> QuerySet[Job]:
    jobs = Job.objects.select_related("created_by")
    if not user.is_authenticated:
        return jobs.none()
    if user.may(Permission.AUDIT):
        return jobs
    return jobs.filter(Q(created_by=user) | Q(kind__in=kinds.those_of(user)))


def desk_job(user, pk) -> Job:
    """A job that this person may see, or 404."""
    return get_object_or_404(visible(user), pk=pk)
