"""The migration operation that adds triggers together."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

pytestmark = pytest.mark.django_db

SQUASHED, NEXT = ("tracking", "0001_squashed"), ("tracking", "0002_last_event_is_asked")


def has_event() -> str:
    """What the database runs to see that a referral's state has its event."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT prosrc FROM pg_proc JOIN pg_trigger ON tgfoid = pg_proc.oid"
            " WHERE tgrelid = 'tracking_referral'::regclass AND tgname LIKE '%%state_has_event%%'"
        )
        (row,) = cursor.fetchall()
    return row[0]


def migrate(*targets) -> None:
    MigrationExecutor(connection).migrate(list(targets))


def test_a_trigger_takes_the_place_of_its_namesake_and_gives_it_back():
    newer = has_event()
    migrate(SQUASHED)
    older = has_event()
    assert "JOIN events_chain" in older
    assert "JOIN events_chain" not in newer
    migrate(NEXT)
    assert has_event() == newer
