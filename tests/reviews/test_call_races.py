"""Submissions against what becomes of their call, and two proposals against the last of its budget, in real threads."""

from decimal import Decimal

import pytest

from applications import workflow
from applications.states import State
from measures.models import Call, CallItem
from reviews import workflow as reviews
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import verified_enterprise
from tests.reviews.test_races import AWARD, at_once, catalogue, split

pytestmark = pytest.mark.django_db(transaction=True)

__all__ = ["catalogue"]

REASON = "政策调整"


def two_drafts():
    person = people.user("owner")
    return [cases.draft(enterprise=verified_enterprise(person), by=person) for _n in range(2)]


def test_a_case_is_submitted_before_its_call_is_cancelled_and_lapses_with_it_or_it_is_refused():
    [draft, other] = two_drafts()
    call, head = draft.call_item.call, people.municipal_head()
    results = at_once(
        lambda: workflow.submit(draft, draft.created_by),
        lambda: workflow.submit(other, other.created_by),
        lambda: reviews.cancel_call(call, head, REASON),
    )
    done, refused = split(results)
    assert set(refused) <= {"state"}
    call.refresh_from_db()
    assert call.state == Call.State.CANCELLED
    for case in (draft, other):
        case.refresh_from_db()
        assert case.state in (State.LAPSED, State.DRAFT)
    assert call.notices.get().cases == sum(case.state == State.LAPSED for case in (draft, other))
    assert len(done) + len(refused) == 3


@pytest.mark.parametrize("act", [workflow.suspend_call, workflow.close_call_early])
def test_nothing_is_submitted_after_its_call_was_suspended_or_closed(act):
    [draft, other] = two_drafts()
    call, administrator = draft.call_item.call, people.policy_administrator()
    results = at_once(
        lambda: workflow.submit(draft, draft.created_by),
        lambda: act(call, administrator, REASON),
    )
    _done, refused = split(results)
    assert set(refused) <= {"state"}
    draft.refresh_from_db()
    notice = call.notices.get()
    # What the notice counted is what had been handed in.
    assert notice.cases == (draft.state == State.SUBMITTED)
    _done, late = split(at_once(lambda: workflow.submit(other, other.created_by)))
    assert late == ["state"]


def test_two_proposals_against_the_last_of_the_budget():
    person = people.user("owner")
    waiting = [cases.endorsed(enterprise=verified_enterprise(person)) for _n in range(2)]
    CallItem.objects.filter(pk=waiting[0].call_item_id).update(budget=AWARD + Decimal("0.01"))
    officers = [people.municipal_officer(), people.municipal_officer("-2")]
    some = [cases.appraisal(case, by) for case, by in zip(waiting, officers, strict=True)]
    done, refused = split(
        at_once(
            *[
                lambda case=case, by=by, one=one: reviews.propose(case, by, one)
                for case, by, one in zip(waiting, officers, some, strict=True)
            ]
        )
    )
    assert (len(done), refused) == (1, ["invalid"])


def test_one_unit_never_gets_more_in_than_the_limit_whoever_submits():
    person = people.user("owner")
    enterprise = verified_enterprise(person)
    drafts = [cases.draft(enterprise=enterprise, by=person) for _n in range(3)]
    CallItem.objects.filter(pk=drafts[0].call_item_id).update(per_unit=2)
    done, refused = split(at_once(*[lambda case=case: workflow.submit(case, person) for case in drafts]))
    assert (len(done), refused) == (2, ["invalid"])
