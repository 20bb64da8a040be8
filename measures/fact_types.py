"""The types that a fact may have: how its values are read, stored, compared and shown.

A threshold stands in a rule as a JSON value (money as text, dates as ISO text); `parse` turns it, or a
case's own input, into the Python value that enters the query, and refuses with a sentence in Chinese.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

FEN = Decimal("0.01")
# numeric(16, 2), the widest amount that the database holds
LARGEST = Decimal(10) ** 14
MILLIONTH = Decimal("0.000001")
LARGEST_RATIO = Decimal(10) ** 6
LARGEST_WHOLE = 2**31 - 1
ORDER = ("eq", "ne", "gte", "gt", "lte", "lt")
MEMBERSHIP = ("eq", "ne", "in", "not_in")
TRUTH = ("is_true", "is_false")
# The operators of which one can say how far a value is from the threshold.
DISTANCES = ("gte", "gt", "lte", "lt")
OPERATORS = ("eq", "ne", "gte", "gt", "lte", "lt", "in", "not_in", "is_true", "is_false")
SEPARATOR = re.compile(r"[,，、;；\s]+")


@dataclass(frozen=True)
class FactType:
    """One type: its column in SQL, its operators (measures.models.Condition.Operator), its texts.

    `words` are its own words for an operator, where the common ones don't fit; `distance` says how far a value is
    from a threshold.
    """

    key: str
    label: str
    field: models.Field
    operators: tuple[str, ...]
    parse: Callable[[Any], Any]
    # (value, unit, names of the codes) → text
    show: Callable[[Any, str, Mapping[str, str]], str]
    words: Mapping[str, str] = field(default_factory=dict)
    # (distance, unit) → text; None where a distance says nothing.
    distance: Callable[[Any, str], str] | None = None


def money(value) -> Decimal:
    """Yuan with at most two places, from a Decimal, an int or text; a float is refused."""
    if isinstance(value, (bool, float)) or not isinstance(value, (Decimal, int, str)):
        raise ValidationError(_("请填写金额，单位为元，例如 5000000.00"))
    try:
        amount = Decimal(value.replace(",", "").strip() if isinstance(value, str) else value)
    except InvalidOperation:
        raise ValidationError(_("请填写金额，单位为元，例如 5000000.00")) from None
    if not amount.is_finite() or abs(amount) >= LARGEST:
        raise ValidationError(_("金额超出范围"))
    if amount != amount.quantize(FEN):
        raise ValidationError(_("金额最多两位小数（到分）"))
    return amount.quantize(FEN)


def ratio(value) -> Decimal:
    """A share with at most six places, from a Decimal, an int or text: 0.15 or 15%; a float is refused."""
    wrong = ValidationError(_("请填写比率，例如 0.15 或 15%"))
    if isinstance(value, (bool, float)) or not isinstance(value, (Decimal, int, str)):
        raise wrong
    text = str(value).strip().replace("％", "%")
    try:
        share = Decimal(text[:-1]) / 100 if text.endswith("%") else Decimal(text)
    except InvalidOperation:
        raise wrong from None
    if not share.is_finite() or abs(share) >= LARGEST_RATIO:
        raise ValidationError(_("比率超出范围"))
    if share != share.quantize(MILLIONTH):
        raise ValidationError(_("比率最多六位小数"))
    return share.quantize(MILLIONTH)


def whole(value) -> int:
    """A whole number of 32 bits, from an int or text."""
    if isinstance(value, str) and re.fullmatch(r"[+-]?[0-9]{1,10}", value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValidationError(_("请填写整数"))
    if abs(value) > LARGEST_WHOLE:
        raise ValidationError(_("整数超出范围"))
    return value


def day(value) -> date:
    """A date, from a date or ISO text; a moment is refused, for its day depends on the time zone."""
    if isinstance(value, str):
        try:
            return date.fromisoformat(value.strip())
        except ValueError:
            raise ValidationError(_("请填写日期，例如 2026-03-01")) from None
    if isinstance(value, datetime) or not isinstance(value, date):
        raise ValidationError(_("请填写日期，例如 2026-03-01"))
    return value


def truth(value) -> bool:
    if not isinstance(value, bool):
        raise ValidationError(_("请填写是或否"))
    return value


def code(value) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValidationError(_("请填写代码"))
    return value.strip()


def listed(value) -> list:
    """The members of a list: a JSON list, or text separated by commas, 、 or spaces."""
    members = SEPARATOR.split(value.strip()) if isinstance(value, str) else value
    if not isinstance(members, (list, tuple)) or not [member for member in members if member != ""]:
        raise ValidationError(_("请至少填写一项，多项用逗号分开"))
    return [member for member in members if member != ""]


def stored(threshold):
    """A threshold as it stands in a rule's row: JSON values, money and dates as text."""
    if isinstance(threshold, list):
        return [stored(member) for member in threshold]
    if isinstance(threshold, Decimal):
        # Amounts keep their two places, ratios as many as they need.
        return f"{threshold:.2f}" if threshold.as_tuple().exponent == -2 else f"{threshold.normalize():f}"
    return threshold.isoformat() if isinstance(threshold, date) else threshold


def yuan(amount: Decimal) -> str:
    """3,200,000.00 元."""
    return f"{amount:,.2f} 元"


def percent(rate: Decimal) -> str:
    """0.1000 → 10%."""
    return f"{(rate * 100).normalize():f}%"


def _show_ratio(value, unit, names) -> str:
    # Cut, not rounded: what just misses 15% must not read 15%.
    shown = (value * 100).quantize(FEN, ROUND_FLOOR)
    more = "" if shown == value * 100 else _("（舍去尾数）")
    return f"{shown.normalize():f}%{more}"


def _points(distance: Decimal) -> str:
    """Percentage points, rounded up: what is missing must not read as less than it is."""
    points = (distance * 100).quantize(FEN, ROUND_CEILING)
    return _("%s 个百分点") % f"{points.normalize():f}"


def _show_code(value, unit, names) -> str:
    if value not in names:
        return str(value)
    # An official code stands beside its name; a word of ours ("medium") says nothing to a reader.
    return (
        names[value] if value.isascii() and value.isalpha() and value.islower() else f"{value} {names[value]}"
    )


def _show_whole(value, unit, names) -> str:
    return f"{value} {unit}".strip()


def _show_day(value, unit, names) -> str:
    return f"{value.year} 年 {value.month} 月 {value.day} 日"


def _show_truth(value, unit, names) -> str:
    return _("是") if value else _("否")


CODE = FactType("code", gettext_lazy("代码"), models.TextField(), MEMBERSHIP, code, _show_code)
MONEY = FactType(
    "money",
    gettext_lazy("金额"),
    models.DecimalField(max_digits=16, decimal_places=2),
    ORDER,
    money,
    lambda value, unit, names: yuan(value),
    distance=lambda value, unit: yuan(value),
)
RATIO = FactType(
    "ratio",
    gettext_lazy("比率"),
    # wide enough for a quotient that is told from its neighbour (facts.terms.Over)
    models.DecimalField(max_digits=40, decimal_places=24),
    ORDER,
    ratio,
    _show_ratio,
    distance=lambda value, unit: _points(value),
)
WHOLE = FactType(
    "whole",
    gettext_lazy("整数"),
    models.IntegerField(),
    ORDER,
    whole,
    _show_whole,
    distance=lambda value, unit: f"{value} {unit}".strip(),
)
DATE = FactType(
    "date",
    gettext_lazy("日期"),
    models.DateField(),
    ORDER,
    day,
    _show_day,
    words={
        "gte": gettext_lazy("不早于"),
        "gt": gettext_lazy("晚于"),
        "lte": gettext_lazy("不晚于"),
        "lt": gettext_lazy("早于"),
    },
)
BOOLEAN = FactType("truth", gettext_lazy("是否"), models.BooleanField(), TRUTH, truth, _show_truth)

# A value of each type from the text that PostgreSQL writes for it.
FROM_DATABASE: dict[str, Callable[[str], Any]] = {
    CODE.key: str,
    MONEY.key: Decimal,
    RATIO.key: Decimal,
    WHOLE.key: int,
    DATE.key: date.fromisoformat,
    BOOLEAN.key: lambda text: text == "true",
}
