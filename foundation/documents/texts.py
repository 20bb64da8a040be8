"""Dates on paper: always with the year, for a document is read in any year."""

from datetime import date, datetime, time, timedelta

from foundation.clock import clock


def day(value: date | datetime) -> str:
    """2026 年 3 月 25 日, in Shanghai."""
    if isinstance(value, datetime):
        value = clock.local(value).date()
    return f"{value.year} 年 {value.month} 月 {value.day} 日"


def moment(value: datetime) -> str:
    """2026 年 3 月 25 日 16:00, in Shanghai."""
    return f"{day(value)} {clock.local(value):%H:%M}"


def end(value: datetime) -> str:
    """The moment at which something closes; midnight is 24:00 of the day before."""
    here = clock.local(value)
    if here.time() == time(0):
        return f"{day(here.date() - timedelta(days=1))} 24:00"
    return moment(value)
