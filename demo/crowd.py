"""Eight hundred more cases, so that queues, filters and reports are tried at the size of a real year.

They are made after the first page is up, one enterprise after the other, each in a transaction of its own: a
visitor's act waits for one of them at most, and a killed worker leaves nothing half-made. How far it is follows
from its people: an owner is made together with the case.

None of them touches a fund: its entries stand in the order in which money really moved, and these stories are
told after others that happened later.
"""

import random
import time
from datetime import date, timedelta
from functools import cache
from itertools import cycle, islice

from django.db import connection, transaction
from django.db.models import Min

from demo import calls, enterprises
from demo.accounts import PEOPLE
from demo.loading import SEED, moments
from demo.people import People
from demo.scripts import ACCEPTED, CLAIM, ENDORSED, HAND_IN, RECOMMENDED, Script
from demo.stories import Story
from enterprises.models import Enterprise
from foundation.accounts.models import User
from foundation.clock import clock
from measures.models import CallItem

CASES = 800
# The crowd's people: so many of them as there are cases.
OWNERS = "d"
# One filler at a time ("demo" in ASCII).
LOCK = 0x64656D6F
# Days that the register was known before the first start (loading.py).
KNOWN_BEFORE = timedelta(days=150)

AGAINST = [*ACCEPTED, (3, "recommend_against"), (1, "endorse")]
AT_THE_DOOR = [*HAND_IN, (1, "ask")]
# Where they stand: out of a hundred, as many as `idle` has numbers.
SCRIPTS = [
    Script("draft", [*CLAIM, (1, "begin")], [0, 1, 3, 5, 8]),
    Script("discarded", [*CLAIM, (1, "begin"), (2, "discard")], [4, 9]),
    Script("submitted", HAND_IN, [0, 0, 1, 1, 2, 3, 4]),
    Script("correction at the door", AT_THE_DOOR, [1, 2, 4, 6]),
    Script("corrected", [*AT_THE_DOOR, (3, "answer")], [1, 3]),
    Script("correction in the district", [*ACCEPTED, (2, "ask")], [3, 7]),
    Script("district review", ACCEPTED, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12]),
    Script("sent back", [*RECOMMENDED, (1, "send_back")], [1, 4]),
    Script("district endorsement", RECOMMENDED, [0, 1, 1, 2, 3]),
    Script("municipal review", ENDORSED, [0, 1, 2, 4, 5, 6, 8, 9, 11, 13, 15, 17, 18, 19]),
    Script("decline notified", AGAINST, [1, 3]),
    Script("declined", [*AGAINST, (6, "decline")], [2, 5, 8, 12]),
    Script("withdrawn", [*ACCEPTED, (1, "withdraw")], [3, 11]),
    Script("lapsed", [*AT_THE_DOOR, (9, "remind"), (3, "lapse")], [2, 7]),
    Script("not accepted", [*HAND_IN, (2, "refuse_acceptance")], [2, 5, 10]),
    Script("referral submitted", HAND_IN, [0, 1, 3], item="03-10"),
    Script("referred", ACCEPTED, [1, 3, 6, 9, 13, 16], item="03-10"),
    Script("concluded", [*ACCEPTED, (6, "conclude")], [2, 4, 8, 12, 17], item="03-10"),
    Script("service submitted", HAND_IN, [0, 2, 3], item="03-11"),
    Script("service referred", ACCEPTED, [2, 5, 10, 15], item="03-11"),
    Script("service concluded", [*ACCEPTED, (5, "conclude")], [3, 6, 13], item="03-11"),
    Script("project submitted", HAND_IN, [2, 3], item="08-02"),
    Script("project referred", ACCEPTED, [4, 8, 12, 18], item="08-02"),
    Script("project withdrawn", [*ACCEPTED, (2, "withdraw")], [6, 14], item="08-02"),
]


def missing(cases: int = CASES) -> int:
    """How many of so many cases are still to be made; 0 where the demo itself isn't there."""
    if not User.objects.filter(username=PEOPLE[0][0]).exists():
        return 0
    return max(0, cases - User.objects.filter(username__regex=f"^{OWNERS}[0-9]{{4}}$").count())


def fill(seconds: float, cases: int = CASES) -> int:
    """Go on for about that many seconds; returns how many cases are still to be made. One filler works at a time: another
    one returns at once."""
    ends = time.monotonic() + seconds
    people = None
    while left := missing(cases):
        with transaction.atomic():
            if not _alone():
                return left
            # Counted anew: the filler before this one may have made it.
            if not (left := missing(cases)):
                return 0
            if people is None:
                people, lines, first_day = People.standing(), _lines(), _first_day()
            _tell(cases - left, people, lines, first_day)
            if left == 1:
                calls.suspend(people, first_day)
        if time.monotonic() >= ends:
            return missing(cases)
    return 0


def _alone() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return cursor.fetchone()[0]


def _lines() -> dict[str, CallItem]:
    calls = CallItem.objects.filter(item__code__in={script.item for script in SCRIPTS}).order_by("serial")
    return {line.item.code: line for line in calls.select_related("call", "item")}


def _first_day() -> date:
    """The day of the first start: the moments of all stories count back from it, however the demo's clock moved."""
    first = Enterprise.objects.filter(uscc__contains=enterprises.MARK).aggregate(at=Min("created_at"))["at"]
    return clock.local(first).date() + KNOWN_BEFORE


def _tell(number: int, people: People, lines: dict[str, CallItem], today: date) -> None:
    """Make one enterprise and its case, act by act at its own moment."""
    script, idle = _plan()[number]
    serial = enterprises.COUNT + number
    rng = random.Random(SEED * 1000 + serial)
    (found,) = enterprises.load(rng, today - KNOWN_BEFORE, first=serial, count=1, always_fit=True)
    story = Story(people, found, lines[script.item], people.user(f"{OWNERS}{serial:04d}"), serial)
    for moment, act in moments(script, idle, today, serial):
        with clock.at(moment):
            getattr(story, act)()


@cache
def _plan() -> list[tuple[Script, int]]:
    """For each case its script and how long it has stood still: each script once, then all of them mixed, so that
    every part of the work shows everything."""
    kinds = [(script, idle) for script in SCRIPTS for idle in script.idle]
    random.Random(SEED).shuffle(kinds)
    return [*((script, script.idle[0]) for script in SCRIPTS), *islice(cycle(kinds), CASES)]
