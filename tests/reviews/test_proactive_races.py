"""Two at once on a list or an offer: one is done, the other is told, and money is never promised twice."""

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from applications import workflow
from applications.models import Application
from measures import funds
from reviews import workflow as reviews
from reviews.models import ListingRequest, ProactiveList
from tests.accounts import factories as people
from tests.enterprises.factories import owner_of
from tests.reviews import offered
from tests.reviews.racing import at_once, copies, split
from tests.reviews.test_proactive import AWARD, set_aside, standing

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def whole(transactional_db):
    yield
    call_command("verify_events", verbosity=0)
    call_command("verify_ledger", verbosity=0)


def test_two_heads_check_one_list_and_two_officers_draw_one_screening():
    offered.qualified()
    screening = offered.screened()
    officers = [people.municipal_officer(), people.municipal_officer("-2")]
    done, refused = split(at_once(*[lambda by=by: reviews.draw_list(screening, by) for by in officers]))
    assert (len(done), refused) == (1, ["state"])
    heads = [people.municipal_head(), people.municipal_head("-2")]
    seen = [ProactiveList.objects.get(pk=done[0].pk) for _head in heads]
    done, refused = split(
        at_once(
            *[lambda one=one, by=by: reviews.check_list(one, by) for one, by in zip(seen, heads, strict=True)]
        )
    )
    assert (len(done), refused) == (1, ["stale"])
    assert Application.objects.filter(state="offered").count() == 1
    assert set_aside() == AWARD


def test_one_offer_confirmed_twice_and_confirmed_while_it_is_given_up():
    twice, torn = offered.qualified(), offered.qualified()
    offered.checked(twice, torn)
    case = offered.case_of(twice)
    owner = owner_of(twice)
    done, refused = split(
        at_once(
            *[lambda one=one: workflow.confirm_offer(one, owner, offered.CONFIRMED) for one in copies(case)]
        )
    )
    assert (len(done), refused) == (1, ["stale"])
    assert case.submissions.count() == 1
    case, owner = offered.case_of(torn), owner_of(torn)
    one, other = copies(case)
    done, refused = split(
        at_once(
            lambda: workflow.confirm_offer(one, owner, offered.CONFIRMED),
            lambda: workflow.decline_offer(other, owner, "不需要"),
        )
    )
    assert (len(done), refused) == (1, ["stale"])
    assert set_aside() == standing()


def test_a_request_is_answered_once_and_two_requests_of_one_unit_are_one():
    enterprise = offered.omitted()
    owner, line = owner_of(enterprise), offered.call_item()
    done, refused = split(
        at_once(*[lambda: reviews.ask_listing(line, enterprise, owner, "请列入") for _n in range(2)])
    )
    assert (len(done), refused) == (1, ["state"])
    seen = [ListingRequest.objects.get(pk=done[0].pk) for _n in range(2)]
    officers = [people.municipal_officer(), people.municipal_officer("-2")]
    done, refused = split(
        at_once(
            lambda: reviews.grant_listing(seen[0], officers[0], "属实"),
            lambda: reviews.refuse_listing(seen[1], officers[1], "不属实"),
        )
    )
    assert (len(done), refused) == (1, ["stale"])


def answered(act: str, case: Application):
    """The enterprise's act on what it was offered."""
    owner = owner_of(case.enterprise)
    if act == "decline":
        return workflow.decline_offer(case, owner).one()
    if act == "withdraw":
        return workflow.withdraw(case, owner, "不再需要").one()
    other = {"same_project_supported": True, "other_support_details": "区级奖励"} if act == "other" else {}
    return workflow.confirm_offer(case, owner, offered.CONFIRMED | other).one()


@given(acts=st.lists(st.sampled_from(["confirm", "other", "decline", "withdraw", "list"]), max_size=8))
@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_set_aside_is_always_the_sum_of_what_stands(acts):
    for act in ["list", *acts]:
        offers = Application.objects.filter(state="offered", enterprise__members__isnull=False)
        confirmed = Application.objects.filter(state="signed_off")
        case = (confirmed if act == "withdraw" else offers).order_by("pk").select_related("form").first()
        if act == "list":
            offered.checked(offered.qualified(), offered.unclaimed())
        elif case is not None:
            answered(act, case)
        assert set_aside() == standing()
        assert funds.balance(offered.call_item().fund).committed == 0
