"""Objections to a notice and leads: who may say what until when, who sees whom, what an answer does."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from applications.models import Application
from applications.states import State
from applications.verbs import Refused
from foundation.accounts.roles import PUBLIC
from foundation.clock import clock
from foundation.events import events
from foundation.events.models import Event, Notification
from foundation.files import files
from measures import funds
from reviews import access, workflow
from reviews.models import Lead, Objection, PublicNotice
from reviews.workflow import Answer, Statement
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import pdf

pytestmark = pytest.mark.django_db
SAID = {"kind": "person", "name": "王建国", "phone": "13812345678", "text": "该项目去年已获同类支持。"}


def statement(**changes) -> Statement:
    return Statement(**{**SAID, **changes})


@pytest.fixture
def noticed():
    case = cases.published()
    return case, PublicNotice.objects.get(lines__application=case)


@pytest.fixture
def raised(noticed):
    case, notice = noticed
    return workflow.raise_objection(notice, case, statement())


def answer(upheld=False, **changes) -> Answer:
    return Answer(
        **{
            "upheld": upheld,
            "text": "经核实，去年的支持是另一个项目。",
            "told_by": "phone",
            "told_on": clock.today(),
            **changes,
        }
    )


def refused(verb, *args, **kwargs) -> Refused:
    with pytest.raises(Refused) as caught:
        verb(*args, **kwargs)
    return caught.value


def test_who_objects_is_encrypted_masked_and_named_in_no_event_or_message(raised):
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, phone FROM reviews_objection")
        stored = " ".join(cursor.fetchone())
    assert "王建国" not in stored
    assert "1381234" not in stored
    assert (raised.masked_name, raised.masked_phone) == ("王**", "138****5678")
    event = Event.objects.get(verb="raise_objection")
    told = Notification.objects.get(event=event)
    message = events.render(told)
    for text in (str(event.facts), message.subject, message.body, event.actor_label):
        assert "王建国" not in text
        assert "12345678" not in text
        assert SAID["text"] not in text
    assert (told.audience_kind, told.audience_id) == ("office", raised.notice.office_id)


def test_only_the_officer_and_the_head_of_the_notices_office_see_it(raised):
    case = raised.application
    for person in (people.municipal_officer(), people.municipal_head()):
        assert list(access.objections(person)) == [raised]
    others = [people.auditor(), people.district_officer(), people.finance_maker(), case.submitted_by]
    for person in others:
        assert not access.objections(person).exists()


def test_looking_at_the_identity_is_recorded(raised):
    assert refused(workflow.see_objector, raised, people.auditor()).code == "forbidden"
    workflow.see_objector(raised, people.municipal_head())
    assert Event.objects.get(verb="see_objector").facts == {"number": raised.number}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "王"}, "name"),
        ({"phone": "电话"}, "phone"),
        ({"phone": "123"}, "phone"),
        ({"text": " "}, "text"),
        ({"kind": "nameless"}, "kind"),
        ({"kind": "unit", "name": "示例检测有限公司"}, "documents"),
    ],
)
def test_an_objection_without_what_it_needs_is_refused_beside_the_field(noticed, changes, field):
    case, notice = noticed
    assert field in refused(workflow.raise_objection, notice, case, statement(**changes)).fields
    assert not Objection.objects.exists()


def test_a_unit_objects_with_a_stamped_document(noticed):
    case, notice = noticed
    paper = files.store(pdf("异议书.pdf"), PUBLIC)
    row = workflow.raise_objection(
        notice, case, statement(kind="unit", name="示例检测有限公司", documents=[paper])
    )
    assert row.masked_name.startswith("示例*")
    assert row.number == f"YY-{notice.number}-001"


def test_within_the_notices_days_to_the_hour(noticed):
    case, notice = noticed
    with clock.at(notice.closes_at):
        assert refused(workflow.raise_objection, notice, case, statement()).code == "state"
        assert refused(workflow.send_lead, notice, case, "有问题").code == "state"
    with clock.at(notice.closes_at - timedelta(seconds=1)):
        workflow.raise_objection(notice, case, statement())


def test_an_open_objection_stands_in_the_way_of_the_approval_until_it_is_answered(raised):
    head, officer = people.municipal_head(), people.municipal_officer()
    case = raised.application
    with clock.at(case.notice_closes_at + timedelta(hours=10)):
        assert "approve" not in access.verbs(head, case)
        assert not access.awaiting(head).filter(pk=case.pk).exists()
        outcome = workflow.approve(case, head)
        assert "异议" in outcome.refused[0].refused.message
        done = workflow.answer_objection(raised, officer, answer())
        assert done.state == "not_upheld"
        assert access.awaiting(head).filter(pk=case.pk).exists()
        assert workflow.approve(case, head).one().state == State.APPROVED


def test_an_upheld_objection_sends_the_case_back_releases_its_money_and_says_why(raised):
    case, officer = raised.application, people.municipal_officer()
    before = funds.balance(case.call_item.fund).available
    other = workflow.raise_objection(raised.notice, case, statement(name="李四"))
    workflow.answer_objection(raised, officer, answer(True, text="该项目去年已获支持。"))
    back = Application.objects.get(pk=case.pk)
    assert back.state == State.MUNICIPAL_REVIEW
    assert funds.balance(case.call_item.fund).available == before + case.proposed_amount
    told = Notification.objects.get(event__verb="reopen", audience_kind="enterprise")
    body = events.render(told).body
    assert "该项目去年已获支持" in body
    assert "王建国" not in body
    # The other one is void: there is nothing on the notice any more that it could speak of.
    assert not Objection.objects.standing().exists()
    assert refused(workflow.answer_objection, other, officer, answer()).code == "state"


def test_the_reason_that_the_enterprise_reads_must_not_name_who_objected(raised):
    wrong = answer(True, text="王建国反映属实。")
    assert "text" in refused(workflow.answer_objection, raised, people.municipal_officer(), wrong).fields


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": ""}, "text"),
        ({"told_by": "mail"}, "told_by"),
        ({"told_on": -1}, "told_on"),
        ({"told_on": 1}, "told_on"),
    ],
)
def test_an_answer_says_how_and_when_it_was_delivered(raised, changes, field):
    if "told_on" in changes:
        changes = {"told_on": clock.today() + timedelta(days=changes["told_on"])}
    by = people.municipal_officer()
    assert field in refused(workflow.answer_objection, raised, by, answer(**changes)).fields


def test_only_the_officer_answers_once_and_not_a_stale_page(raised):
    for person in (people.municipal_head(), people.district_officer(), people.auditor()):
        assert refused(workflow.answer_objection, raised, person, answer()).code == "forbidden"
    workflow.answer_objection(raised, people.municipal_officer(), answer())
    assert refused(workflow.answer_objection, raised, people.municipal_officer(), answer()).code == "stale"


def test_a_withdrawn_case_leaves_nothing_to_answer(raised):
    from applications import workflow as own

    own.withdraw(raised.application, raised.application.submitted_by, "项目取消").one()
    assert not Objection.objects.standing().exists()


def test_a_lead_has_no_name_and_stands_in_nobodys_way(noticed):
    case, notice = noticed
    lead = workflow.send_lead(notice, case, "听说设备是租来的")
    officer = people.municipal_officer()
    assert list(access.leads(officer)) == [lead]
    with clock.at(case.notice_closes_at + timedelta(hours=10)):
        assert workflow.approve(case, people.municipal_head()).one().state == State.APPROVED
    noted = workflow.note_lead(lead, officer, "已调取采购合同", close=False)
    assert noted.state == "open"
    assert refused(workflow.note_lead, lead, officer, "旧页面", close=False).code == "stale"
    closed = workflow.note_lead(noted, officer, "设备为采购，线索不属实", close=True)
    assert closed.state == "closed"
    assert refused(workflow.note_lead, closed, officer, "再记", close=False).code == "state"
    assert (
        refused(workflow.note_lead, noted, people.municipal_head(), "核查", close=False).code == "forbidden"
    )


def test_the_database_takes_no_answer_without_its_facts(raised, noticed):
    with pytest.raises(IntegrityError), transaction.atomic():
        Objection.objects.filter(pk=raised.pk).update(state="not_upheld")
    lead = workflow.send_lead(raised.notice, raised.application, "线索")
    with pytest.raises(IntegrityError), transaction.atomic():
        Lead.objects.filter(pk=lead.pk).update(state="closed")
