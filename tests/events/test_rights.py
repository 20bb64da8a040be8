"""The runtime role can do its work and cannot rewrite what happened, whatever it tries."""

import contextlib
import os
from datetime import timedelta
from io import StringIO

import psycopg
import pytest
from django.conf import settings as configured
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from psycopg.errors import InsufficientPrivilege

from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import append_only, delivery, events, seals
from foundation.events.management.commands import grant_runtime
from foundation.events.models import Delivery, Event
from tests.events.factories import person, subject

pytestmark = pytest.mark.urls("tests.events.urls")


@pytest.fixture
def granted(transactional_db):
    call_command("grant_runtime", stdout=StringIO())


@pytest.fixture
def runtime(granted):
    """A session of the role that the web runs as, with its own password, on the test's database."""
    url = psycopg.conninfo.conninfo_to_dict(os.environ["DATABASE_RUNTIME_URL"])
    url["dbname"] = configured.DATABASES["default"]["NAME"]
    with psycopg.connect(**url, autocommit=True) as session:
        assert session.execute("SELECT current_user").fetchone() == (configured.RUNTIME_ROLE,)
        yield session


@pytest.fixture
def recorded(transactional_db):
    with transaction.atomic():
        return events.record(
            "trial.told", subject(), by=SYSTEM, tell=[events.Audience("user", person().pk)], number="1"
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET {column} = {column}",
        "DELETE FROM {table}",
        "TRUNCATE {table} CASCADE",
        "ALTER TABLE {table} DISABLE TRIGGER ALL",
        "DROP TABLE {table} CASCADE",
    ],
)
def test_the_runtime_role_cannot_rewrite_history(runtime, statement):
    columns = {"events_event": "verb", "events_sealline": "head", "events_dailyseal": "digest"}
    for table, column in columns.items():
        with pytest.raises(InsufficientPrivilege):
            runtime.execute(statement.format(table=table, column=column))


@pytest.mark.parametrize(
    "trick",
    [
        f"SET pgtrigger.ignore = '{{{Event._meta.triggers[0].get_pgid(Event)}}}'",
        "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SET ROLE kefu_owner",
        "SET session_replication_role = replica",
        "GRANT UPDATE ON events_event TO CURRENT_USER",
        "CREATE TABLE public.shadow (id int)",
        "CREATE TRIGGER t BEFORE INSERT ON events_event EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE RULE r AS ON INSERT TO events_event DO INSTEAD NOTHING",
        "ALTER TABLE events_event OWNER TO CURRENT_USER",
        "SELECT setval('events_event_id_seq', 1)",
    ],
)
def test_no_trick_helps_it(runtime, recorded, trick):
    # Most are refused at once; what is allowed must not open the door.
    with contextlib.suppress(psycopg.Error):
        runtime.execute(trick)
    for statement in ("UPDATE events_event SET verb = 'x'", "DELETE FROM events_event"):
        with pytest.raises(InsufficientPrivilege):
            runtime.execute(statement)
    assert Event.objects.get().verb == "trial.told"


def test_a_chain_moves_on_but_is_never_removed(runtime, recorded):
    runtime.execute("UPDATE events_chain SET seq = seq WHERE id = %s", [recorded.chain_id])
    with pytest.raises(InsufficientPrivilege):
        runtime.execute("DELETE FROM events_chain")


def test_the_runtime_role_does_all_the_work_of_the_room(granted, settings, tmp_path):
    settings.SEAL_ROOT = tmp_path
    reader, case = person(), subject()
    with connection.cursor() as cursor:
        cursor.execute(f"SET ROLE {configured.RUNTIME_ROLE}")
    try:
        with transaction.atomic():
            told = [events.Audience("user", reader.pk)]
            event = events.record("trial.told", case, by=reader, tell=told, number="1")
        delivery.deliver([event.notifications.get().pk])
        events.mark_read(reader, [event.notifications.get().pk])
        with clock.at(clock.now() + timedelta(days=1)):
            seals.seal_day()
        call_command("verify_events", stdout=StringIO())
        assert Delivery.objects.get().sent_at
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


def test_every_append_only_table_takes_inserts_and_reads_alone(granted):
    assert {"events_event", "events_sealline", "events_dailyseal"} <= set(append_only.append_only_tables())
    with connection.cursor() as cursor:
        for table in append_only.append_only_tables():
            for right in ("SELECT", "INSERT"):
                cursor.execute(
                    "SELECT has_table_privilege(%s, %s, %s)", [configured.RUNTIME_ROLE, table, right]
                )
                assert cursor.fetchone()[0], (table, right)
            for right in ("UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "REFERENCES"):
                cursor.execute(
                    "SELECT has_table_privilege(%s, %s, %s)", [configured.RUNTIME_ROLE, table, right]
                )
                assert not cursor.fetchone()[0], (table, right)


def test_every_append_only_table_has_its_trigger(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'pgtrigger_append_only%'"
        )
        guarded = {table for (table,) in cursor.fetchall()}
    assert guarded == set(append_only.append_only_tables())


def test_no_table_is_forgotten_and_none_may_be_emptied_at_once(granted):
    rights = grant_runtime.table_rights()
    with connection.cursor() as cursor:
        for table, allowed in rights.items():
            cursor.execute(
                "SELECT array_agg(privilege_type::text) FROM information_schema.role_table_grants"
                " WHERE grantee = %s AND table_schema = 'public' AND table_name = %s",
                [configured.RUNTIME_ROLE, table],
            )
            assert set(cursor.fetchone()[0]) == set(allowed), table


@pytest.mark.django_db
def test_a_missing_role_stops_the_command_with_a_clear_answer(settings):
    settings.RUNTIME_ROLE = "nobody_here"
    with pytest.raises(CommandError, match="没有角色 nobody_here"):
        call_command("grant_runtime")


@pytest.mark.django_db
def test_the_owner_itself_is_no_runtime_role(settings):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        settings.RUNTIME_ROLE = cursor.fetchone()[0]
    with pytest.raises(CommandError, match="不能作为运行角色"):
        call_command("grant_runtime")
