"""A slow second opinion on rules, in plain Python: three-valued logic and Decimal, one enterprise at a time.

It shares nothing with the product's evaluator but the rows of the rule.
"""

import json
import operator
import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_DOWN, ROUND_FLOOR, Decimal, localcontext
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

FEN = Decimal("0.01")
FIGURES = ("revenue", "rd_expense", "employees", "taxes", "profit")
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
MONEY = {"declared_investment", "appraised_investment", "investment", "above_scale_threshold"} | {
    f"{name}_y{back}" for name in FIGURES if name != "employees" for back in (1, 2, 3)
}
DATES = {"project_start", "first_period"}


@dataclass
class Known:
    """What is recorded of one enterprise and its case."""

    uscc: str
    district: str
    legal_form: str
    industry: str = ""
    established: date | None = None
    closed: bool = False
    has_parent: bool = False
    # (recorded_at, industry, first period, code of the confirming office or None, confirmed class or ""), in the
    # order of their rows
    inclusions: list[tuple[datetime, str, date, str | None, str]] = field(default_factory=list)
    # (as_of, recorded_at, clean_since, listed), in the order of their rows
    credit: list[tuple[date, datetime, date | None, bool]] = field(default_factory=list)
    # (item code, year, recorded_at, fund, project)
    supports: list[tuple[str, int, datetime, str, str]] = field(default_factory=list)
    # (year, recorded_at, {figure: value}), in the order of their rows
    figures: list[tuple[int, datetime, dict]] = field(default_factory=list)
    # (kind, recorded_at, valid_from, valid_to), in the order of their rows
    qualifications: list[tuple[str, datetime, date, date | None]] = field(default_factory=list)
    # (effective_on, recorded_at, kind), in the order of their rows
    moves: list[tuple[date, datetime, str]] = field(default_factory=list)
    inputs: dict = field(default_factory=dict)


@dataclass
class Asked:
    """The circumstances of a question."""

    known: Known
    moment: datetime
    item_code: str
    year: int
    fund: str = ""
    on: date | None = None
    # {code: (class, partial)} of the table in force
    classes: dict[str, tuple[str, bool]] = field(default_factory=dict)

    @property
    def day(self) -> date:
        return self.on or self.moment.astimezone(ZoneInfo("Asia/Shanghai")).date()

    def inclusion(self):
        seen = [(row[0], n, row) for n, row in enumerate(self.known.inclusions) if row[0] <= self.moment]
        return max(seen)[2] if seen else None

    def figure(self, name: str, back: int):
        seen = [
            (at, n, values)
            for n, (year, at, values) in enumerate(self.known.figures)
            if year == self.year - back and at <= self.moment
        ]
        return max(seen, key=lambda row: row[:2])[2].get(name) if seen else None

    def qualified(self, kind: str):
        seen = [
            (at, n, until)
            for n, (of, at, since, until) in enumerate(self.known.qualifications)
            if of == kind and at <= self.moment and since <= self.day
        ]
        if not seen:
            return None
        until = max(seen, key=lambda row: row[:2])[2]
        return until is None or until >= self.day

    def supported(self, test) -> bool:
        return any(row[2] <= self.moment and test(row) for row in self.known.supports)


def division(code: str | None) -> str | None:
    found = re.match("[A-Z]?([0-9]{2})", code or "")
    return found[1] if found else None


def fact(name: str, asked: Asked):
    known, get = asked.known, asked.known.inputs.get
    if found := re.fullmatch(r"(\w+)_growth_y(\d)", name):
        return growth(asked, found[1], int(found[2]), 1)
    if found := re.fullmatch(r"(\w+)_growth_(\d)y", name):
        return growth(asked, found[1], 1, int(found[2]))
    if found := re.fullmatch(r"rd_intensity_y(\d)", name):
        return over(asked.figure("rd_expense", int(found[1])), asked.figure("revenue", int(found[1])))
    if (found := re.fullmatch(r"(\w+)_y(\d)", name)) and found[1] in FIGURES:
        return asked.figure(found[1], int(found[2]))
    if name.startswith("qualified_"):
        return asked.qualified(name.removeprefix("qualified_"))
    inclusion = asked.inclusion()
    match name:
        case "statistical_division":
            return division(inclusion[1]) if inclusion else None
        case "first_period":
            return inclusion[2] if inclusion else None
        case "first_period_year":
            return inclusion[2].year if inclusion else None
        case "included_years":
            return full_years(inclusion[2], asked.day) if inclusion else None
        case "inclusion_confirmed":
            return inclusion[3] is not None if inclusion else None
        case "confirming_office":
            return inclusion[3] if inclusion else None
        case "registered_division":
            return division(known.industry)
        case "district_code":
            return known.district
        case "registered_in_shanghai":
            return {"31": True, "10": None}.get(known.uscc[2:4], False)
        case "legal_person":
            return known.legal_form in ("company", "institution")
        case "in_business":
            return not known.closed
        case "has_parent":
            return known.has_parent
        case "age_years":
            return full_years(known.established, asked.day) if known.established else None
        case "legal_form":
            return known.legal_form
        case "clean_credit_years":
            return clean_years(asked)
        case "moved_out":
            seen = [
                (on, n, kind)
                for n, (on, at, kind) in enumerate(known.moves)
                if on <= asked.day and at <= asked.moment and kind != "moved_district"
            ]
            return bool(seen) and max(seen)[2] == "moved_out"
        case "item_supported_this_year":
            return asked.supported(lambda row: row[:2] == (asked.item_code, asked.year))
        case "item_supported_ever":
            return asked.supported(lambda row: row[0] == asked.item_code)
        case "fund_supported_this_year":
            return asked.supported(lambda row: row[1] == asked.year and row[3] == asked.fund)
        case "same_project_on_record":
            project = get("project_name")
            return None if project is None else asked.supported(lambda row: row[4] == project)
        case "above_scale_threshold":
            line = table_line("above_scale", asked)
            return Decimal(line["revenue"]) if line else None
        case "revenue_above_scale_y1":
            revenue, line = asked.figure("revenue", 1), table_line("above_scale", asked)
            return None if revenue is None or line is None else revenue >= Decimal(line["revenue"])
        case "size_class":
            return size_class(asked)
        case "science_service_class":
            if inclusion and inclusion[4]:
                return inclusion[4]
            code = (inclusion[1] if inclusion else known.industry or "").lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
            fits = [code[:length] for length in (4, 3, 2) if code[:length] in asked.classes]
            if not fits or not re.match("[0-9]{2}", code):
                return None
            number, partial = asked.classes[fits[0]]
            return None if partial else number
        case "investment":
            appraised = get("appraised_investment")
            return appraised if appraised is not None else get("declared_investment")
        case "project_start_year":
            start = get("project_start")
            return start.year if start else None
        case _:
            return get(name)


def over(first, second) -> Decimal | None:
    if first is None or second is None or second <= 0:
        return None
    with localcontext(prec=60):
        return Decimal(first) / Decimal(second)


def growth(asked: Asked, name: str, back: int, k: int) -> Decimal | None:
    quotient = over(asked.figure(name, back), asked.figure(name, back + k))
    if quotient is None or (k == 2 and quotient < 0):
        return None
    with localcontext(prec=60):
        root = quotient if k == 1 else quotient.sqrt() if k == 2 else cube_root(quotient)
        # a root that should be whole is not quite, in any arithmetic
        return root - 1 if k == 1 else round(root - 1, 17)


def cube_root(value: Decimal) -> Decimal:
    return Decimal(0) if value == 0 else (value.ln() / 3).exp()


def clean_years(asked: Asked) -> int | None:
    seen = [
        (as_of, n, since, listed)
        for n, (as_of, at, since, listed) in enumerate(asked.known.credit)
        if at <= asked.moment and as_of <= asked.day
    ]
    if not seen:
        return None
    _, _, since, listed = max(seen, key=lambda row: row[:2])
    if listed:
        return 0
    return None if since is None else max(0, full_years(since, asked.day))


def table_line(name: str, asked: Asked) -> dict | None:
    path = Path(settings.BASE_DIR) / "measures" / "catalogue" / "data" / f"{name}.json"
    tables = [one for one in json.loads(path.read_text("utf-8"))["tables"] if one["from"] <= str(asked.day)]
    inclusion = asked.inclusion()
    code = (inclusion[1] if inclusion else asked.known.industry or "").lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    if not tables or not re.match("[0-9]{2}", code):
        return None
    newest = max(tables, key=lambda one: one["from"])
    return next((line for line in newest["lines"] if code.startswith(tuple(line["industries"]))), None)


def size_class(asked: Asked) -> str | None:
    line = table_line("size_classes", asked)
    if line is None:
        return None
    needed = {name for bounds in line["classes"].values() for name in bounds}
    actual = {name: asked.figure(name, 1) for name in needed}
    if None in actual.values():
        return None
    for size, bounds in line["classes"].items():
        if all(actual[name] >= Decimal(bound) for name, bound in bounds.items()):
            return size
    return "micro"


def full_years(since: date, day: date) -> int:
    """As PostgreSQL counts age(): whole years towards zero."""
    if since > day:
        return -full_years(day, since)
    return day.year - since.year - ((day.month, day.day) < (since.month, since.day))


def is_ratio(name: str) -> bool:
    return "_growth_" in name or name.startswith("rd_intensity")


def threshold(row):
    if row.fact in MONEY or is_ratio(row.fact):
        return Decimal(row.value)
    return date.fromisoformat(row.value) if row.fact in DATES else row.value


def met(row, actual) -> bool | None:
    return None if actual is None else COMPARE[row.operator](actual, threshold(row))


def eligible(answers: list[bool | None], groups: list[int | None] | None = None) -> bool | None:
    """All of them; of those of one group, one."""
    groups = groups or [None] * len(answers)
    alone = [answer for answer, group in zip(answers, groups, strict=True) if group is None]
    for group in {group for group in groups if group is not None}:
        mine = [answer for answer, of in zip(answers, groups, strict=True) if of == group]
        alone.append(True if True in mine else None if None in mine else False)
    if False in alone:
        return False
    return None if None in alone else True


def award(rows, facts: dict, verdict: bool | None, ceiling: Decimal | None) -> Decimal | None:
    adding = [row for row in rows if row.kind in ("rate", "fixed", "tier")]
    if not adding or verdict is False:
        return None
    total = Decimal(0)
    for row in adding:
        if row.kind != "fixed" and facts[row.base] is None:
            return None
        if row.kind == "fixed":
            total += Decimal(row.amount)
        elif row.kind == "rate":
            total += (facts[row.base] * Decimal(row.rate)).quantize(FEN, ROUND_DOWN)
    for base in {row.base for row in adding if row.kind == "tier"}:
        tiers = [
            (Decimal(str(row.at_least)), row) for row in adding if (row.kind, row.base) == ("tier", base)
        ]
        reached = [tier for tier in tiers if facts[base] >= tier[0]]
        total += max(reached, key=lambda tier: tier[0])[1].amount if reached else 0
    for row in rows:
        if row.kind == "floor":
            total = max(total, row.amount)
    for row in rows:
        if row.kind == "round":
            total = (total / row.amount).to_integral_value(ROUND_FLOOR) * row.amount
    caps = [Decimal(row.amount) for row in rows if row.kind == "cap"]
    return min([total, *caps, *([ceiling] if ceiling is not None else [])])


def in_days(moment: datetime, days: int) -> datetime:
    return moment + timedelta(days=days)
