"""The watch: what is wrong for a while is told to the administrators once, and once more when it is gone."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import connection, transaction

from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import events
from foundation.health import health
from foundation.health.health import Problem
from foundation.operations.audiences import OPERATORS
from foundation.operations.models import Alarm, Heartbeat

# A hiccup is no alarm: the beats that mend things come every five minutes.
LASTS = timedelta(minutes=7)
# One watch at a time ("alar" in ASCII).
LOCK = 0x616C6172


def beat() -> None:
    """Write down that the beat and a worker are alive."""
    Heartbeat.objects.update_or_create(pk=Heartbeat.SINGLETON, defaults={"at": clock.now()})


def watch() -> tuple[list[Alarm], list[Alarm]]:
    """Examine the system and bring the alarms up to date; returns those raised and those cleared now."""
    return update(problem for result in health.examine() for problem in result.problems)


@transaction.atomic
def update(problems: Iterable[Problem]) -> tuple[list[Alarm], list[Alarm]]:
    """Compare what is wrong now with the open alarms; returns those raised and those cleared now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    now = clock.now()
    wrong = {problem.code: problem for problem in problems}
    open_now = {alarm.code: alarm for alarm in Alarm.objects.filter(cleared_at=None).order_by("pk")}
    for code in wrong.keys() - open_now.keys():
        open_now[code] = Alarm.objects.create(code=code, seen_at=now, **_words(wrong[code]))
    raised, cleared = [], []
    for code, alarm in sorted(open_now.items()):
        if code not in wrong:
            cleared += _clear(alarm, now)
        elif alarm.raised_at is None and now - alarm.seen_at >= LASTS:
            raised.append(_raise(alarm, wrong[code], now))
    return raised, cleared


def _raise(alarm: Alarm, problem: Problem, now) -> Alarm:
    words = _words(problem)
    alarm.text, alarm.todo, alarm.raised_at = words["text"], words["todo"], now
    alarm.save(update_fields=["text", "todo", "raised_at"])
    events.record(
        "raise_alarm", alarm, SYSTEM, tell=[OPERATORS], code=alarm.code, problem=alarm.text, todo=alarm.todo
    )
    return alarm


def _clear(alarm: Alarm, now) -> list[Alarm]:
    alarm.cleared_at = now
    alarm.save(update_fields=["cleared_at"])
    if alarm.raised_at is None:
        return []
    events.record("clear_alarm", alarm, SYSTEM, tell=[OPERATORS], code=alarm.code, problem=alarm.text)
    return [alarm]


def _words(problem: Problem) -> dict[str, str]:
    return {"text": str(problem.text)[:300], "todo": str(problem.todo)[:300]}
