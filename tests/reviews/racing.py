"""Acts that start together in threads of their own, and what must hold whoever won."""

import contextvars
import threading
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import connection

from applications.models import Application
from applications.verbs import Outcomes, Refused
from enterprises.workflow import ClaimRefused
from foundation.events import events
from tests.applications import factories as cases


@pytest.fixture(autouse=True)
def catalogue(transactional_db):
    cases.open_call_item()
    yield
    # Whatever raced, the history and the money are whole.
    call_command("verify_events", verbosity=0)
    call_command("verify_ledger", verbosity=0)


def at_once(*acts: Callable[[], object]) -> list:
    """Run the acts in threads of their own that start together; their results or exceptions, in order.

    Each thread has its own connection and sees the same frozen clock.
    """
    start = threading.Barrier(len(acts), timeout=20)
    results: list = [None] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        try:
            connection.ensure_connection()
            start.wait()
            result = act()
            if isinstance(result, Outcomes):
                result = result.one()
            results[place] = result
        except Exception as error:
            results[place] = error
        finally:
            connection.close()

    threads = [
        threading.Thread(target=contextvars.copy_context().run, args=(run, place, act))
        for place, act in enumerate(acts)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive(), "two acts wait for each other"
    return results


def split(results: list) -> tuple[list, list[str]]:
    """Who got through, and the codes of those who were refused; anything else is an error."""
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, Refused | ClaimRefused):
            raise result
    done = [result for result in results if not isinstance(result, Exception)]
    return done, [result.code for result in results if isinstance(result, Exception)]


def copies(case: Application, number: int = 2) -> list[Application]:
    """The case as so many pages saw it."""
    return [Application.objects.select_related("form", "call_item").get(pk=case.pk) for _n in range(number)]


def changes(case: Application, verb: str) -> int:
    return events.timeline(case).filter(verb=verb).count()


def copies_of(some: list[Application]) -> list[Application]:
    """Fresh instances in the order given; the versions are those before the race."""
    return [Application(pk=case.pk, version=case.version) for case in some]
