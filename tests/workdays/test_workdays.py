from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from foundation.clock import clock
from foundation.workdays import workdays
from foundation.workdays.models import Workday
from foundation.workdays.workdays import CalendarMissing

pytestmark = pytest.mark.django_db

relaxed = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
days = st.dates(date(2024, 2, 1), date(2027, 6, 1))
counts = st.integers(1, 60)


@st.composite
def pauses(draw):
    """Any mess of pauses: overlapping, touching, before the start, after the end."""
    spans = draw(st.lists(st.tuples(days, st.integers(0, 40)), max_size=4))
    return [(begin, begin + timedelta(days=length)) for begin, length in spans]


def counted_by_hand(start, limit, stops):
    """The definition, literally: the limit-th workday after the start that lies in no pause."""
    day, left = start, limit
    while left:
        day += timedelta(days=1)
        if workdays.is_workday(day) and not any(begin < day <= end for begin, end in stops):
            left -= 1
    return day


def test_the_next_workday_after_a_long_holiday():
    assert workdays.next_workday(date(2026, 9, 30)) == date(2026, 10, 8)
    assert workdays.next_workday(date(2026, 10, 8)) == date(2026, 10, 9)
    assert workdays.next_workday(date(2026, 10, 9)) == date(2026, 10, 10)  # a Saturday that is worked
    assert workdays.next_workday(date(2026, 10, 10)) == date(2026, 10, 12)


def test_five_workdays_around_spring_festival():
    assert workdays.add(date(2026, 2, 11), 5) == date(2026, 2, 25)
    assert workdays.between(date(2026, 2, 11), date(2026, 2, 25)) == 5


def test_no_days_later_is_the_day_itself_or_the_next_that_is_worked():
    assert workdays.add(date(2026, 11, 23), 0) == date(2026, 11, 23)
    assert workdays.add(date(2026, 11, 21), 0) == date(2026, 11, 23)


def test_days_before_for_reminders():
    assert workdays.add(date(2026, 11, 25), -2) == date(2026, 11, 23)
    assert workdays.add(date(2026, 11, 22), -1) == date(2026, 11, 20)


def test_what_remains_is_told_from_today():
    with clock.at(date(2026, 11, 19)):
        assert workdays.remaining(date(2026, 11, 23)) == 2
    assert workdays.remaining(date(2026, 11, 23), today=date(2026, 11, 23)) == 0
    assert workdays.remaining(date(2026, 11, 20), today=date(2026, 11, 24)) == -2


def test_a_limit_starts_the_day_after():
    assert workdays.due(date(2026, 11, 20), 5) == date(2026, 11, 27)


def test_a_pause_gives_back_what_it_took():
    paused = [(date(2026, 11, 23), date(2026, 11, 25))]
    assert workdays.due(date(2026, 11, 20), 5, paused) == date(2026, 12, 1)


def test_while_a_pause_is_open_nothing_is_due():
    assert workdays.due(date(2026, 11, 20), 5, [(date(2026, 11, 23), None)]) is None


def test_a_pause_after_the_time_ran_out_changes_nothing():
    assert workdays.due(date(2026, 11, 20), 5, [(date(2026, 11, 27), None)]) == date(2026, 11, 27)
    assert workdays.due(date(2026, 11, 20), 5, [(date(2026, 11, 30), None)]) == date(2026, 11, 27)


def test_a_pause_over_a_weekend_alone_gives_nothing():
    assert workdays.due(date(2026, 11, 18), 5, [(date(2026, 11, 20), date(2026, 11, 22))]) == date(
        2026, 11, 25
    )


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_is_at_least_a_day(limit):
    with pytest.raises(ValueError):
        workdays.due(date(2026, 11, 20), limit)


def test_a_year_that_is_missing_is_said_in_chinese():
    for ask in (
        lambda: workdays.add(date(2027, 12, 30), 5),
        lambda: workdays.between(date(2027, 12, 30), date(2028, 1, 3)),
        lambda: workdays.is_workday(date(2028, 6, 1)),
    ):
        with pytest.raises(CalendarMissing, match="工作日历中没有 2028 年"):
            ask()
    with pytest.raises(CalendarMissing, match="2023"):
        workdays.is_workday(date(2023, 12, 31))
    with pytest.raises(CalendarMissing, match="2023"):
        workdays.add(date(2024, 1, 2), -5)


def test_the_first_day_of_the_table_can_be_asked():
    assert not workdays.is_workday(date(2024, 1, 1))
    assert workdays.add(date(2024, 1, 1), 0) == date(2024, 1, 2)


def test_counting_costs_no_query_once_the_table_is_read(django_assert_num_queries):
    workdays.is_workday(date(2026, 1, 1))
    with django_assert_num_queries(0):
        for _ in range(50):
            workdays.due(date(2026, 11, 20), 20, [(date(2026, 11, 23), date(2026, 11, 25))])
    workdays.forget()
    with django_assert_num_queries(1):
        workdays.add(date(2026, 11, 20), 20)


def test_the_database_counts_the_same_by_ordinals():
    start, limit = date(2026, 2, 11), 12
    ordinal = Workday.objects.get(day=start).ordinal
    row = Workday.objects.get(is_workday=True, ordinal=ordinal + limit)
    assert row.day == workdays.add(start, limit)


@relaxed
@given(days, counts)
def test_adding_and_counting_are_inverse(day, n):
    later = workdays.add(day, n)
    assert workdays.between(day, later) == n
    assert workdays.between(later, day) == -n
    assert workdays.is_workday(later)
    assert workdays.add(later, -n) == workdays.add(day, 0) or not workdays.is_workday(day)


@relaxed
@given(days, days, counts)
def test_later_days_are_due_later(one, other, n):
    assume(one < other)
    assert workdays.add(one, n) <= workdays.add(other, n)
    assert workdays.add(one, n) < workdays.add(one, n + 1)
    assert workdays.between(one, other) >= 0


@relaxed
@given(days, counts, pauses())
def test_a_due_date_is_what_counting_by_hand_gives(start, limit, stops):
    assert workdays.due(start, limit, stops) == counted_by_hand(start, limit, stops)


@relaxed
@given(days, counts, pauses(), pauses())
def test_more_pauses_never_bring_the_date_forward(start, limit, stops, more):
    assert (
        workdays.due(start, limit)
        <= workdays.due(start, limit, stops)
        <= workdays.due(start, limit, stops + more)
    )


@relaxed
@given(days, counts, pauses(), days)
def test_an_open_pause_stops_the_time_or_comes_too_late(start, limit, stops, begin):
    without = workdays.due(start, limit, stops)
    with_it = workdays.due(start, limit, [*stops, (begin, None)])
    assert with_it is None if begin < without else with_it == without
