"""Seals leave the host: to folders and by a command, again and again until they arrive."""

import json
import sys
import threading
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import events, exports, seals, tasks
from foundation.events.models import SealExport
from tests.events.factories import subject

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 3, 2)


@pytest.fixture
def away(settings, tmp_path):
    """A folder of another host, and two sealed days."""
    settings.SEAL_ROOT = tmp_path / "seals"
    folder = tmp_path / "away"
    folder.mkdir()
    settings.SEAL_EXPORT = [str(folder)]
    for day in (MONDAY, MONDAY + timedelta(days=1)):
        seal(day)
    return folder


def seal(day):
    with clock.at(day), transaction.atomic():
        events.record("trial.done", subject(), by=SYSTEM)
    with clock.at(day + timedelta(days=1)):
        seals.seal_day()


def verify(*args) -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("verify_events", *args, stdout=out)
    except SystemExit as ended:
        return ended.code, out.getvalue()
    return 0, out.getvalue()


def test_every_seal_is_brought_to_every_place_once(away):
    assert exports.catch_up() == 2
    assert exports.catch_up() == 0
    assert sorted(path.name for path in away.iterdir()) == ["2026-03-02.json", "2026-03-03.json"]
    assert verify("--seals", str(away))[0] == 0


def test_what_another_host_has_fetched_is_not_brought_again(away):
    exports.catch_up()
    (away / "2026-03-02.json").unlink()
    assert exports.catch_up() == 0


def test_a_disk_that_is_not_mounted_is_tried_again_until_it_is(away):
    away.rmdir()
    assert exports.catch_up() == 0
    assert set(SealExport.objects.values_list("attempts", "last_error")) == {(1, "no such folder")}
    away.mkdir()
    with clock.at(MONDAY + timedelta(days=2)):
        tasks.seal_day()
    assert set(SealExport.objects.values_list("attempts", "last_error")) == {(2, "")}
    assert exports.missing() == []


def test_a_new_place_gets_the_seals_of_before_too(away, settings, tmp_path):
    exports.catch_up()
    (tmp_path / "second").mkdir()
    settings.SEAL_EXPORT = [*settings.SEAL_EXPORT, str(tmp_path / "second")]
    assert exports.catch_up() == 2


def test_the_command_gets_the_file_and_its_refusal_is_tried_again(away, settings, tmp_path):
    script = tmp_path / "bring.py"
    script.write_text("import shutil, sys; shutil.copy(sys.argv[2], sys.argv[1])")
    settings.SEAL_EXPORT = []
    settings.SEAL_COMMAND = f'"{sys.executable}" "{script}" "{tmp_path / "nowhere" / "x"}"'
    assert exports.catch_up() == 0
    assert set(SealExport.objects.values_list("target", "last_error")) == {("SEAL_COMMAND", "exit 1")}
    settings.SEAL_COMMAND = f'"{sys.executable}" "{script}" "{away}"'
    assert exports.catch_up() == 2
    assert len(list(away.iterdir())) == 2


def test_an_invented_chain_with_consistent_hashes_is_found_by_the_key(away, settings):
    """Whoever rewrites database and files alike still lacks the key."""
    exports.catch_up()
    key, settings.SEAL_KEY = settings.SEAL_KEY, "invented" * 8
    for path in exports.export_path(MONDAY).parent.iterdir():
        path.unlink()
    exports.catch_up()
    forged = settings.SEAL_ROOT
    assert verify("--seals", str(forged))[0] == 0
    settings.SEAL_KEY = key
    code, told = verify("--seals", str(forged))
    assert code == 1
    assert told.count("密钥校验不符") == 2


def test_all_that_differs_is_said_and_a_missing_day_too(away):
    exports.catch_up()
    head, *lines = (away / "2026-03-03.json").read_text().splitlines()
    changed = json.loads(head) | {"previous_digest": "0" * 64}
    (away / "2026-03-03.json").write_text("\n".join([json.dumps(changed), *lines]) + "\n")
    code, told = verify("--seals", str(away))
    assert code == 1
    for part in ("密钥校验不符", "内容与其摘要不符", "接不上"):
        assert part in told
    (away / "2026-03-02.json").unlink()
    seal(MONDAY + timedelta(days=2))
    exports.catch_up()
    assert (
        "events.dailyseal 2026-03-02 #1：数据库里有这一天的封存，文件夹里缺少"
        in verify("--seals", str(away))[1]
    )


def test_a_file_names_no_person_and_carries_what_its_check_needs(away):
    exports.catch_up()
    head, *lines = map(json.loads, (away / "2026-03-02.json").read_text().splitlines())
    assert set(head) == {"day", "sealed_at", "previous_digest", "digest", "lines", "mac"}
    assert head["lines"] == len(lines) == 1


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_bring_each_seal_once(away):
    start, brought = threading.Barrier(2), []

    def beat():
        try:
            start.wait(10)
            brought.append(exports.catch_up())
        finally:
            connection.close()

    threads = [threading.Thread(target=beat) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    exports.catch_up()
    assert sum(brought) <= 2
    assert set(SealExport.objects.values_list("attempts", flat=True)) == {1}
