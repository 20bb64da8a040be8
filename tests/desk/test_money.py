"""Finance at the desk: orders, the second person, returns, receipts, and the ledger that traces every yuan."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from applications.models import Application
from applications.states import State
from foundation.clock import clock
from measures import funds
from payments.models import Disbursement
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import ACCOUNT, owner_of, with_account


@pytest.fixture
def payable():
    """An approved case whose enterprise told its account, at the hour of the approval."""
    case = cases.approved()
    with_account(case.enterprise)
    with clock.at(case.approved_at + timedelta(hours=1)):
        yield case


def ordered(case, as_user) -> Disbursement:
    client = as_user(people.finance_maker())
    response = client.post(reverse("desk:payment_order"), {"pick": f"{case.pk}-{case.version}"})
    assert response.status_code == 200
    return Disbursement.objects.get(application=case)


def confirm(client, row, **fields):
    data = {"version": row.version, "reference": "PZ-2026-1", "amount": "3,200,000.00"}
    data = data | {"paid_on": clock.today().isoformat()} | fields
    url = reverse("desk:payment_confirm", args=[row.pk])
    return client.post(url, {f"confirm-{name}": value for name, value in data.items()})


def test_finance_pays_with_two_people_and_the_case_becomes_paid(payable, as_user):
    maker, checker = as_user(people.finance_maker()), as_user(people.finance_checker())
    page = maker.get(reverse("desk:payments"))
    assert "有 1 件待提出拨付" in page.content.decode()
    row = ordered(payable, as_user)
    assert row.amount == Decimal("3200000.00")
    assert "有 1 笔待您复核" in checker.get(reverse("desk:payments")).content.decode()
    one = {"pick": f"{row.pk}-{row.version}", "one": "1"}
    assert checker.post(reverse("desk:payment_release"), one).status_code == 302
    row.refresh_from_db()
    assert row.state == "released"
    assert confirm(maker, row).status_code == 302
    assert Application.objects.get(pk=payable.pk).state == State.PAID
    assert funds.held([payable.pk])[payable.pk].spent == Decimal("3200000.00")
    page = maker.get(reverse("desk:case", args=[payable.pk])).content.decode()
    assert "支付凭证 PZ-2026-1" in page


def test_the_maker_does_not_check_their_own_order(payable, as_user):
    maker = people.finance_maker()
    maker.posts.create(office=payable.office, role="finance_checker", since=clock.today())
    row = ordered(payable, as_user)
    client = as_user(type(maker).objects.get(pk=maker.pk))
    page = client.get(reverse("desk:payment", args=[row.pk])).content.decode()
    assert "需由另一人复核" in page
    one = {"pick": f"{row.pk}-{row.version}", "one": "1"}
    assert client.post(reverse("desk:payment_release"), one).status_code == 403
    assert as_user(people.finance_maker("b")).post(reverse("desk:payment_release"), one).status_code == 403
    assert Disbursement.objects.get().state == "ordered"


def test_an_order_is_returned_with_a_reason_and_ordered_anew(payable, as_user):
    row = ordered(payable, as_user)
    checker = as_user(people.finance_checker())
    url = reverse("desk:payment_return", args=[row.pk])
    empty = checker.post(url, {"return-version": row.version, "return-reason": ""})
    assert empty.status_code == 422
    assert "请写明退回理由" in empty.content.decode()
    assert checker.post(url, {"return-version": row.version, "return-reason": "账号有误"}).status_code == 302
    assert funds.held([payable.pk])[payable.pk].committed == Decimal("3200000.00")
    returned = checker.get(reverse("desk:payments"), {"tab": "returned"}).content.decode()
    assert "账号有误" in returned
    maker = as_user(people.finance_maker())
    again = maker.post(reverse("desk:payment_order"), {"pick": f"{payable.pk}-{payable.version}"})
    assert "1 件" in again.content.decode()
    assert Disbursement.objects.exclude(state="returned").get().number.endswith("-2")


def test_a_receipt_that_does_not_fit_is_refused_beside_its_field(payable, as_user):
    row = ordered(payable, as_user)
    checker, maker = as_user(people.finance_checker()), as_user(people.finance_maker())
    checker.post(reverse("desk:payment_release"), {"pick": f"{row.pk}-{row.version}"})
    row.refresh_from_db()
    wrong = confirm(maker, row, amount="3200001", paid_on=(clock.today() + timedelta(days=1)).isoformat())
    assert wrong.status_code == 422
    page = wrong.content.decode()
    assert "应与拨付金额 3,200,000.00 元一致" in page
    assert "不能晚于今天" in page
    assert "PZ-2026-1" in page
    assert confirm(maker, row, paid_on="四月").status_code == 422
    assert confirm(maker, row, version=row.version - 1).status_code == 409
    assert confirm(checker, row).status_code == 403
    assert Disbursement.objects.get().state == "released"


def test_nothing_is_ordered_without_an_account_or_by_a_stale_page(as_user):
    case = cases.approved()
    with clock.at(case.approved_at + timedelta(hours=1)):
        maker = as_user(people.finance_maker())
        assert "企业尚未填写" in maker.get(reverse("desk:payments")).content.decode()
        refused = maker.post(reverse("desk:payment_order"), {"pick": f"{case.pk}-{case.version}"})
        assert "企业尚未填写收款账户" in refused.content.decode()
        with_account(case.enterprise)
        stale = maker.post(reverse("desk:payment_order"), {"pick": f"{case.pk}-{case.version - 1}"})
        assert "已被他人办理" in stale.content.decode()
        assert not Disbursement.objects.exists()


def test_an_account_is_masked_in_lists_files_and_for_who_only_reads(payable, as_user):
    row = ordered(payable, as_user)
    payment = reverse("desk:payment", args=[row.pk])
    for person in (people.finance_maker(), people.auditor()):
        client = as_user(person)
        page = client.get(reverse("desk:payments"), {"tab": "ordered"})
        assert ACCOUNT not in page.content.decode()
        sheet = client.get(reverse("desk:payments"), {"tab": "ordered", "export": "xlsx"})
        rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet.getvalue())).get_sheet_by_index(0).to_python()
        assert ACCOUNT not in str(rows)
        assert row.number in str(rows)
    assert ACCOUNT not in as_user(people.auditor()).get(payment).content.decode()
    assert ACCOUNT[-4:] in as_user(people.auditor()).get(payment).content.decode()
    assert ACCOUNT in as_user(people.finance_checker()).get(payment).content.decode()


def test_payments_are_seen_by_finance_and_the_auditor_alone(payable, as_user):
    row = ordered(payable, as_user)
    for person in (people.district_officer(), people.municipal_head(), owner_of(payable.enterprise)):
        assert as_user(person).get(reverse("desk:payments")).status_code == 403
        assert as_user(person).get(reverse("desk:payment", args=[row.pk])).status_code == 403
    assert as_user(people.auditor()).get(reverse("desk:payments")).status_code == 200
    assert as_user(people.auditor()).post(reverse("desk:payment_order")).status_code == 403


def test_a_fund_shows_its_balances_and_every_entry_with_its_case(payable, as_user):
    ordered(payable, as_user)
    fund = payable.call_item.fund
    client = as_user(people.municipal_officer())
    assert fund.name in client.get(reverse("desk:funds")).content.decode()
    page = client.get(reverse("desk:fund", args=[fund.pk]))
    text = page.content.decode()
    assert "196,800,000" in text
    assert "已批复 → 待复核" in text
    assert reverse("desk:case", args=[payable.pk]) in text
    kinds = [row["entry"].kind for row in page.context["rows"]]
    assert kinds == ["order", "commit", "set_aside", "appropriate"]
    only = client.get(reverse("desk:fund", args=[fund.pk]), {"case": payable.number})
    assert len(only.context["rows"]) == 3
    for person in (people.district_officer(), people.policy_administrator()):
        assert as_user(person).get(reverse("desk:fund", args=[fund.pk])).status_code == 403
    sheet = client.get(reverse("desk:fund", args=[fund.pk]), {"export": "xlsx"})
    rows = CalamineWorkbook.from_filelike(io.BytesIO(sheet.getvalue())).get_sheet_by_index(0).to_python()
    assert len(rows) == 5
