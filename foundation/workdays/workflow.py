"""Correcting the calendar: change days, renumber, tell the rooms that keep due dates."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from foundation.events import events
from foundation.workdays import workdays
from foundation.workdays.models import Calendar, Workday


@dataclass(frozen=True, slots=True)
class Change:
    """What a day becomes."""

    day: date
    is_workday: bool
    note: str = ""
    provisional: bool = False


@transaction.atomic
def change_days(changes: Iterable[Change], by) -> int:
    """Correct days of the calendar (as a new notice says) and renumber; returns how many differed.

    Raises CalendarMissing for a day that the calendar doesn't have. Listeners of
    workdays.on_calendar_changed run in the same transaction.
    """
    calendar = Calendar.objects.select_for_update().get(pk=Calendar.SINGLETON)
    wanted = {change.day: change for change in changes}
    rows = {row.day: row for row in Workday.objects.filter(day__in=wanted).order_by("day")}
    differing = []
    for day, change in sorted(wanted.items()):
        row = rows.get(day)
        if row is None:
            raise workdays.missing(day)
        new = (change.is_workday, change.note, change.provisional)
        if (row.is_workday, row.note, row.provisional) != new:
            row.is_workday, row.note, row.provisional = new
            differing.append(row)
    if not differing:
        return 0
    Workday.objects.bulk_update(differing, ["is_workday", "note", "provisional"])
    renumber()
    calendar.version = uuid.uuid4()
    calendar.save(update_fields=["version"])
    workdays.forget()
    days = [
        {"day": row.day, "is_workday": row.is_workday, "provisional": row.provisional, "note": row.note}
        for row in differing
    ]
    events.record("calendar.changed", calendar, by, days=days)
    workdays.tell_listeners(differing[0].day)
    return len(differing)


def renumber() -> None:
    """Count the workdays anew, in one statement; rows whose number stays are not touched."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE workdays_workday AS stored SET ordinal = counted.ordinal
            FROM (
                SELECT day, count(*) FILTER (WHERE is_workday) OVER (ORDER BY day) AS ordinal FROM workdays_workday
            ) AS counted
            WHERE stored.day = counted.day AND stored.ordinal <> counted.ordinal
            """
        )
