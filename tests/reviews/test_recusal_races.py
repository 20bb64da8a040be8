"""A recusal and a verb of the same person at once: whichever is second sees the first."""

import pytest

from applications.models import Application, Recusal
from foundation.events import events
from reviews import workflow
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.reviews.test_races import at_once, catalogue, copies, split

__all__ = ["catalogue"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("whole", [False, True], ids=["of the case", "of the enterprise"])
def test_a_recusal_and_a_recommendation_of_the_same_person(whole):
    case = cases.accepted()
    officer = people.district_officer()
    (seen,) = copies(case, 1)
    of = case.enterprise if whole else case
    done, refused = split(
        at_once(
            lambda: workflow.recommend(seen, officer, "for", "建议推荐"),
            lambda: workflow.keep_out(officer, of, "利害关系"),
        )
    )
    # The recusal always stands; the recommendation only where it came first.
    assert Recusal.objects.standing().filter(person=officer).count() == 1
    now = Application.objects.get(pk=case.pk)
    if refused:
        assert (refused, now.state, now.recommended_by_id) == (["forbidden"], "district_review", None)
    else:
        assert len(done) == 2
        verbs = list(events.timeline(now).order_by("seq").values_list("verb", flat=True))
        assert verbs.index("recommend") < verbs.index("recuse")
