"""Where messages about what stands only on the desk lead: officials' posts, other offices' opinions."""

from django.urls import reverse

from foundation.accounts.models import Office, User
from foundation.accounts.roles import Permission
from foundation.events import events
from reviews.models import Consultation, Expert, ExpertReview


def register() -> None:
    events.register_subject(User, _person)
    events.register_subject(Office, _office)
    events.register_subject(Expert, _expert)
    events.register_subject(ExpertReview, lambda pk, user: reverse("desk:expert_review", args=[pk]))
    events.register_subject(Consultation, lambda pk, user: reverse("desk:consultation", args=[pk]))


def _expert(pk, user) -> str:
    """An expert's own reviews; their entry is for who keeps the pool."""
    if user.may(Permission.ARRANGE_EXPERTS):
        return reverse("desk:expert", args=[pk])
    return reverse("desk:expert_reviews") if user.may(Permission.REVIEW_AS_EXPERT) else reverse("home")


def _person(pk, user) -> str:
    """One's own page; an enterprise's person has none."""
    if not user.is_officer:
        return reverse("home")
    return reverse("desk:person", args=[user.pk])


def _office(pk, user) -> str:
    if user.may(Permission.OPERATE) or user.may(Permission.ARRANGE_STAFF):
        return f"{reverse('desk:people')}?office={pk}"
    return reverse("desk:home")
