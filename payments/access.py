"""Which payments a person may see: finance those of its own office, the auditor all."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from applications.models import Application
from applications.states import State
from foundation.accounts.roles import Permission
from payments.models import Disbursement


def visible(user) -> QuerySet[Disbursement]:
    if not user.is_authenticated:
        return Disbursement.objects.none()
    if user.may(Permission.AUDIT):
        return Disbursement.objects.all()
    return Disbursement.objects.filter(office__in=user.offices_where(Permission.VIEW_PAYMENTS))


def disbursement(user, pk) -> Disbursement:
    """A payment that this person's posts reach, or 404."""
    return get_object_or_404(visible(user).with_names(), pk=pk)


def payable(user) -> QuerySet[Application]:
    """Approved cases that wait for an order by this person's office."""
    return (
        Application.objects.filter(
            state=State.APPROVED, office__in=user.offices_where(Permission.ORDER_PAYMENT)
        )
        .exclude(disbursements__state__in=["ordered", "released", "confirmed"])
        .with_names()
    )
