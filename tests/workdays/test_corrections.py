from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from foundation.accounts.roles import SYSTEM
from foundation.events import events
from foundation.workdays import notices, workdays, workflow
from foundation.workdays.models import Calendar, Workday
from foundation.workdays.workflow import Change
from tests.events.factories import person, with_role

pytestmark = pytest.mark.django_db

# A Monday of the provisional year, made a day off by a notice that came later; the Saturday is worked.
OFF = Change(date(2027, 3, 1), is_workday=False, note="春节", provisional=False)
WORKED = Change(date(2027, 3, 6), is_workday=True, note="春节调休上班")


@pytest.fixture(autouse=True)
def fresh():
    """The table in memory must not outlive a correction that is rolled back."""
    yield
    workdays.forget()


def test_a_correction_renumbers_what_follows():
    before = dict(Workday.objects.values_list("day", "ordinal"))
    assert workflow.change_days([OFF, WORKED], by=SYSTEM) == 2
    after = dict(Workday.objects.values_list("day", "ordinal"))
    moved = {day for day in before if before[day] != after[day]}
    assert moved == {date(2027, 3, day) for day in range(1, 6)}
    assert after[date(2027, 3, 1)] == before[date(2027, 3, 1)] - 1
    worked = 0
    for row in Workday.objects.order_by("day"):
        worked += row.is_workday
        assert row.ordinal == worked


def test_counting_follows_a_correction_at_once():
    assert workdays.next_workday(date(2027, 2, 26)) == date(2027, 3, 1)
    workflow.change_days([OFF], by=SYSTEM)
    assert workdays.next_workday(date(2027, 2, 26)) == date(2027, 3, 2)


def test_another_process_notices_at_its_next_request():
    workdays.is_workday(date(2027, 3, 1))
    workflow.change_days([OFF], by=SYSTEM)
    workdays._checked.set(True)  # as a process that has not looked since
    assert workdays.is_workday(date(2027, 3, 1))
    workdays.forget()
    assert not workdays.is_workday(date(2027, 3, 1))


def test_a_correction_is_recorded_with_its_days():
    officer = person()
    workflow.change_days([OFF], by=officer)
    event = events.timeline(Calendar.objects.get()).get()
    assert (event.verb, event.actor) == ("calendar.changed", officer)
    assert event.facts["days"] == [
        {"day": "2027-03-01", "is_workday": False, "provisional": False, "note": "春节"}
    ]


def test_what_is_so_already_changes_nothing():
    row = Workday.objects.get(day=date(2026, 10, 1))
    same = Change(row.day, row.is_workday, row.note, row.provisional)
    version = Calendar.objects.get().version
    assert workflow.change_days([same], by=SYSTEM) == 0
    assert Calendar.objects.get().version == version
    assert not events.timeline(Calendar.objects.get()).exists()


def test_rooms_that_keep_due_dates_are_told_from_which_day(monkeypatch):
    told = []
    monkeypatch.setattr(workdays, "_listeners", [])
    workdays.on_calendar_changed(told.append)
    workdays.on_calendar_changed(told.append)
    workflow.change_days([WORKED, OFF], by=SYSTEM)
    assert told == [OFF.day]


def test_a_listener_that_fails_undoes_the_correction(monkeypatch):
    def fail(first):
        raise ZeroDivisionError

    monkeypatch.setattr(workdays, "_listeners", [fail])
    with pytest.raises(ZeroDivisionError):
        workflow.change_days([OFF], by=SYSTEM)
    assert Workday.objects.get(day=OFF.day).is_workday


def test_a_day_beyond_the_calendar_is_refused():
    with pytest.raises(workdays.CalendarMissing, match="2028"):
        workflow.change_days([Change(date(2028, 1, 3), is_workday=True)], by=SYSTEM)


def test_renumbering_is_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        workflow.renumber()


def test_the_admin_corrects_a_day_through_the_verb(client):
    administrator = with_role("policy_administrator")
    client.force_login(administrator)
    address = reverse("admin:workdays_workday_change", args=["2027-03-01"])
    assert client.get(address).status_code == 200
    answer = client.post(address, {"note": "春节", "day": "2020-01-01", "ordinal": "7"})
    assert answer.status_code == 302
    row = Workday.objects.get(day=OFF.day)
    assert (row.is_workday, row.note, row.provisional) == (False, "春节", False)
    assert row.ordinal == Workday.objects.get(day=date(2027, 2, 28)).ordinal
    assert events.timeline(Calendar.objects.get()).get().actor == administrator
    assert client.get(reverse("admin:workdays_workday_changelist")).status_code == 200
    assert client.post(reverse("admin:workdays_workday_delete", args=["2027-03-01"])).status_code == 403
    assert client.get(reverse("admin:workdays_workday_add")).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_an_emptied_database_gets_its_calendar_back():
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE workdays_workday, workdays_calendar")
    workdays.forget()
    with pytest.raises(workdays.CalendarMissing, match="空的"):
        workdays.is_workday(date(2026, 1, 5))
    call_command("flush", interactive=False, verbosity=0)
    assert Workday.objects.count() == sum(1 for _ in notices.days())
    assert workdays.is_workday(date(2026, 1, 5))
