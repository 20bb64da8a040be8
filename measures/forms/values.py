"""Typed text to values and back: yuan, numbers, days, months. Pure functions, no form in sight.

Each parse_* takes text as a person types it and raises Wrong with a Chinese sentence that says what to do.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

# Whole yuan have at most thirteen digits: a column of sixteen holds them with a digit to spare.
MONEY_LIMIT = Decimal(10) ** 13
# What is kept of an answer that is wrong, so that nobody can park megabytes in a draft.
KEPT_TEXT = 20_000
KEPT_VALUE = 200
_LONGEST_NUMBER = 40
_YEARS = range(1900, 2101)

_NUMBER = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?", re.ASCII)
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})-|/(\d{1,2})/|\.(\d{1,2})\.|年(\d{1,2})月)(\d{1,2})日?", re.ASCII)
_MONTH = re.compile(r"(\d{4})(?:[-/.](\d{1,2})|年(\d{1,2})月)", re.ASCII)
# Full-width forms and the ideographic space. NFKC would also turn "10²" into "102": a wrong number, silently.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})


class Wrong(ValueError):
    """The text is no such value; str() is a Chinese sentence for the person who typed it."""


def plain_text(raw, *, lines: bool) -> str:
    """Text without control, invisible and direction-changing characters, trimmed; one line unless `lines`.

    Anything that isn't text, a number or a day is the empty string.
    """
    if isinstance(raw, date | datetime):
        raw = raw.isoformat()
    elif isinstance(raw, Decimal) and raw.is_finite():
        raw = f"{raw:f}"
    elif isinstance(raw, int) and not isinstance(raw, bool):
        raw = str(raw)
    elif not isinstance(raw, str):
        return ""
    text = _LINE_ENDS.sub("\n", raw)
    if not lines:
        text = text.replace("\n", " ").replace("\t", " ")
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in _UNSEEN)
    return text.strip()[:KEPT_TEXT].strip()


def typed(raw) -> str:
    """A typed number or day as it is kept while it is wrong: one line, single spaces, at most KEPT_VALUE."""
    return " ".join(plain_text(raw, lines=False).split())[:KEPT_VALUE].strip()


def parse_money(text: str) -> Decimal:
    """Yuan with two places, 0 ≤ yuan < 10^13, from "3,200.00", full-width digits and commas included."""
    text = half_width(text)
    if any(unit in text for unit in "万亿千百"):
        raise Wrong(_("请以元为单位只填数字，例如 3,200,000.00，不要写“万元”"))
    if text.startswith("-"):
        raise Wrong(_("金额不能为负数"))
    value, places = _decimal(text, _("请只填数字，单位为元，例如 3,200,000.00"))
    if places > 2:
        raise Wrong(_("金额最多保留两位小数（精确到分）"))
    if value >= MONEY_LIMIT:
        raise Wrong(_("金额过大，请核对单位是否为元"))
    return value.quantize(Decimal("0.01"))


def parse_number(text: str, places: int) -> Decimal:
    """A number with at most so many places, |number| < 10^13, commas and full-width digits accepted."""
    value, found = _decimal(
        half_width(text), _("请只填数字，例如 {example}").format(example="12.5" if places else "12")
    )
    if found > places:
        if not places:
            raise Wrong(_("请填写整数"))
        raise Wrong(_("最多保留 {places} 位小数").format(places=places))
    if abs(value) >= MONEY_LIMIT:
        raise Wrong(_("数字过大，请核对单位"))
    return value


def _decimal(text: str, advice: str) -> tuple[Decimal, int]:
    match = _NUMBER.fullmatch(text) if len(text) <= _LONGEST_NUMBER else None
    if match is None:
        raise Wrong(advice)
    sign, whole, fraction = match.groups()
    return Decimal(f"{sign}{whole.replace(',', '')}.{fraction or '0'}"), len(fraction or "")


def parse_day(text: str) -> date:
    """A day between 1900 and 2100, from 2026-03-01, 2026/3/1, 2026.3.1 or 2026年3月1日."""
    match = _DAY.fullmatch(half_width(text).replace(" ", ""))
    if match is None:
        raise Wrong(_("请按“年-月-日”填写日期，例如 2026-03-01"))
    year, *months, day = match.groups()
    return _existing(int(year), int(next(filter(None, months))), int(day))


def parse_month(text: str) -> date:
    """The first day of a month between 1900 and 2100, from 2026-01, 2026/1, 2026.1 or 2026年1月."""
    match = _MONTH.fullmatch(half_width(text).replace(" ", ""))
    if match is None:
        raise Wrong(_("请按“年-月”填写，例如 2026-01"))
    year, *months = match.groups()
    return _existing(int(year), int(next(filter(None, months))), 1)


def _existing(year: int, month: int, day: int) -> date:
    if year not in _YEARS:
        raise Wrong(_("年份应在 1900 至 2100 之间，请核对"))
    try:
        return date(year, month, day)
    except ValueError:
        raise Wrong(_("没有这一天，请核对日期")) from None


def half_width(text: str) -> str:
    """Full-width digits, signs and spaces as ASCII; nothing else changes."""
    return text.translate(_FULL_WIDTH).strip()


def money_json(value: Decimal) -> str:
    """How yuan are stored: "32000000.00"."""
    return f"{value:.2f}"


def money_text(value: Decimal) -> str:
    """How yuan are read: "32,000,000.00"."""
    return f"{value:,.2f}"


def number_json(value: Decimal) -> str:
    """How a number is stored: "12.5", without trailing zeros."""
    return f"{value.normalize():f}" if value else "0"


def number_text(value: Decimal) -> str:
    """How a number is read: with commas from five digits on (a year stays 2026)."""
    return f"{value.normalize():,f}" if abs(value) >= 10_000 else number_json(value)


def day_text(value: date) -> str:
    """How a day is read: "2026 年 3 月 1 日"."""
    return _("{year} 年 {month} 月 {day} 日").format(year=value.year, month=value.month, day=value.day)


def month_text(value: date) -> str:
    """How a month is read: "2026 年 3 月"."""
    return _("{year} 年 {month} 月").format(year=value.year, month=value.month)


def mapping(raw) -> Mapping:
    """The raw value if it is a mapping, else an empty one."""
    return raw if isinstance(raw, Mapping) else {}
