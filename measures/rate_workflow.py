"""The verb of exchange rates: enter them, a list at once; and how such a list is read."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from foundation.accounts.access import NotAllowed
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events import events
from measures.forms import currency, values
from measures.models import ExchangeRate

MOST = 2000
# A rate that is further from the nearest known one of its currency is a slip (a rate of 100 units, say) until
# somebody says that it was checked.
PLAUSIBLE = Decimal("0.2")
NEAR = timedelta(days=180)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class RatesRefused(ValidationError):
    """Nothing was entered; `messages` say why, line by line, in Chinese."""


@dataclass(frozen=True, slots=True)
class Line:
    """One rate to enter; `place`: the line of the list that it stands on, from 1; `note`: why it is corrected."""

    place: int
    currency: str
    day: date
    rate: Decimal
    note: str = ""


def read(text: str) -> list[Line]:
    """A pasted list or a CSV: 币种,日期,汇率 and, for a correction, its reason; separated by commas or tabs.

    A heading and empty lines are passed over. Raises RatesRefused with every line that is wrong.
    """
    found, problems = [], []
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > MOST:
        raise RatesRefused([_("一次最多 {most} 行，请分几次登记").format(most=MOST)])
    for place, line in enumerate(lines, 1):
        line = values.half_width(line)
        if not line:
            continue
        cells = next(csv.reader([line], delimiter="\t" if "\t" in line else ","), [])
        cells = [values.typed(cell) for cell in cells]
        if place == 1 and cells[0] in {"币种", "currency"}:
            continue
        try:
            found.append(_line(place, cells))
        except values.Wrong as wrong:
            problems.append(_at(place, str(wrong)))
    if not found and not problems:
        problems.append(_("没有可以登记的汇率"))
    if problems:
        raise RatesRefused(problems)
    return found


def _line(place: int, cells: list[str]) -> Line:
    if len(cells) < 3:
        raise values.Wrong(_("应为“币种,日期,汇率”，更正的在后面加“,理由”"))
    # A reason may have commas of its own.
    code, day, rate, note = *cells[:3], "，".join(cells[3:])
    code = code.upper()
    if code not in currency.CURRENCIES:
        raise values.Wrong(_("不认识的币种 {codes}").format(codes=code[:20]))
    if note.startswith(_FORMULA):
        raise values.Wrong(_("理由不能以 = + - @ 开头"))
    if len(note) > 200:
        raise values.Wrong(_("理由最多 200 字"))
    return Line(place, code, values.parse_day(day), currency.parse_rate(rate), note)


def _at(place: int, problem: str) -> str:
    return _("第 {place} 行：{problem}").format(place=place, problem=problem)


@transaction.atomic
def enter_rates(lines: Iterable[Line], source: str, by, *, checked: bool = False) -> list[ExchangeRate]:
    """Enter rates, all or none: yuan for one unit. checked: that the ones far from those known were looked at.

    Refused (RatesRefused) for a day to come, a rate that stands already, a correction without a reason, two
    lines of one day, and what is more than a fifth off the nearest known rate of the half year around.
    """
    if not by.may(Permission.CONFIGURE):
        raise NotAllowed
    lines, source = list(lines), values.typed(source)
    if not source or source.startswith(_FORMULA):
        raise RatesRefused([_("请写明来源，不能以 = + - @ 开头")])
    # One list after the other: a revision is given once.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('measures.rates'))")
    known = _known(lines)
    problems, seen, rows = [], set(), []
    for line in lines:
        last = known.get((line.currency, line.day))
        problem = _problem(line, last, seen) or ("" if checked else _implausible(line, known))
        seen.add((line.currency, line.day))
        if problem:
            problems.append(_at(line.place, problem))
            continue
        rows.append(
            ExchangeRate(
                currency=line.currency,
                day=line.day,
                revision=last.revision + 1 if last else 1,
                rate=line.rate,
                source=source,
                note=line.note if last else "",
                entered_by=by,
                entered_at=clock.now(),
            )
        )
    if problems:
        raise RatesRefused(problems)
    rows = ExchangeRate.objects.bulk_create(rows)
    events.record_many("enter_rate", [events.Entry(row, _facts(row, known), []) for row in rows], by)
    return rows


def _known(lines: list[Line]) -> dict[tuple[str, date], ExchangeRate]:
    """The last revision of each day around the lines', by currency and day."""
    if not lines:
        return {}
    days = [line.day for line in lines]
    rows = ExchangeRate.objects.filter(
        currency__in={line.currency for line in lines}, day__range=(min(days) - NEAR, max(days) + NEAR)
    ).order_by("revision")
    return {(row.currency, row.day): row for row in rows}


def _problem(line: Line, last: ExchangeRate | None, seen: set) -> str:
    if line.day > clock.today():
        return _("汇率日期不能晚于今天")
    if (line.currency, line.day) in seen:
        return _("{currency} {day} 在这份清单里出现了两次").format(currency=line.currency, day=line.day)
    if last is None:
        return _("这一天还没有登记过，不用写更正理由") if line.note else ""
    if last.rate == line.rate:
        return _("已登记为同一汇率，不用再登记")
    if not line.note:
        return _("已登记为 {rate}；要更正的，请在后面写明理由").format(rate=currency.rate_text(last.rate))
    return ""


def _implausible(line: Line, known: dict) -> str:
    others = [row for (code, day), row in known.items() if code == line.currency and day != line.day]
    if not others:
        return ""
    near = min(others, key=lambda row: (abs(row.day - line.day), row.day))
    if abs(line.rate - near.rate) <= near.rate * PLAUSIBLE:
        return ""
    return _(
        "{rate} 与 {day} 的 {known} 相差超过两成，请核对是否为 1 单位外币的人民币；确实无误的，勾选“已核对”"
    ).format(
        rate=currency.rate_text(line.rate), day=near.day.isoformat(), known=currency.rate_text(near.rate)
    )


def _facts(row: ExchangeRate, known: dict) -> dict:
    last = known.get((row.currency, row.day))
    return {
        "currency": row.currency,
        "day": row.day.isoformat(),
        "rate": str(row.rate),
        "before": str(last.rate) if last else "",
        "source": row.source,
        "note": row.note,
    }
