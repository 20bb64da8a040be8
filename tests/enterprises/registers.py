"""Files of a register, as people hand them in."""

import csv
from itertools import count
from pathlib import Path

import xlsxwriter
from stdnum.cn import uscc as uscc_number

HEADING = ["uscc", "name", "district", "industry", "established_on", "legal_form"]
FIGURES_HEADING = ["uscc", "year", "revenue", "rd_expense", "employees", "taxes", "profit", "source"]

_numbers = count(1)


def code(number: int | None = None) -> str:
    """A valid code; another one for another number."""
    base = f"91310115MB{number if number is not None else 5_000_000 + next(_numbers):07d}"
    return base + uscc_number.calc_check_digit(base)


def enterprise(**fields) -> list:
    """A good row."""
    values = {
        "uscc": code(),
        "name": "示例计量检测有限公司",
        "district": "徐汇区",
        "industry": "M7452",
        "established_on": "2015-06-18",
        "legal_form": "company",
    }
    return list((values | fields).values())


def figure(uscc: str, **fields) -> list:
    """A good row of figures."""
    values = {
        "uscc": uscc,
        "year": "2024",
        "revenue": "12345678.90",
        "rd_expense": "1000000",
        "employees": "35",
        "taxes": "250000.5",
        "profit": "-120000.00",
        "source": "税务局",
    }
    return list((values | fields).values())


def text(path: Path, rows, heading=HEADING, encoding: str = "utf-8") -> Path:
    """A CSV file."""
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([heading, *rows])
    return path


def workbook(path: Path, rows, figures=None, heading=HEADING, formulas=()) -> Path:
    """An XLSX file with one sheet, or two; `formulas` are cells (row, column from 0) of the first sheet."""
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False}) as book:
        sheets = [(heading, rows)] if figures is None else [(heading, rows), (FIGURES_HEADING, figures)]
        for index, (names, lines) in enumerate(sheets):
            sheet = book.add_worksheet()
            for number, line in enumerate([names, *lines]):
                sheet.write_row(number, 0, line)
            if not index:
                for row, column in formulas:
                    sheet.write_formula(row, column, "=1+1")
    return path
