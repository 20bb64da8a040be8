"""The award of a rule: its rows in SQL, and the lines of amount and sentence that explain it.

Rate × base, fixed amounts and the tier that is reached add up. The sum is raised to the floor, rounded down to
whole units, and capped last: by the rule's own caps and the item's ceiling, which holds whatever a rule says.
An unknown base makes the whole award unknown. Who isn't eligible gets no award. Fractions of a fen are dropped,
here and nowhere else, so that an award never exceeds its rate.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, DecimalField, Expression, ExpressionWrapper, Func, Value, When
from django.db.models.fields import BooleanField
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, IsNull, LessThan
from django.utils.translation import gettext as _

from measures.columns import Column
from measures.fact_types import percent, yuan
from measures.facts import FACTS, Fact
from measures.models import AwardRow, RuleVersion

MONEY = DecimalField(max_digits=16, decimal_places=2)
Kind = AwardRow.Kind


@dataclass(frozen=True)
class AwardLine:
    """One line of an award, in yuan; the lines of an award sum to it (a cap's line is negative)."""

    text: str
    amount: Decimal


class Product(Func):
    """Yuan times a rate, with fractions of a fen dropped; null stays null."""

    arg_joiner = " * "
    template = "TRUNC(%(expressions)s, 2)"
    output_field = MONEY


class Sum(Func):
    """SQL's own +: null if one is null."""

    arg_joiner = " + "
    template = "(%(expressions)s)"
    output_field = MONEY


class WholeUnits(Func):
    """Rounded down to whole multiples of the second amount; null stays null."""

    template = "(FLOOR(%(first)s / %(second)s) * %(second)s)"
    output_field = MONEY

    def as_sql(self, compiler, connection):
        first, second = (compiler.compile(one) for one in self.get_source_expressions())
        sql = self.template % {"first": first[0], "second": second[0]}
        return sql, [*first[1], *second[1], *second[1]]


def layers(rule: RuleVersion) -> list[dict[str, Expression]]:
    """The award's columns over fact_<base> and eligible, each layer reading the one before:

    award_<n> for each adding part, award_sum, award_floored, award_rounded, award. None where the rule has no
    award of its own.
    """
    parts = _adding(rule)
    if not parts:
        return []
    floor, unit = _one(rule, Kind.FLOOR, max), _one(rule, Kind.ROUND, max)
    amounts = {f"award_{n}": _amount(rows) for n, rows in enumerate(parts)}
    columns = [_money(name) for name in amounts]
    total = _money("award_sum")
    floored = total if floor is None else Case(When(LessThan(total, floor), then=Value(floor)), default=total)
    rounded = _money("award_floored")
    if unit is not None:
        rounded = WholeUnits(rounded, Value(unit, output_field=MONEY))
    return [
        amounts,
        {"award_sum": Sum(*columns) if len(columns) > 1 else columns[0]},
        {"award_floored": floored},
        {"award_rounded": rounded},
        {
            "award": Case(
                When(Exact(Column("eligible", BooleanField()), False), then=Value(None)),
                default=_capped(_money("award_rounded"), _cap(rule)),
                output_field=MONEY,
            )
        },
    ]


def lines(rule: RuleVersion, values: Mapping[str, Any]) -> tuple[AwardLine, ...]:
    """The lines of the award that the columns say; none where it is unknown or there is none."""
    amount = values.get("award")
    if amount is None:
        return ()
    found = [_line(rows, values, values[f"award_{n}"]) for n, rows in enumerate(_adding(rule))]
    if raised := values["award_floored"] - values["award_sum"]:
        found.append(AwardLine(_("不低于下限 %s") % yuan(values["award_floored"]), raised))
    if dropped := values["award_rounded"] - values["award_floored"]:
        unit = yuan(_one(rule, Kind.ROUND, max))
        found.append(AwardLine(_("以 %s为单位，舍去尾数") % unit, dropped))
    if cut := amount - values["award_rounded"]:
        found.append(AwardLine(_("不超过上限 %(cap)s") % {"cap": yuan(amount)}, cut))
    return tuple(found)


def _money(name: str) -> Column:
    return Column(name, MONEY)


def _adding(rule: RuleVersion) -> list[list[AwardRow]]:
    """The parts of the sum in the order of their rows: a row each, but the tiers of one base together, the
    highest first."""
    parts: dict[Any, list[AwardRow]] = {}
    for row in rule.award_rows.all():
        if row.kind in AwardRow.ADDING:
            parts.setdefault((row.base,) if row.kind == Kind.TIER else row.position, []).append(row)
    return [sorted(rows, key=_start, reverse=True) if len(rows) > 1 else rows for rows in parts.values()]


def _start(row: AwardRow):
    """Where a tier begins, as the value that its fact is compared with."""
    return FACTS[row.base].threshold("gte", row.at_least)


def _one(rule: RuleVersion, kind: str, tightest) -> Decimal | None:
    return tightest((row.amount for row in rule.award_rows.all() if row.kind == kind), default=None)


def _cap(rule: RuleVersion) -> Decimal | None:
    """The tightest of the rule's caps and the item's ceiling."""
    own, ceiling = _one(rule, Kind.CAP, min), rule.call_item.item.ceiling_amount
    return min((one for one in (own, ceiling) if one is not None), default=None)


def _amount(rows: list[AwardRow]) -> Expression:
    row = rows[0]
    if row.kind == Kind.FIXED:
        return ExpressionWrapper(Value(row.amount, output_field=MONEY), MONEY)
    base = _base(FACTS[row.base])
    if row.kind == Kind.RATE:
        return Product(base, Value(row.rate))
    tiers = [When(GreaterThanOrEqual(base, _start(one)), then=Value(one.amount)) for one in rows]
    return Case(
        When(IsNull(base, True), then=Value(None)), *tiers, default=Value(Decimal("0.00")), output_field=MONEY
    )


def _base(fact: Fact) -> Column:
    return Column(f"fact_{fact.name}", fact.type.field)


def _capped(amount: Expression, cap: Decimal | None) -> Expression:
    # Not LEAST: it ignores null, and an unknown amount would become the full cap.
    if cap is None:
        return amount
    return Case(When(GreaterThan(amount, cap), then=Value(cap)), default=amount, output_field=MONEY)


def _line(rows: list[AwardRow], values: Mapping[str, Any], amount: Decimal) -> AwardLine:
    row = rows[0]
    if row.kind == Kind.FIXED:
        return AwardLine(f"{row.label or _('定额支持')} {yuan(amount)}", amount)
    fact = FACTS[row.base]
    base = values[f"fact_{row.base}"]
    if row.kind == Kind.TIER:
        return _tier_line(fact, rows, base, amount)
    text = f"{fact.label} {yuan(base)} × {percent(row.rate)} = {yuan(amount)}"
    if base * row.rate != amount:
        text += _("（不足一分的舍去）")
    return AwardLine(text, amount)


def _tier_line(fact: Fact, rows: list[AwardRow], base, amount: Decimal) -> AwardLine:
    """The tier that was reached, by its label or its start."""
    reached = next((row for row in rows if base >= _start(row)), None)
    if reached is None:
        return AwardLine(
            _("%(fact)s %(value)s，未达到任何一档") % {"fact": fact.label, "value": fact.text(base)}, amount
        )
    label = reached.label or _("不低于 %s") % fact.text(_start(reached))
    text = _("%(fact)s %(value)s，%(tier)s：%(amount)s")
    named = {"fact": fact.label, "value": fact.text(base), "tier": label, "amount": yuan(amount)}
    return AwardLine(text % named, amount)
