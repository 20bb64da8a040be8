"""Corrections: which fields open, what may not rise, when time runs and when it stands still."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from applications import deadlines, tasks, workflow
from applications.models import Application
from applications.states import State
from applications.verbs import Refused
from foundation.clock import clock
from foundation.events import events
from foundation.events.models import Notification
from foundation.workdays import workdays
from foundation.workdays import workflow as calendar
from reviews import workflow as reviews
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.applications.factories import answers

pytestmark = pytest.mark.django_db


def moment(month: int, day: int, hour: int = 10) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=clock.SHANGHAI)


def changed(case: Application, **more) -> Application:
    """The enterprise edits what is open, sending the whole page."""
    filled = {**case.answers, **more}
    return workflow.save_draft(case, case.submitted_by, filled, case.draft_revision)


def test_only_the_named_fields_and_slots_open():
    case = cases.awaiting_correction()
    assert workflow.filling.open_fields(case) == {"project_summary", "report"}
    case = changed(case, project_summary="为二十家整机企业提供校准。", project_name="换一个项目")
    assert case.answers["project_summary"] == "为二十家整机企业提供校准。"
    assert case.answers["project_name"] == "精密计量实验室扩建"
    with pytest.raises(Refused) as closed:
        workflow.attach(case, case.submitted_by, "licence", cases.pdf("另一份执照.pdf"))
    assert closed.value.code == "invalid"
    with pytest.raises(Refused):
        workflow.detach(case, case.submitted_by, "premises_proof")


def test_what_was_answered_is_frozen_as_a_second_round():
    case = changed(cases.awaiting_correction(), project_summary="为二十家整机企业提供校准。")
    case = cases.resubmitted(case)
    first, second = case.submissions.order_by("round")
    assert first.answers["project_summary"] != second.answers["project_summary"]
    assert (first.round, second.round, case.state) == (1, 2, State.SUBMITTED)
    assert case.corrections.get().answered_at == clock.now()


def test_no_declared_amount_rises_in_a_correction():
    remarks = {"declared_investment": "与合同不符。", "funding_lines": "与总额不符。"}
    case = cases.awaiting_correction(remarks=remarks)
    more = {"declared_investment": "32000000.01", "funding_lines": {"own": "32000000.01"}}
    case = changed(case, **more, investment_lines={"equipment": "32000000.01"})
    with pytest.raises(Refused) as wrong:
        workflow.resubmit(case, case.submitted_by).one()
    assert "不得高于原申报的 32,000,000.00 元" in wrong.value.fields["declared_investment"][0]
    less = {"declared_investment": "30000000.00", "funding_lines": {"own": "30000000.00"}}
    case = changed(case, **less, investment_lines={"equipment": "30000000.00"})
    case = workflow.resubmit(case, case.submitted_by).one()
    assert case.declared_investment == Decimal("30000000.00")
    assert case.estimate == Decimal("3000000.00")


def test_a_question_about_a_contact_is_asked_and_told():
    case = cases.submitted(cases.open_call_item("03-10"))
    remarks = {"contact_phone": "请填写固定电话。", "price_list": "请上传价目表。"}
    case = reviews.request_correction(case, people.municipal_officer(), remarks).one()
    assert workflow.filling.open_fields(case) == {"contact_phone", "price_list"}
    told = Notification.objects.get(event__verb="request_correction")
    assert "请填写固定电话。" in events.render(told).body


def test_each_stage_asks_once():
    case = cases.resubmitted()
    officer = people.district_officer()
    with pytest.raises(Refused, match="已要求补正过一次"):
        reviews.request_correction(case, officer, {"report": "还是不清楚。"}).one()
    case = cases.accepted(case)
    case = reviews.request_correction(case, officer, {"report": "请补充检测能力清单。"}).one()
    assert case.resume_state == State.DISTRICT_REVIEW
    assert cases.resubmitted(case).state == State.DISTRICT_REVIEW


@pytest.mark.parametrize(
    ("remarks", "message"),
    [({}, "至少对一项"), ({"report": "  "}, "至少对一项"), ({"nothing": "不存在"}, "没有这些项目")],
)
def test_a_question_names_what_is_wrong_with_what(remarks, message):
    with pytest.raises(Refused, match=message):
        reviews.request_correction(cases.submitted(), people.district_officer(), remarks).one()


# --- time: 2026-09-25 to 27 and 10-01 to 07 are off, 10-10 is a worked Saturday -------------------------


def test_a_due_date_counts_the_holidays_and_the_worked_saturday():
    case = cases.submitted()
    assert case.due_on == date(2026, 9, 29)  # 22, 23, 24, 28, 29
    with clock.at(moment(9, 29)):
        case = cases.accepted(case)
    # 30; 8, 9, 10 (a worked Saturday), 12, 13, 14, 15, 16, 19
    assert case.due_on == date(2026, 10, 19)


def test_time_stands_still_while_the_enterprise_answers():
    case = cases.submitted()
    with clock.at(moment(9, 23)):
        case = cases.awaiting_correction(case)
    assert case.due_on == date(2026, 10, 14)  # the enterprise's ten workdays
    with clock.at(moment(10, 9)):
        case = cases.resubmitted(case)
    # Two of the five workdays were used (22, 23); after the answer 10, 12 and 13 remain.
    assert case.due_on == date(2026, 10, 13)
    step = case.steps.get(left_at=None)
    assert (step.state, step.due_on) == (State.SUBMITTED, date(2026, 10, 13))
    waited = case.steps.get(state=State.AWAITING_CORRECTION)
    assert waited.workdays == workdays.between(date(2026, 9, 23), date(2026, 10, 9)) == 6


def test_an_answer_after_the_day_is_refused_and_on_the_day_is_in_time():
    case = cases.awaiting_correction()
    last = datetime.combine(case.due_on, datetime.max.time(), clock.SHANGHAI)
    with clock.at(last + timedelta(seconds=1)), pytest.raises(Refused, match="补正期限已过"):
        workflow.resubmit(case, case.submitted_by).one()
    with clock.at(last):
        assert workflow.resubmit(case, case.submitted_by).one().state == State.SUBMITTED


def test_a_changed_calendar_moves_what_is_due_and_what_the_open_step_says():
    case, waiting = cases.submitted(), cases.awaiting_correction()
    promised = waiting.due_on
    administrator = people.policy_administrator()
    calendar.change_days(
        [calendar.Change(date(2026, 9, 28), is_workday=False, note="台风停工")], administrator
    )
    case.refresh_from_db()
    waiting.refresh_from_db()
    assert case.due_on == date(2026, 9, 30)
    assert case.steps.get(left_at=None).due_on == date(2026, 9, 30)
    # A day that was told to an enterprise stays.
    assert waiting.due_on == promised


def test_a_case_that_was_answered_keeps_its_pause_when_the_calendar_changes():
    case = cases.submitted()
    with clock.at(moment(9, 23)):
        case = cases.awaiting_correction(case)
    with clock.at(moment(10, 9)):
        case = cases.resubmitted(case)
        before = case.due_on
        deadlines.recompute(date(2026, 9, 1))
    case.refresh_from_db()
    assert case.due_on == before


# --- what the clock does --------------------------------------------------------------------------------


def test_nothing_lapses_before_its_reminder():
    case = cases.awaiting_correction()
    late = case.due_on + timedelta(days=3)
    with clock.at(late):
        assert tasks.act_on_deadlines() == {
            "reminded": 1,
            "lapsed": 0,
            "offers_reminded": 0,
            "warned": 0,
            "discarded": 0,
        }
        case.refresh_from_db()
        assert (case.state, case.reminded_at) == (State.AWAITING_CORRECTION, clock.now())
    with clock.at(workdays.next_workday(late)):
        assert tasks.act_on_deadlines()["lapsed"] == 1
    case.refresh_from_db()
    assert (case.state, case.resume_state, case.due_on) == (State.LAPSED, "", None)
    assert events.timeline(case).last().actor is None


def test_a_reminder_comes_once_two_workdays_before_the_end():
    case = cases.awaiting_correction()
    with clock.at(workdays.add(case.due_on, -3)):
        assert tasks.act_on_deadlines()["reminded"] == 0
    with clock.at(workdays.add(case.due_on, -2)):
        assert tasks.act_on_deadlines()["reminded"] == 1
        assert tasks.act_on_deadlines()["reminded"] == 0
    told = Notification.objects.filter(event__verb="remind")
    assert [(one.audience_kind, one.audience_id) for one in told] == [("enterprise", case.enterprise_id)]


def test_an_answer_in_time_is_not_lapsed_by_a_task_that_saw_it_waiting():
    case = cases.awaiting_correction()
    with clock.at(case.due_on):
        tasks.act_on_deadlines()
        seen = Application.objects.get(pk=case.pk)
        workflow.resubmit(seen, case.submitted_by).one()
    with clock.at(case.due_on + timedelta(days=1)):
        outcome = workflow.lapse(seen)
    assert outcome[0].refused.code == "stale"


def test_an_unsent_draft_is_warned_of_and_then_discarded_by_the_system():
    case = cases.draft()
    closed = case.call_item.call.closes_at
    early = closed + timedelta(days=tasks.KEEP_DRAFTS - tasks.WARN_DAYS - 1)
    with clock.at(early):
        assert tasks.act_on_deadlines()["warned"] == 0
    with clock.at(early + timedelta(days=2)):
        assert tasks.act_on_deadlines() == {
            "reminded": 0,
            "lapsed": 0,
            "offers_reminded": 0,
            "warned": 1,
            "discarded": 0,
        }
        assert tasks.act_on_deadlines()["warned"] == 0
    told = Notification.objects.get(event__verb="warn_draft")
    assert (told.audience_kind, told.audience_id) == ("user", case.created_by_id)
    assert "草稿" in events.render(told).subject
    with clock.at(closed + timedelta(days=tasks.KEEP_DRAFTS + 2)):
        assert tasks.act_on_deadlines()["discarded"] == 1
    case.refresh_from_db()
    assert (case.state, case.number) == (State.DISCARDED, None)
    assert events.timeline(case).last().actor is None


def test_a_draft_that_nobody_warned_of_in_time_gets_its_days_after_the_warning():
    case = cases.draft()
    late = case.call_item.call.closes_at + timedelta(days=tasks.KEEP_DRAFTS + 30)
    with clock.at(late):
        assert tasks.act_on_deadlines() == {
            "reminded": 0,
            "lapsed": 0,
            "offers_reminded": 0,
            "warned": 1,
            "discarded": 0,
        }
    with clock.at(late + timedelta(days=tasks.WARN_DAYS - 1)):
        assert tasks.act_on_deadlines()["discarded"] == 0
    with clock.at(late + timedelta(days=tasks.WARN_DAYS + 1)):
        assert tasks.act_on_deadlines()["discarded"] == 1
    case.refresh_from_db()
    assert case.state == State.DISCARDED


def test_a_day_beyond_the_calendar_is_said_and_changes_nothing():
    case = cases.submitted()
    late = datetime(2027, 12, 30, 10, tzinfo=clock.SHANGHAI)
    with clock.at(late), pytest.raises(Refused, match="2028 年") as missing:
        reviews.accept(case, people.district_officer())
    assert missing.value.code == "state"
    case.refresh_from_db()
    assert (case.state, case.version) == (State.SUBMITTED, 1)


def test_answers_of_unknown_fields_are_dropped():
    case = cases.draft()
    filled = answers(case.call_item) | {"approved_amount": "5000000.00"}
    case = workflow.save_draft(case, case.created_by, filled, case.draft_revision)
    assert "approved_amount" not in case.answers


def test_another_tabs_newer_text_is_not_overwritten():
    case = cases.draft()
    other = Application.objects.get(pk=case.pk)
    workflow.save_draft(case, case.created_by, answers(case.call_item), case.draft_revision)
    with pytest.raises(Refused) as refused:
        workflow.save_draft(other, case.created_by, {}, other.draft_revision)
    assert refused.value.code == "stale"
    case.refresh_from_db()
    assert case.answers["project_name"]
