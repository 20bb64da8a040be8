"""The award: lines that sum to it, fractions of a fen dropped, the cap last, unknown and unmet without one."""

from decimal import Decimal

import pytest

from enterprises.models import LegalForm
from foundation.clock import clock
from measures import eligibility
from measures.award import AwardLine
from measures.models import Item
from tests.enterprises.factories import registered_enterprise
from tests.measures.factories import loaded_catalogue
from tests.measures.rule_factories import (
    AT_MOST_FIVE_MILLION,
    TEN_PERCENT_OF_INVESTMENT,
    call_item,
    draft_rule,
    moment,
)

pytestmark = pytest.mark.django_db
YES = [("legal_person", "is_true", None)]
CAP_LINE = "不超过上限 5,000,000.00 元"


@pytest.fixture(autouse=True)
def catalogue():
    with clock.at(moment(2026, 3, 16)):
        loaded_catalogue()
        yield


def answer_of(award, conditions=YES, code="08-01", enterprise=None, **inputs):
    one = call_item(code)
    rule = draft_rule(one, conditions, award)
    return eligibility.explain(one, enterprise or registered_enterprise(), inputs, rule=rule)


def lines_of(award, **inputs):
    answer = answer_of(award, **inputs)
    assert sum(line.amount for line in answer.lines) == answer.amount
    return [(line.text, line.amount) for line in answer.lines]


def test_rate_times_base_below_the_cap_is_one_line():
    assert lines_of(
        [TEN_PERCENT_OF_INVESTMENT, AT_MOST_FIVE_MILLION], declared_investment=Decimal("32000000")
    ) == [("新增投资 32,000,000.00 元 × 10% = 3,200,000.00 元", Decimal("3200000.00"))]


@pytest.mark.parametrize(
    "investment, product, cut",
    [
        ("50000000.00", "5000000.00", None),
        ("50000000.09", "5000000.00", None),
        ("50000000.10", "5000000.01", "-0.01"),
        ("64000000.00", "6400000.00", "-1400000.00"),
        ("99999999999999.99", "9999999999999.99", "-9999994999999.99"),
        ("0.00", "0.00", None),
        ("0.09", "0.00", None),
        ("0.10", "0.01", None),
        ("49999999.99", "4999999.99", None),
    ],
)
def test_the_cap_is_a_line_only_where_it_bites(investment, product, cut):
    lines = lines_of(
        [TEN_PERCENT_OF_INVESTMENT, AT_MOST_FIVE_MILLION], appraised_investment=Decimal(investment)
    )
    assert lines[0][1] == Decimal(product)
    assert lines[1:] == ([(CAP_LINE, Decimal(cut))] if cut else [])


def test_a_dropped_fraction_of_a_fen_is_said():
    [(text, amount)] = lines_of([TEN_PERCENT_OF_INVESTMENT], appraised_investment=Decimal("49999999.99"))
    assert text == "新增投资 49,999,999.99 元 × 10% = 4,999,999.99 元（不足一分的舍去）"
    assert amount == Decimal("4999999.99")


def test_the_appraised_investment_goes_before_the_declared_one():
    inputs = {"declared_investment": Decimal("32000000"), "appraised_investment": Decimal("30000000")}
    assert answer_of([TEN_PERCENT_OF_INVESTMENT], **inputs).amount == Decimal("3000000.00")


def test_an_unknown_base_makes_the_award_unknown_and_never_the_full_cap():
    answer = answer_of([TEN_PERCENT_OF_INVESTMENT, AT_MOST_FIVE_MILLION])
    assert (answer.eligible, answer.amount, answer.lines) == (True, None, ())
    fixed = {"kind": "fixed", "amount": "200000.00"}
    assert answer_of([fixed, TEN_PERCENT_OF_INVESTMENT, AT_MOST_FIVE_MILLION]).amount is None


def test_who_is_not_eligible_gets_no_award():
    branch = registered_enterprise(legal_form=LegalForm.BRANCH)
    answer = answer_of(
        [TEN_PERCENT_OF_INVESTMENT], enterprise=branch, declared_investment=Decimal("32000000")
    )
    assert (answer.eligible, answer.amount, answer.lines) == (False, None, ())


def test_while_a_condition_is_unknown_the_award_is_still_computed():
    answer = answer_of(
        [TEN_PERCENT_OF_INVESTMENT],
        conditions=[("clean_credit_years", "gte", 3)],
        declared_investment=Decimal("32000000"),
    )
    assert (answer.eligible, answer.amount) == (None, Decimal("3200000.00"))


def test_a_rule_without_award_rows_awards_nothing():
    answer = answer_of([], code="03-10")
    assert (answer.eligible, answer.amount, answer.lines) == (True, None, ())


def test_a_fixed_amount_reads_with_its_label():
    assert answer_of([{"kind": "fixed", "amount": "200000.00", "label": "首次升规"}], code="09-03").lines == (
        AwardLine("首次升规 200,000.00 元", Decimal("200000.00")),
    )


def test_rows_add_up_and_the_tightest_cap_comes_last():
    rows = [
        {"kind": "rate", "base": "investment", "rate": "0.0500"},
        {"kind": "rate", "base": "declared_investment", "rate": "0.0125"},
        {"kind": "fixed", "amount": "100000.00", "label": "设备补助"},
        {"kind": "cap", "amount": "4000000.00"},
        {"kind": "cap", "amount": "900000.00"},
    ]
    inputs = {
        "declared_investment": Decimal("20000000"),
        "appraised_investment": Decimal("16000000.50"),
    }
    assert lines_of(rows, **inputs) == [
        ("新增投资 16,000,000.50 元 × 5% = 800,000.02 元（不足一分的舍去）", Decimal("800000.02")),
        ("申报的新增投资 20,000,000.00 元 × 1.25% = 250,000.00 元", Decimal("250000.00")),
        ("设备补助 100,000.00 元", Decimal("100000.00")),
        ("不超过上限 900,000.00 元", Decimal("-250000.02")),
    ]


def test_the_ceiling_of_the_item_holds_whatever_the_rule_says():
    answer = answer_of([TEN_PERCENT_OF_INVESTMENT], appraised_investment=Decimal("64000000"))
    assert (answer.amount, answer.lines[-1].text) == (Decimal("5000000.00"), CAP_LINE)
    Item.objects.filter(code="08-01").update(ceiling_amount=Decimal("3000000.00"))
    lowered = answer_of([TEN_PERCENT_OF_INVESTMENT], appraised_investment=Decimal("64000000"))
    assert lowered.amount == Decimal("3000000.00")
