"""Brings the database up to date before the web starts: `python -m config.local.prepare owner|runtime`.

Two runs, because the tables are made by the role that owns them and filled by the one that works on
them. Each step is told on the standard output ("begin NAME", "end NAME"); what the commands themselves
say goes to the error stream, which the supervisor keeps in a log.
"""

import json
import os
import sys
from collections.abc import Callable

from config.local.places import LOCAL

ACCOUNTS = LOCAL / "accounts.json"


def owner_steps() -> list[tuple[str, Callable[[], None]]]:
    return [("tables", make_tables)]


def runtime_steps() -> list[tuple[str, Callable[[], None]]]:
    from django.conf import settings

    steps = [("catalogue", lambda: call("load_catalogue"))]
    if settings.DEMO:
        steps.append(("demo", fill_demo))
    return steps


def make_tables() -> None:
    call("migrate", interactive=False)
    call("createcachetable")
    call("grant_runtime")


def fill_demo() -> None:
    call("load_demo")
    note_accounts()


def call(name: str, **options) -> None:
    """Run a command with its output on the error stream."""
    from django.core.management import call_command

    call_command(name, stdout=sys.stderr, **options)


def note_accounts() -> None:
    """The demo accounts, for the supervisor to print: it does not load Django itself.

    Data that an earlier version made has fewer: those alone, and how many are missing.
    """
    from demo.accounts import ACCOUNTS as accounts
    from demo.accounts import PASSWORD
    from foundation.accounts.models import User

    there = set(
        User.objects.filter(username__in=[row[0] for row in accounts]).values_list("username", flat=True)
    )
    rows = [[str(cell) for cell in row] for row in accounts if row[0] in there]
    known = {"password": PASSWORD, "accounts": rows, "missing": len(accounts) - len(rows)}
    ACCOUNTS.write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")


def main() -> None:
    told = open(os.dup(1), "w", buffering=1, encoding="utf-8")  # noqa: SIM115 - closed with the process
    os.dup2(2, 1)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    ACCOUNTS.unlink(missing_ok=True)
    for name, step in owner_steps() if sys.argv[1] == "owner" else runtime_steps():
        told.write(f"begin {name}\n")
        step()
        told.write(f"end {name}\n")


if __name__ == "__main__":
    main()
