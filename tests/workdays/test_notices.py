"""The table against the notices, day by day where people get them wrong."""

from datetime import date

import pytest

from foundation.workdays import notices

DAYS = {day.day: day for day in notices.days()}


def test_it_covers_2024_to_2027_without_a_gap():
    assert list(DAYS) == sorted(DAYS)
    assert (min(DAYS), max(DAYS), len(DAYS)) == (date(2024, 1, 1), date(2027, 12, 31), 1461)


# Counted from the notices: 52 weeks of five days, less holidays on weekdays, plus weekend days worked.
@pytest.mark.parametrize(("year", "workdays"), [(2024, 251), (2025, 248), (2026, 248), (2027, 248)])
def test_the_workdays_of_a_year_add_up(year, workdays):
    assert sum(day.is_workday for day in DAYS.values() if day.day.year == year) == workdays


@pytest.mark.parametrize(
    ("text", "worked"),
    [
        ("2024-02-04", True),  # Sunday, worked for Spring Festival
        ("2024-02-09", True),  # the eve was a workday in 2024
        ("2024-02-12", False),
        ("2024-09-14", True),
        ("2024-10-12", True),
        ("2025-01-26", True),
        ("2025-01-28", False),  # the eve is a holiday since 2025
        ("2025-05-05", False),
        ("2025-10-08", False),
        ("2025-10-11", True),
        ("2026-01-02", False),
        ("2026-01-04", True),
        ("2026-02-14", True),
        ("2026-02-23", False),
        ("2026-02-28", True),
        ("2026-05-09", True),
        ("2026-09-20", True),
        ("2026-10-07", False),
        ("2026-10-10", True),
        ("2026-11-23", True),
        ("2026-11-22", False),
        ("2027-02-08", False),
    ],
)
def test_days_off_and_days_worked_instead(text, worked):
    assert DAYS[date.fromisoformat(text)].is_workday is worked


def test_only_the_year_without_a_notice_is_provisional():
    assert {day.day.year for day in DAYS.values() if day.provisional} == {2027}


def test_holidays_and_days_worked_instead_carry_their_name():
    assert DAYS[date(2026, 10, 1)].note == "国庆节"
    assert DAYS[date(2026, 10, 10)].note == "国庆节调休上班"
    assert DAYS[date(2026, 11, 23)].note == ""


def test_the_ordinal_counts_the_workdays_so_far():
    worked = 0
    for day in DAYS.values():
        worked += day.is_workday
        assert day.ordinal == worked
