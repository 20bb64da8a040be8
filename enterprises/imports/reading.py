"""Opening a file: XLSX, or CSV in UTF-8 or GBK, told apart by their bytes. Rows come one by one."""

import codecs
import csv
import hashlib
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import python_calamine
from django.utils.translation import gettext as _

from enterprises.imports.columns import ENTERPRISES, FIGURES, Layout
from enterprises.imports.formulas import FORMULA, formula_cells

WORKBOOK, OLD_WORKBOOK = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# GB18030 reads all of GBK and GB2312.
ENCODINGS = ("utf-8-sig", "gb18030")
CHUNK = 2**20
# Headings are looked for within these first rows: a title may stand above them.
HEADING_WITHIN = 5

Row = tuple[int, Sequence[Any]]


class UnusableFile(Exception):
    """The file as a whole can't be taken; the text says why and what to do, in Chinese."""


@dataclass(slots=True)
class Table:
    """One table of the file. rows() yields (line as the spreadsheet numbers it, cells in the layout's order);
    length is the number of lines, or near it, for a progress bar."""

    layout: Layout
    length: int
    rows: Callable[[], Iterator[Row]]


def digest(path: Path) -> str:
    """The SHA-256 of a file's bytes (hex)."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def tables(
    register: Path, figures: Path | None = None, names: tuple[str, str] | None = None
) -> tuple[Table, Table | None]:
    """The table of enterprises, and that of figures where a second sheet or file has one.

    names: what the files are called, where their paths don't tell.

    Raises UnusableFile for what is missing, neither XLSX nor CSV, empty, or lacks columns.
    """
    first, second = names or (register.name, figures.name if figures else "")
    found = _open(register, first)
    enterprises = found(0, ENTERPRISES)
    further = found(1, FIGURES) if figures is None else _open(figures, second)(0, FIGURES)
    if all(next(table.rows(), None) is None for table in (enterprises, further) if table):
        raise UnusableFile(_("%(name)s 只有表头，没有数据") % {"name": first})
    return enterprises, further


def table_of(path: Path, layout: Layout) -> Table:
    """The one table of a file: its first sheet. Raises UnusableFile as `tables`."""
    return _open(path, path.name)(0, layout)


def _open(path: Path, name: str) -> Callable[[int, Layout], Table | None]:
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except IsADirectoryError as error:
        raise UnusableFile(_("%(path)s 是文件夹，不是文件") % {"path": path}) from error
    except FileNotFoundError as error:
        raise UnusableFile(_("找不到文件 %(path)s") % {"path": path}) from error
    except OSError as error:
        raise UnusableFile(_("无法读取文件 %(path)s") % {"path": path}) from error
    if not head:
        raise UnusableFile(_("文件 %(name)s 是空的") % {"name": name})
    if head.startswith(OLD_WORKBOOK):
        raise UnusableFile(_("%(name)s 是旧版或加密的 Excel 文件，请另存为 xlsx") % {"name": name})
    return _workbook(path, name) if head == WORKBOOK else _text(path, name)


# --- XLSX -----------------------------------------------------------------------------------------------
def _workbook(path: Path, file_name: str) -> Callable[[int, Layout], Table | None]:
    broken = UnusableFile(_("%(name)s 不是完整的 xlsx 文件，请用 Excel 重新保存") % {"name": file_name})
    with _reader(broken):
        book = python_calamine.CalamineWorkbook.from_path(path)

    def table(number: int, layout: Layout) -> Table | None:
        if number >= len(book.sheet_names):
            return None
        with _reader(broken):
            sheet = book.get_sheet_by_index(number)
        name = _("%(file)s 的工作表“%(sheet)s”") % {"file": file_name, "sheet": sheet.name}
        if sheet.start is None:
            if number:
                return None
            raise UnusableFile(_("%(name)s 是空的") % {"name": name})
        formulas = formula_cells(path, number)
        return _table(layout, name, lambda: _sheet_rows(sheet, formulas), sheet.total_height)

    return table


@contextmanager
def _reader(broken: UnusableFile) -> Iterator[None]:
    """The reader's errors, and its panics, which are no Exception, as our own."""
    try:
        yield
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:
        raise broken from error


def _sheet_rows(sheet, formulas: dict[int, set[int]]) -> Iterator[Row]:
    # The reader counts lines from the first, but columns from the first that has content.
    pad = [""] * sheet.start[1]
    for line, cells in enumerate(sheet.iter_rows(), start=1):
        if line in formulas:
            cells = _marked(pad + cells, formulas[line])
        elif pad:
            cells = pad + cells
        yield line, cells


def _marked(cells: list, places: set[int]) -> list:
    cells = cells + [""] * (max(places) + 1 - len(cells))
    for place in places:
        cells[place] = FORMULA
    return cells


# --- CSV ------------------------------------------------------------------------------------------------
def _text(path: Path, name: str) -> Callable[[int, Layout], Table | None]:
    encoding, length = _encoding(path, name)

    def table(number: int, layout: Layout) -> Table | None:
        if number:
            return None
        return _table(layout, name, lambda: _lines(path, encoding, name), length)

    return table


def _encoding(path: Path, name: str) -> tuple[str, int]:
    """The encoding that fits the whole file, and the number of its lines."""
    with path.open("rb") as file:
        if file.read(2) in UTF16:
            raise UnusableFile(_("%(name)s 是 UTF-16 编码，请另存为 UTF-8 或 GBK 的 CSV") % {"name": name})
    for encoding in ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        length = 0
        try:
            with path.open("rb") as file:
                while chunk := file.read(CHUNK):
                    if b"\0" in chunk:
                        raise UnusableFile(_("%(name)s 既不是 xlsx 也不是 CSV 文件") % {"name": name})
                    decoder.decode(chunk)
                    length += chunk.count(b"\n")
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding, length
    raise UnusableFile(_("%(name)s 的编码既不是 UTF-8 也不是 GBK") % {"name": name})


def _lines(path: Path, encoding: str, name: str) -> Iterator[Row]:
    with path.open(encoding=encoding, newline="") as file:
        first = file.readline()
        file.seek(0)
        delimiter = "\t" if "\t" in first and "," not in first else ","
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        line = 1
        try:
            for cells in reader:
                yield line, cells
                # A cell may hold line breaks: the next row begins after them.
                line = reader.line_num + 1
        except csv.Error as error:
            raise UnusableFile(
                _("%(name)s 从第 %(line)d 行起不是完整的 CSV（多半是引号没有成对）")
                % {"name": name, "line": line}
            ) from error


# --- both -----------------------------------------------------------------------------------------------
def _table(layout: Layout, name: str, read: Callable[[], Iterator[Row]], length: int) -> Table:
    heading, places = _heading(layout, name, read)

    def rows() -> Iterator[Row]:
        width = max(places) + 1
        for line, cells in read():
            if line <= heading or not any(cells):
                continue
            if len(cells) < width:
                cells = [*cells, *[""] * (width - len(cells))]
            yield line, [cells[place] for place in places]

    return Table(layout, max(length - heading, 1), rows)


def _heading(layout: Layout, name: str, read) -> tuple[int, list[int]]:
    """The line of the heading, and where each column of the layout stands."""
    best: tuple[int, int, list[int | None]] = (0, 0, [])
    seen = False
    for line, cells in itertools.islice(read(), HEADING_WITHIN):
        seen = seen or any(cells)
        places: list[int | None] = [None] * len(layout.columns)
        for index, cell in enumerate(cells):
            place = layout.place_of(cell) if isinstance(cell, str) else None
            if place is not None and places[place] is None:
                places[place] = index
        known = sum(place is not None for place in places)
        if known > best[0]:
            best = (known, line, places)
    known, line, places = best
    missing = [
        c.key
        for c, place in zip(layout.columns, places or [None] * len(layout.columns), strict=True)
        if place is None
    ]
    if not seen:
        raise UnusableFile(_("%(name)s 是空的") % {"name": name})
    if missing:
        raise UnusableFile(_("%(name)s 缺少列：%(columns)s") % {"name": name, "columns": "、".join(missing)})
    return line, [place for place in places if place is not None]
