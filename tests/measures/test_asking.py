"""The commands assess, screen and simulate on the shipped rules of 09-03 and 09-04."""

import csv
import json
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from enterprises.models import CreditCheck, Qualification, StatisticalInclusion, YearlyFigure
from foundation.accounts.models import Office
from foundation.clock import clock
from measures import eligibility, screening, simulation
from measures.models import CallItem
from tests.enterprises.factories import registered_enterprise
from tests.measures.factories import loaded_catalogue_with_calls
from tests.measures.rule_factories import call_item, draft_rule, moment

pytestmark = pytest.mark.django_db
NOW = moment(2026, 3, 16)


@pytest.fixture(autouse=True)
def catalogue():
    with clock.at(NOW):
        loaded_catalogue_with_calls()
        yield


def known(first_period=date(2025, 6, 1), revenue=("12000000", "10000000"), **fields):
    """In the statistics and confirmed, clean for years, with the revenue of 2025 and 2024."""
    enterprise = registered_enterprise(**fields)
    StatisticalInclusion.objects.create(
        enterprise=enterprise,
        first_period=first_period,
        industry="M7452",
        confirmed_by=Office.objects.get(code="kw"),
        source="区统计局",
    )
    CreditCheck.objects.create(
        enterprise=enterprise, as_of=date(2026, 1, 5), clean_since=date(2015, 1, 1), source="信用平台"
    )
    for year, amount in zip((2025, 2024), revenue, strict=True):
        YearlyFigure.objects.create(
            enterprise=enterprise, valid_for=year, revenue=amount and Decimal(amount), source="审计报告"
        )
    return enterprise


def told(command, *words):
    out = StringIO()
    call_command(command, *words, stdout=out)
    return json.loads(out.getvalue())


def code_of(item):
    return CallItem.objects.get(item__code=item).code


def test_assess_says_why_and_how_much():
    answer = told("assess", "--item", "09-03", "--uscc", known().uscc, "--on", "2026-03-01", "--json")
    assert (answer["eligible"], answer["amount"], answer["rule_version"]) == (True, "200000.00", 1)
    assert answer["lines"] == [{"text": "首次升规达标奖励 200,000.00 元", "amount": "200000.00"}]
    assert {"label", "fact", "actual", "op", "threshold", "met", "clause"} <= set(answer["conditions"][0])


def test_assess_reads_the_case_of_its_own():
    words = ["--uscc", known().uscc, "--case", "declared_investment=12000000.00", "project_start=2026-02-01"]
    answer = told("assess", "--item", "08-01", *words, "--case", "same_project_supported=false", "--json")
    assert (answer["eligible"], answer["amount"]) == (True, "1200000.00")


def test_a_missing_figure_is_unknown_and_says_where_to_supply_it():
    enterprise = known(revenue=(None, "10000000"))
    answer = told("assess", "--item", "09-04", "--uscc", enterprise.uscc, "--json")
    [unknown] = [one for one in answer["conditions"] if one["met"] is None]
    assert (answer["eligible"], unknown["fact"]) == (None, "revenue_growth_y1")
    assert "上一年度、前第二年度" in unknown["supply"]


@pytest.mark.parametrize(
    "words, reason",
    [
        (["assess", "--item", "99-99", "--uscc", "91310104MA00000017"], "99-99"),
        (["assess", "--item", "09-03", "--uscc", "91310104MA0000000X"], "没有统一社会信用代码"),
        (["assess", "--item", "09-03", "--uscc", "x", "--case", "profit=1"], "--case profit"),
        (["assess", "--item", "09-03", "--uscc", "x", "--case", "declared_investment=一"], "请填写金额"),
        (["assess", "--item", "09-03", "--uscc", "x", "--case", "declared_investment"], "名称=值"),
        (["assess", "--item", "09-03", "--uscc", "x", "--on", "2026/3/1"], "请填写日期"),
        (["screen", "--call", "2020-0903-1"], "2020-0903-1"),
        (["simulate", "--call", "2026-0904-1", "--set", "speed=1"], "min_growth"),
        (["simulate", "--call", "2026-0904-1", "--set", "min_growth=高"], "请填写比率"),
        (["simulate", "--call", "2026-0904-1", "--set", "amount=100000.01"], "不得超过政策规定的金额上限"),
    ],
)
def test_a_wrong_question_ends_with_a_line_and_status_2(words, reason):
    with pytest.raises(CommandError, match=reason) as refused:
        call_command(*words)
    assert refused.value.returncode == 2
    assert "\n" not in str(refused.value)


def test_screen_counts_and_lists(tmp_path):
    known()
    known(first_period=date(2024, 12, 1), name="=上年纳统的有限公司")
    registered_enterprise()
    path = tmp_path / "名单.csv"
    found = told("screen", "--call", code_of("09-03"), "--json", "--csv", str(path))
    assert found.pop("seconds") >= 0
    assert found == {"yes": 1, "no": 1, "unknown": 1, "total": "200000.00", "rule_version": 1}
    heads, *rows = csv.reader(path.open(encoding="utf-8-sig"))
    assert heads[:5] == ["统一社会信用代码", "名称", "注册区", "结论", "测算金额（元）"]
    assert sorted(row[3] for row in rows) == sorted(["符合", "不符合", "无法判断"])
    assert "'=上年纳统的有限公司" in [row[1] for row in rows]


def test_simulate_tells_before_and_after_by_district_and_changes_nothing(django_assert_num_queries):
    known(revenue=("11500000.00", "10000000"))
    known(revenue=("11499999.99", "10000000"), district="310115")
    known(revenue=("12000000.00", "10000000"))
    found = told("simulate", "--call", code_of("09-04"), "--set", "min_growth=0.15", "--json")
    assert (found["before"]["yes"], found["after"]["yes"], found["gained"], found["lost"]) == (1, 2, 1, 0)
    assert found["after"]["total"] == "200000.00"
    assert {one["code"]: one["after"]["yes"] for one in found["by_district"]} == {"310104": 2, "310115": 0}
    rule = screening.rule_for(CallItem.objects.get(item__code="09-04"))
    assert str(rule.conditions.get(parameter="min_growth").value) == "0.2"
    with django_assert_num_queries(1):
        simulation.simulate(rule, {"min_growth": "15%"})
    with django_assert_num_queries(1):
        screening.counts(rule)


def test_a_growth_just_below_the_threshold_does_not_read_as_the_threshold():
    enterprise = known(revenue=("11999999.99", "10000000"))
    answer = eligibility.explain(CallItem.objects.get(item__code="09-04"), enterprise)
    [growth] = answer.unmet
    assert (growth.actual_text, growth.threshold_text) == ("19.99%（舍去尾数）", "20%")


@pytest.mark.parametrize("base", ["0", None])
def test_a_growth_on_nothing_is_unknown(base):
    enterprise = known(revenue=("12000000", base))
    assert eligibility.explain(CallItem.objects.get(item__code="09-04"), enterprise).eligible is None


def test_a_corrected_figure_counts_from_when_it_was_recorded():
    enterprise, line = known(), CallItem.objects.get(item__code="09-04")
    with clock.at(moment(2026, 3, 20)):
        YearlyFigure.objects.create(
            enterprise=enterprise, valid_for=2025, revenue=Decimal("10000000"), source="更正"
        )
        assert eligibility.explain(line, enterprise).eligible is False
        assert eligibility.explain(line, enterprise, at=NOW).eligible is True
        assert eligibility.explain(line, enterprise, on=date(2026, 3, 16)).eligible is False


def answer_of(conditions, enterprise, award=(), item="09-04", **more):
    one = call_item(item)
    return eligibility.explain(one, enterprise, rule=draft_rule(one, conditions, award), **more)


@pytest.mark.parametrize(
    "valid_to, valid", [(date(2026, 3, 16), True), (date(2026, 3, 15), False), (None, True)]
)
def test_a_qualification_is_valid_to_its_last_day(valid_to, valid):
    enterprise = registered_enterprise()
    conditions = [("qualified_high_tech", "is_true", None)]
    assert answer_of(conditions, enterprise).eligible is None
    Qualification.objects.create(
        enterprise=enterprise,
        kind="high_tech",
        valid_from=date(2023, 3, 17),
        valid_to=valid_to,
        source="名单",
    )
    assert answer_of(conditions, enterprise).eligible is valid


@pytest.mark.parametrize(
    "legal_form, revenue, eligible, unmet",
    [
        ("company", None, True, []),
        ("branch", "12000000", True, []),
        ("branch", None, None, []),
        ("branch", "1", False, ["legal_person", "revenue_y1"]),
    ],
)
def test_of_a_group_one_condition_is_enough(legal_form, revenue, eligible, unmet):
    enterprise = known(legal_form=legal_form, revenue=(revenue, None))
    one = call_item("09-04")
    rule = draft_rule(one, [("legal_person", "is_true", None), ("revenue_y1", "gte", "10000000.00")])
    rule.conditions.update(any_of=1)
    answer = eligibility.explain(one, enterprise, rule=rule)
    assert (answer.eligible, [row.fact for row in answer.unmet]) == (eligible, unmet)
    assert eligibility.Answer.thaw(answer.frozen()) == answer


TIERS = [
    {"kind": "tier", "base": "revenue_growth_y1", "at_least": "0.2", "amount": "50000.00"},
    {
        "kind": "tier",
        "base": "revenue_growth_y1",
        "at_least": "0.5",
        "amount": "80000.00",
        "label": "五成以上",
    },
]


@pytest.mark.parametrize(
    "revenue, award, amount, text",
    [
        ("11999999.99", TIERS, "0.00", "未达到任何一档"),
        ("12000000.00", TIERS, "50000.00", "不低于 20%：50,000.00 元"),
        ("15000000.00", TIERS, "80000.00", "五成以上：80,000.00 元"),
        ("11000000.00", [*TIERS, {"kind": "floor", "amount": "30000.00"}], "30000.00", "不低于下限"),
        (
            "12345678.90",
            [
                {"kind": "rate", "base": "revenue_y1", "rate": "0.0050"},
                {"kind": "round", "amount": "10000.00"},
            ],
            "60000.00",
            "为单位，舍去尾数",
        ),
        (
            "90000000.00",
            [
                {"kind": "rate", "base": "revenue_y1", "rate": "0.0050"},
                {"kind": "round", "amount": "30000.00"},
                {"kind": "cap", "amount": "90000.00"},
            ],
            "90000.00",
            "不超过上限 90,000.00 元",
        ),
    ],
)
def test_tiers_floor_rounding_and_cap(revenue, award, amount, text):
    enterprise = known(revenue=(revenue, "10000000"))
    answer = answer_of([("legal_person", "is_true", None)], enterprise, award)
    assert answer.amount == Decimal(amount) == sum(line.amount for line in answer.lines)
    assert any(text in line.text for line in answer.lines)


def test_a_tier_of_an_unknown_fact_makes_the_award_unknown():
    enterprise = known(revenue=(None, "10000000"))
    assert answer_of([("legal_person", "is_true", None)], enterprise, TIERS).amount is None


@pytest.mark.parametrize(
    "fact, operator, value, eligible",
    [
        ("above_scale_threshold", "eq", "10000000.00", True),
        ("revenue_above_scale_y1", "is_true", None, True),
        ("size_class", "in", ["micro"], None),
        ("age_years", "gte", 10, True),
        ("registered_division", "eq", "74", True),
        ("confirming_office", "eq", "kw", True),
        ("rd_intensity_y1", "gte", "0.03", None),
    ],
)
def test_facts_of_tables_and_register(fact, operator, value, eligible):
    assert answer_of([(fact, operator, value)], known()).eligible is eligible
