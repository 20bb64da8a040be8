"""A call is cancelled with its undecided cases, or concluded; its budget is never promised twice; money freed is told."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from applications import workflow as enterprise_side
from applications.models import Application
from applications.states import State
from applications.verbs import Refused
from applications.workflow import CallRefused
from foundation.accounts.access import NotAllowed
from foundation.clock import clock
from foundation.events import events
from measures import funds
from measures.models import Call, CallItem
from reviews import tasks, workflow
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import owner_of, verified_enterprise
from tests.reviews import offered
from tests.reviews.invariants import broken

pytestmark = pytest.mark.django_db

REASON = "上级政策调整，本批不再组织"
AWARD = Decimal("3200000.00")


def told(user, verb: str) -> list[str]:
    return [events.render(one).subject for one in events.inbox(user) if one.event.verb == verb]


def inform(person, verb: str) -> str:
    return told(person, verb)[0]


def test_cancelling_lapses_every_undecided_case_and_gives_the_money_back():
    draft = cases.draft()
    decided = cases.approved(enterprise=verified_enterprise(people.user("decided")))
    made = (cases.submitted, cases.awaiting_correction, cases.recommended, cases.waitlisted, cases.proposed)
    made = [*made, cases.decline_notified, cases.published]
    undecided = [
        make(enterprise=verified_enterprise(people.user(f"unit{place}")))
        if make is not cases.awaiting_correction
        else make(cases.submitted(enterprise=verified_enterprise(people.user(f"unit{place}"))))
        for place, make in enumerate(made)
    ]
    call, head = draft.call_item.call, people.municipal_head()
    fund = draft.call_item.fund
    free = funds.balance(fund).available
    for somebody in (people.municipal_officer(), people.policy_administrator(), people.auditor()):
        with pytest.raises(NotAllowed):
            workflow.cancel_call(call, somebody, REASON)
    with pytest.raises(CallRefused, match="理由"):
        workflow.cancel_call(call, head, " ")
    notice = workflow.cancel_call(call, head, REASON)
    call.refresh_from_db()
    assert (call.state, call.phase()) == (Call.State.CANCELLED, Call.Phase.CANCELLED)
    assert (notice.drafts, notice.cases) == (1, len(undecided))
    for case in undecided:
        case.refresh_from_db()
        assert (case.state, case.reason) == (State.LAPSED, f"取消申报：{REASON}")
        assert case.opinions.last().verdict == "cancelled"
        assert "申报取消，申请已失效" in inform(case.submitted_by, "lapse")
    # Two of them held money.
    assert funds.balance(fund).available == free + 2 * AWARD
    decided.refresh_from_db()
    draft.refresh_from_db()
    assert (decided.state, draft.state) == (State.APPROVED, State.DRAFT)
    assert "申报取消" in inform(draft.created_by, "cancel_call")
    with pytest.raises(Refused, match="申报已取消"):
        enterprise_side.submit(draft, draft.created_by).one()
    with pytest.raises(CallRefused, match="已取消"):
        workflow.cancel_call(call, head, REASON)
    assert broken() == []


def test_concluding_waits_for_the_decisions_or_the_end_of_the_year_and_ends_the_waiting_list():
    waiting = cases.waitlisted()
    pending = cases.submitted(enterprise=verified_enterprise(people.user("pending")))
    call, head = waiting.call_item.call, people.municipal_head()
    with pytest.raises(CallRefused, match="尚未截止"):
        workflow.conclude_call(call, head, REASON)
    with clock.at(call.closes_at + timedelta(days=1)):
        with pytest.raises(CallRefused, match="还有 1 件"):
            workflow.conclude_call(call, head, REASON)
        waiting.refresh_from_db()
        assert waiting.state == State.WAITLISTED
        with pytest.raises(NotAllowed):
            workflow.conclude_call(call, people.municipal_officer(), REASON)
    new_year = clock.moment_of(clock.today().replace(year=call.year + 1, month=1, day=4)) + timedelta(hours=9)
    with clock.at(new_year):
        notice = workflow.conclude_call(call, head, "本年度资金已用完")
    waiting.refresh_from_db()
    pending.refresh_from_db()
    call.refresh_from_db()
    assert (waiting.state, pending.state) == (State.LAPSED, State.SUBMITTED)
    assert waiting.reason == "办结申报：本年度资金已用完"
    assert (call.state, notice.cases) == (Call.State.CONCLUDED, 1)
    assert "候补终止" in inform(waiting.submitted_by, "lapse")
    assert broken() == []


def test_the_budget_of_a_call_item_bounds_what_is_proposed_and_the_waiting_list_takes_the_rest():
    first = cases.proposed()
    second = cases.endorsed(enterprise=verified_enterprise(people.user("second")))
    officer = people.municipal_officer()
    CallItem.objects.filter(pk=first.call_item_id).update(budget=AWARD + Decimal("1000000.00"))
    with pytest.raises(Refused, match=r"还剩 1,000,000\.00 元，不足以拟定 3,200,000\.00 元"):
        workflow.propose(second, officer, cases.appraisal(second, officer)).one()
    second.refresh_from_db()
    # Past the verb the database says the same.
    with pytest.raises(IntegrityError, match="within_budget"), transaction.atomic():
        funds.set_aside(second.call_item.fund, [funds.Move(second.pk, second.number, AWARD)], officer)
        Application.objects.filter(pk=second.pk).update(
            state=State.PROPOSED,
            proposal="support",
            proposed_amount=AWARD,
            proposed_at=clock.now(),
            proposed_by=officer,
            appraised_investment=cases.INVESTMENT,
            appraisal_document=first.appraisal_document,
        )
    second = workflow.waitlist(second, officer, cases.appraisal(second, officer)).one()
    assert tasks.tell_free() == 0
    # The first goes; the office is told once that the money reaches now, and again when it had gone meanwhile.
    enterprise_side.withdraw(first, first.submitted_by, "改期").one()
    assert (tasks.tell_free(), tasks.tell_free()) == (1, 0)
    assert inform(officer, "free_waitlisted").startswith("资金已够，可以重新拟定")
    CallItem.objects.filter(pk=first.call_item_id).update(budget=Decimal("5.00"))
    assert tasks.tell_free() == 0
    CallItem.objects.filter(pk=first.call_item_id).update(budget=None)
    assert tasks.tell_free() == 1
    second.refresh_from_db()
    assert workflow.propose(second, officer, cases.appraisal(second, officer)).one().state == State.PROPOSED


def test_of_awards_without_an_application_the_budget_bounds_a_list_and_a_cancelled_call_ends_what_was_offered():
    first, second = offered.qualified(), offered.qualified(people.user("second"))
    drawn = offered.drawn(first, second)
    line, head = drawn.call_item, people.municipal_head()
    CallItem.objects.filter(pk=line.pk).update(budget=Decimal("300000.00"))
    with pytest.raises(Refused, match=r"本专题预算还剩 300,000\.00 元"):
        workflow.check_list(drawn, head)
    workflow.strike_row(drawn.rows.get(enterprise=second), people.municipal_officer(), "另行核实")
    drawn.refresh_from_db()
    workflow.check_list(drawn, head)
    case = offered.case_of(first)
    notice = workflow.cancel_call(line.call, head, REASON)
    case.refresh_from_db()
    assert (case.state, notice.cases) == (State.LAPSED, 1)
    assert funds.held([case.pk])[case.pk] == funds.Balances()
    assert "申报取消，申请已失效" in inform(owner_of(first), "lapse")
    assert broken() == []
