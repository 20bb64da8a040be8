"""Seals off the host: one self-contained file a day, written here and brought to every place of the settings.

A file is JSON lines: first the seal (day, moment, the digest before it, its own digest, how many lines, and `mac`, an
HMAC-SHA-256 of all that under SEAL_KEY), then its lines. Whoever invents a history with consistent hashes can't
make the `mac`. Places are folders (SEAL_EXPORT: a mounted disk of another host, or a folder from which another host
fetches) and a command (SEAL_COMMAND) that is called with the file's path and says 0 once it is safe.
"""

import hashlib
import hmac
import json
import logging
import os
import shlex
import subprocess
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from datetime import UTC, date
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Collate

from foundation.clock import clock
from foundation.events.hashing import canonical
from foundation.events.models import DailySeal, SealExport, SealLine

logger = logging.getLogger(__name__)

# One worker brings seals away at a time ("expo" in ASCII).
LOCK = 0x6578706F
COMMAND = "SEAL_COMMAND"
# Seconds that the command may take for a file.
PATIENCE = 120


class ExportFailed(OSError):
    """A seal didn't reach its place; the text tells the kind of failure."""


def export_path(day: date) -> Path:
    """The file of a day's seal on this host."""
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


def write(seal: DailySeal) -> None:
    """Write the file of a seal on this host, whole or not at all; nothing where it is there."""
    if export_path(seal.day).exists():
        return
    with transaction.atomic(), closing(lines_of(seal.day)) as lines:
        head = {
            "day": seal.day.isoformat(),
            "sealed_at": seal.sealed_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "previous_digest": seal.previous_digest,
            "digest": seal.digest,
            "lines": seal.lines.count(),
        }
        written = (canonical(row) + b"\n" for row in _rows(head | {"mac": mac(head)}, lines))
        _place(export_path(seal.day), written)


def mac(head: dict) -> str:
    """The keyed hash (hex) of a seal's first line, without its own `mac`."""
    signed = {name: value for name, value in head.items() if name != "mac"}
    return hmac.new(settings.SEAL_KEY.encode(), canonical(signed), hashlib.sha256).hexdigest()


def targets() -> list[str]:
    """Where seals are brought: folders, and the command where one is set."""
    return [*settings.SEAL_EXPORT, *([COMMAND] if settings.SEAL_COMMAND else [])]


def missing() -> list[tuple[date, str]]:
    """(day, place) of every seal that has not reached a place, oldest first."""
    done = set(
        SealExport.objects.filter(exported_at__isnull=False).order_by("pk").values_list("seal_id", "target")
    )
    days = list(DailySeal.objects.order_by("day").values_list("day", flat=True))
    return [(day, target) for day in days for target in targets() if (day, target) not in done]


def catch_up() -> int:
    """Write the files that are missing here, and bring away what has not arrived; returns how many arrived now.

    Another worker that is at it is left to it. A failure is written down and tried again at the next beat.
    """
    for seal in DailySeal.objects.order_by("day"):
        write(seal)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
            if not cursor.fetchone()[0]:
                return 0
        return sum(_bring(day, target) for day, target in missing())


def _bring(day: date, target: str) -> bool:
    row, _new = SealExport.objects.get_or_create(seal_id=day, target=target)
    try:
        if target == COMMAND:
            _call(export_path(day))
        else:
            _copy(export_path(day), Path(target))
    except OSError as error:
        row.last_error = str(error) if isinstance(error, ExportFailed) else type(error).__name__
        logger.warning("the seal of %s did not reach %s: %s", day, target, row.last_error)
    else:
        row.exported_at, row.last_error = clock.now(), ""
    row.attempts = F("attempts") + 1
    row.save()
    return row.exported_at is not None


def _copy(source: Path, folder: Path) -> None:
    # Never made here: a missing folder is a disk that isn't mounted.
    if not folder.is_dir():
        raise ExportFailed("no such folder")
    _place(folder / source.name, [source.read_bytes()])


def _call(path: Path) -> None:
    command = [*shlex.split(settings.SEAL_COMMAND), str(path)]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ExportFailed(f"no answer within {PATIENCE} s") from error
    if done.returncode:
        raise ExportFailed(f"exit {done.returncode}")


def _rows(head: dict, lines: Iterable[tuple]) -> Iterator:
    yield head
    for line in lines:
        yield list(line)


def _place(path: Path, chunks: Iterable[bytes]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own: two hosts that share the folder may write at once.
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.stem}-", delete=False) as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
        os.fchmod(file.fileno(), 0o640)
    os.replace(file.name, path)


def read(path: Path) -> Iterator[dict | list]:
    """The lines of an exported seal; raises ValueError for a file that isn't one."""
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(file):
            line = json.loads(text)
            if not isinstance(line, list if number else dict):
                raise ValueError(f"{path.name}: line {number + 1} is not a seal's")
            yield line
