"""Two acts on one review at once: exactly one of them happens."""

import pytest

from foundation.events import events
from reviews import workflow
from reviews.models import ExpertReview
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.reviews import experts
from tests.reviews.racing import at_once, catalogue, split

__all__ = ["catalogue"]
pytestmark = pytest.mark.django_db(transaction=True)


def seen(row: ExpertReview) -> ExpertReview:
    """The review as another page saw it."""
    return ExpertReview.objects.select_related("application").get(pk=row.pk)


def submit(row: ExpertReview):
    return lambda: workflow.submit_review(
        row, row.person, scores=experts.SCORES, opinion=experts.OPINION, verdict="support"
    )


def test_a_review_submitted_twice_at_once_and_one_withdrawn_while_it_is_submitted():
    case = cases.endorsed()
    row = experts.declared(case)
    done, refused = split(at_once(submit(seen(row)), submit(seen(row))))
    assert len(done) == 1 and refused == ["stale"]
    assert seen(row).scores.count() == 4

    row = experts.declared(case, "b")
    officer = people.municipal_officer()
    other = seen(row)
    done, refused = split(
        at_once(submit(seen(row)), lambda: workflow.withdraw_request(other, officer, "不需要了"))
    )
    assert len(done) == 1 and refused == ["stale"]
    now = seen(row)
    assert now.scores.count() == (4 if now.state == "submitted" else 0)
    verbs = set(events.timeline(now).values_list("verb", flat=True))
    assert len(verbs & {"submit_review", "withdraw_request"}) == 1

    # Two officers ask the same expert: once.
    entry, by = experts.pooled("c"), people.municipal_officer("b")
    due = now.due_on
    done, refused = split(
        at_once(
            lambda: workflow.ask_experts(case, officer, [entry], due),
            lambda: workflow.ask_experts(case, by, [entry], due),
        )
    )
    assert len(done) == 1 and refused == ["invalid"]
    assert ExpertReview.objects.filter(person=entry.person).count() == 1
