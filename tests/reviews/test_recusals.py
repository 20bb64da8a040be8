"""回避: nothing of the person's happens on the case any more, it is gone for them, and others or the heads are told."""

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from applications import access
from applications.models import Application, Recusal
from applications.verbs import Refused
from applications.workflow.calling import CallRefused
from applications.workflow.closing import withdraw
from foundation.accounts.workflow import name_deputy
from foundation.clock import clock
from foundation.events import delivery, events
from foundation.events.models import Event, Notification
from foundation.health import health
from payments import workflow as payments
from payments.access import payable, visible
from reviews import access as duties
from reviews import covering, workflow
from reviews.models import Opinion
from reviews.workflow import Request
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import owner_of, verified_enterprise, with_account

pytestmark = pytest.mark.django_db
ASKED = Request("district_officer", "张三", "该审核员的配偶在我公司的竞争对手任职。")


def refused(verb, *args, **given) -> Refused:
    before = Event.objects.count()
    with pytest.raises(Refused) as caught:
        done = verb(*args, **given)
        if hasattr(done, "one"):
            done.one()
    assert Event.objects.count() == before
    return caught.value


def told(verb: str) -> set[tuple[str, int]]:
    rows = Notification.objects.filter(event__verb=verb)
    return set(rows.values_list("audience_kind", "audience_id"))


def fresh(case: Application) -> Application:
    return Application.objects.get(pk=case.pk)


def test_who_keeps_out_does_nothing_and_sees_nothing_and_the_colleague_is_told():
    case = cases.accepted()
    officer, colleague = people.district_officer(), people.district_officer(mark="b")
    row = workflow.keep_out(officer, case, "企业负责人是我的亲属")
    assert access.on_desk(officer).count() == duties.awaiting(officer).count() == 0
    assert duties.awaiting(colleague).get() == case
    answer = refused(workflow.recommend, fresh(case), officer, "for", "建议推荐")
    assert (answer.code, answer.message) == ("forbidden", "您已回避这件申请，不能办理")
    assert told("recuse") == {("user", colleague.pk)} and not told("lack_handler")
    event = Event.objects.get(verb="recuse")
    assert "亲属" not in str(event.facts) and event.facts["left"] == 1
    # The reason is encrypted, and the signature refused by the database too.
    with transaction.atomic(), pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=case.pk).update(recommended_by=officer)
    with transaction.atomic(), pytest.raises(IntegrityError), transaction.atomic():
        Opinion.objects.create(
            application=case, stage=case.state, verdict="for", text="-", by=officer, at=clock.now()
        )
    refused(workflow.keep_out, officer, case, "再次")
    # Nobody lets themselves back in; the head does, with a reason.
    head = people.district_head()
    assert refused(workflow.lift_recusal, row, officer, "已无关系").code == "forbidden"
    assert refused(workflow.lift_recusal, row, people.district_head(people.PUDONG), "-").code == "forbidden"
    assert "because" in refused(workflow.lift_recusal, row, head, " ").fields
    workflow.lift_recusal(row, head, "核实后无利害关系")
    assert duties.awaiting(officer).get() == case
    refused(workflow.lift_recusal, row, head, "再次")
    assert workflow.recommend(fresh(case), officer, "for", "建议推荐").one().state == "district_endorsement"


def test_every_case_of_an_enterprise_and_those_to_come():
    cases.open_call_item()
    enterprise = verified_enterprise()
    first = cases.accepted(enterprise=enterprise)
    officer, head = people.district_officer(), people.district_head()
    refused(workflow.order_recusal, officer, officer, enterprise, "本人")
    refused(workflow.order_recusal, officer, people.municipal_head(), enterprise, "别的机构")
    assert "reason" in refused(workflow.order_recusal, officer, head, enterprise, "").fields
    workflow.order_recusal(officer, head, enterprise, "曾在该企业任职")
    second = cases.submitted(cases.open_call_item("03-10"), enterprise)
    for case in (first, second):
        assert not access.on_desk(officer).filter(pk=case.pk).exists()
    assert refused(workflow.accept, second, officer).code == "forbidden"
    # Another enterprise's case is as before.
    assert access.on_desk(officer).filter(pk=cases.submitted().pk).exists()


def test_where_nobody_is_left_heads_and_system_administrators_are_told_and_the_doctor_says_so():
    case = cases.recommended()
    head, keeper = people.district_head(), people.system_administrator()
    municipal = people.municipal_head()
    assert covering.able([case])[case.pk] == {head.pk}
    workflow.keep_out(head, case, "利害关系")
    assert covering.able([case])[case.pk] == set()
    assert told("recuse") == {("user", municipal.pk)}
    assert told("lack_handler") == {("operators", 1)}
    facts = Event.objects.get(verb="lack_handler").facts
    assert facts["count"] == 1 and case.number not in str(facts) and case.identity["name"] not in str(facts)
    result = next(one for one in health.examine() if one.check.name == "reviews.uncovered")
    assert ["1 件申请等待“复核”" in problem.text for problem in result.problems] == [True]
    # A second head of the office: everything has its handler again.
    other = people.district_head(mark="b")
    assert covering.able([case])[case.pk] == {other.pk} and not list(covering.uncovered())
    # An officer who recommended is no cover for the endorsement.
    Recusal.objects.update(lifted_at=clock.now(), lifted_by=municipal, lifted_because="-")
    assert keeper.may("operate")


def test_an_enterprise_asks_and_reads_the_answer():
    case = cases.accepted()
    owner, officer, head = case.created_by, people.district_officer(), people.district_head()
    municipal = people.municipal_head()
    assert set(refused(workflow.ask_recusal, case, owner, Request("x", "", "短")).fields) == {
        "role",
        "about",
        "grounds",
    }
    assert refused(workflow.ask_recusal, case, owner_of(verified_enterprise()), ASKED).code == "forbidden"
    row = workflow.ask_recusal(case, owner, ASKED)
    assert told("ask_recusal") == {
        ("user", head.pk),
        ("user", municipal.pk),
        ("enterprise", case.enterprise_id),
    }
    assert "张三" not in str(Event.objects.get(verb="ask_recusal").facts)
    assert refused(workflow.ask_recusal, case, owner, ASKED).code == "state"
    answer = {"granted": True, "answer": "情况属实", "person": officer}
    assert refused(workflow.answer_recusal, row, officer, **answer).code == "forbidden"
    assert refused(workflow.answer_recusal, row, people.district_head(people.PUDONG), **answer).code == (
        "forbidden"
    )
    assert "person" in refused(workflow.answer_recusal, row, head, **answer | {"person": None}).fields
    assert "person" in refused(workflow.answer_recusal, row, head, **answer | {"person": owner}).fields
    # The district's head grants it for the district's people alone.
    above = people.municipal_officer()
    assert "person" in refused(workflow.answer_recusal, row, head, **answer | {"person": above}).fields
    row = workflow.answer_recusal(row, head, **answer)
    assert row.recusal.person == officer and row.recusal.origin == "asked"
    assert ("enterprise", case.enterprise_id) in told("answer_recusal")
    assert refused(workflow.recommend, fresh(case), officer, "for", "-").code == "forbidden"
    assert refused(workflow.answer_recusal, row, head, **answer).code == "state"
    # About the head's own role: the head may grant it, another one turns it down.
    row = workflow.ask_recusal(case, owner, Request("district_head", "李四", ASKED.grounds))
    no = {"granted": False, "answer": "没有利害关系"}
    assert refused(workflow.answer_recusal, row, head, **no).code == "forbidden"
    assert workflow.answer_recusal(row, municipal, **no).granted is False
    row = workflow.ask_recusal(case, owner, Request("district_officer", "王五", ASKED.grounds))
    other = people.district_officer(mark="b")
    assert workflow.answer_recusal(row, municipal, **answer | {"person": other}).recusal.person == other
    row = workflow.ask_recusal(case, owner, Request("district_head", "李四", ASKED.grounds))
    workflow.answer_recusal(row, head, granted=True, answer="同意", person=head)
    assert not access.on_desk(head).filter(pk=case.pk).exists()


def test_finance_keeps_out_of_a_payment():
    case = cases.approved()
    with_account(case.enterprise)
    maker = people.finance_maker()
    assert payable(maker).get() == case
    workflow.keep_out(maker, case, "亲属任职")
    assert not payable(maker).exists()
    assert refused(payments.order, fresh(case), maker).code == "forbidden"
    row = payments.order(fresh(case), people.finance_maker("b")).one().ordered
    checker = people.finance_checker()
    workflow.order_recusal(people.finance_maker("b"), checker, case, "决定")
    workflow.keep_out(checker, case.enterprise, "亲属任职")
    assert not visible(checker).exists()
    assert refused(payments.release, row, checker).code == "forbidden"
    with transaction.atomic(), pytest.raises(IntegrityError), transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(released_by=checker)


def test_messages_to_the_office_reach_everybody_but_who_keeps_out():
    case, other = cases.recommended(), cases.recommended()
    with_account(case.enterprise)
    heads = people.district_head(), people.district_head(mark="b"), people.district_head(mark="c")
    of_case, of_enterprise, colleague = heads
    assert len({frozenset(events.inbox(head)) for head in heads}) == 1 and events.inbox(colleague).exists()
    workflow.keep_out(of_case, case, "亲属任职")
    workflow.keep_out(of_enterprise, case.enterprise, "亲属任职")
    withdraw(fresh(case), owner_of(case.enterprise), "撤回").one()
    message = Notification.objects.filter(event__verb="withdraw", audience_kind="office").get()
    mail.outbox.clear()
    delivery.deliver([message.pk])
    assert {sent.to[0] for sent in mail.outbox} & {head.email for head in heads} == {colleague.email}
    assert message in events.inbox(colleague)
    for head in (of_case, of_enterprise):
        known = {
            (told.event.chain.kind, told.event.chain.subject_id)
            for told in events.inbox(head)
            if told.audience_kind == "office"
        }
        label = "applications.application"
        assert (label, case.pk) not in known and (label, other.pk) in known
        assert events.unread_count(head) == events.inbox(head).count()


def test_a_call_is_not_ended_by_who_keeps_out_of_one_of_its_cases():
    case, head, second = cases.accepted(), people.municipal_head(), people.municipal_head("b")
    call, deputy = case.call_item.call, people.municipal_officer()
    workflow.keep_out(head, case, "亲属任职")
    with pytest.raises(CallRefused, match="回避"):
        workflow.cancel_call(call, head, "资金不再安排")
    assert fresh(case).state == case.state
    days = {"since": clock.today(), "until": clock.today(), "reason": "出差"}
    name_deputy(second.posts.get(), second, deputy=deputy, **days)
    notice = workflow.cancel_call(call, type(deputy).objects.get(pk=deputy.pk), "资金不再安排")
    assert fresh(case).state == "lapsed" and notice.by == deputy
    assert Opinion.objects.get(application=case, verdict="cancelled").in_place_of == second
    assert Event.objects.get(verb="cancel_call").facts["in_place_of"] == second.pk


def test_only_who_handles_it_keeps_out_of_a_case():
    case = cases.submitted()
    for person in (people.district_officer(people.PUDONG), people.auditor(), case.created_by):
        assert refused(workflow.keep_out, person, case, "理由").code == "forbidden"
