"""Keeping documents: checked by their content, stored by their hash, served without trust.

Who may read a document is decided by the room that links it, never here.
"""

import hashlib
import os
import tempfile
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.http import FileResponse
from django.utils.translation import gettext as _

from foundation.files import formats
from foundation.files.models import Document

PDF, PNG, JPEG, XLSX, CSV = formats.PDF, formats.PNG, formats.JPEG, formats.XLSX, formats.CSV
CHUNK = 2**18
NAME_LENGTH = 120


class RefusedFile(ValidationError):
    """A file that can't be taken; the message says why and what to do, in Chinese."""


def store(
    uploaded: File,
    by,
    accept: Iterable[str] = (PDF, PNG, JPEG),
    max_bytes: int = 20 * 2**20,
) -> Document:
    """Check a file by its content, keep its bytes, and return its new Document.

    uploaded: any Django File; by: a user or the system. Raises RefusedFile for an empty or too large file,
    a content that is none of the accepted types, or one that is cut off. The bytes are on disk, synced,
    before the row exists; a rollback leaves at most bytes that nothing points to.
    """
    accept = tuple(accept)
    root = Path(settings.DOCUMENT_ROOT)
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=root, prefix=".incoming-", delete=False) as incoming:
        try:
            digest, size = _copy(uploaded, incoming, max_bytes)
            content_type = _checked_type(incoming, accept)
            incoming.flush()
            os.fsync(incoming.fileno())
            stored_as = f"{digest[:2]}/{digest[2:4]}/{digest}"
            _settle(Path(incoming.name), root / stored_as)
        except BaseException:
            Path(incoming.name).unlink(missing_ok=True)
            raise
    return Document.objects.create(
        sha256=digest,
        size=size,
        name=safe_name(uploaded.name or "", content_type),
        content_type=content_type,
        uploaded_by_id=by.pk,
        stored_as=stored_as,
    )


def path(document: Document) -> Path:
    """Where the bytes lie."""
    return Path(settings.DOCUMENT_ROOT) / document.stored_as


def verify(document: Document) -> bool:
    """Whether the stored bytes are still those that were handed in."""
    try:
        with path(document).open("rb") as stored:
            return hashlib.file_digest(stored, "sha256").hexdigest() == document.sha256
    except FileNotFoundError:
        return False


def response(document: Document, inline: bool = True) -> FileResponse:
    """The document as a response that can't act on our pages: no sniffing, no scripts, no cache."""
    answer = FileResponse(
        path(document).open("rb"),
        as_attachment=not inline,
        filename=document.name,
        content_type=document.content_type,
    )
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = formats.policy(document.content_type)
    answer["Cache-Control"] = "private, no-store"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    return answer


def safe_name(name: str, content_type: str) -> str:
    """A file name without path, control or direction characters, with an ending that fits its content."""
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    name = "".join(c for c in name if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    name = name.strip(" .") or _("未命名")
    endings = formats.FORMATS[content_type].endings
    stem, dot, ending = name.rpartition(".")
    if not dot or f".{ending.lower()}" not in endings:
        stem, ending = name, endings[0].removeprefix(".")
    return f"{stem[:NAME_LENGTH]}.{ending}"


def _copy(uploaded: File, incoming, max_bytes: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for chunk in uploaded.chunks(CHUNK):
        size += len(chunk)
        if size > max_bytes:
            raise RefusedFile(
                _("文件超过 %(limit)d MB，请压缩后重新上传。") % {"limit": max_bytes // 2**20},
                code="too_large",
            )
        digest.update(chunk)
        incoming.write(chunk)
    if not size:
        raise RefusedFile(_("文件是空的，请检查后重新上传。"), code="empty")
    return digest.hexdigest(), size


def _checked_type(incoming, accept: tuple[str, ...]) -> str:
    wanted = "、".join(str(formats.FORMATS[known].name) for known in accept)
    found = formats.detect(incoming, text=CSV in accept)
    if found not in accept:
        raise RefusedFile(
            _("这里只接受 %(wanted)s 文件，而该文件的内容是%(found)s；改扩展名不能改变内容。")
            % {"wanted": wanted, "found": formats.describe(incoming, found)},
            code="wrong_type",
        )
    if not formats.is_whole(incoming, found):
        raise RefusedFile(
            _("文件不完整或已损坏，请用原件重新导出后上传。"),
            code="broken",
        )
    return found


def _settle(incoming: Path, target: Path) -> None:
    if target.exists():
        incoming.unlink()
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    incoming.chmod(0o640)
    os.replace(incoming, target)
