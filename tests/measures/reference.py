"""A slow second opinion on rules, in plain Python: three-valued logic and Decimal, one enterprise at a time.

It shares nothing with the product's evaluator but the rows of the rule.
"""

import operator
import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from zoneinfo import ZoneInfo

FEN = Decimal("0.01")
COMPARE = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gte": operator.ge,
    "gt": operator.gt,
    "lte": operator.le,
    "lt": operator.lt,
    "in": lambda actual, members: actual in members,
    "not_in": lambda actual, members: actual not in members,
    "is_true": lambda actual, nothing: actual,
    "is_false": lambda actual, nothing: not actual,
}
MONEY = {"declared_investment", "appraised_investment", "investment"}


@dataclass
class Known:
    """What is recorded of one enterprise and its case."""

    uscc: str
    district: str
    legal_form: str
    # (recorded_at, industry), in the order of their rows
    inclusions: list[tuple[datetime, str]] = field(default_factory=list)
    # (as_of, recorded_at, clean_since, listed), in the order of their rows
    credit: list[tuple[date, datetime, date | None, bool]] = field(default_factory=list)
    # (item code, year, recorded_at)
    supports: list[tuple[str, int, datetime]] = field(default_factory=list)
    inputs: dict = field(default_factory=dict)


def fact(name: str, known: Known, moment: datetime, item_code: str, year: int):
    day = moment.astimezone(ZoneInfo("Asia/Shanghai")).date()
    get = known.inputs.get
    match name:
        case "statistical_division":
            seen = [(at, n, industry) for n, (at, industry) in enumerate(known.inclusions) if at <= moment]
            found = re.match("[A-Z]?([0-9]{2})", max(seen)[2]) if seen else None
            return found[1] if found else None
        case "district_code":
            return known.district
        case "registered_in_shanghai":
            return {"31": True, "10": None}.get(known.uscc[2:4], False)
        case "legal_person":
            return known.legal_form in ("company", "institution")
        case "clean_credit_years":
            seen = [
                (as_of, n, since, listed)
                for n, (as_of, at, since, listed) in enumerate(known.credit)
                if at <= moment and as_of <= day
            ]
            if not seen:
                return None
            _, _, since, listed = max(seen, key=lambda row: row[:2])
            if listed:
                return 0
            return None if since is None else max(0, full_years(since, day))
        case "item_supported_this_year":
            return any(row[:2] == (item_code, year) and row[2] <= moment for row in known.supports)
        case "investment":
            appraised = get("appraised_investment")
            return appraised if appraised is not None else get("declared_investment")
        case "project_start_year":
            start = get("project_start")
            return start.year if start else None
        case _:
            return get(name)


def full_years(since: date, day: date) -> int:
    return day.year - since.year - ((day.month, day.day) < (since.month, since.day))


def threshold(row):
    if row.fact in MONEY:
        return Decimal(row.value)
    return date.fromisoformat(row.value) if row.fact == "project_start" else row.value


def met(row, actual) -> bool | None:
    return None if actual is None else COMPARE[row.operator](actual, threshold(row))


def eligible(answers: list[bool | None]) -> bool | None:
    if False in answers:
        return False
    return None if None in answers else True


def award(rows, facts: dict, verdict: bool | None, ceiling: Decimal | None) -> Decimal | None:
    adding = [row for row in rows if row.kind != "cap"]
    if not adding or verdict is False:
        return None
    total = Decimal(0)
    for row in adding:
        if row.kind == "fixed":
            total += Decimal(row.amount)
            continue
        if facts[row.base] is None:
            return None
        total += (facts[row.base] * Decimal(row.rate)).quantize(FEN, ROUND_DOWN)
    caps = [Decimal(row.amount) for row in rows if row.kind == "cap"]
    return min([total, *caps, *([ceiling] if ceiling is not None else [])])


def in_days(moment: datetime, days: int) -> datetime:
    return moment + timedelta(days=days)
