"""What if: a rule beside itself with other values, over every enterprise; nothing is stored.

    simulation.simulate(rule, {"min_growth": "0.15"})

A value is named by the parameter of its row; a condition without one by its fact, where only one condition asks
for it, and the one row of an award by its kind (rate, fixed, cap …).
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

from measures import fact_types, screening
from measures.facts import FACTS
from measures.models import AwardRow, Condition, RuleVersion
from measures.screening import Counts

# What the results are told by, beside the whole.
DISTRICT, CLASS = "district_code", "statistical_division"


@dataclass(frozen=True)
class Sides:
    """The same enterprises before and after; gained and lost are those whose "yes" came or went."""

    before: Counts
    after: Counts
    gained: int
    lost: int


@dataclass(frozen=True)
class Simulation:
    """The whole, and by district and statistical division; the key None is "not known"."""

    whole: Sides
    by_district: dict[str | None, Sides]
    by_class: dict[str | None, Sides]


def settable(rule: RuleVersion) -> dict[str, tuple[Condition | AwardRow, str]]:
    """What may be set: name → (row, its field), in the order of the rows."""
    conditions = [row for row in rule.conditions.all() if row.operator not in fact_types.TRUTH]
    found: dict[str, list] = {}
    for row in conditions:
        found.setdefault(row.parameter or row.fact, []).append((row, "value"))
    for row in rule.award_rows.all():
        field = "rate" if row.kind == AwardRow.Kind.RATE else "amount"
        found.setdefault(row.parameter or row.kind, []).append((row, field))
    return {name: rows[0] for name, rows in found.items() if len(rows) == 1}


def changed(rule: RuleVersion, values: Mapping[str, str]) -> RuleVersion:
    """The rule with other values, in memory only. ValidationError, in Chinese, for an unknown name or a value
    that doesn't fit; the ceilings of the policy hold."""
    names = settable(rule)
    copies = {row: copy.copy(row) for row in [*rule.conditions.all(), *rule.award_rows.all()]}
    for name, value in values.items():
        if name not in names:
            raise ValidationError(
                _("没有名为 %(name)s 的参数，可用的有：%(names)s")
                % {"name": name, "names": "、".join(names) or _("无")}
            )
        row, field = names[name]
        _set(name, copies[row], field, value, rule)
    other = copy.copy(rule)
    other._prefetched_objects_cache = {
        "conditions": _loaded(Condition, [copies[row] for row in rule.conditions.all()]),
        "award_rows": _loaded(AwardRow, [copies[row] for row in rule.award_rows.all()]),
    }
    return other


def checked(rule: RuleVersion, name: str, value: str) -> str:
    """A value of `settable` as it would stand in its row, as text. ValidationError, in Chinese, where it doesn't
    fit or is above what the policy allows."""
    row, field = settable(rule)[name]
    row = copy.copy(row)
    set_value(row, field, value, rule)
    return text_of(row, field)


def text_of(row: Condition | AwardRow, field: str) -> str:
    """A row's value as text that `set_value` reads again."""
    value = getattr(row, field)
    if isinstance(value, list):
        return ",".join(str(member) for member in value)
    return str(fact_types.stored(value.normalize() if field == "rate" else value))


def set_value(row: Condition | AwardRow, field: str, value: str, rule: RuleVersion) -> None:
    """Give a row another value, in memory. ValidationError, in Chinese, as in `checked`."""
    row.rule = rule
    if isinstance(row, Condition):
        row.value = value
    else:
        number = fact_types.ratio(value).normalize() if field == "rate" else fact_types.money(value)
        setattr(row, field, row._meta.get_field(field).clean(number, row))
    row.clean()


def _set(name: str, row: Condition | AwardRow, field: str, value: str, rule: RuleVersion) -> None:
    try:
        set_value(row, field, value, rule)
    except ValidationError as wrong:
        raise ValidationError(
            _("%(name)s：%(reason)s") % {"name": name, "reason": wrong.messages[0]}
        ) from wrong


def _loaded(model, rows: list):
    """A queryset that already has its rows."""
    found = model.objects.none()
    found._result_cache = rows
    found._prefetch_done = True
    return found


def simulate(
    rule: RuleVersion,
    values: Mapping[str, str],
    *,
    at: datetime | None = None,
    on: date | None = None,
    inputs: Mapping[str, Any] | None = None,
    enterprises=None,
) -> Simulation:
    """Before and after in one query. ValidationError as in `changed`, ValueError as in explain."""
    return compare(rule, changed(rule, values), at=at, on=on, inputs=inputs, enterprises=enterprises)


def compare(
    before: RuleVersion,
    after: RuleVersion,
    *,
    at: datetime | None = None,
    on: date | None = None,
    inputs: Mapping[str, Any] | None = None,
    enterprises=None,
) -> Simulation:
    """Two versions of one item's rule over the same enterprises, in one query. ValueError as in explain, and
    for versions of different items."""
    if before.call_item.item_id != after.call_item.item_id:
        raise ValueError("two versions of one item can be compared, not of two")
    asked = {"at": at, "on": on, "inputs": inputs, "enterprises": enterprises}
    before = screening.statement(before, also=(DISTRICT, CLASS), **asked)
    after = screening.statement(after, also=(DISTRICT, CLASS), **asked)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT GROUPING(before.fact_{DISTRICT}), GROUPING(before.fact_{CLASS}),
                before.fact_{DISTRICT}, before.fact_{CLASS},
                {screening.counts_of(before, "before")}, {screening.counts_of(after, "after")},
                COUNT(*) FILTER (WHERE after.eligible AND before.eligible IS NOT TRUE),
                COUNT(*) FILTER (WHERE before.eligible AND after.eligible IS NOT TRUE)
            FROM ({before.sql} OFFSET 0) AS before
            JOIN ({after.sql} OFFSET 0) AS after ON after.enterprise_id = before.enterprise_id
            GROUP BY GROUPING SETS ((), (before.fact_{DISTRICT}), (before.fact_{CLASS}))
            ORDER BY 3, 4
            """,  # noqa: S608  made of names and of the ORM's SQL; values are parameters
            [*before.params, *after.params],
        )
        found = cursor.fetchall()
    whole, districts, classes = None, {}, {}
    for no_district, no_class, district, division, *figures in found:
        sides = Sides(Counts(*figures[:5]), Counts(*figures[5:10]), *figures[10:])
        if no_district and no_class:
            whole = sides
        elif no_class:
            districts[district] = sides
        else:
            classes[division] = sides
    return Simulation(whole, districts, classes)


def named(fact: str, code: str | None) -> str:
    """A district or division as people read it."""
    return FACTS[fact].text(code)


def frozen(found: Simulation) -> dict:
    """A simulation as JSON values, amounts as text; `thawed` restores it."""
    return {
        "whole": _frozen(found.whole),
        "by_district": [[code, _frozen(sides)] for code, sides in found.by_district.items()],
        "by_class": [[code, _frozen(sides)] for code, sides in found.by_class.items()],
    }


def thawed(raw: Mapping[str, Any]) -> Simulation:
    """A simulation as it was frozen."""
    return Simulation(
        _thawed(raw["whole"]),
        {code: _thawed(sides) for code, sides in raw["by_district"]},
        {code: _thawed(sides) for code, sides in raw["by_class"]},
    )


def _frozen(sides: Sides) -> dict:
    counts = {
        name: vars(getattr(sides, name)) | {"total": str(getattr(sides, name).total)}
        for name in ("before", "after")
    }
    return counts | {"gained": sides.gained, "lost": sides.lost}


def _thawed(raw: Mapping[str, Any]) -> Sides:
    before, after = (
        Counts(**raw[name] | {"total": Decimal(raw[name]["total"])}) for name in ("before", "after")
    )
    return Sides(before, after, raw["gained"], raw["lost"])
