"""Funds in the admin: budgets are entered there, ledgers only read."""

from decimal import Decimal

import pytest
from django.urls import reverse

from foundation.accounts.models import Office, Post
from foundation.accounts.roles import Role
from measures import funds
from measures.models import LedgerEntry, SpecialFund
from tests.measures.factories import loaded_catalogue, person_without_post, policy_administrator
from tests.measures.ledgers import empty_fund, funded, walked

pytestmark = pytest.mark.django_db

CHANGELIST = "admin:measures_specialfund_changelist"
CHANGE = "admin:measures_specialfund_change"
LEDGER = "admin:measures_ledgerentry_changelist"


@pytest.fixture
def administrator(client):
    loaded_catalogue()
    user = policy_administrator()
    client.force_login(user)
    return user


@pytest.fixture
def auditor(client):
    loaded_catalogue()
    user = person_without_post("auditor")
    user.is_staff = True
    user.save()
    Post.objects.create(user=user, office=Office.objects.get(code="kw"), role=Role.AUDITOR)
    client.force_login(user)
    return user


def appropriate(client, fund, **data):
    page = reverse("admin:measures_specialfund_appropriate", args=[fund.pk])
    return client.post(page, {"_form_submitted": "on", **data})


def test_the_list_shows_each_fund_with_its_balances(client, administrator):
    walked(funded("1234567.00"), funds.set_aside, amount="34567.00")
    empty_fund("nothing-yet")
    page = client.get(reverse(CHANGELIST)).content.decode()
    assert "1,200,000.00" in page and "34,567.00" in page and "nothing-yet" in page


def test_a_budget_is_entered_through_the_door(client, administrator):
    fund = empty_fund()
    appropriate(client, fund, amount="５０，０００，０００", note="沪财〔2026〕1号")
    [entry] = LedgerEntry.objects.filter(fund=fund)
    assert (entry.amount, entry.note, entry.actor_label) == (
        Decimal("50000000.00"),
        "沪财〔2026〕1号",
        administrator.actor_label,
    )
    assert "50,000,000.00" in client.get(reverse(CHANGE, args=[fund.pk])).content.decode()


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        ({"amount": "5000万", "note": "x"}, "不要写“万元”"),
        ({"amount": "0", "note": "x"}, "金额应大于零"),
        ({"amount": "1", "note": ""}, "必填项"),
    ],
)
def test_a_budget_that_is_none_is_refused_beside_the_field(client, administrator, data, hint):
    fund = empty_fund()
    assert hint in appropriate(client, fund, **data).content.decode()
    assert not fund.entries.exists()


def test_an_auditor_reads_and_enters_nothing(client, auditor):
    fund = funded("1000.00")
    assert "1,000.00" in client.get(reverse(CHANGELIST)).content.decode()
    assert client.get(reverse(LEDGER)).status_code == 200
    appropriate(client, fund, amount="1", note="x")
    assert fund.entries.count() == 1
    assert client.post(reverse(CHANGE, args=[fund.pk]), {"name": "x"}).status_code == 403


def test_the_ledger_is_read_only_and_found_by_fund(client, administrator):
    fund, other = funded(code="a"), funded("77.00", code="b")
    walked(fund, funds.set_aside)
    page = client.get(reverse(LEDGER), {"fund__id__exact": fund.pk}).content.decode()
    assert "KJFW-2026-0801-1-000001" in page and "77.00" not in page
    assert other.entries.count() == 1
    entry = fund.entries.first()
    assert client.get(reverse("admin:measures_ledgerentry_add")).status_code == 403
    assert client.post(reverse("admin:measures_ledgerentry_delete", args=[entry.pk])).status_code == 403
    assert (
        client.post(reverse("admin:measures_ledgerentry_change", args=[entry.pk]), {"note": "x"}).status_code
        == 403
    )


def test_a_fund_keeps_its_code_once_money_has_moved(client, administrator):
    fund = funded()
    data = {
        "code": "other",
        "name": "改名",
        "year": 2030,
        "office": fund.office_id,
        "paid_by": fund.office_id,
    }
    client.post(reverse(CHANGE, args=[fund.pk]), data)
    fund = SpecialFund.objects.get(pk=fund.pk)
    assert (fund.code, fund.year, fund.name) == ("test-2026", 2026, "改名")
