"""For random rules and enterprises, SQL answers what a slow reference in plain Decimal answers."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enterprises.models import CreditCheck, Enterprise, LegalForm, StatisticalInclusion, SupportRecord
from foundation.clock import clock
from measures import eligibility
from measures.eligibility import Ask
from measures.facts import FACTS
from measures.models import AwardRow, Condition, RuleVersion
from tests.measures import reference
from tests.measures.factories import loaded_catalogue
from tests.measures.rule_factories import call_item, moment

pytestmark = pytest.mark.django_db
NOW = moment(2026, 3, 16, 15)
CEILING = Decimal("5000000.00")
# Few values, so that equal ones, edges and ties are common.
CODES = {"statistical_division": ["65", "73", "74"], "district_code": ["310104", "310115"]}
AMOUNTS = st.one_of(
    st.sampled_from(
        [Decimal("0.00"), Decimal("49999999.99"), Decimal("50000000.00"), Decimal("50000000.10")]
    ),
    st.decimals(min_value=0, max_value=10**9, places=2),
)
DAYS = st.sampled_from([date(2023, 3, 16), date(2023, 3, 17), date(2024, 2, 29), date(2026, 3, 16)])
MOMENTS = st.integers(-2, 1).map(lambda days: reference.in_days(NOW, days))
VALUES = {
    "money": AMOUNTS.map(str),
    "whole": st.sampled_from([0, 2, 3, 2023, 2026]),
    "date": DAYS.map(date.isoformat),
}


def maybe(values):
    return st.none() | values


@st.composite
def conditions(draw):
    fact = FACTS[draw(st.sampled_from(sorted(FACTS)))]
    operator = draw(st.sampled_from(fact.type.operators))
    if operator in ("in", "not_in"):
        value = draw(st.lists(st.sampled_from(CODES[fact.name]), min_size=1, unique=True))
    elif fact.name in CODES:
        value = draw(st.sampled_from(CODES[fact.name]))
    else:
        value = draw(VALUES[fact.type.key]) if fact.type.key in VALUES else None
    return Condition(fact=fact.name, operator=operator, value=value, label="条件")


@st.composite
def award_rows(draw):
    rows = []
    for _ in range(draw(st.integers(0, 3))):
        if draw(st.booleans()):
            base = draw(st.sampled_from(sorted(reference.MONEY)))
            rate = draw(st.decimals(min_value="0.0001", max_value="0.1", places=4))
            rows.append(AwardRow(kind="rate", base=base, rate=rate))
        else:
            amount = draw(st.decimals(min_value="0.01", max_value=CEILING, places=2))
            rows.append(AwardRow(kind="fixed", amount=amount))
    for _ in range(draw(st.integers(0, 2)) if rows else 0):
        amount = draw(st.decimals(min_value="0.01", max_value=CEILING, places=2))
        rows.append(AwardRow(kind="cap", amount=amount))
    return rows


KNOWN = st.builds(
    reference.Known,
    uscc=st.sampled_from(["31", "10", "33"]),
    district=st.sampled_from(CODES["district_code"]),
    legal_form=st.sampled_from(LegalForm.values),
    inclusions=st.lists(st.tuples(MOMENTS, st.sampled_from(["M7310", "7452", "I6510", "M"])), max_size=3),
    credit=st.lists(st.tuples(DAYS, MOMENTS, maybe(DAYS), st.booleans()), max_size=3),
    supports=st.lists(
        st.tuples(st.sampled_from(["08-01", "09-03"]), st.sampled_from([2025, 2026]), MOMENTS), max_size=2
    ),
    inputs=st.fixed_dictionaries(
        {},
        optional={
            "declared_investment": maybe(AMOUNTS),
            "appraised_investment": maybe(AMOUNTS),
            "project_start": maybe(DAYS),
            "same_project_supported": maybe(st.booleans()),
        },
    ),
)


def entered(known, number: int) -> Enterprise:
    """The enterprise as rows of the database; its code is completed so that it is the only one."""
    known.uscc = f"91{known.uscc}{number:014d}"
    enterprise = Enterprise.objects.create(
        uscc=known.uscc, name="示例", district_id=known.district, legal_form=known.legal_form
    )
    for at, industry in known.inclusions:
        StatisticalInclusion.objects.create(
            enterprise=enterprise, first_period=date(2024, 1, 1), industry=industry, recorded_at=at
        )
    for as_of, at, since, listed in known.credit:
        CreditCheck.objects.create(
            enterprise=enterprise, as_of=as_of, recorded_at=at, clean_since=since, listed=listed
        )
    for code, year, at in known.supports:
        SupportRecord.objects.create(
            enterprise=enterprise, item_code=code, year=year, recorded_at=at, fund="资金", amount=1
        )
    return enterprise


def written(one, rows, awards) -> RuleVersion:
    rule = RuleVersion.objects.create(call_item=one, number=1)
    for position, row in enumerate([*rows, *awards], start=1):
        row.pk, row.rule, row.position = None, rule, position
        row.save(force_insert=True)
    return RuleVersion.objects.with_rows().get(pk=rule.pk)


@pytest.fixture
def one():
    with clock.at(NOW):
        loaded_catalogue()
        yield call_item()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(conditions(), max_size=4),
    awards=award_rows(),
    population=st.lists(KNOWN, min_size=3, max_size=6),
)
def test_sql_and_the_reference_agree(one, rows, awards, population):
    with transaction.atomic():
        rule = written(one, rows, awards)
        asks = [Ask(n, entered(known, n).pk, known.inputs) for n, known in enumerate(population)]
        answers = eligibility.explain_many(one, asks, at=NOW, rule=rule)
        transaction.set_rollback(True)
    for n, known in enumerate(population):
        facts = {name: reference.fact(name, known, NOW, "08-01", 2026) for name in FACTS}
        expected = [(facts[row.fact], reference.met(row, facts[row.fact])) for row in rows]
        assert [(answer.actual, answer.met) for answer in answers[n].conditions] == expected
        verdict = reference.eligible([met for _, met in expected])
        assert answers[n].eligible is verdict
        amount = reference.award(awards, facts, verdict, CEILING)
        assert answers[n].amount == amount
        assert sum(line.amount for line in answers[n].lines) == (amount or 0)
        if amount is not None:
            assert 0 <= amount <= CEILING
