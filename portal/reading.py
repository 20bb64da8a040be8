"""A person's own cases with all that their pages show, in few queries; access decides which are theirs."""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest

from applications import access
from applications.models import Application
from applications.states import State
from enterprises.access import may
from enterprises.member_roles import Does
from portal import acting


def own(request: HttpRequest) -> QuerySet[Application]:
    """The person's own cases of the enterprise in view, thrown-away drafts apart, with what a page of one reads.

    Beside them drafts of enterprises that they don't act for (any more): a claim that was rejected.
    """
    others = [unit.enterprise.pk for unit in acting.standing(request).others]
    return (
        access.own(request.user)
        .exclude(enterprise__in=others)
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


def own_case(request: HttpRequest, pk: int) -> Application:
    """One of them, or 404; acting.Elsewhere where it is another's enterprise of this person."""
    found = own(request).filter(pk=pk).first()
    if found is None:
        refuse_elsewhere(request, pk)
        raise Http404
    return found


def refuse_elsewhere(request: HttpRequest, pk: int) -> None:
    """Raise acting.Elsewhere where the case is of another enterprise of this person than the one in view."""
    others = [unit.enterprise.pk for unit in acting.standing(request).others]
    of = access.own(request.user).filter(pk=pk, enterprise__in=others)
    for enterprise in of.values_list("enterprise_id", flat=True):
        raise acting.Elsewhere(enterprise)


def is_member(user, case: Application) -> bool:
    """Whether the register may be shown to this person on the case's pages: its people, and who fills in for them."""
    at_counter = case.filed_by_id is not None and case.filed_by_id == user.pk
    return at_counter or may(user, case.enterprise, Does.READ)
