import json
import threading
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import events, exports, seals, tasks
from foundation.events.models import DailySeal, SealLine
from tests.events.factories import subject

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 3, 2)
TUESDAY = MONDAY + timedelta(days=1)


@pytest.fixture(autouse=True)
def seal_root(settings, tmp_path):
    settings.SEAL_ROOT = tmp_path / "seals"


def happen(case, day, times=1):
    with clock.at(day):
        for _ in range(times):
            events.record("trial.done", case, by=SYSTEM)


def sealed(day):
    with clock.at(day + timedelta(days=1)):
        return seals.seal_day()


def lines(day):
    return set(SealLine.objects.filter(seal=day).values_list("subject_id", "seq"))


def test_a_seal_holds_the_chains_that_grew_since_the_last_one():
    one, other = subject(), subject()
    happen(one, MONDAY, 3)
    happen(other, MONDAY)
    first = sealed(MONDAY)
    happen(other, TUESDAY)
    second = sealed(TUESDAY)
    assert lines(MONDAY) == {(one.pk, 3), (other.pk, 1)}
    assert lines(TUESDAY) == {(other.pk, 2)}
    assert (first.previous_digest, second.previous_digest) == ("", first.digest)


def test_a_quiet_day_is_sealed_too():
    happen(subject(), MONDAY)
    first, second = sealed(MONDAY), sealed(TUESDAY)
    assert not lines(TUESDAY)
    assert second.digest != first.digest


def test_days_that_nobody_sealed_are_covered_by_the_next_seal():
    case = subject()
    for n in range(4):
        happen(case, MONDAY + timedelta(days=n))
    sealed(MONDAY + timedelta(days=5))
    assert SealLine.objects.get().seq == 4


def test_sealing_a_day_twice_changes_nothing():
    case = subject()
    happen(case, MONDAY)
    first = sealed(MONDAY)
    happen(case, TUESDAY)
    assert sealed(MONDAY) == first
    assert DailySeal.objects.count() == SealLine.objects.count() == 1


def test_the_beats_task_seals_yesterday():
    with clock.at(TUESDAY):
        tasks.seal_day()
    assert DailySeal.objects.get().day == MONDAY


def test_the_export_holds_the_seal_and_its_lines():
    case = subject()
    happen(case, MONDAY, 2)
    seal = sealed(MONDAY)
    head, line = map(json.loads, exports.export_path(MONDAY).read_text().splitlines())
    assert (head["day"], head["digest"], head["previous_digest"]) == ("2026-03-02", seal.digest, "")
    assert line == ["accounts.office", case.pk, 2, events.timeline(case).last().hash]


def test_a_lost_export_is_written_again():
    happen(subject(), MONDAY)
    sealed(MONDAY)
    before = exports.export_path(MONDAY).read_bytes()
    exports.export_path(MONDAY).unlink()
    sealed(MONDAY)
    assert exports.export_path(MONDAY).read_bytes() == before


@pytest.mark.parametrize("day", [TUESDAY, TUESDAY + timedelta(days=1)])
def test_a_day_that_is_not_over_cannot_be_sealed(day):
    with clock.at(TUESDAY), pytest.raises(seals.SealRefused, match="尚未结束"):
        seals.seal_day(day)


def test_a_day_before_the_last_seal_cannot_be_sealed_later():
    sealed(TUESDAY)
    with clock.at(TUESDAY + timedelta(days=1)), pytest.raises(seals.SealRefused, match="不能补封"):
        seals.seal_day(MONDAY)


def test_the_command_seals_and_says_what(capsys):
    happen(subject(), MONDAY)
    out = StringIO()
    with clock.at(TUESDAY):
        call_command("seal_day", stdout=out)
        assert "2026-03-02 已封存：1 条链" in out.getvalue()
        with pytest.raises(CommandError, match="尚未结束"):
            call_command("seal_day", "--day", "2026-03-03")


@pytest.mark.parametrize(("rows", "column"), [(DailySeal.objects, "digest"), (SealLine.objects, "head")])
def test_nobody_changes_or_removes_a_seal(rows, column):
    happen(subject(), MONDAY)
    sealed(MONDAY)
    for act in (lambda: rows.all()._raw_delete("default"), lambda: rows.update(**{column: "0"})):
        with pytest.raises(DatabaseError, match="Cannot update or delete"), transaction.atomic():
            act()


def test_sealing_takes_the_same_number_of_statements_for_any_number_of_chains(django_assert_max_num_queries):
    events.record_many("trial.done", [events.Entry(subject()) for _ in range(200)], by=SYSTEM)
    with django_assert_max_num_queries(11):
        seals.seal_day()


@pytest.mark.django_db(transaction=True)
def test_two_hosts_that_seal_at_once_make_one_seal():
    case = subject()
    with transaction.atomic():
        happen(case, MONDAY)
    made = []

    def work():
        try:
            made.append(sealed(MONDAY).digest)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(made) == 3
    assert set(made) == {DailySeal.objects.get().digest}


def test_the_beat_makes_up_for_a_missed_night_and_waits_for_half_past_midnight():
    happen(subject(), MONDAY)
    midnight = clock.moment_of(TUESDAY) - timedelta(hours=9)
    with clock.at(midnight + timedelta(minutes=29)):
        tasks.seal_day()
    assert not DailySeal.objects.exists()
    with clock.at(midnight + timedelta(hours=15)):
        tasks.seal_day()
    assert DailySeal.objects.get().day == MONDAY
