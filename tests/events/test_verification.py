"""Whatever is done to the stored history behind the application's back is found."""

import json
from datetime import date, timedelta
from io import StringIO

import pgtrigger
import pytest
from django.core.management import CommandError, call_command

from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import events, exports, seals, verification
from foundation.events.hashing import SealDigest
from foundation.events.models import Chain, DailySeal, Event, SealLine
from tests.events.factories import person, subject

pytestmark = pytest.mark.django_db

MONDAY = date(2026, 3, 2)


@pytest.fixture
def history(settings, tmp_path):
    """Three subjects with four events each, sealed on Monday, then one more event each."""
    settings.SEAL_ROOT = tmp_path / "seals"
    cases = [subject() for _ in range(3)]
    with clock.at(MONDAY):
        for n in range(4):
            entries = [events.Entry(case, {"n": n}, [events.Audience("user", person().pk)]) for case in cases]
            events.record_many("trial.told", entries, by=SYSTEM)
    with clock.at(MONDAY + timedelta(days=1)):
        seals.seal_day()
        events.record_many("trial.done", [events.Entry(case) for case in cases], by=SYSTEM)
    with clock.at(MONDAY + timedelta(days=2)):
        seals.seal_day()
        events.record("trial.done", cases[0], by=SYSTEM)
    return cases


def verify(*args) -> str:
    out = StringIO()
    call_command("verify_events", *args, stdout=out)
    return out.getvalue()


def broken(*args) -> str:
    """What verify_events says of a broken history; it must exit with 1."""
    out = StringIO()
    with pytest.raises(SystemExit) as exit_:
        call_command("verify_events", *args, stdout=out)
    assert exit_.value.code == 1
    assert out.getvalue().startswith("第一处损坏：")
    return out.getvalue()


def event_of(case, seq) -> Event:
    return Event.objects.get(chain__kind="accounts.office", chain__subject_id=case.pk, seq=seq)


def forget(*lost) -> None:
    """Remove events with whatever hangs on them, as somebody with the owner's rights could."""
    for event in lost:
        event.notifications.all().delete()
        Event.objects.filter(pk=event.pk).delete()


def rewrite(case, since: int, **changes) -> None:
    """Change an event and give it and all that follow new, consistent hashes."""
    chain = Chain.objects.get(kind="accounts.office", subject_id=case.pk)
    Event.objects.filter(pk=event_of(case, since).pk).update(**changes)
    previous = event_of(case, since - 1).hash if since > 1 else ""
    for event in events.timeline(case).filter(seq__gte=since):
        event.previous = previous
        previous = events.hash_of(event, chain)
        Event.objects.filter(pk=event.pk).update(previous=event.previous, hash=previous)
    Chain.objects.filter(pk=chain.pk).update(head=previous)


def reseal() -> None:
    """Make all seals consistent with the events as they are now."""
    last = ""
    for seal in DailySeal.objects.order_by("day"):
        for line in seal.lines.order_by("pk"):
            event = Event.objects.get(chain__kind=line.kind, chain__subject_id=line.subject_id, seq=line.seq)
            SealLine.objects.filter(pk=line.pk).update(head=event.hash)
        digest = SealDigest(seal.day, seal.sealed_at, last).feed(exports.lines_of(seal.day))
        DailySeal.objects.filter(pk=seal.pk).update(previous_digest=last, digest=digest.hexdigest())
        last = digest.hexdigest()


def test_a_whole_history_is_told_in_one_line(history, settings):
    told = verify("--seals", str(settings.SEAL_ROOT))
    assert told.count("\n") == 1
    assert told == ("完整：事件 16 条、事件链 3 条、每日封存 2 份（6 行）、消息 12 条、导出的封存 2 份\n")


def test_an_empty_history_is_whole():
    assert verify().startswith("完整：事件 0 条")


@pytest.mark.parametrize(
    "change",
    [
        {"facts": {"n": 99}},
        {"verb": "trial.other"},
        {"actor_label": "他人"},
        {"at": clock.moment_of(date(2026, 1, 1))},
        {"hash": "0" * 64},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_event_is_found(history, change):
    event = event_of(history[1], 3)
    with pgtrigger.ignore():
        Event.objects.filter(pk=event.pk).update(**change)
    assert f"accounts.office {history[1].pk} #3" in broken()


def test_an_event_moved_to_another_actor_is_found(history):
    with pgtrigger.ignore():
        Event.objects.filter(pk=event_of(history[1], 2).pk).update(actor=person())
    assert f"accounts.office {history[1].pk} #2" in broken()


def test_an_event_removed_from_the_middle_is_found(history):
    with pgtrigger.ignore():
        forget(event_of(history[1], 2))
    assert f"accounts.office {history[1].pk} #2：缺少" in broken()


def test_an_inserted_event_is_found(history):
    last = event_of(history[1], 5)
    Event.objects.create(
        chain=last.chain,
        seq=6,
        verb="trial.done",
        actor_label="系统",
        at=last.at,
        previous=last.hash,
        hash="1" * 64,
    )
    assert f"accounts.office {history[1].pk} #6" in broken()


def test_an_inserted_event_with_a_right_hash_is_found_by_its_chains_length(history):
    last = event_of(history[1], 5)
    event = Event(
        chain=last.chain,
        seq=6,
        verb="trial.done",
        actor_label="系统",
        at=last.at,
        facts={},
        previous=last.hash,
    )
    event.hash = events.hash_of(event, last.chain)
    event.save()
    assert "链上记有 5 条事件，实有 6 条" in broken()


def test_events_that_changed_places_are_found(history):
    second, third = event_of(history[1], 2), event_of(history[1], 3)
    with pgtrigger.ignore():
        Event.objects.filter(pk=second.pk).update(seq=30)
        Event.objects.filter(pk=third.pk).update(seq=2)
        Event.objects.filter(pk=second.pk).update(seq=3)
    assert f"accounts.office {history[1].pk} #2" in broken()


def test_a_tail_cut_together_with_its_chain_is_found_by_the_seal(history):
    case = history[1]
    with pgtrigger.ignore():
        forget(event_of(case, 5), event_of(case, 4))
    left = event_of(case, 3)
    Chain.objects.filter(pk=left.chain_id).update(seq=3, head=left.hash)
    assert f"accounts.office {case.pk} #4：2026-03-02 封存时存在的事件不见了" in broken()


def test_a_chain_that_lost_all_its_events_is_found(history):
    with pgtrigger.ignore():
        forget(*events.timeline(history[1]).order_by("-seq"))
    assert f"accounts.office {history[1].pk} #1" in broken()


def test_a_whole_chain_removed_is_found_by_the_seal(history):
    case = history[1]
    with pgtrigger.ignore():
        forget(*events.timeline(case).order_by("-seq"))
        Chain.objects.filter(subject_id=case.pk).delete()
    assert f"accounts.office {case.pk} #4：2026-03-02 封存时存在的事件链不见了" in broken()


def test_a_history_written_anew_is_found_by_the_seal(history):
    with pgtrigger.ignore():
        rewrite(history[1], 2, facts={"n": 99})
    assert f"accounts.office {history[1].pk} #4：与 2026-03-02 封存的哈希不符" in broken()


def test_a_history_written_anew_with_its_seals_is_found_by_the_export(history, settings):
    with pgtrigger.ignore():
        rewrite(history[1], 2, facts={"n": 99})
        reseal()
    assert verify().startswith("完整")
    exported = exports.export_path(MONDAY)
    assert f"accounts.office {history[1].pk} #4：与 2026-03-02 导出的封存不符" in broken(
        "--seals", str(exported)
    )
    assert f"{history[1].pk} #4" in broken("--seals", str(settings.SEAL_ROOT))


def test_a_chain_removed_with_its_seal_lines_is_found_by_the_export(history, settings):
    case = history[1]
    with pgtrigger.ignore():
        forget(*events.timeline(case).order_by("-seq"))
        Chain.objects.filter(subject_id=case.pk).delete()
        SealLine.objects.filter(subject_id=case.pk).delete()
        reseal()
    assert verify().startswith("完整")
    assert f"{case.pk} #4" in broken("--seals", str(settings.SEAL_ROOT))


@pytest.mark.parametrize(
    "change",
    [
        {"digest": "0" * 64},
        {"previous_digest": "0" * 64},
        {"sealed_at": clock.moment_of(date(2026, 1, 1))},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_seal_is_found(history, change):
    with pgtrigger.ignore():
        DailySeal.objects.filter(day=MONDAY).update(**change)
    assert "events.dailyseal 2026-03-0" in broken()


def test_a_line_taken_out_of_a_seal_is_found(history):
    with pgtrigger.ignore():
        SealLine.objects.filter(seal=MONDAY, subject_id=history[2].pk).delete()
    assert "events.dailyseal 2026-03-02 #1：封存内容与摘要不符" in broken()


def test_a_seal_taken_out_is_found(history):
    with pgtrigger.ignore():
        SealLine.objects.filter(seal=MONDAY).delete()
        DailySeal.objects.filter(day=MONDAY).delete()
    assert "events.dailyseal 2026-03-03 #1：前一摘要" in broken()


def test_the_last_seal_taken_out_is_found_by_its_export(history, settings):
    tuesday = MONDAY + timedelta(days=1)
    with pgtrigger.ignore():
        SealLine.objects.filter(seal=tuesday).delete()
        DailySeal.objects.filter(day=tuesday).delete()
    assert verify().startswith("完整")
    assert "的封存不见了" in broken("--seals", str(settings.SEAL_ROOT))


def test_an_export_that_was_edited_is_found(history):
    exported = exports.export_path(MONDAY)
    lines = exported.read_text().splitlines()
    head = json.loads(lines[0])
    head["sealed_at"] = "2026-03-04T00:00:00.000000+00:00"
    exported.write_text("\n".join([json.dumps(head), *lines[1:]]) + "\n")
    assert "导出文件 2026-03-02.json 的内容与其摘要不符" in broken("--seals", str(exported))


@pytest.mark.parametrize("content", ["", "这不是封存", "[1]\n", '{"day": "2026"}\n'])
def test_a_file_that_is_no_export_gets_a_clear_answer(history, tmp_path, content):
    file = tmp_path / "x.json"
    file.write_text(content)
    with pytest.raises(CommandError, match="无法读取"):
        verify("--seals", str(file))


def test_a_missing_export_gets_a_clear_answer(tmp_path):
    with pytest.raises(CommandError, match="没有这个文件"):
        verify("--seals", str(tmp_path / "none.json"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(CommandError, match="没有导出的封存"):
        verify("--seals", str(tmp_path / "empty"))


def test_the_check_of_many_events_takes_a_handful_of_statements(history, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        verification.verify()
    entries = [events.Entry(subject()) for _ in range(300)]
    events.record_many("trial.done", entries, by=SYSTEM)
    with django_assert_max_num_queries(12):
        assert verification.verify().events == 316
