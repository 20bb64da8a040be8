"""A person's own cases with all that their pages show, in few queries; access decides which are theirs."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from applications import access
from applications.models import Application
from applications.states import State


def own(user) -> QuerySet[Application]:
    """The person's own cases, thrown-away drafts apart, with what a page about one of them reads."""
    return (
        access.own(user)
        .exclude(state=State.DISCARDED)
        .with_names()
        .select_related(
            "form",
            "enterprise__district",
            "district_office",
            "call_item__decided_by",
            "call_item__call__office",
            "call_item__fund__paid_by",
        )
    )


def own_case(user, pk: int) -> Application:
    """One of them, or 404."""
    return get_object_or_404(own(user), pk=pk)


def is_member(user, case: Application) -> bool:
    """Whether the register may be shown to this person on the case's pages."""
    return case.enterprise.members.filter(user=user).exists()
