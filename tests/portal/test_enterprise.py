"""What is known of the enterprise, with its sources; figures are added, the account is masked."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from enterprises.models import CreditCheck, Enterprise, Qualification, YearlyFigure
from foundation.clock import clock
from tests.accounts import factories as people
from tests.enterprises import factories as enterprises
from tests.plugins.shipped import load_catalogue
from tests.portal.reading import error_beside, heading_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def enterprise() -> Enterprise:
    load_catalogue(with_calls=False)
    return enterprises.verified_enterprise()


@pytest.fixture
def browser(enterprise, signed_in):
    return signed_in(enterprises.owner_of(enterprise))


def typed(**changes) -> dict:
    return {"valid_for": clock.today().year - 1, "revenue": "41,000,000", "profit": "-130000.5"} | changes


def test_register_data_stand_with_their_sources(browser, enterprise):
    text = text_of(browser.get(reverse("enterprise")))
    for told in (
        enterprise.uscc,
        "来源：市场监管局法人库",
        "M7452 区统计局名录",
        "市公共信用信息平台",
        "2015 年 6 月 18 日",
    ):
        assert told in text.replace("M7452区", "M7452 区"), told


def test_figures_are_added_and_the_earlier_ones_stay(browser):
    url = reverse("enterprise_figure")
    page = browser.post(url, typed(), follow=True)
    assert "41,000,000" in text_of(page) and "-130,000.50" in text_of(page)
    page = browser.post(url, typed(revenue="42,000,000"), follow=True)
    assert "42,000,000" in text_of(page) and "此前 1 次记录" in text_of(page)
    assert list(YearlyFigure.objects.order_by("pk").values_list("revenue", flat=True)) == [
        Decimal("41000000"),
        Decimal("42000000"),
    ]


@pytest.mark.parametrize(
    ("changes", "field", "told"),
    [
        ({"revenue": "四千万"}, "revenue", "请只填数字"),
        ({"revenue": "-1"}, "revenue", "金额不能为负数"),
        ({"employees": "3.5"}, "employees", "请填写整数"),
        ({"valid_for": "2099"}, "valid_for", ""),
    ],
)
def test_a_wrong_figure_is_told_beside_its_field(browser, changes, field, told):
    page = browser.post(reverse("enterprise_figure"), typed(**changes))
    assert page.status_code == 422
    assert told in error_beside(page, field)
    assert not YearlyFigure.objects.exists()


def test_an_empty_figure_is_refused(browser):
    page = browser.post(reverse("enterprise_figure"), {"valid_for": clock.today().year - 1})
    assert "请至少填写一项数据" in text_of(page)


def test_the_account_is_kept_and_shown_masked(browser, enterprise):
    url = reverse("enterprise_account")
    page = browser.post(
        url, {"bank_name": enterprises.BANK, "bank_account": "6222 0202 0011 2238 821"}, follow=True
    )
    text = text_of(page)
    assert "8821" in text and "6222" not in text
    assert "6222020200112238821" not in browser.get(url).content.decode()
    enterprise.refresh_from_db()
    assert enterprise.bank_account == enterprises.ACCOUNT


def test_a_wrong_account_is_told_beside_its_field(browser):
    page = browser.post(
        reverse("enterprise_account"), {"bank_name": enterprises.BANK, "bank_account": "12ab"}
    )
    assert page.status_code == 422
    assert "银行账号应为 8 至 32 位数字" in error_beside(page, "bank_account")


@pytest.mark.parametrize("name", ["enterprise", "enterprise_figure", "enterprise_account"])
def test_who_is_not_verified_is_led_to_the_claims(signed_in, enterprise, name):
    claim = enterprises.pending_claim(enterprise=enterprise)
    for person in (claim.user, people.user()):
        assert signed_in(person).get(reverse(name))["Location"] == reverse("claims")
    signed_in(claim.user).post(
        reverse("enterprise_account"), {"bank_name": enterprises.BANK, "bank_account": "12345678"}
    )
    enterprise.refresh_from_db()
    assert enterprise.bank_account == ""


def test_a_suspended_enterprise_still_reads_its_data(signed_in, enterprise):
    enterprises.workflow.suspend(enterprise, people.district_head(), "年报逾期")
    page = signed_in(enterprises.owner_of(enterprise)).get(reverse("enterprise"))
    assert heading_of(page) == enterprise.name
    assert "年报逾期" in text_of(page)


def test_what_the_district_entered_stands_with_who_enters_it(browser, enterprise):
    CreditCheck.objects.create(enterprise=enterprise, as_of=clock.today(), source="信用报告")
    Qualification.objects.create(
        enterprise=enterprise,
        kind="high_tech",
        number="GR202631000001",
        valid_from=date(2025, 12, 1),
        valid_to=date(2028, 11, 30),
        source="证书",
    )
    text = text_of(browser.get(reverse("enterprise")))
    assert "没有写明自何日起无失信记录" in text
    assert "高新技术企业" in text and "GR202631000001 · 证书" in text
    assert "由徐汇区科委登记" in text
