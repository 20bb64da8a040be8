"""Letters: what each says, how it was delivered, the defence against a notice, and what the head decides with it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from applications.models import Application
from applications.states import State
from applications.verbs import Refused
from foundation.clock import clock
from foundation.events import events
from foundation.events.models import Event, Notification
from reviews import workflow
from reviews.models import Defence, Delivery, Letter
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import owner_of, verified_enterprise

pytestmark = pytest.mark.django_db
Kind = Letter.Kind


def said(letter: Letter) -> dict[str, str]:
    return {row["label"]: row["text"] for row in letter.body}


def refused(verb, *args) -> Refused:
    with pytest.raises(Refused) as caught:
        verb(*args).one()
    return caught.value


def test_a_refused_acceptance_says_why_on_what_basis_and_what_may_be_done():
    case = cases.not_accepted()
    letter = Letter.objects.get(application=case)
    text = said(letter)
    assert (letter.kind, letter.office) == (Kind.NOT_ACCEPTED, case.office)
    assert text["理由"].startswith("申报事项不属于本专题的支持范围：")
    assert "沪府办规〔2024〕14号" in text["依据"]
    assert "可以在改正后再次申请" in text["再次申请"]
    assert "60 日内向徐汇区人民政府申请行政复议" in text["救济途径"]
    assert "6 个月内" in text["救济途径"]
    told = Notification.objects.get(event__verb="refuse_acceptance")
    assert told.audience_id == case.enterprise_id
    assert letter.number in events.render(told).body


def test_a_refused_case_may_be_handed_in_again_while_the_call_is_open():
    case = cases.not_accepted()
    again = cases.submitted(enterprise=case.enterprise)
    assert again.sequence == case.sequence + 1


def test_papers_are_no_ground_before_a_correction_was_asked_for():
    case, officer = cases.submitted(), people.district_officer()
    wrong = refused(workflow.refuse_acceptance, case, officer, "papers", "缺评估报告")
    assert "先要求补正" in wrong.fields["ground"][0]
    answered = cases.resubmitted(cases.awaiting_correction(case))
    done = workflow.refuse_acceptance(answered, officer, "papers", "报告仍未盖章").one()
    assert done.state == State.NOT_ACCEPTED


@pytest.mark.parametrize(("ground", "text", "field"), [("", "有理由", "ground"), ("scope", " ", "text")])
def test_a_refusal_needs_its_ground_and_its_reason(ground, text, field):
    case, officer = cases.submitted(), people.district_officer()
    assert field in refused(workflow.refuse_acceptance, case, officer, ground, text).fields


@pytest.mark.parametrize(
    ("made", "kinds"),
    [
        (cases.awaiting_correction, [Kind.CORRECTION]),
        (cases.decline_notified, [Kind.DECLINE_NOTICE]),
        (cases.declined, [Kind.DECLINE_NOTICE, Kind.DECLINE]),
        (cases.approved, [Kind.APPROVAL]),
    ],
)
def test_every_decision_leaves_its_letter_sent_in_the_system(made, kinds):
    case = made()
    letters = list(case.letters.order_by("pk"))
    assert [letter.kind for letter in letters] == kinds
    for letter in letters:
        (delivery,) = letter.deliveries.all()
        assert (delivery.method, delivery.received_on) == ("system", None)
        assert letter.addressee == case.identity["name"]


def test_the_approval_is_signed_by_who_decides_not_by_who_pays():
    case = cases.approved()
    letter = case.letters.get()
    assert letter.office == case.municipal_office != case.office
    assert "3,200,000" in said(letter)["决定"]


def test_letters_of_many_cases_take_no_more_statements(django_assert_max_num_queries):
    some = [cases.submitted() for _n in range(4)]
    officer = people.district_officer()
    with django_assert_max_num_queries(40):
        outcomes = workflow.refuse_acceptance(some, officer, "scope", "不在本市实施")
    assert len(outcomes.done) == 4
    assert Letter.objects.count() == Delivery.objects.count() == 4


def test_receipt_is_an_act_of_a_member_and_happens_once():
    case = cases.not_accepted()
    letter = case.letters.get()
    stranger = owner_of(verified_enterprise())
    assert refused(workflow.acknowledge, letter, stranger).code == "forbidden"
    workflow.acknowledge(letter, case.submitted_by).one()
    delivery = letter.deliveries.get()
    assert (delivery.received_on, delivery.received_by) == (clock.today(), case.submitted_by)
    assert Event.objects.filter(verb="acknowledge").count() == 1
    assert refused(workflow.acknowledge, letter, case.submitted_by).code == "state"


def test_a_delivery_on_paper_is_entered_by_the_office_that_signed():
    case = cases.not_accepted()
    letter, today = case.letters.get(), clock.today()
    paper = workflow.OnPaper("post", today, today, "EMS 1234567890123")
    for person in (people.district_officer(people.PUDONG), people.municipal_officer(), people.auditor()):
        assert refused(workflow.record_delivery, letter, person, paper).code == "forbidden"
    workflow.record_delivery(letter, people.district_officer(), paper).one()
    assert letter.deliveries.get(method="post").received_on == today


@pytest.mark.parametrize(
    ("method", "sent", "received", "reference", "field"),
    [
        ("system", 0, 0, "EMS 1", "method"),
        ("post", -1, None, "EMS 1", "sent_on"),
        ("post", 1, None, "EMS 1", "sent_on"),
        ("post", 0, 1, "EMS 1", "received_on"),
        ("direct", 0, 0, " ", "reference"),
    ],
)
def test_a_delivery_that_cannot_be_is_refused_beside_its_field(method, sent, received, reference, field):
    letter, today = cases.not_accepted().letters.get(), clock.today()
    paper = workflow.OnPaper(
        method,
        today + timedelta(days=sent),
        None if received is None else today + timedelta(days=received),
        reference,
    )
    assert field in refused(workflow.record_delivery, letter, people.district_officer(), paper).fields


def test_the_database_takes_no_receipt_without_a_receiver():
    letter = cases.not_accepted().letters.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        letter.deliveries.update(received_on=clock.today())


# --- the defence --------------------------------------------------------------------------------------------


def test_with_a_defence_the_head_decides_at_once_but_says_how_it_was_considered():
    case = cases.defended()
    head = people.district_head()
    assert case.state == State.DECLINE_NOTIFIED
    with clock.at(case.defended_at + timedelta(hours=2)):
        assert "text" in refused(workflow.decline, case, head).fields
        done = workflow.decline(case, head, "发票为往年开具，不采纳。").one()
    assert done.state == State.DECLINED
    assert said(done.letters.get(kind=Kind.DECLINE))["对陈述申辩的答复"] == "发票为往年开具，不采纳。"
    told = Notification.objects.get(event__verb="decline", audience_kind="enterprise")
    body = events.render(told).body
    assert "对陈述申辩的答复：发票为往年开具" in body
    assert "行政复议" in body


def test_without_a_defence_the_decision_waits_for_the_day_and_says_that_none_came():
    case, head = cases.decline_notified(), people.district_head()
    with clock.at(clock.moment_of(case.defence_due_on)):
        assert refused(workflow.decline, case, head).code == "state"
    done = cases.declined(case)
    assert said(done.letters.get(kind=Kind.DECLINE))["对陈述申辩的答复"] == "期限内未收到陈述申辩。"


def test_a_defence_is_stated_once_in_time_by_a_member():
    case = cases.decline_notified()
    person = case.submitted_by
    assert (
        refused(workflow.state_defence, case, owner_of(verified_enterprise()), "不同意").code == "forbidden"
    )
    with clock.at(clock.moment_of(case.defence_due_on + timedelta(days=1))):
        assert refused(workflow.state_defence, case, person, "不同意").code == "state"
    assert "text" in refused(workflow.state_defence, case, person, " ").fields
    with clock.at(clock.moment_of(case.defence_due_on)):
        done = workflow.state_defence(case, person, "设备均为新购").one()
        assert refused(workflow.state_defence, done, person, "再补充").code == "state"
    assert Defence.objects.get().text == "设备均为新购"
    told = Notification.objects.get(event__verb="state_defence")
    assert (told.audience_kind, told.audience_id) == ("office", case.office_id)


def test_a_notice_taken_back_and_given_again_may_be_answered_again():
    case = cases.defended()
    back = workflow.reconsider(case, people.district_head(), "申辩成立").one()
    assert back.defended_at is None
    with clock.at(case.defended_at + timedelta(days=1)):
        proposal = workflow.Proposal(support=False, text="仍不属于新增投资")
        back = workflow.propose(back, people.municipal_officer(), proposal).one()
        back = workflow.sign_off(back, people.municipal_head()).one()
        assert workflow.state_defence(back, case.submitted_by, "再次申辩").one().defended_at
    assert Defence.objects.filter(application=case).count() == 2
    numbers = case.letters.filter(kind=Kind.DECLINE_NOTICE).order_by("pk").values_list("number", flat=True)
    assert [number[-1] for number in numbers] == ["1", "2"]


def test_the_database_refuses_a_refusal_without_reason_and_a_defence_before_its_notice():
    case = cases.not_accepted()
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=case.pk).update(reason="")
    noticed = cases.decline_notified()
    with pytest.raises(IntegrityError), transaction.atomic():
        earlier = noticed.decline_notified_at - timedelta(seconds=1)
        Application.objects.filter(pk=noticed.pk).update(defended_at=earlier)
