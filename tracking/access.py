"""Who reads which figures, requests and entries of measure 10, and who acts on them for which unit."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from enterprises.access import mine
from foundation.accounts.models import Office
from foundation.accounts.roles import Permission
from tracking import reports
from tracking.models import MeasureAction, QuarterReport, Referral
from tracking.quarters import Quarter


def district_of(user) -> str | None:
    """The code of the only district whose figures this person may read; None for all of them."""
    offices = list(Office.objects.filter(pk__in=user.offices_where(Permission.VIEW_REPORTS)).order_by("pk"))
    if offices and all(office.kind == Office.Kind.DISTRICT for office in offices):
        return offices[0].district_id
    return None


def figures(report: QuarterReport, user) -> dict:
    """What this person may read of the report: a district its own cells, computed as of the same moment."""
    district = district_of(user)
    if district is None:
        return report.data
    return reports.compute(Quarter(report.year, report.quarter), report.as_of, district)


def own_referrals(user) -> QuerySet[Referral]:
    """The requests of the enterprises that this person acts for."""
    return Referral.objects.filter(enterprise__in=mine(user)).select_related("item", "enterprise", "office")


def own_referral(user, pk) -> Referral:
    """A request of an enterprise that this person acts for, or 404."""
    return get_object_or_404(own_referrals(user).select_related("document"), pk=pk)


def desk_referrals(user) -> QuerySet[Referral]:
    """The requests that this person's offices have; whoever answers for every unit, and the auditor, all."""
    rows = Referral.objects.select_related("item", "enterprise__district", "office")
    if not user.is_authenticated:
        return rows.none()
    if user.may(Permission.COORDINATE) or user.may(Permission.AUDIT):
        return rows
    return rows.handled_by(user.offices_where(Permission.ANSWER_REFERRAL))


def desk_referral(user, pk) -> Referral:
    """A request that this officer's posts reach, or 404."""
    return get_object_or_404(desk_referrals(user).select_related("document", "ended_by", "taken_by"), pk=pk)


def may_answer(user, row: Referral) -> bool:
    """Whether this person answers the request: at its unit, or for every unit."""
    return user.may(Permission.ANSWER_REFERRAL, row.office_id) or user.may(Permission.COORDINATE)


def may_enter(user, office: Office) -> bool:
    """Whether this person enters what that unit did."""
    return user.may(Permission.RECORD_ACTION, office.pk) or user.may(Permission.COORDINATE)


def offices_to_enter_for(user) -> QuerySet[Office]:
    """The units for which this person enters what they did."""
    offices = Office.objects.order_by("kind", "code")
    if user.may(Permission.COORDINATE):
        return offices
    return offices.filter(pk__in=user.offices_where(Permission.RECORD_ACTION))


def action_to_correct(user, pk) -> MeasureAction:
    """An entry of a unit that this person enters for, or 404."""
    rows = MeasureAction.objects.select_related("item__measure", "office")
    return get_object_or_404(rows.filter(office__in=offices_to_enter_for(user)), pk=pk)
