"""Every list takes the same number of queries at 10 and at 1,000 rows, and that number is stored.

The rows are copies of one that the verbs made, written in bulk with the guards of states lifted: what is
tested here is how pages read, not how cases come about.
"""

import copy

import pgtrigger
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from stdnum.cn import uscc

from applications.models import Application, Step
from applications.states import State
from enterprises.models import Claim, Enterprise
from foundation.events.models import Chain, Event, Notification
from measures import screening_workflow, simulation_workflow
from payments.models import Disbursement
from reviews.models import PublicNotice
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises import factories as enterprises

pytestmark = pytest.mark.django_db


def copies(row, count, **changes):
    """`count` copies of a saved row; each change is a function of the copy's index."""
    made = []
    for index in range(count):
        one = copy.copy(row)
        one._state = copy.copy(row._state)
        one._state.adding = True
        one.pk = None
        for name, value in changes.items():
            setattr(one, name, value(index))
        made.append(one)
    with pgtrigger.ignore():
        made = type(row).objects.bulk_create(made)
        with connection.cursor() as cursor:
            # What is deferred to the commit is checked now, while the guards are lifted.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            # What autovacuum does within a minute of so many rows.
            cursor.execute("ANALYZE")
    return made


def codes(number):
    """Valid codes of no other test."""
    bodies = (f"91310104MB{index:07d}" for index in range(number))
    return [body + uscc.calc_check_digit(body) for body in bodies]


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture(params=[10, 1000], ids=lambda rows: f"{rows} rows")
def rows(request):
    return request.param


def test_lists_take_the_stored_number_of_queries(rows, stored_queries):
    case = cases.submitted()
    mine = cases.withdrawn(cases.submitted(enterprise=enterprises.verified_enterprise(people.user("mine"))))
    claim = enterprises.pending_claim()
    payment = cases.ordered()
    notice = PublicNotice.objects.get()
    fresh = codes(rows)
    units = copies(case.enterprise, rows, uscc=lambda i: fresh[i])
    found = copies(
        case,
        rows,
        enterprise_id=lambda i: units[i].pk,
        number=lambda i: f"KJFW-2026-0801-9-{i:06d}",
        sequence=lambda i: 100_000 + i,
    )
    step = Step.objects.get(application=case, left_at=None)
    copies(step, rows, application_id=lambda i: found[i].pk)
    copies(mine, rows, number=lambda i: f"KJFW-2026-0801-8-{i:06d}", sequence=lambda i: 200_000 + i)
    copies(claim, rows, enterprise_id=lambda i: units[i].pk)
    paid = copies(
        Application.objects.get(pk=payment.application_id),
        rows,
        enterprise_id=lambda i: units[i].pk,
        number=lambda i: f"KJFW-2026-0801-7-{i:06d}",
        sequence=lambda i: 300_000 + i,
        call_item_id=lambda i: cases.open_call_item("03-10").pk,
    )
    copies(payment, rows, application_id=lambda i: paid[i].pk, number=lambda i: f"BF-{i}")
    copies(notice, rows, number=lambda i: f"GS-copy-{i}")
    chains = Chain.objects.bulk_create(
        Chain(kind="applications.application", subject_id=one.pk, seq=0, head="") for one in found
    )
    told = Notification.objects.filter(audience_kind="office").select_related("event").first()
    events = copies(told.event, rows, chain_id=lambda i: chains[i].pk)
    copies(told, rows, event_id=lambda i: events[i].pk)
    own = Notification.objects.filter(audience_kind="enterprise", audience_id=mine.enterprise_id).first()
    copies(own, rows, event_id=lambda i: events[i].pk)
    assert (
        min(
            model.objects.count()
            for model in (Application, Claim, Disbursement, Enterprise, Event, Notification, PublicNotice)
        )
        > rows
    )

    screening = screening_workflow.screen(case.call_item, people.municipal_officer())
    kept = simulation_workflow.save_simulation(
        screening.rule, {"rate": "0.08"}, people.municipal_officer(), "说明"
    )
    copies(kept, rows)
    one_row = screening.rows.get(enterprise=case.enterprise)
    assert screening.enterprises > rows

    officer, maker = signed_in(people.district_officer()), signed_in(people.finance_maker())
    municipal, enterprise = signed_in(people.municipal_officer()), signed_in(mine.submitted_by)
    assert Application.objects.filter(state=State.SUBMITTED).count() > rows
    for client, name, address in [
        (officer, "size: desk queue", reverse("desk:queue")),
        (officer, "size: desk claims", reverse("desk:claims")),
        (officer, "size: desk enterprises", reverse("desk:enterprises")),
        (officer, "size: desk messages", reverse("desk:messages")),
        (municipal, "size: desk notices", reverse("desk:notices")),
        (maker, "size: desk payments", f"{reverse('desk:payments')}?tab=ordered"),
        (maker, "size: desk fund", reverse("desk:fund", args=[payment.fund_id])),
        (enterprise, "size: portal home", reverse("home")),
        (enterprise, "size: portal cases", reverse("my_cases")),
        (enterprise, "size: portal messages", reverse("messages")),
        (enterprise, "size: portal case", reverse("case", args=[mine.pk])),
        (municipal, "size: desk screenings", reverse("desk:screenings")),
        (officer, "size: desk screenings of a district", reverse("desk:screenings")),
        (municipal, "size: desk screening", reverse("desk:screening", args=[screening.pk])),
        (officer, "size: desk screening of a district", reverse("desk:screening", args=[screening.pk])),
        (
            municipal,
            "size: desk screening row",
            reverse("desk:screening_row", args=[screening.pk, one_row.pk]),
        ),
        (
            municipal,
            "size: desk simulation",
            reverse("desk:simulation", args=[case.call_item_id]) + "?rate=8%25",
        ),
        (municipal, "size: desk saved simulation", reverse("desk:saved_simulation", args=[kept.pk])),
        (Client(), "size: public notices", reverse("notices")),
        (officer, "size: desk case", reverse("desk:case", args=[case.pk])),
    ]:
        assert client.get(address).status_code == 200, name
        with stored_queries(name):
            client.get(address)
