"""For random rules and enterprises, explain, screen and simulate answer what a slow reference in Decimal answers."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enterprises.models import (
    CreditCheck,
    Enterprise,
    EnterpriseChange,
    LegalForm,
    Qualification,
    ServiceClassLine,
    ServiceClassTable,
    StatisticalInclusion,
    SupportRecord,
    YearlyFigure,
)
from foundation.accounts.models import Office, User
from foundation.clock import clock
from measures import eligibility, screening, simulation
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
CODES = {
    "statistical_division": ["65", "73", "74"],
    "registered_division": ["65", "73", "74"],
    "district_code": ["310104", "310115"],
    "legal_form": LegalForm.values,
    "confirming_office": ["kw", "czj"],
    "size_class": ["large", "medium", "small", "micro"],
    "project_name": ["甲", "乙"],
    "science_service_class": ["1", "2", "4"],
}
# Not the official table: codes of every length, one inside another, one partial.
CLASSES = {
    "73": ("1", False),
    "7452": ("2", False),
    "745": ("2", True),
    "65": ("4", False),
    "651": ("4", True),
}
RATIOS = st.sampled_from(["-0.5", "0", "0.1", "0.15", "0.2", "1", "1.25", "0.000001"])
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
    "ratio": RATIOS,
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
    group = draw(st.sampled_from([None, None, 1, 2]))
    return Condition(fact=fact.name, operator=operator, value=value, label="条件", any_of=group)


@st.composite
def award_rows(draw):
    rows = []
    for _ in range(draw(st.integers(0, 3))):
        if draw(st.booleans()):
            base = draw(
                st.sampled_from(
                    sorted({"investment", "declared_investment", "appraised_investment", "revenue_y1"})
                )
            )
            rate = draw(st.decimals(min_value="0.0001", max_value="0.1", places=4))
            rows.append(AwardRow(kind="rate", base=base, rate=rate))
        else:
            amount = draw(st.decimals(min_value="0.01", max_value=CEILING, places=2))
            rows.append(AwardRow(kind="fixed", amount=amount))
    for start in draw(st.lists(RATIOS, max_size=3, unique=True)):
        amount = draw(st.decimals(min_value="0.01", max_value=CEILING, places=2))
        rows.append(AwardRow(kind="tier", base="revenue_growth_y1", at_least=start, amount=amount))
    if rows and draw(st.booleans()):
        rows.append(AwardRow(kind="round", amount=draw(st.sampled_from([Decimal("0.10"), Decimal(10000)]))))
    for _ in range(draw(st.integers(0, 2)) if rows else 0):
        amount = draw(st.decimals(min_value="0.01", max_value=CEILING, places=2))
        rows.append(AwardRow(kind="cap", amount=amount))
    return rows


DAYS_SINCE = date(2023, 1, 1)
SUMS = st.sampled_from([Decimal(n) for n in ("0", "0.01", "10000000", "11499999.99", "11500000", "12000000")])
FIGURES = st.fixed_dictionaries(
    {},
    optional={
        "revenue": maybe(SUMS),
        "rd_expense": maybe(SUMS),
        "taxes": maybe(SUMS),
        "profit": maybe(SUMS | st.just(Decimal("-1"))),
        "employees": maybe(st.sampled_from([0, 9, 10, 300])),
    },
)
KNOWN = st.builds(
    reference.Known,
    uscc=st.sampled_from(["31", "10", "33"]),
    district=st.sampled_from(CODES["district_code"]),
    legal_form=st.sampled_from(LegalForm.values),
    industry=st.sampled_from(["", "M7452", "6510", "M"]),
    established=maybe(DAYS),
    closed=st.booleans(),
    has_parent=st.booleans(),
    inclusions=st.lists(
        st.tuples(
            MOMENTS,
            st.sampled_from(["M7310", "7452", "I6510", "M"]),
            DAYS,
            maybe(st.sampled_from(CODES["confirming_office"])),
            st.sampled_from(["", "", "1"]),
        ),
        max_size=2,
    ),
    credit=st.lists(st.tuples(DAYS, MOMENTS, maybe(DAYS), st.booleans()), max_size=2),
    supports=st.lists(
        st.tuples(
            st.sampled_from(["08-01", "09-03"]),
            st.sampled_from([2025, 2026]),
            MOMENTS,
            st.just("资金"),
            st.sampled_from(CODES["project_name"]),
        ),
        max_size=2,
    ),
    figures=st.lists(st.tuples(st.integers(2022, 2025), MOMENTS, FIGURES), max_size=5),
    qualifications=st.lists(
        st.tuples(st.sampled_from(Qualification.Kind.values[:2]), MOMENTS, st.just(DAYS_SINCE), maybe(DAYS)),
        max_size=3,
    ),
    moves=st.lists(
        st.tuples(DAYS, MOMENTS, st.sampled_from(["moved_out", "moved_in", "moved_district"])), max_size=3
    ),
    inputs=st.fixed_dictionaries(
        {},
        optional={
            "declared_investment": maybe(AMOUNTS),
            "appraised_investment": maybe(AMOUNTS),
            "project_start": maybe(DAYS),
            "same_project_supported": maybe(st.booleans()),
            "project_name": maybe(st.sampled_from(CODES["project_name"])),
        },
    ),
)


def entered(known, number: int) -> Enterprise:
    """The enterprise as rows of the database; its code is completed so that it is the only one."""
    known.uscc = f"91{known.uscc}{number:014d}"
    fields = {"name": "示例", "district_id": known.district, "legal_form": known.legal_form}
    parent = None
    # Nobody but a branch has a parent.
    known.has_parent = known.has_parent and known.legal_form == LegalForm.BRANCH
    if known.has_parent:
        legal_person = fields | {"legal_form": LegalForm.COMPANY}
        parent, _ = Enterprise.objects.get_or_create(uscc="9" * 18, defaults=legal_person)
    enterprise = Enterprise.objects.create(
        uscc=known.uscc,
        industry=known.industry,
        established_on=known.established,
        parent=parent,
        **fields,
    )
    if known.closed:
        enterprise.close(reason="注销")
        enterprise.save()
    for at, industry, first_period, office, confirmed in known.inclusions:
        StatisticalInclusion.objects.create(
            enterprise=enterprise,
            first_period=first_period,
            industry=industry,
            recorded_at=at,
            science_class=confirmed,
            confirmed_by=office and Office.objects.get(code=office),
        )
    for year, at, figures in known.figures:
        YearlyFigure.objects.create(enterprise=enterprise, valid_for=year, recorded_at=at, **figures)
    for kind, at, since, until in known.qualifications:
        Qualification.objects.create(
            enterprise=enterprise, kind=kind, recorded_at=at, valid_from=since, valid_to=until
        )
    for as_of, at, since, listed in known.credit:
        CreditCheck.objects.create(
            enterprise=enterprise, as_of=as_of, recorded_at=at, clean_since=since, listed=listed
        )
    mover = User.objects.get_or_create(username="mover")[0] if known.moves else None
    for on, at, kind in known.moves:
        EnterpriseChange.objects.create(
            enterprise=enterprise,
            kind=kind,
            effective_on=on,
            recorded_at=at,
            recorded_by=mover,
            source="登记",
            from_district_id=CODES["district_code"][0],
            to_district_id=CODES["district_code"][1],
        )
    for code, year, at, fund, project in known.supports:
        SupportRecord.objects.create(
            enterprise=enterprise,
            item_code=code,
            year=year,
            recorded_at=at,
            fund=fund,
            project=project,
            amount=1,
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
        table = ServiceClassTable.objects.create(
            in_force_from=date(2018, 1, 1), source="示例", digest="0" * 64
        )
        for code, (number, partial) in CLASSES.items():
            ServiceClassLine.objects.create(table=table, code=code, service_class=number, partial=partial)
        yield call_item()


def same(actual, expected) -> bool:
    """Equal; quotients agree as far as their places go."""
    if isinstance(actual, Decimal) and isinstance(expected, Decimal):
        return abs(actual - expected) < Decimal("1e-16")
    return actual == expected


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(conditions(), max_size=4),
    awards=award_rows(),
    population=st.lists(KNOWN, min_size=2, max_size=4),
)
def test_sql_and_the_reference_agree(one, rows, awards, population):
    with transaction.atomic():
        rule = written(one, rows, awards)
        ids = [entered(known, n).pk for n, known in enumerate(population)]
        asks = [Ask(n, pk, known.inputs) for n, (pk, known) in enumerate(zip(ids, population, strict=True))]
        answers = eligibility.explain_many(one, asks, at=NOW, rule=rule)
        plain = eligibility.explain_many(one, [Ask(pk, pk) for pk in ids], at=NOW, rule=rule)
        enterprises = Enterprise.objects.order_by().filter(pk__in=ids)
        screened = {row.enterprise_id: row for row in screening.rows(rule, at=NOW, enterprises=enterprises)}
        counts = screening.counts(rule, at=NOW, enterprises=enterprises)
        simulated = simulation.simulate(rule, {}, at=NOW, enterprises=enterprises).whole
        transaction.set_rollback(True)
    for pk, answer in plain.items():
        row = screened[pk]
        assert (row.eligible, row.amount) == (answer.eligible, answer.amount if answer.eligible else None)
        assert row.conditions == tuple(condition.met for condition in answer.conditions)
        assert row.actuals == tuple(condition.actual for condition in answer.conditions)
    verdicts = [answer.eligible for answer in plain.values()]
    assert (counts.yes, counts.no, counts.unknown) == tuple(
        verdicts.count(one) for one in (True, False, None)
    )
    assert counts.total == sum(row.amount or 0 for row in screened.values())
    assert simulated.before == simulated.after == counts
    for n, known in enumerate(population):
        asked = reference.Asked(known, NOW, "08-01", 2026, classes=CLASSES)
        facts = {name: reference.fact(name, asked) for name in FACTS}
        expected = [(facts[row.fact], reference.met(row, facts[row.fact])) for row in rows]
        for answer, (actual, met) in zip(answers[n].conditions, expected, strict=True):
            assert same(answer.actual, actual), (answer.fact, answer.actual, actual)
            assert answer.met is met, answer.fact
        verdict = reference.eligible([met for _, met in expected], [row.any_of for row in rows])
        assert answers[n].eligible is verdict
        amount = reference.award(awards, facts, verdict, CEILING)
        assert answers[n].amount == amount
        assert sum(line.amount for line in answers[n].lines) == (amount or 0)
        if amount is not None:
            assert 0 <= amount <= CEILING
