"""A backup is a folder: the database as pg_dump's archive, the documents, the exported seals, a signed manifest.

    DIR/database.dump   DIR/documents/ab/cd/abcd…   DIR/seals/2026-11-26.json   DIR/manifest.json

The database is dumped first and the documents are copied afterwards: a document is on disk before its row exists
and never changes, so each row of the dump finds its bytes. A document is named after its hash and proves itself;
the manifest holds the hashes of the rest and is signed with HMAC_KEY, which is kept elsewhere: whoever changes the
folder cannot sign anew.
"""

import hashlib
import hmac
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from foundation.backups import programs
from foundation.clock import clock
from foundation.files.models import Document

DUMP, MANIFEST = "database.dump", "manifest.json"
DOCUMENTS, SEALS = "documents", "seals"
FORMAT = 1


class BackupFailed(Exception):
    """Why there is no backup, or why it is not restored, in Chinese."""


@dataclass(frozen=True)
class Counts:
    """What was copied."""

    documents: int
    seals: int
    bytes: int


def backup(folder: Path) -> Counts:
    """Write a backup into a new or empty folder; raises BackupFailed or programs.ProgramFailed.

    Every document is read through its hash on the way: a store with a missing or changed document gives no backup.
    The manifest is written last; a folder without one is no backup.
    """
    _require_empty(folder)
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    programs.run(
        "pg_dump",
        "--format=custom",
        "--no-owner",
        "--no-privileges",
        # Who is signed in, and counters of rate limits: nothing to keep.
        "--exclude-table-data=django_session",
        "--exclude-table-data=cache_entries",
        f"--file={folder / DUMP}",
    )
    documents, size = 0, 0
    for stored_as, digest in _documents():
        source = Path(settings.DOCUMENT_ROOT) / stored_as
        size += _copy(source, folder / DOCUMENTS / stored_as, digest)
        documents += 1
    seals = {}
    for source in sorted(Path(settings.SEAL_ROOT).glob("*.json")):
        seals[source.name] = digest_of(source)
        size += _copy(source, folder / SEALS / source.name, seals[source.name])
    content = {
        "format": FORMAT,
        "made_at": clock.now().isoformat(),
        "database": {"sha256": digest_of(folder / DUMP), "size": (folder / DUMP).stat().st_size},
        "documents": documents,
        "seals": seals,
    }
    _write_manifest(folder, content)
    return Counts(documents, len(seals), size + content["database"]["size"])


def restore(folder: Path) -> Counts:
    """Bring a backup into the configured, empty database and data folders; raises as `backup` does.

    Everything is checked before anything is written, and once more afterwards: each document that the restored
    database knows lies in its place with its hash. Rights of the runtime role are granted by grant_runtime.
    """
    content = check(folder)
    _require_no_tables()
    for root in (settings.DOCUMENT_ROOT, settings.SEAL_ROOT):
        _require_empty(Path(root))
    programs.run(
        "pg_restore",
        "--no-owner",
        "--no-privileges",
        "--single-transaction",
        "--exit-on-error",
        f"--dbname={connection.settings_dict['NAME']}",
        str(folder / DUMP),
    )
    size, documents = content["database"]["size"], 0
    for stored_as, digest in _documents():
        size += _copy(folder / DOCUMENTS / stored_as, Path(settings.DOCUMENT_ROOT) / stored_as, digest)
        documents += 1
    for name, digest in content["seals"].items():
        size += _copy(folder / SEALS / name, Path(settings.SEAL_ROOT) / name, digest)
    return Counts(documents, len(content["seals"]), size)


def check(folder: Path) -> dict:
    """The manifest of a backup that is whole and as it was written; raises BackupFailed with the first fault."""
    try:
        read = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        content, signature = read["content"], read["hmac"]
        known = content["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackupFailed(_("%s 不是完整的备份：没有可读的 manifest.json") % folder) from error
    if not hmac.compare_digest(_signature(content), str(signature)):
        raise BackupFailed(_("manifest.json 与签名不符：备份被改动，或 HMAC_KEY 不是当时的"))
    if known != FORMAT:
        raise BackupFailed(_("备份格式 %s 不是本版本能恢复的") % known)
    expected = {DUMP: content["database"]["sha256"]} | {
        f"{SEALS}/{name}": digest for name, digest in content["seals"].items()
    }
    for name, digest in expected.items():
        _require_digest(folder / name, digest)
    found = 0
    for path in sorted((folder / DOCUMENTS).rglob("*")):
        if path.is_file():
            _require_digest(path, path.name)
            found += 1
    if found != content["documents"]:
        raise BackupFailed(
            _("备份应有 %(expected)d 份文件，现有 %(found)d 份")
            % {"expected": content["documents"], "found": found}
        )
    return content


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, read in chunks."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _documents() -> Iterator[tuple[str, str]]:
    """Where each document's bytes lie and their hash, each once, in chunks."""
    rows = Document.objects.order_by("stored_as").values_list("stored_as", "sha256").distinct()
    yield from rows.iterator(chunk_size=5000)


def _copy(source: Path, target: Path, digest: str) -> int:
    """Copy a file and see that what arrived has the hash; returns its size in bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copyfile(source, target)
    except FileNotFoundError as error:
        raise BackupFailed(_("缺少文件：%s") % source) from error
    _require_digest(target, digest)
    target.chmod(0o640)
    with target.open("rb") as file:
        os.fsync(file.fileno())
    return target.stat().st_size


def _require_digest(path: Path, digest: str) -> None:
    try:
        found = digest_of(path)
    except FileNotFoundError as error:
        raise BackupFailed(_("缺少文件：%s") % path) from error
    if found != digest:
        raise BackupFailed(_("文件与登记的 SHA-256 不符：%s") % path)


def _require_empty(folder: Path) -> None:
    if folder.is_dir() and any(folder.iterdir()):
        raise BackupFailed(_("文件夹不是空的：%s") % folder)


def _require_no_tables() -> None:
    if connection.introspection.table_names():
        raise BackupFailed(_("数据库 %s 不是空的：恢复只写入新建的空库") % connection.settings_dict["NAME"])


def _write_manifest(folder: Path, content: dict) -> None:
    text = json.dumps({"content": content, "hmac": _signature(content)}, ensure_ascii=False, indent=1)
    with (folder / MANIFEST).open("w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())


def _signature(content: dict) -> str:
    key = hmac.digest(settings.HMAC_KEY.encode(), b"backup manifest", "sha256")
    said = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()
