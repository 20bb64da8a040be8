"""Counting in workdays (调休 included): due dates, pauses, what remains.

The table is kept in memory per process; once per request or task its version is compared with the
database's. A day outside of the table raises CalendarMissing.
"""

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from foundation.clock import clock

Pause = tuple[date, date | None]


class CalendarMissing(LookupError):
    """The calendar doesn't reach that far; the text says so in Chinese."""


@dataclass(frozen=True, slots=True)
class _Table:
    version: object
    first: date
    ordinals: list[int]
    workdays: list[date]
    # Ordinal of workdays[0].
    base: int


_table: _Table | None = None
_checked: ContextVar[bool] = ContextVar("workdays_checked", default=False)
_listeners: list[Callable[[date], None]] = []


def is_workday(day: date) -> bool:
    """Whether people work on that day."""
    return _ordinal(day) != _ordinal_before(day)


def add(day: date, n: int) -> date:
    """The n-th workday after a day; n = 0: the day itself if it is one, else the next; n < 0: before it."""
    if n > 0:
        return _nth(_ordinal(day) + n)
    # What lies before the day decides: its own ordinal counts it only if it is worked.
    return _nth(_ordinal_before(day) + 1 + n)


def next_workday(day: date) -> date:
    """The first workday after a day."""
    return add(day, 1)


def between(start: date, end: date) -> int:
    """How many workdays lie in (start, end]; negative where end is the earlier one."""
    return _ordinal(end) - _ordinal(start)


def due(start: date, limit: int, pauses: Iterable[Pause] = ()) -> date | None:
    """The last day of a limit of workdays that starts the day after `start`.

    The workdays in (from, to] of a pause don't count. None while a pause is open; a pause that begins when
    the time had already run out changes nothing. Raises ValueError for a limit below 1.
    """
    if limit < 1:
        raise ValueError("a limit is at least one workday")
    last = add(start, limit)
    for begin, end in _merged(pauses, start):
        if begin >= last:
            break
        if end is None:
            return None
        last = add(last, between(begin, end)) if between(begin, end) else last
    return last


def remaining(due_on: date, today: date | None = None) -> int:
    """Workdays left after today up to the due date: 0 on the day itself, negative once overdue.

    On days off just after the due date it still says 0; compare the dates where that matters.
    """
    return between(clock.today() if today is None else today, due_on)


def on_calendar_changed(listener: Callable[[date], None]) -> None:
    """Upper rooms recompute their stored due dates: listener(first changed day), in the same transaction."""
    if listener not in _listeners:
        _listeners.append(listener)


def tell_listeners(first: date) -> None:
    for listener in _listeners:
        listener(first)


def forget(*args, **kwargs) -> None:
    """Compare the version with the database at the next use (a request or a task starts)."""
    _checked.set(False)


def _merged(pauses: Iterable[Pause], start: date) -> list[Pause]:
    """Pauses in order, clipped to what lies after the start, overlapping ones as one."""
    merged: list[Pause] = []
    for begin, end in sorted(pauses, key=lambda pause: (pause[0], pause[1] or date.max)):
        begin = max(begin, start)
        if end is not None and end <= begin:
            continue
        if merged and (merged[-1][1] is None or begin <= merged[-1][1]):
            earlier_begin, earlier_end = merged.pop()
            end = None if end is None or earlier_end is None else max(end, earlier_end)
            begin = earlier_begin
        merged.append((begin, end))
    return merged


def _ordinal(day: date) -> int:
    table = _current()
    index = (day - table.first).days
    if not 0 <= index < len(table.ordinals):
        raise missing(day)
    return table.ordinals[index]


def _ordinal_before(day: date) -> int:
    table = _current()
    return table.base - 1 if day == table.first else _ordinal(day - timedelta(days=1))


def _nth(ordinal: int) -> date:
    table = _current()
    index = ordinal - table.base
    if not 0 <= index < len(table.workdays):
        after_table = table.first + timedelta(days=len(table.ordinals))
        raise missing(after_table if index > 0 else table.first - timedelta(days=1))
    return table.workdays[index]


def missing(day: date) -> CalendarMissing:
    """The error for a day that the calendar doesn't have."""
    return CalendarMissing(_("工作日历中没有 %(year)d 年，请管理员先补充该年的工作日。") % {"year": day.year})


def _current() -> _Table:
    global _table
    if _table is None or not _checked.get():
        from foundation.workdays.models import Calendar

        version = Calendar.objects.values_list("version", flat=True).first()
        if _table is None or _table.version != version:
            _table = _load(version)
        _checked.set(True)
    return _table


def _load(version) -> _Table:
    from foundation.workdays.models import Workday

    rows = list(Workday.objects.order_by("day").values_list("day", "ordinal", "is_workday"))
    if not rows:
        raise CalendarMissing(_("工作日历是空的，请管理员先补充。"))
    first = rows[0][0]
    if rows[-1][0] != first + timedelta(days=len(rows) - 1):
        raise CalendarMissing(_("工作日历中有缺失的日期，请管理员先补充。"))
    workdays = [(day, ordinal) for day, ordinal, worked in rows if worked]
    return _Table(version, first, [row[1] for row in rows], [day for day, _o in workdays], workdays[0][1])
