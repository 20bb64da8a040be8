"""Bad rows as a workbook to correct and import again: the same sheets and columns, the reason beside each row."""

import os
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from enterprises.imports.checking import Problem
from enterprises.imports.columns import ENTERPRISES, FIGURES
from foundation.lists.export import EXACT

REASON_WIDTH, WIDTH = 60, 20
# The first year that a spreadsheet has.
EPOCH = 1900


class BadRows:
    """Writes rows as they come, in constant memory; the file appears whole at close(), or not at all.

    Rows of a table come in order, enterprises before figures or beside them. Texts are written as texts: what
    begins like a formula doesn't become one.
    """

    def __init__(self, path: Path):
        self.path, self.count = path, 0
        self._partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        # Whether one may write there shows now, not after the work.
        self._partial.touch()
        if path.is_dir():
            self._partial.unlink()
            raise IsADirectoryError(path)
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(str(self._partial), options)
        bold = self._book.add_format({"bold": True, "bottom": 1})
        text = self._book.add_format({"num_format": "@"})
        self._wrong = self._book.add_format({"num_format": "@", "bg_color": "#FDE2E1"})
        self._wrong_day = self._book.add_format({"num_format": "yyyy-mm-dd", "bg_color": "#FDE2E1"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._sheets, self._next = {}, {}
        for layout in (ENTERPRISES, FIGURES):
            sheet = self._book.add_worksheet(str(layout.title))
            sheet.freeze_panes(1, 1)
            for index, column in enumerate(layout.columns):
                sheet.set_column(index, index, WIDTH, text if column.key == "uscc" else None)
                sheet.write_string(0, index, column.key, bold)
            last = len(layout.columns)
            sheet.set_column(last + 1, last + 1, REASON_WIDTH)
            sheet.write_string(0, last, _("原行号"), bold)
            sheet.write_string(0, last + 1, _("原因"), bold)
            self._sheets[layout.key], self._next[layout.key] = (sheet, layout), 1

    def add(self, line: int, cells: Sequence[Any], problems: Sequence[Problem]) -> None:
        """One bad row, as it stood in the file."""
        sheet, layout = self._sheets[problems[0].table]
        row = self._next[layout.key]
        wrong = {problem.column for problem in problems}
        for index, (column, cell) in enumerate(zip(layout.columns, cells, strict=True)):
            self._write(sheet, row, index, cell, column.key in wrong)
        last = len(layout.columns)
        sheet.write_number(row, last, line)
        sheet.write_string(row, last + 1, "；".join(told(problem) for problem in problems))
        self._next[layout.key] = row + 1
        self.count += 1

    def close(self) -> None:
        """Put the finished workbook in its place; without bad rows nothing is left there."""
        self._book.close()
        if self.count:
            os.replace(self._partial, self.path)
        else:
            self._partial.unlink()

    def discard(self) -> None:
        """Leave nothing behind."""
        self._book.close()
        self._partial.unlink(missing_ok=True)

    def _write(self, sheet, row: int, index: int, cell: Any, wrong: bool) -> None:
        if cell == "" or cell is None:
            if wrong:
                sheet.write_blank(row, index, None, self._wrong)
        elif isinstance(cell, date) and cell.year >= EPOCH:
            sheet.write_datetime(row, index, cell, self._wrong_day if wrong else self._day)
        elif isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) < EXACT:
            sheet.write_number(row, index, cell, self._wrong if wrong else None)
        else:
            sheet.write_string(row, index, str(cell), self._wrong if wrong else None)


def told(problem: Problem) -> str:
    """A problem in words, with its column."""
    return f"{problem.column}：{problem.reason}" if problem.column else problem.reason
