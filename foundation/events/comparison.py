"""The exported seals against the database: needs the files, the key and the right to read, nothing else.

Each file is checked by itself (its key, its digest), against the one before it (a day that is missing, a chain
that was invented) and against the events and seals as they stand now. All that differs is told, not only the first.
"""

import hmac
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from pathlib import Path

from django.db.models import F

from foundation.events import exports
from foundation.events.hashing import SealDigest
from foundation.events.models import DailySeal, Event

CHUNK = 2000
SEAL = "events.dailyseal"
# Differences told of one file: a history that was rewritten differs in every line.
MOST = 20


class Broken(Exception):
    """A broken row: which, and what is wrong with it, in Chinese."""

    def __init__(self, kind: str, subject_id, seq, wrong: str):
        self.row = (kind, subject_id, seq)
        super().__init__(f"{kind} {subject_id} #{seq}：{wrong}")


class Differing(Broken):
    """What the files and the database disagree about: all of it in `found`, the first one as itself."""

    def __init__(self, found: list[Broken]):
        self.found, self.row = found, found[0].row
        Exception.__init__(self, str(found[0]))


def compare(paths: Sequence[Path]) -> None:
    """Check these files, one or all of a folder; raises Differing, or ValueError for what is no seal's file."""
    heads = [_head(path) for path in paths]
    found = [broken for path in paths for broken in islice(_check(path), MOST)]
    if len(paths) > 1:
        found += _gaps(sorted(heads, key=lambda head: head["day"]))
    if found:
        raise Differing(found)


def _head(path: Path) -> dict:
    head = next(exports.read(path), None)
    if head is None:
        raise ValueError(f"{path.name} is empty")
    wanted = {"day", "sealed_at", "previous_digest", "digest"}
    if not wanted <= set(head):
        raise ValueError(f"{path.name} is not a seal's: {sorted(wanted - set(head))}")
    date.fromisoformat(head["day"])
    return head


def _check(path: Path) -> Iterator[Broken]:
    """What is wrong with one file, or with the database beside it."""
    lines = exports.read(path)
    head = next(lines)
    day = date.fromisoformat(head["day"])
    if not hmac.compare_digest(str(head.get("mac", "")), exports.mac(head)):
        yield Broken(SEAL, day, 1, f"导出文件 {path.name} 的密钥校验不符：不是本系统写的，或 SEAL_KEY 不同")
    digest = SealDigest(day, datetime.fromisoformat(head["sealed_at"]), head["previous_digest"])
    chunk: list[list] = []
    for line in lines:
        digest.add(*line)
        chunk.append(line)
        if len(chunk) == CHUNK:
            yield from _against_events(day, chunk)
            chunk = []
    yield from _against_events(day, chunk)
    if digest.hexdigest() != head["digest"] or digest.lines != head.get("lines", digest.lines):
        yield Broken(SEAL, day, 1, f"导出文件 {path.name} 的内容与其摘要不符")
    seal = DailySeal.objects.filter(day=day).first()
    if seal is None:
        yield Broken(SEAL, day, 1, f"导出文件 {path.name} 的封存不见了")
    elif seal.digest != head["digest"]:
        yield Broken(SEAL, day, 1, f"与导出文件 {path.name} 不符，封存被改写过")


def _against_events(day: date, chunk: list[list]) -> Iterator[Broken]:
    """The exported lines against the events as they stand now."""
    subjects = {line[1] for line in chunk}
    stored = {
        (kind, subject, seq): known
        for kind, subject, seq, known in Event.objects.filter(
            chain__subject_id__in=subjects, seq__in={line[2] for line in chunk}
        )
        .annotate(kind=F("chain__kind"))
        .values_list("kind", "chain__subject_id", "seq", "hash")
        .order_by("pk")
    }
    for kind, subject, seq, head in chunk:
        known = stored.get((kind, subject, seq))
        if known is None:
            yield Broken(kind, subject, seq, f"{day} 导出的封存里有的事件不见了")
        elif known != head:
            yield Broken(kind, subject, seq, f"与 {day} 导出的封存不符，历史被改写过")


def _gaps(heads: list[dict]) -> Iterator[Broken]:
    """Days whose file is not among these, and files that don't follow one another."""
    days = {date.fromisoformat(head["day"]) for head in heads}
    for day in DailySeal.objects.exclude(day__in=days).order_by("day").values_list("day", flat=True):
        yield Broken(SEAL, day, 1, "数据库里有这一天的封存，文件夹里缺少它的导出文件")
    last = ""
    for head in heads:
        if head["previous_digest"] != last and head is not heads[0]:
            yield Broken(SEAL, head["day"], 1, "导出文件与前一天的导出文件接不上：中间缺了文件，或被替换过")
        last = head["digest"]
