"""Requests handed to units, and entries of the log, named by state. They need the catalogue."""

from datetime import date

from foundation.accounts.models import Office
from foundation.clock import clock
from measures.models import Item
from tests.accounts import factories as people
from tests.enterprises.factories import owner_of, verified_enterprise
from tracking import action_workflow, referral_workflow, specialist_workflow
from tracking.action_workflow import Done
from tracking.models import MeasureAction, Referral, ServiceContact, SpecialistAssignment
from tracking.specialist_workflow import Contact

CONTACT = "王工 13800138000"


def waiting(enterprise=None, code: str = "01-09", **given) -> Referral:
    """Handed to the item's unit, by default of the commission of commerce."""
    enterprise = enterprise or verified_enterprise()
    values = {"text": "外资研发机构，请指导认定", "contact": CONTACT} | given
    return referral_workflow.refer_item(
        Item.objects.get(code=code), enterprise, owner_of(enterprise), **values
    )


def working(by=None, **given) -> Referral:
    return referral_workflow.take_referral(waiting(**given), by or people.unit_liaison())


def concluded(by=None, **given) -> Referral:
    by = by or people.unit_liaison()
    return referral_workflow.conclude_referral(
        working(by, **given), by, outcome="granted", result="已认定", reference="沪商外资〔2026〕1号"
    )


def done(**changes) -> Done:
    values = {"done_on": clock.today(), "text": "召开示范区建设推进会", "source": "会议纪要〔2026〕3号"}
    return Done(**values | changes)


def action(code: str = "02-01", office: str = "kw", by=None, **changes) -> MeasureAction:
    """An entry of what a unit did, made by the commission unless somebody else is named."""
    return action_workflow.record_action(
        Item.objects.get(code=code),
        Office.objects.get(code=office),
        by or people.municipal_officer(),
        done(**changes),
    )


def day(text: str) -> date:
    return date.fromisoformat(text)


def served(
    enterprise=None, specialist=None, by=None, office: str = "kw-310104", **given
) -> SpecialistAssignment:
    """An enterprise that Xuhui's specialist serves, given by its head, unless others are named."""
    enterprise = enterprise or verified_enterprise()
    specialist = specialist or people.service_specialist(office)
    district = office.partition("-")[2]
    by = by or (people.district_head(district) if district else people.municipal_head())
    body = Office.objects.get(code=office)
    return specialist_workflow.assign_specialist([enterprise], specialist, by, body, **given).done[0]


def contact(assignment: SpecialistAssignment, **changes) -> ServiceContact:
    """That its specialist called today."""
    values = {"channel": "phone", "on": clock.today(), "about": "补正材料", "result": "下周一提交"} | changes
    return specialist_workflow.note_contact(assignment, assignment.specialist, Contact(**values))
