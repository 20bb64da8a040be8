"""Which payments a person may see: finance those of its own office, the auditor all."""

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404

from applications import access
from applications.models import Application
from applications.states import State
from foundation.accounts.roles import Permission
from measures.models import SpecialFund
from payments.models import Disbursement, RecoveryOrder
from reviews.access import but_kept_out


def visible(user) -> QuerySet[Disbursement]:
    if not user.is_authenticated:
        return Disbursement.objects.none()
    if user.may(Permission.AUDIT):
        return Disbursement.objects.all()
    rows = Disbursement.objects.filter(office__in=user.offices_where(Permission.VIEW_PAYMENTS))
    return but_kept_out(rows, user)


def disbursement(user, pk) -> Disbursement:
    """A payment that this person's posts reach, or 404."""
    return get_object_or_404(visible(user).with_names(), pk=pk)


def payable(user) -> QuerySet[Application]:
    """Approved cases that wait for an order by this person's office (the auditor sees all)."""
    waiting = Application.objects.filter(state=State.APPROVED)
    if not user.may(Permission.AUDIT):
        waiting = waiting.filter(office__in=user.offices_where(Permission.VIEW_PAYMENTS))
    waiting = waiting.but_of(access.recusals_of(user))
    waiting = waiting.exclude(disbursements__state__in=["ordered", "released", "confirmed"])
    # Nothing is paid while a revocation is told of and not decided.
    return waiting.exclude(revocations__state="open").with_names()


def recoveries(user) -> QuerySet[RecoveryOrder]:
    """What is to be paid back: for finance of the office that paid, the commission that revoked, the auditor."""
    if not user.is_authenticated:
        return RecoveryOrder.objects.none()
    rows = RecoveryOrder.objects.select_related("application__call_item__item", "office")
    if user.may(Permission.AUDIT):
        return rows
    deciding = user.offices_where(Permission.REVOKE) | user.offices_where(Permission.NOTIFY_REVOCATION)
    rows = rows.filter(
        Q(office__in=user.offices_where(Permission.VIEW_PAYMENTS))
        | Q(application__municipal_office__in=deciding)
    )
    return but_kept_out(rows, user)


def recovery(user, pk) -> RecoveryOrder:
    """One of them, or 404."""
    return get_object_or_404(recoveries(user), pk=pk)


def funds(user) -> QuerySet[SpecialFund]:
    """The funds that this person may look into: those their office manages or pays from, the auditor all."""
    if not user.is_authenticated:
        return SpecialFund.objects.none()
    rows = SpecialFund.objects.select_related("office", "paid_by")
    if user.may(Permission.AUDIT):
        return rows
    managed = user.offices_where(Permission.PROPOSE) | user.offices_where(Permission.APPROVE)
    return rows.filter(Q(office__in=managed) | Q(paid_by__in=user.offices_where(Permission.VIEW_PAYMENTS)))


def fund(user, pk) -> SpecialFund:
    """A fund that this person may look into, or 404."""
    return get_object_or_404(funds(user), pk=pk)
