"""Where a sheet holds formulas: the reader gives their last stored result, which may be a stale or empty one."""

import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree

# What stands in for a cell that is a formula.
FORMULA = "="
CHUNK = 2**20
# A cell's opening tag and, within it, the formula.
CELL = re.compile(rb'<c\b[^>]*?\br="([A-Z]{1,3})(\d{1,7})"[^>]*>\s*<f\b')
# No cell's opening is longer: what overlaps between two chunks.
OVERLAP = 512
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
# A part that lists sheets is small; a larger one is no workbook of ours.
SMALL = 2**20


def formula_cells(path: Path, number: int) -> dict[int, set[int]]:
    """The formulas of the sheet with that number (from 0): {line from 1: places from 0}; {} where unknown."""
    try:
        with zipfile.ZipFile(path) as book:
            part = _part_of(book, number)
            return _scan(book, part) if part else {}
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, OSError, NotImplementedError, ValueError):
        # A file that is broken is refused by the reader, with its reason.
        return {}


def _part_of(book: zipfile.ZipFile, number: int) -> str | None:
    sheets = list(_parsed(book, "xl/workbook.xml").iter(f"{MAIN}sheet"))
    if number >= len(sheets):
        return None
    wanted = sheets[number].get(LINK)
    for relation in _parsed(book, "xl/_rels/workbook.xml.rels"):
        if relation.get("Id") == wanted:
            target = relation.get("Target", "")
            return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    return None


def _parsed(book: zipfile.ZipFile, part: str) -> ElementTree.Element:
    text = book.open(part).read(SMALL)
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
        raise ValueError(part)
    return ElementTree.fromstring(text)  # noqa: S314  without entities nothing unfolds


def _scan(book: zipfile.ZipFile, part: str) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    rest = b""
    with book.open(part) as sheet:
        while chunk := sheet.read(CHUNK):
            text = rest + chunk
            for letters, line in CELL.findall(text):
                found.setdefault(int(line), set()).add(_place(letters))
            rest = text[-OVERLAP:]
    return found


def _place(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1
