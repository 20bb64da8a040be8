"""Every address with every role: who comes in, what they reach, and that nobody else changes anything.

One table says it for the whole house; an address without a row fails, so does a row without an address.
"""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from applications import workflow
from applications.models import Application
from desk import shown
from enterprises.models import Claim
from foundation.accounts.access import rule_of
from foundation.clock import clock
from foundation.events.models import Event
from tests.access.house import built, clients, house, monday, url_of
from tests.access.table import (
    AUDITOR,
    CLAIMANT,
    COMMISSION,
    DISTRICT,
    ENTERPRISES,
    EVERYBODY,
    FINANCE,
    OTHER_DISTRICT,
    OWN_THINGS,
    STRANGER,
    TABLE,
    addresses,
)
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import (
    pending_claim,
    verified_enterprise,
)

pytestmark = pytest.mark.django_db
__all__ = ["built", "house", "monday"]


def test_every_address_carries_a_rule_and_has_its_row():
    found = dict(addresses())
    assert [name for name, view in found.items() if not rule_of(view)] == []
    assert sorted(set(found) - set(TABLE)) == [], "no row says who may open these"
    assert sorted(set(TABLE) - set(found)) == [], "these rows have no address any more"


def test_a_view_without_a_rule_answers_nobody(client, settings):
    settings.ROOT_URLCONF = "tests.unruled_urls"
    client.force_login(people.user(is_staff=True))
    assert client.get("/forgotten/").status_code == 403
    assert client.post("/forgotten/").status_code == 403


def test_who_comes_in_and_what_they_reach_is_as_the_table_says(house):
    roles, objects = house
    assert set(roles) == EVERYBODY
    wrong = []
    for role, client in clients(roles):
        for name, row in TABLE.items():
            answer = client.get(url_of(name, row, objects))
            if answer.status_code != row.expected(role):
                wrong.append(f"{name} for {role}: {answer.status_code}, the table says {row.expected(role)}")
            if role == "anonymous" and answer.status_code == 302:
                assert answer.url.startswith(reverse(settings.LOGIN_URL)), name
    assert not wrong, "\n".join(wrong)


def test_who_does_not_reach_it_changes_nothing_by_post(house):
    roles, objects = house
    before = Event.objects.count()
    wrong = []
    for role, client in clients(roles):
        for name, row in TABLE.items():
            if name in OWN_THINGS or (role in row.inside and (row.reach is None or role in row.reach)):
                continue
            answer = client.post(url_of(name, row, objects), {"version": 0})
            allowed = {302} if role == "anonymous" else {403} if role not in row.inside else {row.away}
            if answer.status_code not in allowed | {405}:
                wrong.append(f"{name} by {role}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert Event.objects.count() == before


def test_the_auditor_reads_every_page_of_the_desk_and_does_nothing(house):
    roles, objects = house
    client = Client()
    client.force_login(roles[AUDITOR])
    before = Event.objects.count()
    for name, row in TABLE.items():
        if not name.startswith("desk:") or any(own in name for own in ("message", "notification", "phone")):
            continue
        url = url_of(name, row, objects)
        if AUDITOR in row.inside and row.answer == 200:
            assert client.get(url).status_code == 200, name
        else:
            # Pages that only prepare an act are not the auditor's.
            assert client.get(url).status_code in {302, 403}, name
        assert client.post(url).status_code in {403, 405}, name
    assert Event.objects.count() == before


def test_the_table_is_of_xuhui_and_the_other_district_has_its_own(house):
    roles, _objects = house
    case = cases.submitted(enterprise=verified_enterprise(district=people.PUDONG))
    url = reverse("desk:case", kwargs={"pk": case.pk})
    for role, client in clients(roles):
        if role in OTHER_DISTRICT | COMMISSION | {AUDITOR}:
            assert client.get(url).status_code == 200, role
        elif role in DISTRICT | FINANCE:
            assert client.get(url).status_code == 404, role


def test_a_draft_of_whom_nobody_verified_is_the_writers_alone(house):
    roles, _objects = house
    draft = Application.objects.get(created_by=roles[CLAIMANT])
    for role, client in clients(roles):
        answers = {
            client.get(reverse(name, kwargs={"pk": draft.pk})).status_code
            for name in ("case", "draft", "submit")
        }
        if role == CLAIMANT:
            assert answers <= {200, 302}
        elif role in ENTERPRISES:
            assert answers == {404}, role
        else:
            assert answers <= ({302} if role == "anonymous" else {403, 404}), role
        assert client.get(reverse("desk:case", kwargs={"pk": draft.pk})).status_code in {302, 403, 404}


def test_finance_opens_a_case_once_it_is_approved(house):
    roles, _objects = house
    approved = Application.objects.get(state="approved")
    noticed = Application.objects.get(state="public_notice")
    for role, client in clients(roles):
        if role in FINANCE:
            assert client.get(reverse("desk:case", kwargs={"pk": approved.pk})).status_code == 200
            assert client.get(reverse("desk:case", kwargs={"pk": noticed.pk})).status_code == 404


def test_a_document_opens_only_with_the_case_that_it_belongs_to(house):
    roles, objects = house
    client = Client()
    client.force_login(roles[STRANGER])
    own = cases.submitted(enterprise=roles[STRANGER].memberships.get().enterprise)
    document = objects["document"]["document"]
    mixed = reverse("case_document", kwargs={"pk": own.pk, "document": document})
    assert client.get(mixed).status_code == 404
    client.force_login(roles["other_district_officer"])
    there = cases.submitted(enterprise=verified_enterprise(district=people.PUDONG))
    mixed = reverse("desk:document", kwargs={"pk": there.pk, "document": document})
    assert client.get(mixed).status_code == 404


def test_whose_post_ended_is_let_in_no_more(house):
    roles, objects = house
    person = roles["district_officer"]
    person.posts.update(until=clock.today() - timedelta(days=1))
    client = Client()
    client.force_login(person)
    assert client.get(reverse("desk:case", kwargs=objects["case"])).status_code == 403
    assert client.post(reverse("desk:accept", kwargs=objects["case"])).status_code == 403


def test_the_files_of_cases_stand_under_no_public_address(house, client):
    _roles, objects = house
    paper = Application.objects.get(pk=objects["case"]["pk"]).papers.order_by("pk").first()
    for path in (f"/media/{paper.document.stored_as}", f"/static/{paper.document.stored_as}"):
        assert client.get(path).status_code == 404


def test_public_pages_carry_no_personal_data(house, client):
    _roles, objects = house
    case = Application.objects.select_related("enterprise", "submitted_by").get(pk=objects["case"]["pk"])
    personal = [case.enterprise.bank_account, case.submitted_by.username, case.submitted_by.email]
    for name in ("home", "catalogue", "notices", "notice"):
        page = client.get(url_of(name, TABLE[name], objects)).content.decode()
        assert not any(word and word in page for word in personal), name
        assert not re.search(r"\b\d{15,}\b", page), name


def test_a_claim_leads_nobody_to_the_register(house):
    """What the register says of a code is not on the pages of whoever merely claims it."""
    roles, _objects = house
    enterprise = verified_enterprise(district=people.PUDONG, name="登记册上的真名有限公司")
    claim = Claim.objects.get(user=roles[CLAIMANT])
    other = pending_claim(roles[CLAIMANT], enterprise)
    Claim.objects.filter(pk=other.pk).update(declared_name="自报的名称公司")
    client = Client()
    client.force_login(roles[CLAIMANT])
    for name in ("home", "claims", "enterprise", "my_cases", "messages"):
        page = client.get(reverse(name), follow=True).content.decode()
        assert "登记册上的真名" not in page, name
        assert enterprise.address not in page, name
    draft = workflow.start(cases.open_call_item(), claim.enterprise, roles[CLAIMANT])
    page = client.get(reverse("draft", kwargs={"pk": draft.pk})).content.decode()
    assert claim.enterprise.address not in page


def test_short_histories_have_a_word_for_everything_that_happened(house):
    kinds = [
        "enterprises.claim",
        "enterprises.ownershipdispute",
        "enterprises.supplement",
        "tracking.referral",
    ]
    kinds.append("payments.disbursement")
    verbs = set(Event.objects.filter(chain__kind__in=kinds).values_list("verb", flat=True))
    assert len(verbs) > 8 and verbs <= set(shown.ACTS)
