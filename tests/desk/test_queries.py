"""How many queries each page of the desk takes: stored, and the same however many rows there are."""

from datetime import timedelta

import pytest
from django.urls import reverse

from foundation.clock import clock
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises import factories as enterprises


@pytest.mark.parametrize("rows", [1, 4])
def test_the_pages_take_the_stored_number_of_queries(as_user, stored_queries, rows):
    officer, municipal = as_user(people.district_officer()), as_user(people.municipal_officer())
    maker = as_user(people.finance_maker())
    for _ in range(rows):
        cases.submitted()
        enterprises.pending_claim()
        cases.signed_off()
        row = cases.ordered()
    case = cases.endorsed()
    line = case.call_item
    for client, name, address in [
        (officer, "desk queue", reverse("desk:queue")),
        (officer, "desk claims", reverse("desk:claims")),
        (officer, "desk messages", reverse("desk:messages")),
        (officer, "desk enterprises", reverse("desk:enterprises")),
        (municipal, "desk notices", reverse("desk:notices")),
        (municipal, "desk notice to publish", f"{reverse('desk:notice_new')}?item={line.pk}"),
        (municipal, "desk fund", reverse("desk:fund", args=[line.fund_id])),
        (municipal, "desk case", reverse("desk:case", args=[case.pk])),
        (maker, "desk payments", f"{reverse('desk:payments')}?tab=ordered"),
        (maker, "desk payment", reverse("desk:payment", args=[row.pk])),
    ]:
        assert client.get(address).status_code == 200
        with stored_queries(name):
            client.get(address)


def test_the_list_to_pay_takes_the_same_queries_for_few_and_for_many(as_user, counted):
    client = as_user(people.finance_maker())
    case = cases.approved()
    with clock.at(case.approved_at + timedelta(hours=1)):
        client.get(reverse("desk:payments"))
        with counted() as few:
            client.get(reverse("desk:payments"))
        for _ in range(3):
            enterprises.with_account(cases.approved().enterprise)
        with counted() as many:
            client.get(reverse("desk:payments"))
    assert len(many) == len(few)
