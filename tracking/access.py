"""Who reads which figures, requests, entries and served enterprises of measure 10, and who acts for which unit."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404

from applications.access import recusals_of
from applications.models import Application
from applications.states import State
from enterprises.access import mine
from enterprises.models import Enterprise, Member
from foundation.accounts.models import Office
from foundation.accounts.roles import Permission
from tracking import reports
from tracking.models import MeasureAction, QuarterReport, Referral, ServiceContact, SpecialistAssignment
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


def served(user) -> QuerySet[Enterprise]:
    """The enterprises that this specialist serves today."""
    if not user.is_authenticated:
        return Enterprise.objects.none()
    mine_now = SpecialistAssignment.objects.standing().filter(specialist=user, enterprise=OuterRef("pk"))
    return Enterprise.objects.filter(Exists(mine_now)).select_related("district")


def assigning_offices(user) -> QuerySet[Office]:
    """The offices whose specialists this person arranges."""
    offices = user.offices_where(Permission.ASSIGN_SPECIALIST)
    return Office.objects.filter(pk__in=offices).order_by("kind", "code")


def of_office(user, office: Office | None) -> QuerySet[Enterprise]:
    """The enterprises for which this office may name a specialist: a district's its own, a municipal one's all; None
    (the auditor): every one. Not those that the person keeps out of."""
    rows = Enterprise.objects.exclude(state=Enterprise.State.CLOSED).select_related("district")
    if office is not None and office.kind == Office.Kind.DISTRICT:
        rows = rows.filter(district=office.district_id)
    out = recusals_of(user).filter(enterprise__isnull=False).order_by().values("enterprise")
    return rows.exclude(pk__in=out)


def service_enterprise(user, pk) -> Enterprise:
    """An enterprise that this person serves, or whose service they arrange or audit, or 404."""
    if user.may(Permission.AUDIT):
        return get_object_or_404(of_office(user, None), pk=pk)
    reach = served(user).filter(pk=pk)
    for office in assigning_offices(user):
        reach = reach if reach.exists() else of_office(user, office).filter(pk=pk)
    return get_object_or_404(reach)


def service_cases(user, enterprise: Enterprise) -> QuerySet[Application]:
    """The enterprise's cases as far as its service reads of them: their states, and that a draft exists where somebody
    verified for the enterprise writes it. Not those that the person keeps out of."""
    colleague = Member.objects.filter(user=OuterRef("created_by"), enterprise=OuterRef("enterprise"))
    cases = Application.objects.filter(enterprise=enterprise).exclude(state=State.DISCARDED)
    return cases.filter(~Q(state=State.DRAFT) | Exists(colleague)).but_of(recusals_of(user))


def service_assignments(user, enterprise: Enterprise) -> QuerySet[SpecialistAssignment]:
    """Who served the enterprise, as far as this person reads it: their own offices'; the auditor all."""
    rows = SpecialistAssignment.objects.filter(enterprise=enterprise).select_related("office", "specialist")
    return rows if user.may(Permission.AUDIT) else rows.filter(office__in=_service_offices(user))


def service_contacts(user, enterprise: Enterprise) -> QuerySet[ServiceContact]:
    """What was said with the enterprise, as far as this person reads it: their own offices'; the auditor all."""
    rows = ServiceContact.objects.filter(assignment__enterprise=enterprise).select_related("by")
    return rows if user.may(Permission.AUDIT) else rows.filter(assignment__office__in=_service_offices(user))


def own_assignment(user, enterprise: Enterprise) -> SpecialistAssignment | None:
    """By which this person serves the enterprise today."""
    mine_now = SpecialistAssignment.objects.standing().filter(specialist=user, enterprise=enterprise)
    return mine_now.order_by("pk").first()


def _service_offices(user) -> set[int]:
    return user.offices_where(Permission.SERVE) | user.offices_where(Permission.ASSIGN_SPECIALIST)
