"""What a file is, judged by its bytes: its signature, and whether it is whole."""

import codecs
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

import puremagic
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

PDF = "application/pdf"
PNG = "image/png"
JPEG = "image/jpeg"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"

# How much of the end may follow the mark that closes a file (line ends, a camera's appendix).
TAIL = 4096
# What a workbook may unpack to, in bytes: a small file that claims more is an attack.
UNPACKED = 500 * 2**20
CHUNK = 2**20


@dataclass(frozen=True, slots=True)
class Format:
    """A type of file that some slot accepts."""

    name: str
    endings: tuple[str, ...]
    begins: bytes
    whole: Callable[[BinaryIO], bool]


def _ends_with(mark: bytes) -> Callable[[BinaryIO], bool]:
    def check(file: BinaryIO) -> bool:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - TAIL))
        return mark in file.read()

    return check


def _is_workbook(file: BinaryIO) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(member.file_size for member in archive.infolist()) > UNPACKED:
                return False
            names = set(archive.namelist())
            return {"[Content_Types].xml", "xl/workbook.xml"} <= names and archive.testzip() is None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        return False


def _is_text(file: BinaryIO) -> bool:
    """Whether all of it reads as UTF-8 or as GB18030 (GBK), and nothing in it is binary."""
    for encoding in ("utf-8", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        file.seek(0)
        try:
            while chunk := file.read(CHUNK):
                if b"\0" in chunk:
                    return False
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return True
    return False


FORMATS = {
    PDF: Format("PDF", (".pdf",), b"%PDF-", _ends_with(b"%%EOF")),
    PNG: Format("PNG", (".png",), b"\x89PNG\r\n\x1a\n", _ends_with(b"IEND\xaeB`\x82")),
    JPEG: Format("JPG", (".jpg", ".jpeg"), b"\xff\xd8\xff", _ends_with(b"\xff\xd9")),
    XLSX: Format(gettext_lazy("Excel（xlsx）"), (".xlsx",), b"PK\x03\x04", _is_workbook),
    # Text has no signature: it is what nothing else is, and only where a slot asks for it.
    CSV: Format("CSV", (".csv",), b"", _is_text),
}


def detect(file: BinaryIO, text: bool = False) -> str | None:
    """The type by signature at the very first byte, CSV for a text where that is asked for; else None."""
    file.seek(0)
    head = file.read(16)
    signed = (known for known, form in FORMATS.items() if form.begins and head.startswith(form.begins))
    return next(signed, CSV if text and _is_text(file) else None)


def is_whole(file: BinaryIO, content_type: str) -> bool:
    """Whether the file carries what closes a file of its type."""
    return FORMATS[content_type].whole(file)


def describe(file: BinaryIO, found: str | None) -> str:
    """What a refused file seems to be, for the message."""
    if found:
        return _("%(name)s 文件") % {"name": FORMATS[found].name}
    file.seek(0)
    try:
        guess = puremagic.from_string(file.read(8192))
    except (puremagic.PureError, ValueError):
        return _("无法识别的类型")
    return _("%(name)s 类型") % {"name": guess.removeprefix(".").upper()}


def policy(content_type: str) -> str:
    """The content security policy under which a document is shown."""
    base = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'"
    # An older Chromium doesn't start its PDF viewer in a sandboxed page; the viewer has a sandbox of its own.
    return f"{base}; object-src 'self'" if content_type == PDF else f"{base}; sandbox"
