"""Is the history whole? Every chain recomputed, every seal recomputed and compared, in streams.

Finds what was changed, removed or inserted by somebody who went around the application; with the exported
seals also a history that was rewritten together with its seals.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from django.db import connection, transaction

from foundation.events import comparison
from foundation.events.comparison import Broken
from foundation.events.hashing import SealDigest, event_hash
from foundation.events.models import Chain, DailySeal, Event, Notification

CHUNK = 2000

EVENT_FIELDS = (
    "chain_id",
    "seq",
    "verb",
    "actor_id",
    "actor_label",
    "at",
    "facts",
    "previous",
    "hash",
    "chain__kind",
    "chain__subject_id",
    "chain__seq",
    "chain__head",
)

# Every sealed line beside the event that it names; one statement, read in chunks.
SEALED_LINES = """
    SELECT line.seal_id, line.kind, line.subject_id, line.seq, line.head, chain.id, event.hash
    FROM events_sealline line
    LEFT JOIN events_chain chain ON chain.kind = line.kind AND chain.subject_id = line.subject_id
    LEFT JOIN events_event event ON event.chain_id = chain.id AND event.seq = line.seq
    ORDER BY line.seal_id, line.kind COLLATE "C", line.subject_id, line.seq
"""


@dataclass(slots=True)
class Counts:
    """What was looked at."""

    chains: int = 0
    events: int = 0
    seals: int = 0
    lines: int = 0
    notifications: int = 0
    exports: int = field(default=0)

    def __str__(self):
        text = (
            f"事件 {self.events} 条、事件链 {self.chains} 条、每日封存 {self.seals} 份（{self.lines} 行）、"
            f"消息 {self.notifications} 条"
        )
        return f"{text}、导出的封存 {self.exports} 份" if self.exports else text


def verify(exported: Sequence[Path] = ()) -> Counts:
    """Check everything, in one snapshot where possible; raises Broken at the first broken row.

    exported: files of seals; all that differs from them is told by Differing.
    """
    counts = Counts()
    with snapshot():
        # Closed here and now: a cursor left to the garbage collector deadlocks the connection it lies on.
        with closing(_events()) as stored:
            for _chain, rows in groupby(stored, key=itemgetter(0)):
                _check_chain(rows, counts)
        _check_empty_chains()
        with closing(_sealed_lines()) as sealed:
            _check_seals(sealed, counts)
        if exported:
            comparison.compare(exported)
            counts.exports = len(exported)
        counts.notifications = Notification.objects.count()
    return counts


@contextmanager
def snapshot():
    """One consistent view, so that cases may go on while a long check runs."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def _events() -> Generator[tuple]:
    stored = Event.objects.order_by("chain_id", "seq").values_list(*EVENT_FIELDS)
    yield from stored.iterator(chunk_size=CHUNK)


def _check_chain(rows: Iterator[tuple], counts: Counts) -> None:
    expected, previous = 1, ""
    for row in rows:
        (_id, seq, verb, actor_id, actor_label, at, facts, linked, stored, kind, subject, length, head) = row
        if seq != expected:
            raise Broken(kind, subject, expected, f"缺少这条事件（下一条是 #{seq}）")
        if linked != previous:
            raise Broken(kind, subject, seq, "前一哈希与前一条事件不符")
        computed = event_hash(
            kind=kind,
            subject_id=subject,
            seq=seq,
            verb=verb,
            actor_id=actor_id,
            actor_label=actor_label,
            at=at,
            facts=facts,
            previous=linked,
        )
        if computed != stored:
            raise Broken(kind, subject, seq, "内容与哈希不符，事件被改动过")
        expected, previous = seq + 1, stored
        counts.events += 1
    if length != expected - 1 or head != previous:
        raise Broken(kind, subject, expected, f"链上记有 {length} 条事件，实有 {expected - 1} 条，或末端不符")
    counts.chains += 1


def _check_empty_chains() -> None:
    empty = Chain.objects.filter(events=None).order_by("kind", "subject_id").first()
    if empty:
        raise Broken(empty.kind, empty.subject_id, 1, f"链上记有 {empty.seq} 条事件，实有 0 条")


def _check_seals(sealed: Iterator[tuple], counts: Counts) -> None:
    lines = groupby(sealed, key=itemgetter(0))
    current = next(lines, None)
    last = ""
    # One row a day: few enough to be read at once.
    for seal in DailySeal.objects.order_by("day"):
        if current and current[0] < seal.day:
            raise Broken("events.dailyseal", current[0], 1, "有封存明细，但没有这一天的封存")
        digest = SealDigest(seal.day, seal.sealed_at, seal.previous_digest)
        if current and current[0] == seal.day:
            for line in current[1]:
                _check_line(seal.day, *line[1:])
                digest.add(*line[1:5])
            current = next(lines, None)
        if seal.previous_digest != last:
            raise Broken("events.dailyseal", seal.day, 1, "前一摘要与前一份封存不符")
        if digest.hexdigest() != seal.digest:
            raise Broken("events.dailyseal", seal.day, 1, "封存内容与摘要不符，封存被改动过")
        last = seal.digest
        counts.seals += 1
        counts.lines += digest.lines
    if current:
        raise Broken("events.dailyseal", current[0], 1, "有封存明细，但没有这一天的封存")


def _check_line(
    day: date, kind: str, subject: int, seq: int, head: str, chain_id: int | None, stored: str | None
) -> None:
    if chain_id is None:
        raise Broken(kind, subject, seq, f"{day} 封存时存在的事件链不见了")
    if stored is None:
        raise Broken(kind, subject, seq, f"{day} 封存时存在的事件不见了")
    if stored != head:
        raise Broken(kind, subject, seq, f"与 {day} 封存的哈希不符，历史被改写过")


def _sealed_lines() -> Generator[tuple]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(SEALED_LINES)
        while rows := cursor.fetchmany(CHUNK):
            yield from rows
