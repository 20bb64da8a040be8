"""The lists of measure 10 take the same number of queries for few and for many rows, and that number is stored."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.accounts import factories as people
from tests.enterprises.factories import owner_of
from tests.measures.factories import loaded_catalogue
from tests.test_sizes import codes, copies
from tests.tracking import factories

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("rows", [10, 500], ids=lambda rows: f"{rows} rows")
def test_lists_and_entries_take_the_stored_number_of_queries(rows, stored_queries):
    loaded_catalogue()
    commission = people.municipal_officer()
    ended = factories.concluded(commission, code="08-03")
    copies(ended, rows)
    # The newest one, so that the enterprise's first page shows one that waits however long its list is.
    waiting = factories.waiting(enterprise=ended.enterprise)
    action = factories.action()
    fresh = codes(rows)
    units = copies(waiting.enterprise, rows, uscc=lambda i: fresh[i])
    copies(waiting, rows, enterprise_id=lambda i: units[i].pk)
    copies(action, rows)
    clients = {None: Client(), "officer": Client(), "owner": Client()}
    clients["officer"].force_login(commission)
    clients["owner"].force_login(owner_of(waiting.enterprise))
    for who, name, address in [
        ("officer", "size: desk referrals", reverse("desk:referrals")),
        ("officer", "size: desk referrals ended", reverse("desk:referrals") + "?tab=ended"),
        ("officer", "size: desk referral", reverse("desk:referral", args=[waiting.pk])),
        ("officer", "size: desk actions", reverse("desk:actions")),
        ("officer", "size: desk silent items", reverse("desk:silent_items")),
        ("owner", "size: portal referrals", reverse("referrals")),
        ("owner", "size: portal item", reverse("item", args=["02-01"])),
        (None, "size: public item", reverse("item", args=["02-01"])),
        (None, "size: public catalogue", reverse("catalogue")),
        (None, "size: public search", reverse("catalogue") + "?q=环评"),
    ]:
        assert clients[who].get(address).status_code == 200, name
        with stored_queries(name):
            clients[who].get(address)
