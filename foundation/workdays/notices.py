"""The public holidays as the State Council's yearly notices give them, and the table that follows.

Source: 国务院办公厅关于 2024/2025/2026 年部分节假日安排的通知. A holiday is a name, its first and last day
off, and the weekend days worked for it (调休). A year whose notice was not out when this was written holds
the statutory days alone (《全国年节及纪念日放假办法》, as revised 2024) and is provisional.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Day:
    """One row of the workday table; ordinal counts the workdays up to and including the day."""

    day: date
    is_workday: bool
    ordinal: int
    provisional: bool
    note: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A year's arrangement; number is None while it isn't published."""

    number: str | None
    holidays: tuple[tuple[str, str, str, str], ...]


NOTICES = {
    2024: Notice(
        "国办发明电〔2023〕7号",
        (
            ("元旦", "01-01", "01-01", ""),
            ("春节", "02-10", "02-17", "02-04 02-18"),
            ("清明节", "04-04", "04-06", "04-07"),
            ("劳动节", "05-01", "05-05", "04-28 05-11"),
            ("端午节", "06-10", "06-10", ""),
            ("中秋节", "09-15", "09-17", "09-14"),
            ("国庆节", "10-01", "10-07", "09-29 10-12"),
        ),
    ),
    2025: Notice(
        "国办发明电〔2024〕12号",
        (
            ("元旦", "01-01", "01-01", ""),
            ("春节", "01-28", "02-04", "01-26 02-08"),
            ("清明节", "04-04", "04-06", ""),
            ("劳动节", "05-01", "05-05", "04-27"),
            ("端午节", "05-31", "06-02", ""),
            ("国庆节、中秋节", "10-01", "10-08", "09-28 10-11"),
        ),
    ),
    2026: Notice(
        "国办发明电〔2025〕7号",
        (
            ("元旦", "01-01", "01-03", "01-04"),
            ("春节", "02-15", "02-23", "02-14 02-28"),
            ("清明节", "04-04", "04-06", ""),
            ("劳动节", "05-01", "05-05", "05-09"),
            ("端午节", "06-19", "06-21", ""),
            ("中秋节", "09-25", "09-27", ""),
            ("国庆节", "10-01", "10-07", "09-20 10-10"),
        ),
    ),
    2027: Notice(
        None,
        (
            ("元旦", "01-01", "01-01", ""),
            ("春节", "02-05", "02-10", ""),
            ("清明节", "04-05", "04-05", ""),
            ("劳动节", "05-01", "05-04", ""),
            ("端午节", "06-09", "06-09", ""),
            ("中秋节", "09-15", "09-15", ""),
            ("国庆节", "10-01", "10-05", ""),
        ),
    ),
}


def days() -> Iterator[Day]:
    """Every day of the years above, in order."""
    ordinal = 0
    for year, notice in sorted(NOTICES.items()):
        off, worked = _exceptions(year, notice)
        day = date(year, 1, 1)
        while day.year == year:
            is_workday = day in worked or (day.weekday() < 5 and day not in off)
            ordinal += is_workday
            note = off.get(day) or worked.get(day, "")
            yield Day(day, is_workday, ordinal, notice.number is None, note)
            day += timedelta(days=1)


def _exceptions(year: int, notice: Notice) -> tuple[dict[date, str], dict[date, str]]:
    off, worked = {}, {}
    for name, first, last, instead in notice.holidays:
        day, end = date.fromisoformat(f"{year}-{first}"), date.fromisoformat(f"{year}-{last}")
        while day <= end:
            off[day] = name
            day += timedelta(days=1)
        for text in instead.split():
            worked[date.fromisoformat(f"{year}-{text}")] = f"{name}调休上班"
    return off, worked
