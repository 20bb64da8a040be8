"""What a rule answers, and that unknown stays unknown."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from enterprises.change_workflow import record_legal_form
from enterprises.models import CreditCheck, Enterprise, LegalForm, StatisticalInclusion, SupportRecord
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from measures import eligibility, rule_workflow
from measures.catalogue import shipped
from measures.eligibility import Answer, Ask
from measures.facts import FACTS, INPUTS
from measures.models import Condition
from tests.accounts import factories as people
from tests.enterprises.factories import registered_enterprise
from tests.measures.factories import loaded_catalogue
from tests.measures.rule_factories import (
    AT_MOST_FIVE_MILLION,
    TEN_PERCENT_OF_INVESTMENT,
    call_item,
    draft_rule,
    moment,
    rule_in_force,
)

pytestmark = pytest.mark.django_db
NOW = moment(2026, 3, 16)


@pytest.fixture(autouse=True)
def catalogue():
    with clock.at(moment(2026, 3, 2)):
        loaded_catalogue()
    with clock.at(NOW):
        yield


@pytest.fixture
def one(catalogue):
    return call_item()


def included(enterprise, industry, recorded_at=NOW):
    return StatisticalInclusion.objects.create(
        enterprise=enterprise,
        first_period=date(2024, 1, 1),
        industry=industry,
        source="区统计局",
        recorded_at=recorded_at,
    )


def checked(enterprise, clean_since, as_of=date(2026, 3, 1), listed=False, recorded_at=NOW):
    return CreditCheck.objects.create(
        enterprise=enterprise,
        as_of=as_of,
        clean_since=clean_since,
        listed=listed,
        source="信用平台",
        recorded_at=recorded_at,
    )


def supported(enterprise, item_code="08-01", year=2026, recorded_at=NOW):
    return SupportRecord.objects.create(
        enterprise=enterprise,
        item_code=item_code,
        year=year,
        fund="专项资金",
        amount=Decimal("1.00"),
        origin="imported",
        recorded_at=recorded_at,
    )


# An operator that fits each type, to read a fact's value through a rule.
SOME_OPERATOR = {
    "code": ("ne", None),
    "money": ("gte", "0"),
    "whole": ("gte", 0),
    "date": ("gte", "1990-01-01"),
    "truth": ("is_true", None),
}


def value_of(fact, enterprise, inputs=None, at=NOW, on=None):
    """What the fact is for this enterprise, read through a draft rule."""
    operator, value = SOME_OPERATOR[FACTS[fact].type.key]
    if FACTS[fact].type.key == "code":
        value = next(iter(FACTS[fact].names()))
    one = call_item()
    rule = draft_rule(one, [(fact, operator, value)])
    answer = eligibility.explain(one, enterprise, inputs or {}, at=at, on=on, rule=rule)
    return answer.conditions[0].actual


# --- facts ----------------------------------------------------------------------------------------------


def test_the_statistical_division_is_of_the_inclusion_recorded_last():
    enterprise = registered_enterprise(industry="M7320")
    included(enterprise, "M7310", recorded_at=NOW - timedelta(days=9))
    included(enterprise, "M7452", recorded_at=NOW - timedelta(days=3))
    included(registered_enterprise(), "I6510")
    assert value_of("statistical_division", enterprise) == "74"


def test_two_inclusions_of_one_moment_count_by_the_later_row():
    enterprise = registered_enterprise()
    included(enterprise, "M7452")
    included(enterprise, "7510")
    assert value_of("statistical_division", enterprise) == "75"


def test_the_registered_industry_does_not_stand_in_for_the_statistical_one():
    assert value_of("statistical_division", registered_enterprise(industry="M7452")) is None


@pytest.mark.parametrize("industry", ["M", "M7", "其他"])
def test_an_industry_without_a_division_is_unknown(industry):
    enterprise = registered_enterprise()
    included(enterprise, industry)
    assert value_of("statistical_division", enterprise) is None


def test_what_was_recorded_later_is_not_seen_at_an_earlier_moment():
    enterprise = registered_enterprise()
    included(enterprise, "M7310", recorded_at=NOW - timedelta(days=9))
    included(enterprise, "M7452", recorded_at=NOW)
    yesterday = NOW - timedelta(days=1)
    assert value_of("statistical_division", enterprise, at=yesterday) == "73"
    assert value_of("statistical_division", enterprise, at=NOW - timedelta(days=10)) is None


def test_the_district_is_its_code():
    assert value_of("district_code", registered_enterprise(district="310115")) == "310115"


@pytest.mark.parametrize(
    "code, registered",
    [("913101040000000001", True), ("913300000000000001", False), ("911000000000000001", None)],
)
def test_the_place_of_registration_is_read_from_the_code(code, registered):
    """31 is Shanghai; 10, the national registry, does not say where."""
    assert value_of("registered_in_shanghai", registered_enterprise(uscc=code)) is registered


@pytest.mark.parametrize(
    "form, legal",
    [
        (LegalForm.COMPANY, True),
        (LegalForm.INSTITUTION, True),
        (LegalForm.PARTNERSHIP, False),
        (LegalForm.SOLE, False),
        (LegalForm.BRANCH, False),
    ],
)
def test_companies_and_institutions_are_legal_persons(form, legal):
    assert value_of("legal_person", registered_enterprise(legal_form=form)) is legal


def test_the_form_is_that_of_the_day_as_known_at_the_moment():
    officer = people.district_officer()
    enterprise = registered_enterprise(legal_form=LegalForm.PARTNERSHIP)
    for days, at, form in ((30, 20, "company"), (10, 2, "branch")):
        with clock.at(NOW - timedelta(days=at)):
            day = (NOW - timedelta(days=days)).date()
            enterprise.refresh_from_db()
            record_legal_form(enterprise, officer, day, legal_form=form, source="变更通知")

    enterprise.refresh_from_db()
    assert value_of("legal_form", enterprise) == "branch"
    assert value_of("legal_person", enterprise) is False
    # The day that is asked about, as known now.
    for ago, form in ((10, "branch"), (11, "company"), (30, "company"), (31, "partnership")):
        assert value_of("legal_form", enterprise, on=(NOW - timedelta(days=ago)).date()) == form
    # The branch was recorded two days ago, the company twenty: nobody knew before.
    assert value_of("legal_form", enterprise, at=NOW - timedelta(days=3)) == "company"
    assert value_of("legal_person", enterprise, at=NOW - timedelta(days=3)) is True
    assert value_of("legal_form", enterprise, at=NOW - timedelta(days=21)) == "partnership"


@pytest.mark.parametrize(
    "clean_since, years",
    [
        (date(2023, 3, 16), 3),
        (date(2023, 3, 17), 2),
        (date(2025, 12, 1), 0),
        (date(2026, 3, 16), 0),
        (date(2026, 4, 1), 0),
        (None, None),
    ],
)
def test_clean_credit_counts_whole_years_up_to_the_day(clean_since, years):
    enterprise = registered_enterprise()
    checked(enterprise, clean_since)
    assert value_of("clean_credit_years", enterprise) == years


def test_a_year_from_29_february_is_full_on_1_march():
    enterprise = registered_enterprise()
    checked(enterprise, date(2024, 2, 29), as_of=date(2025, 2, 1), recorded_at=moment(2025, 2, 1))
    assert value_of("clean_credit_years", enterprise, at=moment(2025, 2, 28)) == 0
    assert value_of("clean_credit_years", enterprise, at=moment(2025, 3, 1)) == 1


def test_who_is_listed_has_no_clean_year_even_where_since_when_is_unknown():
    enterprise = registered_enterprise()
    checked(enterprise, None, listed=True)
    assert value_of("clean_credit_years", enterprise) == 0


def test_the_credit_inquiry_of_the_latest_day_counts_and_none_of_a_later_day():
    enterprise = registered_enterprise()
    checked(enterprise, date(2020, 1, 1), as_of=date(2026, 3, 1))
    checked(enterprise, date(2025, 1, 1), as_of=date(2025, 6, 1))
    checked(enterprise, None, as_of=date(2026, 3, 17), listed=True)
    assert value_of("clean_credit_years", enterprise) == 6


def test_without_a_credit_inquiry_clean_years_are_unknown():
    assert value_of("clean_credit_years", registered_enterprise()) is None


def test_support_counts_for_the_same_item_in_the_year_of_the_call():
    enterprise = registered_enterprise()
    supported(enterprise, item_code="09-03")
    supported(enterprise, year=2025)
    supported(registered_enterprise())
    assert value_of("item_supported_this_year", enterprise) is False
    supported(enterprise)
    assert value_of("item_supported_this_year", enterprise) is True
    assert value_of("item_supported_this_year", enterprise, at=NOW - timedelta(days=1)) is False


@pytest.mark.parametrize(
    "fact, inputs, value",
    [
        ("same_project_supported", {"same_project_supported": True}, True),
        ("declared_investment", {"declared_investment": "12000000"}, Decimal("12000000.00")),
        ("appraised_investment", {"appraised_investment": Decimal("0.01")}, Decimal("0.01")),
        ("investment", {"declared_investment": Decimal("9")}, Decimal("9.00")),
        (
            "investment",
            {"declared_investment": Decimal("9"), "appraised_investment": Decimal("7.5")},
            Decimal("7.50"),
        ),
        ("project_start", {"project_start": date(2026, 2, 1)}, date(2026, 2, 1)),
        ("project_start_year", {"project_start": "2025-12-31"}, 2025),
    ],
)
def test_a_case_brings_its_own_values(fact, inputs, value):
    answered = value_of(fact, registered_enterprise(), inputs)
    assert (answered, type(answered)) == (value, type(value))


@pytest.mark.parametrize(
    "fact", ["same_project_supported", "declared_investment", "investment", "project_start_year"]
)
@pytest.mark.parametrize("inputs", [{}, dict.fromkeys(INPUTS)])
def test_a_value_that_the_case_does_not_bring_is_unknown(fact, inputs):
    assert value_of(fact, registered_enterprise(), inputs) is None


@pytest.mark.parametrize(
    "inputs",
    [
        {"declared_investment": 12000000.0},
        {"declared_investment": Decimal("0.001")},
        {"declared_investment": Decimal("-1")},
        {"declared_investment": Decimal("NaN")},
        {"declared_investment": Decimal(10) ** 14},
        {"same_project_supported": "no"},
        {"project_start": "2026/13/1"},
        {"investment": Decimal("1")},
        {"legal_person": True},
    ],
)
def test_a_value_that_does_not_fit_is_refused(one, inputs):
    rule_in_force(one)
    with pytest.raises(ValueError):
        eligibility.explain(one, registered_enterprise(), inputs)


def test_every_fact_explains_itself():
    for name, fact in FACTS.items():
        assert fact.name == name
        assert all([str(fact.label), str(fact.source), str(fact.supply)])


def test_the_shipped_rules_ask_only_for_facts_that_exist():
    for raw in shipped.calls(2026):
        assert {row["fact"] for row in raw["conditions"]} <= set(FACTS)
        assert {row["base"] for row in raw["award"] if row.get("base")} <= set(FACTS)
        asked = [question.get("fact") for part in raw["form"]["sections"] for question in part["fields"]]
        assert {name for name in asked if name} <= set(INPUTS)


# --- operators ------------------------------------------------------------------------------------------

START, MONEY, DIVISION = "project_start_year", "declared_investment", "statistical_division"


@pytest.mark.parametrize(
    "fact, operator, value, yes, no",
    [
        (START, "eq", 2026, 2026, 2025),
        (START, "ne", 2026, 2025, 2026),
        (START, "gte", 2026, 2026, 2025),
        (START, "gt", 2025, 2026, 2025),
        (START, "lte", 2025, 2025, 2026),
        (START, "lt", 2026, 2025, 2026),
        (MONEY, "eq", "100", "100.00", "100.01"),
        (MONEY, "ne", "100", "99.99", "100.00"),
        (MONEY, "gte", "10000000.00", "10000000.00", "9999999.99"),
        (MONEY, "gt", "10000000.00", "10000000.01", "10000000.00"),
        (MONEY, "lte", "10000000.00", "10000000.00", "10000000.01"),
        (MONEY, "lt", "10000000.00", "9999999.99", "10000000.00"),
        ("project_start", "gte", "2026-01-01", "2026-01-01", "2025-12-31"),
        ("project_start", "lte", "2026-12-31", "2026-12-31", "2027-01-01"),
        (DIVISION, "eq", "74", "M7452", "M7310"),
        (DIVISION, "ne", "74", "M7310", "M7452"),
        (DIVISION, "in", ["73", "74", "75"], "M7510", "I6510"),
        (DIVISION, "not_in", ["73", "74"], "I6510", "M7310"),
        ("same_project_supported", "is_true", None, True, False),
        ("same_project_supported", "is_false", None, False, True),
    ],
)
def test_each_operator_says_met_unmet_or_unknown(one, fact, operator, value, yes, no):
    rule_in_force(one, [(fact, operator, value)])
    asks = []
    for key, actual in (("yes", yes), ("no", no), ("unknown", None)):
        enterprise, inputs = registered_enterprise(), {}
        if fact == DIVISION and actual is not None:
            included(enterprise, actual)
        elif fact == START and actual is not None:
            inputs = {"project_start": date(actual, 6, 1)}
        elif actual is not None:
            inputs = {fact: actual}
        asks.append(Ask(key, enterprise.pk, inputs))
    answers = eligibility.explain_many(one, asks)
    assert {key: answer.conditions[0].met for key, answer in answers.items()} == {
        "yes": True,
        "no": False,
        "unknown": None,
    }
    assert {key: answer.eligible for key, answer in answers.items()} == {
        "yes": True,
        "no": False,
        "unknown": None,
    }


def test_every_operator_is_tried_above_and_belongs_to_a_type():
    tried = test_each_operator_says_met_unmet_or_unknown.pytestmark[0].args[1]
    fitting = {operator for fact in FACTS.values() for operator in fact.type.operators}
    assert {row[1] for row in tried} == fitting == set(Condition.Operator.values)


# --- answers --------------------------------------------------------------------------------------------


def test_one_unmet_condition_decides_whatever_is_unknown(one):
    rule_in_force(one, [("legal_person", "is_true", None), (DIVISION, "in", ["73"]), (MONEY, "gt", "0")])
    branch = registered_enterprise(legal_form=LegalForm.BRANCH)
    answer = eligibility.explain(one, branch)
    assert answer.eligible is False
    assert [condition.fact for condition in answer.unmet] == ["legal_person"]
    assert [condition.fact for condition in answer.unknown] == [DIVISION, MONEY]
    answer = eligibility.explain(one, registered_enterprise())
    assert answer.eligible is None
    assert answer.unmet == ()


def test_a_condition_is_explained_in_words(one):
    rule_in_force(
        one,
        [
            (DIVISION, "in", ["73", "74", "75"]),
            ("clean_credit_years", "gte", 3),
            ("investment", "gte", "10000000.00"),
            ("same_project_supported", "is_false", None),
            ("project_start", "gte", "2026-01-01"),
            ("district_code", "not_in", ["310151"]),
        ],
    )
    enterprise = registered_enterprise()
    included(enterprise, "M7320")
    checked(enterprise, date(2021, 3, 1))
    answer = eligibility.explain(
        one, enterprise, {"declared_investment": Decimal("32000000"), "same_project_supported": False}
    )
    told = [(condition.actual_text, condition.threshold_text) for condition in answer.conditions]
    assert told == [
        ("73 研究和试验发展", "73 研究和试验发展、74 专业技术服务业、75 科技推广和应用服务业"),
        ("5 年", "3 年"),
        ("32,000,000.00 元", "10,000,000.00 元"),
        ("否", "否"),
        ("未知", "2026 年 1 月 1 日"),
        ("310104 徐汇区", "310151 崇明区"),
    ]
    start = answer.unknown[0]
    assert (start.fact_label, start.supply) == ("项目开始时间", "请在申请表中填写“项目开始时间”")
    assert answer.conditions[0].source.startswith("纳统记录")
    assert answer.conditions[2].threshold == Decimal("10000000.00")


def test_without_an_approved_rule_nothing_can_be_said(one):
    draft_rule(one, [("legal_person", "is_true", None)])
    answer = eligibility.explain(one, registered_enterprise())
    assert (answer.eligible, answer.conditions, answer.rule_id, answer.amount) == (None, (), None, None)


def test_a_threshold_changed_by_a_new_version_changes_the_answer_and_the_old_one_still_answers_for_its_day(
    one,
):
    old = rule_in_force(one, [("investment", "gte", "10000000.00")])
    enterprise, inputs = registered_enterprise(), {"declared_investment": Decimal("8000000")}
    with clock.at(NOW + timedelta(days=1)):
        draft = rule_workflow.start_rule(one, SYSTEM, "降低门槛")
        draft.conditions.update(value="8000000.00")
        assert eligibility.explain(one, enterprise, inputs).eligible is False
        tried = eligibility.explain(one, enterprise, inputs, rule=draft)
        assert (tried.eligible, tried.rule_number) == (True, 2)
        rule_workflow.approve_rule(draft, SYSTEM)
        now = eligibility.explain(one, enterprise, inputs)
        then = eligibility.explain(one, enterprise, inputs, at=NOW)
    assert (now.eligible, now.rule_number) == (True, 2)
    assert (then.eligible, then.rule_id, then.at) == (False, old.pk, NOW)


def test_a_frozen_answer_thaws_to_itself(one):
    rule_in_force(
        one,
        [
            (DIVISION, "in", ["73"]),
            ("investment", "gt", "0"),
            ("project_start", "gte", "2026-01-01"),
            ("clean_credit_years", "gte", 3),
            ("legal_person", "is_true", None),
        ],
        [TEN_PERCENT_OF_INVESTMENT, AT_MOST_FIVE_MILLION],
    )
    answer = eligibility.explain(
        one,
        registered_enterprise(),
        {"appraised_investment": Decimal("60000000"), "project_start": date(2026, 2, 1)},
    )
    stored = json.loads(json.dumps(answer.frozen()))
    assert stored["amount"] == "5000000.00"
    assert stored["conditions"][1]["actual"] == "60000000.00"
    assert Answer.thaw(stored) == answer


def test_many_are_answered_as_each_alone_and_two_cases_of_one_enterprise_keep_apart(one):
    rule_in_force(
        one,
        [(DIVISION, "in", ["73", "74"]), ("investment", "gte", "1000000.00")],
        [TEN_PERCENT_OF_INVESTMENT, AT_MOST_FIVE_MILLION],
    )
    first, second = registered_enterprise(), registered_enterprise()
    included(first, "M7310")
    cases = [
        ("a", first, {"declared_investment": Decimal("900000")}),
        (
            "b",
            first,
            {"declared_investment": Decimal("90000000"), "appraised_investment": Decimal("3000000")},
        ),
        ("c", second, {"declared_investment": Decimal("2000000")}),
        ("d", second, {}),
    ]
    answers = eligibility.explain_many(one, [Ask(key, who.pk, given) for key, who, given in cases])
    assert list(answers) == ["a", "b", "c", "d"]
    assert [answer.eligible for answer in answers.values()] == [False, True, None, None]
    assert answers["b"].amount == Decimal("300000.00")
    for key, who, given in cases:
        assert eligibility.explain(one, who, given) == answers[key]


def test_one_query_answers_any_number(one, django_assert_num_queries):
    rule = rule_in_force(
        one,
        [
            (DIVISION, "in", ["73"]),
            ("clean_credit_years", "gte", 3),
            ("item_supported_this_year", "is_false", None),
        ],
        [TEN_PERCENT_OF_INVESTMENT, AT_MOST_FIVE_MILLION],
    )
    several = [registered_enterprise() for _ in range(12)]
    with django_assert_num_queries(1):
        eligibility.explain(one, several[0], rule=rule)
    asks = [Ask(n, enterprise.pk, {"declared_investment": n}) for n, enterprise in enumerate(several)]
    with django_assert_num_queries(1):
        assert len(eligibility.explain_many(one, asks, rule=rule)) == 12
    # Reading the rule in force: the version, its conditions, its award rows.
    with django_assert_num_queries(4):
        eligibility.explain_many(one, asks)
    with django_assert_num_queries(0):
        assert eligibility.explain_many(one, []) == {}


def test_an_enterprise_that_is_gone_and_a_key_asked_twice_are_errors(one):
    rule_in_force(one)
    enterprise = registered_enterprise()
    with pytest.raises(Enterprise.DoesNotExist):
        eligibility.explain_many(one, [Ask("a", enterprise.pk), Ask("b", 0)])
    with pytest.raises(ValueError):
        eligibility.explain_many(one, [Ask("a", enterprise.pk), Ask("a", enterprise.pk)])


def test_the_shipped_rule_of_08_01_finds_its_enterprise(one):
    raw = next(raw for raw in shipped.calls(2026) if raw["item"] == "08-01")
    rule = rule_in_force(
        one, [(row["fact"], row["operator"], row.get("value")) for row in raw["conditions"]], raw["award"]
    )
    enterprise = registered_enterprise()
    included(enterprise, "M7320")
    checked(enterprise, date(2021, 3, 1))
    answer = eligibility.explain(
        one,
        enterprise,
        {
            "declared_investment": Decimal("32000000"),
            "project_start": date(2026, 2, 1),
            "same_project_supported": False,
        },
        rule=rule,
    )
    assert answer.unmet == answer.unknown == ()
    assert answer.eligible is True
    assert answer.amount == Decimal("3200000.00")
