"""Dates as people here read them: 4 月 22 日, with the year when it is not this year."""

from datetime import date, datetime, timedelta

from foundation.clock import clock


def as_date(value) -> date:
    """The Shanghai date of a date, an aware datetime, or an ISO text as event facts carry it."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value or " " in value else date.fromisoformat(value)
    if isinstance(value, datetime):
        return (clock.local(value) if value.tzinfo else value).date()
    return value


def as_moment(value) -> datetime:
    """The Shanghai wall-clock datetime of an aware datetime or its ISO text."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return clock.local(value) if value.tzinfo else value


def day(value) -> str:
    """4 月 22 日, or 2027 年 4 月 22 日 in another year than the clock's."""
    value = as_date(value)
    text = f"{value.month} 月 {value.day} 日"
    return text if value.year == clock.today().year else f"{value.year} 年 {text}"


def full(value) -> str:
    """2026 年 4 月 22 日: with the year always, for what is kept."""
    value = as_date(value)
    return f"{value.year} 年 {value.month} 月 {value.day} 日"


def moment(value) -> str:
    """4 月 22 日 16:00."""
    value = as_moment(value)
    return f"{day(value.date())} {value:%H:%M}"


def end(value) -> str:
    """The moment at which something closes: midnight is the end of the day before, 4 月 22 日 24:00."""
    value = as_moment(value)
    if (value.hour, value.minute, value.second) == (0, 0, 0):
        return f"{day(value.date() - timedelta(days=1))} 24:00"
    return moment(value)
