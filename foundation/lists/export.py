"""A list as a file: XLSX with typed cells, or CSV that Excel opens as UTF-8.

Text stays text: a cell that begins like a formula must not become one on the reader's machine.
"""

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from django.db.models import QuerySet
from django.http import FileResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from foundation.clock import clock
from foundation.lists.columns import Column

# Beyond this a request would hold a worker for too long; rows.
LIMIT = 100_000
CHUNK = 2000
# Full-width ones too: a Chinese Excel reads them the same.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Excel keeps 15 digits of a number; a longer one is text.
EXACT = 10**15


class TooManyRows(Exception):
    """The list is too long for one file; the text says so in Chinese."""


def xlsx(title: str, columns: Sequence[Column], rows: QuerySet) -> FileResponse:
    """A workbook with one sheet: bold frozen heading, filters, amounts and dates as such."""
    target = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet(_sheet_name(title))
        bold = book.add_format({"bold": True, "bottom": 1})
        formats = {
            Decimal: book.add_format({"num_format": "#,##0.00"}),
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }
        sheet.freeze_panes(1, 0)
        for index, column in enumerate(columns):
            sheet.set_column(index, index, column.width)
            sheet.write_string(0, index, str(column.label), bold)
        number = 0
        with _within_limit(rows) as read:
            for number, row in enumerate(read, start=1):
                for index, column in enumerate(columns):
                    _write(sheet, number, index, column.of(row), formats)
        if columns:
            sheet.autofilter(0, 0, number, len(columns) - 1)
    target.seek(0)
    return _response(target, title, "xlsx", XLSX_TYPE)


def comma_separated(title: str, columns: Sequence[Column], rows: QuerySet) -> FileResponse:
    """A CSV file in UTF-8 with a byte order mark."""
    target = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
    text = io.TextIOWrapper(target, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([safe(str(column.label)) for column in columns])
    with _within_limit(rows) as read:
        writer.writerows([_plain(column.of(row)) for column in columns] for row in read)
    text.flush()
    text.detach()
    target.seek(0)
    return _response(target, title, "csv", "text/csv; charset=utf-8")


def streamed(title: str, columns: Sequence[Column], rows: QuerySet) -> StreamingHttpResponse:
    """A CSV file as comma_separated writes it, sent while it is read: for lists of any length."""
    response = StreamingHttpResponse(_lines(columns, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, _file_name(title, "csv"))
    response["Cache-Control"] = "private, no-store"
    return response


def _lines(columns: Sequence[Column], rows: QuerySet) -> Iterator[bytes]:
    """The file in pieces of some rows each; the database's cursor is closed when the reader goes away."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([safe(str(column.label)) for column in columns])
    yield b"\xef\xbb\xbf"
    with closing(rows.iterator(chunk_size=CHUNK)) as read:
        for number, row in enumerate(read, start=1):
            writer.writerow([_plain(column.of(row)) for column in columns])
            if number % CHUNK == 0:
                yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    """What was written so far, which is then gone from it."""
    written = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return written


FORMS = {"xlsx": xlsx, "csv": comma_separated}


def safe(text: str) -> str:
    """Text that a spreadsheet won't take for a formula: such a beginning is quoted with an apostrophe."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


@contextmanager
def _within_limit(rows: QuerySet) -> Iterator[Iterator]:
    """The rows, read in chunks; the database's cursor is closed however the writing ends."""
    with closing(rows.iterator(chunk_size=CHUNK)) as read:
        yield _counted(read)


def _counted(rows: Iterator) -> Iterator:
    for number, row in enumerate(rows):
        if number >= LIMIT:
            raise TooManyRows(
                _("超过 %(limit)s 行，无法一次导出，请先缩小筛选范围。") % {"limit": f"{LIMIT:,}"}
            )
        yield row


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, datetime):
        return clock.shanghai(value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | Decimal):
        return value
    return safe(str(value))


def _write(sheet, row: int, column: int, value: Any, formats: dict) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        moment = clock.shanghai(value).replace(tzinfo=None)
        sheet.write_datetime(row, column, moment, formats[datetime])
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, formats[date])
    elif isinstance(value, Decimal) and abs(value) < EXACT // 100:
        sheet.write_number(row, column, value, formats[Decimal])
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) < EXACT:
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(_plain(value) if isinstance(value, bool) else value))


def _sheet_name(title: str) -> str:
    return "".join(c for c in title if c not in "[]:*?/\\'")[:31] or "Sheet1"


def _response(target, title: str, ending: str, content_type: str) -> FileResponse:
    name = _file_name(title, ending)
    response = FileResponse(target, as_attachment=True, filename=name, content_type=content_type)
    response["Cache-Control"] = "private, no-store"
    return response


def _file_name(title: str, ending: str) -> str:
    return f"{title}-{clock.today().isoformat()}.{ending}"
