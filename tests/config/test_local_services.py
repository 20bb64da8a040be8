"""The services of a newcomer's machine: from nothing, by many at once, after a crash."""

import json
import os
import signal
import stat

import psycopg
import pytest

from config.local import environment, processes
from tests.config.conftest import ENSURE


def test_what_runs_is_found_and_not_started_again():
    before = environment.services()
    assert environment.ensure()["SECRET_KEY"] == os.environ["SECRET_KEY"]
    assert environment.services() == before


def test_many_callers_from_nothing_share_one_database_and_one_broker(folder):
    callers = [folder.begin(ENSURE) for _ in range(4)]
    results = [caller.communicate(timeout=90) for caller in callers]
    assert [caller.returncode for caller in callers] == [0, 0, 0, 0], results
    assert len({out for out, _err in results}) == 1
    assert folder.runs("postgres")
    assert folder.runs("valkey")

    # The secrets are nobody else's to read, and stay.
    mode = stat.S_IMODE((folder.local / "environment.json").stat().st_mode)
    assert mode == 0o600
    assert stat.S_IMODE(folder.local.stat().st_mode) & 0o066 == 0
    folder.stop()
    assert not folder.runs("postgres")
    assert not folder.runs("valkey")
    assert folder.ensure() == json.loads(results[0][0])


def test_killed_services_come_back_with_their_data(folder):
    values = folder.ensure()
    # The tests themselves run with synchronous_commit off: not here, where a commit must have been kept.
    written = {"autocommit": True, "options": "-c synchronous_commit=on"}
    with psycopg.connect(values["DATABASE_OWNER_URL"], **written) as connection:
        connection.execute("CREATE TABLE kept (value integer)")
        connection.execute("INSERT INTO kept VALUES (42)")
    for name in ("postgres", "valkey"):
        os.kill(folder.service(name)["pid"], signal.SIGKILL)
    again = folder.ensure()
    with psycopg.connect(again["DATABASE_OWNER_URL"]) as connection:
        assert connection.execute("SELECT value FROM kept").fetchone() == (42,)


def test_traces_of_a_crash_are_no_obstacle(folder):
    """A postmaster.pid whose number belongs to somebody else by now; an initdb that never finished."""
    folder.ensure()
    folder.stop()
    data = folder.local / "postgres" / "data"
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n1\n1\n\n127.0.0.1\n1 1\nready\n")
    unfinished = folder.local / "postgres" / "data.new"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    (folder.local / "services.json").write_text("{ cut off", encoding="utf-8")
    folder.ensure()
    assert folder.runs("postgres")


def test_a_damaged_journal_of_the_broker_is_set_aside(folder):
    folder.ensure()
    folder.stop()
    journal = folder.local / "valkey" / "appendonlydir"
    for file in journal.glob("*.aof"):
        file.write_bytes(b"*3\r\n$3\r\nSET\r\nbroken" + b"*1\r\n" * 50)
    folder.ensure()
    assert folder.runs("valkey")
    assert (folder.local / "valkey" / "damaged-1").is_dir()


def test_a_taken_port_is_left_to_its_owner(folder):
    import socket

    folder.ensure()
    folder.stop()
    port = folder.service("postgres")["port"]
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        values = folder.ensure()
    assert f":{port}/" not in values["DATABASE_URL"]


def test_lost_keys_are_said_and_not_replaced_beside_an_existing_database(folder):
    folder.ensure()
    folder.stop()
    (folder.local / "environment.json").unlink()
    done = folder.python(ENSURE)
    assert done.returncode != 0
    assert "make reset" in done.stderr
    assert not (folder.local / "environment.json").exists()


def test_a_database_of_ones_own_is_used_and_none_is_started(folder):
    url = "postgres://someone@db.example/kefu"
    values = folder.ensure(DATABASE_URL=url)
    assert values["DATABASE_URL"] == values["DATABASE_OWNER_URL"] == url
    assert folder.runs("valkey")
    assert not folder.service("postgres")
    assert not (folder.local / "postgres").exists()


def test_the_runtime_role_cannot_change_the_schema():
    with psycopg.connect(os.environ["DATABASE_RUNTIME_URL"], autocommit=True) as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE public.intruder (value integer)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE DATABASE intruder")


def test_a_reused_process_number_is_not_taken_for_the_process():
    assert processes.is_same(os.getpid(), processes.birth(os.getpid()))
    assert not processes.is_same(os.getpid(), "0")
    assert not processes.is_same(None, None)
