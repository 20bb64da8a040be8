"""Whose reviews and which experts a person reaches: an expert their own, the commission's people those of their office."""

from django.db.models import Count, Q, QuerySet
from django.shortcuts import get_object_or_404

from applications.models import Application
from foundation.accounts.roles import Permission
from reviews.access import but_kept_out
from reviews.models import Expert, ExpertReview


def own_reviews(user) -> QuerySet[ExpertReview]:
    """What this expert was asked to review, whatever became of it."""
    if not user.is_authenticated or not user.may(Permission.REVIEW_AS_EXPERT):
        return ExpertReview.objects.none()
    return but_kept_out(_loaded().filter(person=user), user)


def reviews(user) -> QuerySet[ExpertReview]:
    """An expert's own; those that this person's office asked for; all for the auditor. Never of a case that the
    person keeps out of."""
    if not user.is_authenticated:
        return ExpertReview.objects.none()
    if user.may(Permission.VIEW_ALL_CASES):
        return _loaded()
    asking = Q(asked_from__in=user.offices_where(Permission.ARRANGE_EXPERTS))
    if user.may(Permission.REVIEW_AS_EXPERT):
        asking |= Q(person=user)
    return but_kept_out(_loaded().filter(asking), user)


def _loaded() -> QuerySet[ExpertReview]:
    return ExpertReview.objects.select_related(
        "application__call_item__item", "submission__form", "expert__person", "asked_from"
    )


def review(user, pk) -> ExpertReview:
    """A review that this person may read, or 404."""
    return get_object_or_404(reviews(user), pk=pk)


def own_review(user, pk) -> ExpertReview:
    """A review that this very expert was asked for, or 404."""
    return get_object_or_404(own_reviews(user), pk=pk)


def reads_submission(user, row: ExpertReview) -> bool:
    """Whether this expert may read what was submitted: after their declaration, as long as the review is wanted."""
    return row.person_id == user.pk and row.declared_at is not None and row.is_waiting


def experts(user) -> QuerySet[Expert]:
    """The pools of this person's offices; all for the auditor."""
    if not user.is_authenticated:
        return Expert.objects.none()
    rows = Expert.objects.select_related("person", "office", "entered_by", "ended_by")
    if user.may(Permission.VIEW_ALL_CASES):
        return rows
    return rows.filter(office__in=user.offices_where(Permission.ARRANGE_EXPERTS))


def expert(user, pk) -> Expert:
    """An entry of a pool that this person reaches, or 404."""
    return get_object_or_404(experts(user), pk=pk)


def counts(case: Application) -> tuple[int, int]:
    """How many reviews of a case are waited for, and how many are there; what the enterprise may know. One query."""
    rows = ExpertReview.objects.filter(application=case)
    found = rows.aggregate(
        waiting=Count("pk", filter=Q(pk__in=rows.waiting().order_by().values("pk"))),
        done=Count("pk", filter=Q(state=ExpertReview.State.SUBMITTED)),
    )
    return found["waiting"], found["done"]
