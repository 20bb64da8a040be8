"""Reading a stored screening: its figures for all or some of its rows, and one row's whole answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from measures import eligibility
from measures.eligibility import Answer
from measures.models import Condition, RuleVersion, Screening, ScreeningRow


@dataclass(frozen=True)
class Figures:
    """As on measures.models.Screening; unmet and unsure by the rule's conditions."""

    enterprises: int
    yes: int
    no: int
    unknown: int
    to_fill: int
    total: Decimal
    unpriced: int
    unmet: Sequence[int]
    unsure: Sequence[int]


ANSWERS = {
    "enterprises": Count("pk"),
    "yes": Count("pk", filter=Q(eligible=True)),
    "no": Count("pk", filter=Q(eligible=False)),
    "unknown": Count("pk", filter=Q(eligible__isnull=True)),
    "to_fill": Count("pk", filter=Q(eligible__isnull=True, ready=True)),
    "total": Sum("amount", default=Decimal("0.00")),
    "unpriced": Count("pk", filter=Q(eligible=True, amount__isnull=True)),
}


def figures(rows: QuerySet[ScreeningRow], conditions: int, columns: Sequence[str]) -> Figures:
    """The figures of these rows, whose rule has so many conditions and gave these columns; one query."""
    each = {f"unmet_{n}": Count("pk", filter=unmet(n)) for n in range(conditions)}
    each |= {f"unsure_{n}": Count("pk", filter=unsure(n)) for n in range(conditions)}
    found = _priced(rows.order_by().aggregate(**ANSWERS, **each), columns)
    return Figures(
        **{name: found[name] for name in ANSWERS},
        unmet=[found[f"unmet_{n}"] for n in range(conditions)],
        unsure=[found[f"unsure_{n}"] for n in range(conditions)],
    )


def _priced(found: dict, columns: Sequence[str]) -> dict:
    """Nothing is missing where the rule gives no award at all."""
    return found if "award" in columns else found | {"unpriced": 0}


def unmet(condition: int) -> Q:
    """The rows that this condition of the rule (from 0) fails."""
    return Q(**{f"met__{condition}": False})


def unsure(condition: int) -> Q:
    """The rows of which this condition can't be told."""
    return Q(**{f"met__{condition}__isnull": True})


def figures_of(screening: Screening, districts: set[str] | None) -> Figures:
    """The figures as they were stored, or, for some districts, counted again from their rows."""
    if districts is None:
        return Figures(**{name: getattr(screening, name) for name in Figures.__dataclass_fields__})
    rows = ScreeningRow.objects.filter(screening=screening, district__in=districts)
    return figures(rows, len(screening.unmet), screening.columns)


def figures_by_screening(screenings: Sequence[Screening], districts: set[str] | None) -> dict[int, dict]:
    """yes, no, unknown, total … of several screenings by their ids; one query for some districts, none for all."""
    if districts is None:
        return {one.pk: {name: getattr(one, name) for name in ANSWERS} for one in screenings}
    rows = ScreeningRow.objects.filter(screening__in=screenings, district__in=districts)
    counted = {row["screening"]: row for row in rows.order_by().values("screening").annotate(**ANSWERS)}
    nothing = dict.fromkeys(ANSWERS, 0)
    return {one.pk: _priced(counted.get(one.pk, nothing), one.columns) for one in screenings}


def answer_of(row: ScreeningRow, screening: Screening, rule: RuleVersion) -> Answer:
    """What the rule said of this enterprise then, word by word as eligibility.explain would have said it."""
    values = dict(zip(screening.columns, row.values, strict=True))
    return eligibility.replayed(rule, values, row.met, (row.eligible, row.ready), screening.at)


def reasons(conditions: Sequence[Condition], met: Sequence[bool | None]) -> tuple[list[int], list[int]]:
    """Which conditions (from 0) stand in the way of a row, and which keep from an answer: of those with one group
    number only where none of the group is met, or none may be."""
    groups: dict[int, list[bool | None]] = {}
    for condition, one in zip(conditions, met, strict=True):
        if condition.any_of is not None:
            groups.setdefault(condition.any_of, []).append(one)
    unmet, unsure = [], []
    for n, (condition, one) in enumerate(zip(conditions, met, strict=True)):
        group = groups.get(condition.any_of, [one]) if condition.any_of is not None else [one]
        decisive = True if True in group else None if None in group else False
        if one is False and decisive is False:
            unmet.append(n)
        elif one is None and decisive is None:
            unsure.append(n)
    return unmet, unsure
