"""Foreign money: rates are entered and only added to, and an amount becomes yuan by the rate of its day."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, ProgrammingError, transaction
from django.test import Client
from django.urls import reverse

from foundation.accounts.access import NotAllowed
from foundation.clock import clock
from foundation.events.models import Event
from measures import rate_workflow
from measures.exchange import Rates
from measures.form_changes import changes
from measures.forms import DefinitionError, Form, Quote, currency, values
from measures.models import ExchangeRate
from measures.rate_workflow import RatesRefused
from tests.accounts import factories as people
from tests.applications.conftest import monday
from tests.measures.definitions import one_field
from tests.plugins.shipped import load_catalogue

__all__ = ["monday"]
SOURCE = "中国外汇交易中心人民币汇率中间价"
CONTRACT = {"key": "contract", "label": "合同金额", "type": "money", "required": True}
FOREIGN = {**CONTRACT, "currencies": ["USD", "JPY"], "rate_day": "合同签订日"}
USD = {"currency": "USD", "amount": "3,200,000", "day": "2026年3月1日"}


@pytest.fixture
def shipped(db, monday):
    load_catalogue(with_calls=False)


def form(**more) -> Form:
    return Form({"sections": [{"title": "合同", "fields": [FOREIGN | more]}], "documents": []})


def rates(code, day) -> Quote:
    if code != "USD":
        raise values.Wrong("没有汇率")
    return Quote(code, date(2026, 2, 27), Decimal("7.1234"), SOURCE, 1)


def entered(text: str, by=None, **more) -> list[ExchangeRate]:
    by = by or people.policy_administrator()
    return rate_workflow.enter_rates(rate_workflow.read(text), SOURCE, by, **more)


def test_an_amount_in_foreign_money_is_stored_with_all_that_made_its_yuan():
    cleaned = form().clean({"contract": USD}, draft=False, rates=rates)
    assert cleaned.errors == {}
    assert cleaned.values["contract"] == {
        "currency": "USD",
        "amount": "3200000.00",
        "day": "2026-03-01",
        "rate": "7.1234",
        "rate_day": "2026-02-27",
        "source": SOURCE,
        "revision": 1,
        "yuan": "22794880.00",
    }
    # Cleaned again it stays, without anybody to ask; and it says how it came about.
    assert form().clean(cleaned.values, draft=False) == cleaned
    assert form(fact="declared_investment").inputs(cleaned.values) == {
        "declared_investment": Decimal("22794880.00")
    }
    (section,) = form().rows(cleaned.values)
    row = section.rows[0]
    assert row.text == "3,200,000 USD × 7.1234（2026-02-27，为 2026-03-01 之前最近一日）= 22,794,880.00"
    assert (row.unit, row.source) == ("元", f"汇率来源：{SOURCE}")
    # Yuan that somebody wrote into it count for nothing: they are computed.
    forged = {"contract": {**cleaned.values["contract"], "yuan": "1.00"}}
    assert form().clean(forged) == cleaned
    # In yuan it is plain money, whether the currency is named or not.
    for typed in ("1,000", {"currency": "CNY", "amount": "1,000", "day": ""}):
        assert form().clean({"contract": typed}).values == {"contract": "1000.00"}


@pytest.mark.parametrize(
    ("amount", "rate", "yuan"),
    [("0.01", "0.5", "0.01"), ("0.01", "0.49999999", "0.00"), ("9999999.99", "0.04812345", "481234.50")],
)
def test_yuan_are_rounded_half_up_to_the_fen(amount, rate, yuan):
    assert currency.convert(Decimal(amount), Decimal(rate)) == Decimal(yuan)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"amount": "三百万"}, "请只填数字"),
        ({"amount": "-5"}, "金额不能为负数"),
        ({"amount": "5.123"}, "最多保留 2 位小数"),
        ({"amount": ""}, "请填写外币金额"),
        ({"day": ""}, "请填写合同签订日"),
        ({"day": "去年"}, "请按“年-月-日”填写日期"),
        ({"currency": "EUR"}, "这里不能用这个币种"),
        ({"currency": "JPY"}, "没有汇率"),
        ({"currency": "JPY", "amount": "0.5"}, "请填写整数"),
        ({"amount": "9999999999999"}, "折算成人民币后金额过大"),
    ],
)
def test_what_is_wrong_stays_as_typed_and_says_why(typed, message):
    cleaned = form().clean({"contract": USD | typed}, rates=rates)
    assert message in cleaned.errors["contract"][0]
    assert "yuan" not in cleaned.values["contract"]
    assert form().inputs(cleaned.values) == {} and form(fact="f").inputs(cleaned.values) == {"f": None}
    # Without a rate nothing of it can be handed in.
    assert form().missing(cleaned.values, [])[0].kind == "wrong"


def test_bounds_and_ceilings_are_of_the_yuan():
    assert "不得高于" in form(max="22794879.99").clean({"contract": USD}, rates=rates).errors["contract"][0]
    ceilings = {"contract": Decimal("22794879.99")}
    wrong = form().clean({"contract": USD}, rates=rates, ceilings=ceilings).errors["contract"]
    assert wrong == ["补正时不得高于原申报的 22,794,879.99 元"]


def test_a_definition_names_its_currencies_and_the_day_and_a_diff_tells_them():
    for more, message in [
        ({"currencies": ["XYZ"]}, "不认识的币种 XYZ"),
        ({"currencies": ["USD", "USD"]}, "重复"),
        ({"rate_day": ""}, "币种和汇率日期的名称要一起写明"),
        ({"currencies": []}, "币种和汇率日期的名称要一起写明"),
    ]:
        with pytest.raises(DefinitionError, match=message):
            form(**more)
    with pytest.raises(DefinitionError, match="不认识的属性 currencies"):
        Form(one_field(currencies=["USD"]))
    plain = Form({"sections": [{"title": "合同", "fields": [CONTRACT]}], "documents": []})
    (change,) = changes(plain, form())
    assert "可填外币：USD、JPY，按合同签订日的汇率折算" in change.now


@pytest.mark.django_db
def test_the_rate_of_the_day_or_the_latest_of_ten_days_before(shipped, django_assert_num_queries):
    day = date(2026, 3, 2)
    by = people.policy_administrator()
    entered("币种,日期,汇率\nUSD,2026-02-20,7.1\nUSD,2026-02-27,7.2\r\n\nJPY\t2026/2/27\t0.0468", by)
    known = Rates()
    assert known("USD", date(2026, 2, 20)).rate == Decimal("7.1")
    assert known("USD", day) == Quote("USD", date(2026, 2, 27), Decimal("7.2"), SOURCE, 1)
    assert known("USD", date(2026, 3, 9)).day == date(2026, 2, 27)
    for code, asked in [("USD", date(2026, 3, 10)), ("USD", date(2026, 2, 19)), ("HKD", day)]:
        with pytest.raises(values.Wrong, match=r"改选人民币.*或者请受理部门登记"):
            known(code, asked)
    with pytest.raises(values.Wrong, match="不能晚于今天"):
        known("USD", date(2026, 9, 22))
    with django_assert_num_queries(1):
        known = Rates()
        known.load({("USD", day), ("JPY", day), ("HKD", day)})
        assert known("JPY", day).rate == Decimal("0.0468")
    # A correction counts from now on; what was submitted with the old rate keeps it.
    old = form().clean({"contract": USD | {"day": "2026-03-02"}}, rates=Rates()).values
    with pytest.raises(RatesRefused, match=r"第 1 行：已登记为 7\.2000；要更正的，请在后面写明理由"):
        entered("USD,2026-02-27,7.21", by)
    (row,) = entered("USD,2026-02-27,7.21,原登记抄错", by)
    assert (row.revision, row.note) == (2, "原登记抄错")
    assert Rates()("USD", day).rate == Decimal("7.21")
    assert Rates(old)("USD", day).rate == Decimal("7.2")
    event = Event.objects.filter(verb="enter_rate").latest("pk")
    assert event.facts["before"].startswith("7.2") and event.facts["rate"].startswith("7.21")
    for change in (lambda: ExchangeRate.objects.update(rate=1), row.delete):
        with pytest.raises(ProgrammingError), transaction.atomic():
            change()
    for wrong in ({"rate": 0}, {"currency": "CNY"}, {"note": ""}, {"revision": 2}, {"source": ""}):
        values_of = {
            "currency": "USD",
            "day": row.day,
            "rate": 7,
            "source": "甲",
            "note": "乙",
            "revision": 3,
        }
        with pytest.raises(IntegrityError), transaction.atomic():
            ExchangeRate.objects.create(entered_by=by, **values_of | wrong)


@pytest.mark.django_db
def test_a_list_is_entered_wholly_or_not_at_all_and_each_line_says_what_is_wrong(shipped):
    lines = [
        "USD,2026-03-02,7.1",
        "usd,2026-03-02,7.2",
        "XXX,2026-03-02,1",
        "EUR,2026-13-02,1",
        "EUR,2026-03-02",
    ]
    lines += ["EUR,2026-03-02,0", '=cmd|" /C calc",1,1', "EUR,2026-03-02,8,=1+1", "HKD,2026-12-31,0.9"]
    with pytest.raises(RatesRefused) as refused:
        entered("\n".join(lines))
    places = [text.partition("：")[0] for text in refused.value.messages]
    assert places == [f"第 {n} 行" for n in (3, 4, 5, 6, 7, 8)]
    for text, message in [
        ("USD,2026-03-02,7.1\nusd,2026-03-02,7.2", "第 2 行：USD 2026-03-02 在这份清单里出现了两次"),
        ("HKD,2026-12-31,0.9", "不能晚于今天"),
        ("HKD,2026-03-02,0.9,抄错", "还没有登记过"),
        ("\n\n", "没有可以登记的汇率"),
    ]:
        with pytest.raises(RatesRefused, match=message):
            entered(text)
    assert not ExchangeRate.objects.exists()
    entered("JPY,2026-03-02,0.0468")
    # The rate of a hundred units is a slip until somebody says that it was checked.
    with pytest.raises(RatesRefused, match=r"4\.6900 与 2026-03-02 的 0\.0468 相差超过两成"):
        entered("JPY,2026-03-03,4.69")
    entered("JPY,2026-03-03,4.69", checked=True)
    for person in (people.auditor(), people.municipal_officer(), people.user()):
        with pytest.raises(NotAllowed):
            entered("USD,2026-03-02,7.1", person)
    with pytest.raises(RatesRefused, match="来源"):
        rate_workflow.enter_rates(rate_workflow.read("USD,2026-03-02,7"), "=1", people.policy_administrator())


@pytest.mark.django_db
def test_rates_are_entered_in_the_admin_by_text_or_file(shipped):
    writer = people.policy_administrator()
    writer.is_staff = True
    writer.save()
    client = Client()
    client.force_login(writer)
    listed = reverse("admin:measures_exchangerate_changelist")
    assert "登记汇率" in client.get(listed).content.decode()
    enter = f"{listed}enter/"
    assert "除以 100" in client.get(enter).content.decode()
    wrong = client.post(enter, {"source": SOURCE, "text": "USD,2026-03-02,七"}).content.decode()
    assert "第 1 行：请只填数字" in wrong and "USD,2026-03-02,七" in wrong
    assert "二者选一" in client.post(enter, {"source": SOURCE}).content.decode()
    file = SimpleUploadedFile("rates.csv", "币种,日期,汇率\nEUR,2026-03-02,7.8".encode("gb18030"))
    page = client.post(enter, {"source": SOURCE, "file": file}, follow=True).content.decode()
    assert "已登记 1 条汇率" in page and "7.8" in page
    row = ExchangeRate.objects.get()
    assert (row.entered_by, row.entered_at, row.source) == (writer, clock.now(), SOURCE)
    reader = people.auditor()
    reader.is_staff = True
    reader.save()
    client.force_login(reader)
    assert client.get(enter).status_code == 403
