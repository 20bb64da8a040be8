"""Loading the demo: the register, the people, and all scripts side by side in the order of time."""

import heapq
import random
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from django.db import connection

from demo import calls, members, proactive
from demo.changes import change_enterprises
from demo.enterprises import Found, load
from demo.people import People
from demo.scripts import SCRIPTS, Script
from demo.stories import Story
from demo.tracked import Tracked
from foundation.clock import clock
from foundation.workdays import workdays
from measures.models import CallItem

SEED = 20241010
# Districts whose officers are demo accounts come first, so that their desks are full.
SHOWN_FIRST = ("310104", "310115")


def load_all(progress: Callable[[int, int], None]) -> dict[str, int]:
    """Make everything; progress(done, total) is called after each act. Returns counts by script."""
    rng = random.Random(SEED)
    today = clock.today()
    people = People()
    founds = load(rng, today - timedelta(days=150))
    with connection.cursor() as cursor:
        # The planner knows nothing of rows that this transaction has just written. After a load that was
        # interrupted it even knows the tables to be empty, and would loop through them row by row.
        cursor.execute("SET LOCAL enable_nestloop = off")
    lines = {
        line.item.code: line
        for line in CallItem.objects.open().select_related("call", "item", "fund", "decided_by")
    }
    acts, counts = _plan(rng, today, people, founds, lines)
    for moment, act in Tracked(people).plan(today):
        acts.append((moment, len(acts), act, "run"))
    heapq.heapify(acts)
    total = len(acts)
    for done in range(1, total + 1):
        moment, _order, story, name = heapq.heappop(acts)
        with clock.at(moment):
            getattr(story, name)()
        progress(done, total)
    members.load(people)
    calls.extend(people, today)
    change_enterprises(people, today)
    return counts


def _plan(rng, today: date, people: People, founds: list[Found], lines: dict[str, CallItem]):
    fit = [found for found in founds if found.fit]
    fit.sort(key=lambda found: found.enterprise.district_id not in SHOWN_FIRST)
    first, rest = fit[:36], fit[36:]
    rng.shuffle(first)
    rng.shuffle(rest)
    waiting = iter(_interleaved(first, rest))
    acts, counts, serial = [], {}, 0
    for script in SCRIPTS:
        if script.item not in lines:
            continue
        group: list[Story] = []
        for number, idle in enumerate(script.idle):
            serial += 1
            username = script.owners[number] if number < len(script.owners) else f"q{serial:03d}"
            owner = people.by_name.get(username) or people.user(username)
            found = _next(waiting, people, username)
            story = Story(people, found, lines[script.item], owner, serial)
            if script.together:
                group.append(story)
                story.listed = group
            for at, name in moments(script, idle, today, serial):
                acts.append((at, len(acts), story, name))
        counts[script.name] = len(script.idle)
    if proactive.ITEM in lines:
        own = {id(story): story for _at, _order, story, _name in acts if story.owner.username == "qiye1"}
        found = proactive.lists(people, waiting, lines[proactive.ITEM], [s.found for s in own.values()])
        acts += [
            (at, len(acts) + order, found, name) for order, (at, name) in enumerate(found.moments(today))
        ]
        counts[proactive.ITEM] = len(proactive.PLAN)
    return acts, counts


def _interleaved(first: list[Found], rest: list[Found]) -> list[Found]:
    """Half of the cases in the districts shown first, the others all over the city."""
    mixed = []
    while first or rest:
        mixed += [pile.pop() for pile in (first, rest) if pile]
    return mixed


# The demo accounts' own enterprises sit where their labels say.
_HOME = {"qiye1": "310104", "qiye2": "310115", "qiye3": "310104"}


def _next(waiting, people: People, username: str) -> Found:
    home = _HOME.get(username)
    passed = []
    for found in waiting:
        if home is None or found.enterprise.district_id == home:
            break
        passed.append(found)
    return found


def moments(script: Script, idle: int, today: date, serial: int):
    """When each step of a script happens: office hours of working days, the last one `idle` days ago."""
    day = workdays.add(today, -(1 + idle + script.length))
    same_day = 0
    for gap, name in script.steps:
        if gap:
            day, same_day = workdays.add(day, gap), 0
        hour = time(min(9 + same_day, 17), (serial * 5) % 60)
        same_day += 1
        yield datetime.combine(day, hour, clock.SHANGHAI), name
