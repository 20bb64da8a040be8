"""Is the history whole? Every chain recomputed, every seal recomputed and compared, in streams.

Finds what was changed, removed or inserted by somebody who went around the application; with the exported
seals also a history that was rewritten together with its seals.
"""

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from django.db import connection, transaction
from django.db.models import F

from foundation.events import seals
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


class Broken(Exception):
    """The first broken row: which, and what is wrong with it, in Chinese."""

    def __init__(self, kind: str, subject_id, seq, wrong: str):
        self.row = (kind, subject_id, seq)
        super().__init__(f"{kind} {subject_id} #{seq}：{wrong}")


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


def verify(exports: Iterable[Path] = ()) -> Counts:
    """Check everything, in one snapshot where possible; raises Broken at the first broken row."""
    counts = Counts()
    with snapshot():
        # Closed here and now: a cursor left to the garbage collector deadlocks the connection it lies on.
        with closing(_events()) as stored:
            for _chain, rows in groupby(stored, key=itemgetter(0)):
                _check_chain(rows, counts)
        _check_empty_chains()
        with closing(_sealed_lines()) as sealed:
            _check_seals(sealed, counts)
        for path in exports:
            _check_export(path)
            counts.exports += 1
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


def _check_export(path: Path) -> None:
    lines = seals.read_export(path)
    head = next(lines, None)
    if head is None:
        raise ValueError(f"{path.name} is empty")
    day = date.fromisoformat(head["day"])
    digest = SealDigest(day, datetime.fromisoformat(head["sealed_at"]), head["previous_digest"])
    chunk: list[list] = []
    for line in lines:
        digest.add(*line)
        chunk.append(line)
        if len(chunk) == CHUNK:
            _compare(day, chunk)
            chunk = []
    _compare(day, chunk)
    if digest.hexdigest() != head["digest"]:
        raise Broken("events.dailyseal", day, 1, f"导出文件 {path.name} 的内容与其摘要不符")
    seal = DailySeal.objects.filter(day=day).first()
    if seal is None:
        raise Broken("events.dailyseal", day, 1, f"导出文件 {path.name} 的封存不见了")
    if seal.digest != head["digest"]:
        raise Broken("events.dailyseal", day, 1, f"与导出文件 {path.name} 不符，封存被改写过")


def _compare(day: date, chunk: list[list]) -> None:
    """The exported lines against the events as they stand now."""
    subjects = {line[1] for line in chunk}
    found = {
        (kind, subject, seq): stored
        for kind, subject, seq, stored in Event.objects.filter(
            chain__subject_id__in=subjects, seq__in={line[2] for line in chunk}
        )
        .annotate(kind=F("chain__kind"))
        .values_list("kind", "chain__subject_id", "seq", "hash")
        .order_by("pk")
    }
    for kind, subject, seq, head in chunk:
        stored = found.get((kind, subject, seq))
        if stored is None:
            raise Broken(kind, subject, seq, f"{day} 导出的封存里有的事件不见了")
        if stored != head:
            raise Broken(kind, subject, seq, f"与 {day} 导出的封存不符，历史被改写过")
