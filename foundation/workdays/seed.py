"""Filling an empty calendar from the notices."""

from foundation.workdays import notices


def fill(calendars, workdays) -> None:
    """Write the calendar where there is none; takes managers, so that a migration may call it."""
    calendars.get_or_create(pk=1)
    if not workdays.exists():
        workdays.bulk_create(
            workdays.model(
                day=day.day,
                is_workday=day.is_workday,
                ordinal=day.ordinal,
                provisional=day.provisional,
                note=day.note,
            )
            for day in notices.days()
        )
