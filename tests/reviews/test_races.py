"""Two at once on a case: one wins, the other is told; numbers stay gapless and every change has its event."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from applications import deadlines, workflow
from applications.states import State
from enterprises import workflow as enterprises
from foundation.accounts.models import User
from foundation.clock import clock
from foundation.events.models import Event
from foundation.workdays import workflow as calendar
from measures import funds
from payments import workflow as payments
from payments.models import Disbursement
from reviews import workflow as reviews
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import (
    ACCOUNT,
    BANK,
    owner_of,
    verified_enterprise,
    with_account,
)
from tests.reviews.racing import at_once, catalogue, changes, copies, copies_of, split

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["catalogue"]
AWARD = Decimal("3200000.00")


def test_two_officers_accept_the_same_case():
    case = cases.submitted()
    officers = [people.district_officer(), people.district_officer(mark="-2")]
    seen = copies(case)
    done, refused = split(
        at_once(
            *[lambda one=one, by=by: reviews.accept(one, by) for one, by in zip(seen, officers, strict=True)]
        )
    )
    assert (len(done), refused) == (1, ["stale"])
    case.refresh_from_db()
    assert (case.state, case.version, case.accepted_by_id) == (
        State.DISTRICT_REVIEW,
        2,
        done[0].accepted_by_id,
    )
    assert changes(case, "accept") == 1
    assert case.steps.filter(left_at=None).count() == 1


def test_different_verbs_on_one_case():
    case = cases.published()
    head, owner = people.municipal_head(), case.submitted_by
    with clock.at(case.notice_closes_at):
        approved, withdrawn, reopened = copies(case, 3)
        done, refused = split(
            at_once(
                lambda: reviews.approve(approved, head),
                lambda: workflow.withdraw(withdrawn, owner, "项目取消"),
                lambda: reviews.reopen(reopened, head, "异议成立"),
            )
        )
    assert (len(done), refused) == (1, ["stale", "stale"])
    held = funds.held([case.pk])[case.pk]
    expected = {State.APPROVED: (0, AWARD), State.WITHDRAWN: (0, 0), State.MUNICIPAL_REVIEW: (0, 0)}
    assert (held.set_aside, held.committed) == expected[done[0].state]


def test_lists_in_different_orders_do_not_wait_for_each_other():
    some = [cases.submitted() for _n in range(4)]
    officers = [people.district_officer(), people.district_officer(mark="-2")]
    there, back = [copies(case) for case in some], some[::-1]
    results = at_once(
        lambda: reviews.accept([pair[0] for pair in there], officers[0]).done,
        lambda: reviews.accept(copies_of(back), officers[1]).done,
    )
    done, refused = split(results)
    assert refused == []
    assert sorted(len(one) for one in done) == [0, 4]


def test_cases_submitted_at_once_get_numbers_without_a_gap():
    drafts = [cases.draft() for _n in range(5)]
    empty = cases.empty_draft(enterprise=verified_enterprise())
    done, refused = split(
        at_once(*[lambda case=case: workflow.submit(case, case.created_by) for case in [*drafts, empty]])
    )
    assert refused == ["invalid"]
    assert sorted(case.sequence for case in done) == [1, 2, 3, 4, 5]
    assert len({case.number for case in done}) == 5
    assert cases.submitted().sequence == 6


def test_two_drafts_of_one_enterprise_submitted_at_once():
    enterprise = verified_enterprise()
    drafts = [cases.draft(enterprise=enterprise) for _n in range(3)]
    done, refused = split(
        at_once(*[lambda case=case: workflow.submit(case, case.created_by) for case in drafts])
    )
    assert (len(done), refused) == (1, ["invalid", "invalid"])
    assert done[0].sequence == 1


def test_one_draft_submitted_twice():
    draft = cases.draft()
    done, refused = split(
        at_once(*[lambda case=case: workflow.submit(case, case.created_by) for case in copies(draft)])
    )
    assert (len(done), refused) == (1, ["stale"])
    assert draft.submissions.count() == draft.checks.count() == 1


def test_a_draft_edited_while_it_is_submitted_is_one_or_the_other():
    draft = cases.draft()
    edited, handed_in = copies(draft)
    changed = {**draft.answers, "project_summary": "改过的内容，写得更清楚。"}
    at_once(
        lambda: workflow.save_draft(edited, draft.created_by, changed, edited.draft_revision),
        lambda: workflow.submit(handed_in, draft.created_by),
    )
    draft.refresh_from_db()
    if draft.state == State.SUBMITTED:
        assert draft.submissions.get().answers == draft.answers != changed
    else:
        assert (draft.state, draft.answers) == (State.DRAFT, changed)


def test_an_answer_and_the_lapse_of_a_correction_at_once():
    case = cases.awaiting_correction()
    workflow.remind([case])
    answered, lapsed = copies(case)
    last = clock.moment_of(case.due_on)

    def lapse():
        with clock.at(last + timedelta(days=1)):
            return workflow.lapse(lapsed)

    def answer():
        with clock.at(last):
            return workflow.resubmit(answered, case.submitted_by)

    done, refused = split(at_once(answer, lapse))
    assert (len(done), refused) == (1, ["stale"])


def test_a_reminder_from_two_workers_is_one():
    case = cases.awaiting_correction()
    at_once(lambda: workflow.remind([case]), lambda: workflow.remind([case]))
    assert changes(case, "remind") == 1


def test_a_changed_calendar_does_not_undo_a_verb():
    case = cases.submitted()
    administrator, officer = people.policy_administrator(), people.district_officer()
    day = case.due_on
    change = calendar.Change(day, is_workday=False, note="停工")
    split(
        at_once(
            lambda: calendar.change_days([change], administrator),
            lambda: reviews.accept(case, officer),
        )
    )
    case.refresh_from_db()
    assert case.state == State.DISTRICT_REVIEW
    due, step = case.due_on, case.steps.get(left_at=None)
    deadlines.recompute(date(2026, 1, 1))
    case.refresh_from_db()
    assert case.due_on >= due
    assert step.state == case.state


def test_an_account_changed_while_it_is_paid_to_is_one_or_the_other():
    case = cases.approved()
    with_account(case.enterprise)
    owner, maker = owner_of(case.enterprise), people.finance_maker()
    seen = copies(case)[0]
    with clock.at(case.approved_at + timedelta(hours=1)):
        done, refused = split(
            at_once(
                lambda: payments.order(seen, maker),
                lambda: enterprises.set_account(
                    case.enterprise, owner, bank_name="上海银行徐汇支行", bank_account="99990000111122"
                ),
            )
        )
    assert (len(done), refused) == (2, [])
    row = Disbursement.objects.get()
    assert (row.payee_bank, row.payee_account) in {
        (BANK, ACCOUNT),
        ("上海银行徐汇支行", "99990000111122"),
    }


def test_each_change_has_one_event_however_many_tried():
    case = cases.submitted()
    officers = [people.district_officer(mark=f"-{n}") for n in range(6)]
    seen = copies(case, 6)
    before = Event.objects.count()
    done, refused = split(
        at_once(
            *[lambda one=one, by=by: reviews.accept(one, by) for one, by in zip(seen, officers, strict=True)]
        )
    )
    assert (len(done), refused) == (1, ["stale"] * 5)
    assert Event.objects.count() == before + 1
    assert User.objects.get(pk=done[0].accepted_by_id) in officers
