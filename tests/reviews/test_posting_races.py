"""Two posts at once: one is carried out, the other gets the page that says so."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from applications.models import Application
from foundation.accounts.models import User
from foundation.clock import clock
from measures import funds
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.reviews.racing import at_once, catalogue, changes

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["catalogue"]
AWARD = Decimal("3200000.00")


def posting(person: User, url: str, data: dict) -> Callable[[], HttpResponse]:
    """A browser of this person that sends this form; each has its own session."""
    client = Client()
    client.force_login(person)
    return lambda: client.post(url, data)


def answers(*acts: Callable[[], HttpResponse], leads: str = "") -> list[int]:
    """The statuses, in order; who comes too late is told so, and led to the address `leads`."""
    results = at_once(*acts)
    for result in results:
        if isinstance(result, Exception):
            raise result
    for late in (result.content.decode() for result in results if result.status_code == 409):
        assert "刚刚" in late and leads in late
    return sorted(result.status_code for result in results)


def test_two_officers_post_on_one_case_at_once():
    case = cases.submitted()
    url = reverse("desk:accept", args=[case.pk])
    officers = [people.district_officer(), people.district_officer(mark="-2")]
    data = {"accept-version": case.version, "accept-text": "材料齐全"}
    posts = [posting(officer, url, data) for officer in officers]
    assert answers(*posts, leads=reverse("desk:case", args=[case.pk])) == [302, 409]
    assert Application.objects.get(pk=case.pk).state == "district_review"
    assert changes(case, "accept") == 1


def test_the_enterprise_withdraws_while_the_officer_accepts():
    case = cases.submitted()
    accept, withdraw = reverse("desk:accept", args=[case.pk]), reverse("case_withdraw", args=[case.pk])
    codes = answers(
        posting(people.district_officer(), accept, {"accept-version": case.version, "accept-text": ""}),
        posting(case.submitted_by, withdraw, {"version": case.version, "reason": "项目取消"}),
    )
    assert codes == [302, 409]


def test_a_double_click_submits_once():
    case = cases.draft()
    url, data = reverse("submit", args=[case.pk]), {"version": 0, "revision": case.draft_revision}
    person = case.created_by
    assert answers(posting(person, url, data), posting(person, url, data)) == [302, 409]
    assert case.submissions.count() == 1


def test_two_heads_approve_many_at_once():
    some = [cases.published() for _n in range(3)]
    heads = [people.municipal_head(), people.municipal_head("-2")]
    url = reverse("desk:many_approve")
    data = {"pick": [f"{case.pk}-{case.version}" for case in some], "text": "公示无异议", "confirmed": "1"}
    with clock.at(some[-1].notice_closes_at):
        results = at_once(*[posting(head, url, data) for head in heads])
    assert all(not isinstance(result, Exception) for result in results), results
    for case in some:
        assert changes(case, "approve") == 1
    assert funds.balance(some[0].call_item.fund).committed == AWARD * 3
