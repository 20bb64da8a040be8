"""The one clock: every room asks here what time it is, so that tests and demo data can live on any day.

now() is, in this order: the moment frozen by at() in this context; the real time moved by the demo
clock (only where settings.DEMO); the real time. Frozen moments are context variables: another thread or
task doesn't see them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

SHANGHAI = ZoneInfo("Asia/Shanghai")
# A date that stands for a moment means the start of its office hours.
OFFICE_OPENS = time(9, 0)

_frozen: ContextVar[datetime | None] = ContextVar("clock_frozen", default=None)
_offset: ContextVar[timedelta | None] = ContextVar("clock_offset", default=None)


def now() -> datetime:
    """The current moment, aware, in UTC."""
    frozen = _frozen.get()
    if frozen is not None:
        return frozen
    real = timezone.now()
    return real + _demo_offset() if settings.DEMO else real


def today() -> date:
    """The current date in Shanghai."""
    return now().astimezone(SHANGHAI).date()


def shanghai(moment: datetime) -> datetime:
    """The same moment on Shanghai's wall clock; a naive datetime raises ValueError."""
    if timezone.is_naive(moment):
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(SHANGHAI)


# The name that most callers use.
local = shanghai


def moment_of(value: datetime | date) -> datetime:
    """An aware datetime in UTC; a date stands for 09:00 in Shanghai. A naive datetime raises ValueError."""
    if isinstance(value, datetime):
        return shanghai(value).astimezone(UTC)
    return datetime.combine(value, OFFICE_OPENS, SHANGHAI).astimezone(UTC)


@contextmanager
def at(value: datetime | date) -> Iterator[datetime]:
    """Freeze this context's clock at a moment (a date: 09:00 in Shanghai) for tests and demo data; nests."""
    moment = moment_of(value)
    token = _frozen.set(moment)
    try:
        yield moment
    finally:
        _frozen.reset(token)


def forget_offset(*args, **kwargs) -> None:
    """Read the demo clock anew at its next use (a request or a task starts, or the clock was moved)."""
    _offset.set(None)


def _demo_offset() -> timedelta:
    offset = _offset.get()
    if offset is None:
        from foundation.clock.models import DemoClock

        offset = DemoClock.current_offset()
        _offset.set(offset)
    return offset
