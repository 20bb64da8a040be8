"""The award of a rule: its rows in SQL, and the lines of amount and sentence that explain it.

Rate × base, and fixed amounts, add up; the tightest cap comes last: a rule's own caps, and the item's
ceiling, which holds whatever a rule says. An unknown base makes the whole award unknown. Who isn't eligible
gets no award. Fractions of a fen are dropped, here and nowhere else, so that an award never exceeds its rate.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, DecimalField, Expression, ExpressionWrapper, F, Func, Value, When
from django.db.models.lookups import Exact, GreaterThan
from django.utils.translation import gettext as _

from measures.fact_types import percent, yuan
from measures.facts import FACTS
from measures.models import AwardRow, RuleVersion

MONEY = DecimalField(max_digits=16, decimal_places=2)
EXACT = DecimalField(max_digits=30, decimal_places=6)


@dataclass(frozen=True)
class AwardLine:
    """One line of an award, in yuan; the lines of an award sum to it (a cap's line is negative)."""

    text: str
    amount: Decimal


class WholeFen(Func):
    """Yuan with fractions of a fen dropped; null stays null."""

    template = "TRUNC(%(expressions)s, 2)"
    output_field = MONEY


def columns(rule: RuleVersion) -> dict[str, Expression]:
    """The award's columns over fact_<base> and eligible: award_<n> of each adding row, award_sum, award.

    Empty where the rule has no award of its own.
    """
    rows = _adding(rule)
    if not rows:
        return {}
    lines = {f"award_{n}": _amount(row) for n, row in enumerate(rows)}
    total = F("award_0")
    for n in range(1, len(rows)):
        total = total + F(f"award_{n}")
    return {
        **lines,
        "award_sum": ExpressionWrapper(total, MONEY),
        "award": Case(
            When(Exact(F("eligible"), False), then=Value(None)),
            default=_capped(F("award_sum"), _cap(rule)),
            output_field=MONEY,
        ),
    }


def lines(rule: RuleVersion, values: Mapping[str, Any]) -> tuple[AwardLine, ...]:
    """The lines of the award that the columns say; none where it is unknown or there is none."""
    amount = values.get("award")
    if amount is None:
        return ()
    found = [_line(row, values, values[f"award_{n}"]) for n, row in enumerate(_adding(rule))]
    if cut := amount - values["award_sum"]:
        found.append(AwardLine(_("不超过上限 %(cap)s") % {"cap": yuan(amount)}, cut))
    return tuple(found)


def _adding(rule: RuleVersion) -> list[AwardRow]:
    return [row for row in rule.award_rows.all() if row.kind != AwardRow.Kind.CAP]


def _cap(rule: RuleVersion) -> Decimal | None:
    """The tightest of the rule's caps and the item's ceiling."""
    caps = [row.amount for row in rule.award_rows.all() if row.kind == AwardRow.Kind.CAP]
    ceiling = rule.call_item.item.ceiling_amount
    return min([*caps, *([ceiling] if ceiling is not None else [])], default=None)


def _amount(row: AwardRow) -> Expression:
    if row.kind == AwardRow.Kind.FIXED:
        return Value(row.amount, output_field=MONEY)
    base = F(f"fact_{row.base}")
    return WholeFen(ExpressionWrapper(base * Value(row.rate, output_field=EXACT), EXACT))


def _capped(amount: Expression, cap: Decimal | None) -> Expression:
    # Not LEAST: it ignores null, and an unknown amount would become the full cap.
    if cap is None:
        return amount
    return Case(When(GreaterThan(amount, cap), then=Value(cap)), default=amount, output_field=MONEY)


def _line(row: AwardRow, values: Mapping[str, Any], amount: Decimal) -> AwardLine:
    if row.kind == AwardRow.Kind.FIXED:
        return AwardLine(f"{row.label or _('定额支持')} {yuan(amount)}", amount)
    base = values[f"fact_{row.base}"]
    text = f"{FACTS[row.base].label} {yuan(base)} × {percent(row.rate)} = {yuan(amount)}"
    if base * row.rate != amount:
        text += _("（不足一分的舍去）")
    return AwardLine(text, amount)
