"""服务专员: who serves which enterprise, how that ends, and what a specialist may read and note."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from applications.models import Recusal
from applications.verbs import Refused
from enterprises import workflow as enterprise_workflow
from foundation.accounts import workflow as accounts
from foundation.accounts.models import Office
from foundation.accounts.roles import Role
from foundation.accounts.workflow import AccountRefused
from foundation.clock import clock
from foundation.events import events
from foundation.events.models import Event
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import owner_of, registered_enterprise, verified_enterprise, with_account
from tests.measures.factories import loaded_catalogue
from tests.tracking import factories
from tracking import access, serving
from tracking import specialist_workflow as workflow
from tracking.models import ServiceContact, SpecialistAssignment

pytestmark = pytest.mark.django_db
XUHUI = "kw-310104"


@pytest.fixture(autouse=True)
def catalogue():
    loaded_catalogue()


def inbox(user) -> list[str]:
    return [events.render(one).subject for one in events.inbox(user)]


def refusal(act, *args, **kwargs) -> Refused:
    with pytest.raises(Refused) as refused:
        act(*args, **kwargs)
    return refused.value


def office(code: str = XUHUI) -> Office:
    return Office.objects.get(code=code)


def names(enterprise) -> list[str]:
    return [one.specialist.get_full_name() for one in serving.specialists_of(enterprise)]


def test_a_head_gives_enterprises_and_everybody_is_told_once():
    head, specialist = people.district_head(), people.service_specialist()
    units = [verified_enterprise(name=f"第{one}家公司") for one in "一二三"]
    far = verified_enterprise(district=people.PUDONG)
    closed = enterprise_workflow.close(verified_enterprise(), head, "已注销")
    given = workflow.assign_specialist([*units, far, closed], specialist, head, office())
    assert [one.enterprise for one in given.done] == units
    assert {message for _row, message in given.refused} == {"不在本单位的服务范围内"} and len(
        given.refused
    ) == 2
    assert all(names(unit) == ["服务专员"] for unit in units)
    told = f"{office()}的服务专员是贵企业的服务专员"
    assert all(inbox(owner_of(unit)).count(told) == 1 for unit in units)
    assert inbox(specialist) == [f"{office()}请您服务 3 家企业"]
    assert not inbox(people.service_specialist(mark="b"))
    # Given once more it is refused one by one, and nothing happens.
    before = Event.objects.count()
    again = workflow.assign_specialist(units, specialist, head, office())
    assert again.done == [] and {message for _row, message in again.refused} == {"已由该专员服务"}
    assert Event.objects.count() == before


def test_who_may_not_give_and_who_can_not_be_given():
    unit, specialist = verified_enterprise(), people.service_specialist()
    for by in (
        people.district_officer(),
        people.district_head(people.PUDONG),
        people.municipal_head(),
        people.finance_checker(),
        specialist,
        owner_of(unit),
    ):
        assert refusal(workflow.assign_specialist, [unit], specialist, by, office()).code == "forbidden"
        assert refusal(workflow.end_assignments, [unit], by, office(), "调整").code == "forbidden"
    head = people.district_head()
    for other in (people.district_officer(), people.service_specialist("kw-310115"), people.user()):
        assert "specialist" in refusal(workflow.assign_specialist, [unit], other, head, office()).fields
    assert "specialist" in refusal(workflow.assign_specialist, [unit], head, head, office()).fields
    assert refusal(workflow.assign_specialist, [], specialist, head, office()).code == "invalid"
    # Whoever keeps out of the enterprise, or acts for it, doesn't serve it.
    Recusal.objects.create(
        person=specialist, enterprise=unit, origin="ordered", reason="亲属任职", by=people.district_head()
    )
    mine = verified_enterprise(owner=specialist)
    given = workflow.assign_specialist([unit, mine], specialist, head, office())
    assert given.done == [] and {message for _row, message in given.refused} == {
        "该专员与企业有关联或应当回避"
    }


def test_another_specialist_takes_over_with_a_reason_and_the_log_stays():
    head, first, second = (
        people.district_head(),
        people.service_specialist(),
        people.service_specialist(mark="乙"),
    )
    old = factories.served(specialist=first)
    unit = old.enterprise
    factories.contact(old, about="补正材料怎么准备")
    assert "reason" in refusal(workflow.assign_specialist, [unit], second, head, office()).fields
    (new,) = workflow.assign_specialist([unit], second, head, office(), "分工调整").done
    old.refresh_from_db()
    assert (old.until, old.ended_by, old.ending) == (clock.today(), head, "分工调整")
    assert names(unit) == ["服务专员乙"] and access.own_assignment(first, unit) is None
    assert inbox(first)[0] == f"{office()}：1 家企业不再由您服务" and "1 家企业" in inbox(second)[0]
    told = events.render(events.inbox(owner_of(unit)).first()).body
    assert "服务专员乙" in told and "原服务专员服务专员不再服务贵企业" in told
    assert [one.about for one in access.service_contacts(second, unit)] == ["补正材料怎么准备"]
    assert refusal(factories.contact, old).code == "forbidden"
    assert factories.contact(new, about="接手").by == second
    # The commission's specialist serves beside the district's, and doesn't read its log.
    city = people.service_specialist("kw")
    factories.served(unit, city, office="kw")
    assert set(names(unit)) == {"服务专员乙", "服务专员"}
    assert not access.service_contacts(city, unit).exists()
    # Ended with a reason, which the enterprise reads.
    assert "reason" in refusal(workflow.end_assignments, [unit], head, office(), " ").fields
    assert len(workflow.end_assignments([unit], head, office(), "不再需要").done) == 1
    assert "不再需要" in events.render(events.inbox(owner_of(unit)).first()).body
    assert workflow.end_assignments([unit], head, office(), "再次").refused[0][1] == "现在没有服务专员"


def test_an_assignment_counts_only_while_its_specialist_is_there():
    """A post that ends, a locked account, a recusal or a move leaves a gap that the head sees; no row changes."""
    operator, head = people.system_administrator(), people.district_head()
    specialist, other = people.service_specialist(), people.service_specialist(mark="乙")
    row = factories.served(specialist=specialist)
    unit = row.enterprise

    def standing() -> bool:
        return SpecialistAssignment.objects.standing().filter(pk=row.pk).exists()

    assert standing() and access.served(specialist).filter(pk=unit.pk).exists()
    accounts.lock_account(specialist, operator, "借调")
    assert not standing() and names(unit) == []
    accounts.unlock_account(specialist, operator, "回来")
    assert standing()
    accounts.end_post(specialist.posts.get(), operator, clock.today())
    assert standing()
    with clock.at(clock.now() + timedelta(days=1)):
        assert not standing() and names(unit) == []
        assert refusal(factories.contact, row).code == "forbidden"
        # Whoever is gone is replaced without a reason of the head's, and isn't told.
        (new,) = workflow.assign_specialist([unit], other, head, office()).done
        row.refresh_from_db()
        assert row.ending == "原服务专员已不再服务" and names(unit) == ["服务专员乙"]
        type(unit).objects.filter(pk=unit.pk).update(district=people.PUDONG)
        assert names(unit) == [] and access.own_assignment(other, unit) is None
        new.refresh_from_db()
        assert new.until is None


def test_who_serves_handles_no_case_and_the_other_way_round():
    operator, today = people.system_administrator(), clock.today()
    specialist, officer = people.service_specialist(), people.district_officer()
    for person, role in ((specialist, Role.DISTRICT_OFFICER), (officer, Role.SERVICE_SPECIALIST)):
        with pytest.raises(AccountRefused, match="服务专员不办理申请和拨付"):
            accounts.give_post(person, operator, office=office(), role=role, since=today)
    with pytest.raises(AccountRefused, match="不能设在该机构"):
        accounts.give_post(
            people.user(), operator, office=office("czj"), role=Role.SERVICE_SPECIALIST, since=today
        )
    # The last one of an office may go: no case waits for a specialist.
    alone = people.service_specialist("kw-310115")
    assert accounts.end_post(alone.posts.get(), operator, today).until == today
    with pytest.raises(AccountRefused, match="不设代理"):
        accounts.name_deputy(
            specialist.posts.get(), specialist, deputy=officer, since=today, until=today, reason="出差"
        )
    case = cases.submitted()
    factories.served(case.enterprise)
    # Nothing of the office's cases is told to its specialist.
    assert not any(case.number in subject for subject in inbox(specialist))


def test_what_an_enterprise_must_do_now_is_told_by_state_and_day():
    specialist = people.service_specialist()
    asked = cases.awaiting_correction()
    paid_next = cases.approved()
    draft = cases.draft(cases.open_call_item("03-10"), asked.enterprise, asked.submitted_by)
    for one in (asked, paid_next):
        factories.served(one.enterprise)
    factories.served()
    rows = serving.with_needs(access.served(specialist), specialist)
    found = {row.pk: row for row in rows}
    first = found[asked.enterprise_id]
    assert [case.need for case in first.waiting_cases] == ["correction"] and first.term == asked.due_on
    assert [case.need for case in found[paid_next.enterprise_id].waiting_cases] == ["account"]
    with_account(paid_next.enterprise)
    assert not serving.waiting("account").exists()
    assert set(serving.needing(access.served(specialist))) == {asked.enterprise}
    # A draft is of concern when its call is about to close.
    with clock.at(draft.call_item.call.closes_at - timedelta(days=3)):
        assert draft in serving.waiting("draft")
    assert draft not in serving.waiting("draft")
    open_to = serving.can_apply([asked.enterprise_id])[asked.enterprise_id]
    assert asked.call_item not in open_to and draft.call_item in open_to


def test_a_contact_is_noted_by_who_serves_with_its_day_and_words():
    row = factories.served()
    for wrong, name in (
        ({"channel": "pigeon"}, "channel"),
        ({"on": clock.today() + timedelta(days=1)}, "on"),
        ({"on": clock.today() - timedelta(days=1)}, "on"),
        ({"about": " "}, "about"),
        ({"result": ""}, "result"),
    ):
        assert name in refusal(factories.contact, row, **wrong).fields
    noted = factories.contact(row)
    event = events.timeline(row).last()
    assert event.verb == "note_contact" and noted.result not in str(event.facts)
    contact = workflow.Contact("phone", clock.today(), "问候", "无")
    for by in (people.district_head(), people.service_specialist(mark="乙"), owner_of(row.enterprise)):
        assert refusal(workflow.note_contact, row, by, contact).code == "forbidden"


def test_the_database_keeps_assignments_and_contacts_as_they_were():
    row, noted = (one := factories.served()), factories.contact(one)
    twin = {
        "enterprise": row.enterprise,
        "office": row.office,
        "since": row.since,
        "assigned_by": row.assigned_by,
    }

    def refused(act):
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            act()

    mine = SpecialistAssignment.objects.filter(pk=row.pk)
    refused(
        lambda: SpecialistAssignment.objects.create(specialist=people.service_specialist(mark="乙"), **twin)
    )
    refused(lambda: mine.update(since=row.since - timedelta(days=9)))
    refused(lambda: mine.update(specialist=people.service_specialist(mark="乙")))
    refused(lambda: mine.update(until=clock.today()))
    refused(mine.delete)
    refused(lambda: ServiceContact.objects.filter(pk=noted.pk).update(result="改过"))
    head = row.assigned_by
    mine.update(until=clock.today(), ended_by=head, ending="调整")
    refused(lambda: mine.update(until=None, ended_by=None, ending=""))
    refused(
        lambda: SpecialistAssignment.objects.create(
            specialist=head, **(twin | {"enterprise": verified_enterprise(), "assigned_by": head})
        )
    )


def test_many_are_given_in_as_many_statements_as_few():
    head, specialist, other = (
        people.district_head(),
        people.service_specialist(),
        people.service_specialist(mark="乙"),
    )
    units = [registered_enterprise() for _ in range(12)]
    assert head.is_officer  # their posts are read once

    def counted(some, who, reason=""):
        with CaptureQueriesContext(connection) as seen:
            assert len(workflow.assign_specialist(some, who, head, office(), reason).done) == len(some)
        return len(seen)

    assert counted(units[:2], specialist) == counted(units[2:], specialist)
    assert counted(units[:2], other, "调整") == counted(units[2:], other, "调整")
    taken = []
    for some in (units[:2], units[2:]):
        with CaptureQueriesContext(connection) as seen:
            assert len(workflow.end_assignments(some, head, office(), "调整").done) == len(some)
        taken.append(len(seen))
    assert taken[0] == taken[1]
