"""The daily seal: the heads of all chains that grew, under one digest that is chained to the last one.

It is exported as a file; a copy kept on another host shows what a chain alone can't: a tail that was cut,
a chain that is gone, a history that was written anew from its beginning.
"""

import json
import os
from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Collate
from django.utils.translation import gettext as _

from foundation.clock import clock
from foundation.events.hashing import SealDigest, canonical
from foundation.events.models import DailySeal, SealLine

# One seal at a time ("seal" in ASCII).
LOCK = 0x7365616C


class SealRefused(Exception):
    """This day can't be sealed; the text says why, in Chinese."""


def seal_day(day: date | None = None) -> DailySeal:
    """Seal a past day (yesterday) over everything committed until now, export it, and return it.

    A day that is sealed already is returned as it is, its export written again where the file is missing.
    Raises SealRefused for a day that isn't over, or lies before the last seal.
    """
    day = day or clock.today() - timedelta(days=1)
    if day >= clock.today():
        raise SealRefused(_("%(day)s 尚未结束，不能封存。") % {"day": day.isoformat()})
    seal = _sealed(day)
    if not export_path(day).exists():
        _export(seal)
    return seal


def export_path(day: date) -> Path:
    """The export of a day's seal: JSON lines, first the seal, then its lines."""
    return Path(settings.SEAL_ROOT) / f"{day.isoformat()}.json"


def lines_of(day: date) -> Generator[tuple[str, int, int, str]]:
    """A seal's lines in the order in which they are digested: kind by code point, then subject.

    Read in chunks over a cursor of the database: whoever may stop early closes it (contextlib.closing).
    """
    yield from (
        SealLine.objects.filter(seal=day)
        .order_by(Collate("kind", "C"), "subject_id", "seq")
        .values_list("kind", "subject_id", "seq", "head")
        .iterator(chunk_size=5000)
    )


@transaction.atomic
def _sealed(day: date) -> DailySeal:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        last = DailySeal.objects.order_by("-day").first()
        if last and last.day == day:
            return last
        if last and last.day > day:
            if sealed := DailySeal.objects.filter(day=day).first():
                return sealed
            raise SealRefused(_("已有更晚的封存（%(day)s），不能补封。") % {"day": last.day.isoformat()})
        # The foreign key to the seal is checked at the commit; the digest needs the lines first.
        cursor.execute(
            """
            INSERT INTO events_sealline (seal_id, kind, subject_id, seq, head)
            SELECT %s, chain.kind, chain.subject_id, chain.seq, chain.head FROM events_chain chain
            WHERE chain.seq > 0 AND NOT EXISTS (
                SELECT 1 FROM events_sealline line
                WHERE line.kind = chain.kind AND line.subject_id = chain.subject_id AND line.seq = chain.seq
            )
            """,
            [day],
        )
    sealed_at, previous = clock.now(), last.digest if last else ""
    digest = SealDigest(day, sealed_at, previous).feed(lines_of(day)).hexdigest()
    return DailySeal.objects.create(day=day, previous_digest=previous, digest=digest, sealed_at=sealed_at)


def _export(seal: DailySeal) -> None:
    target = export_path(seal.day)
    target.parent.mkdir(parents=True, exist_ok=True)
    head = {
        "day": seal.day.isoformat(),
        "sealed_at": seal.sealed_at.isoformat(timespec="microseconds"),
        "previous_digest": seal.previous_digest,
        "digest": seal.digest,
    }
    # A name of its own: two hosts that share the folder may export at once.
    with NamedTemporaryFile(dir=target.parent, prefix=f".{seal.day}-", delete=False) as file:
        file.write(canonical(head) + b"\n")
        with transaction.atomic(), closing(lines_of(seal.day)) as lines:
            for line in lines:
                file.write(canonical(list(line)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
        os.fchmod(file.fileno(), 0o640)
    os.replace(file.name, target)


def read_export(path: Path) -> Iterator[dict | list]:
    """The lines of an exported seal; raises ValueError for a file that isn't one."""
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file):
            line = json.loads(text)
            if not isinstance(line, list if number else dict):
                raise ValueError(f"{path.name}: line {number + 1} is not a seal's")
            yield line
