"""The checks of a row, cell by cell: what is wrong is said in Chinese, for the cell in which it is.

Full-width digits and letters are read as half-width ones. A cell that begins like a formula is never taken.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from enterprises.imports import uscc
from enterprises.imports.columns import ENTERPRISES, FIGURES, Layout
from enterprises.models import LegalForm
from foundation.accounts.models import District

NAME, SOURCE = (2, 120), (1, 60)
FIRST_YEAR, FIRST_DAY = 1990, date(1900, 1, 1)
# What the columns hold: 14 digits of yuan before the point, a whole number of 32 bits.
MONEY_BELOW, PEOPLE_BELOW = Decimal(10) ** 14, 2**31
QUOTED = 200
FEN = Decimal("0.01")
FORMULA_STARTS = ("=", "+", "@", "'=", "'+", "'@")
DAY = re.compile(
    r"(\d{4})(?:-(\d{1,2})-(\d{1,2})|/(\d{1,2})/(\d{1,2})|\.(\d{1,2})\.(\d{1,2})|年(\d{1,2})月(\d{1,2})日|(\d\d)(\d\d))"
)
MIDNIGHT = re.compile(r"[ T]00:00(:00)?$")
NUMBER = re.compile(r"-?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?")
INDUSTRY = re.compile(r"[A-T](\d{2,4})?")


class Refused(ValueError):
    """Why a cell can't be taken, in Chinese."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in one cell; column is "" where it is the row as a whole."""

    table: str
    line: int
    column: str
    value: str
    reason: str


Check = Callable[[Any], Any]


class Checker:
    """The checks of one table, one function a column; the districts are read once."""

    def __init__(self, layout: Layout, checks: Sequence[Check]):
        self.layout = layout
        self.steps = list(zip([column.key for column in layout.columns], checks, strict=True))

    def check(self, line: int, cells: Sequence[Any]) -> tuple[list[Any], list[Problem]]:
        """The row's values in the order of the layout, and its problems; with problems no value counts."""
        values, problems = [], []
        for (key, check), cell in zip(self.steps, cells, strict=True):
            try:
                values.append(check(cell))
            except Refused as refused:
                problems.append(Problem(self.layout.key, line, key, quoted(cell), str(refused)))
        return values, problems


def enterprises(today: date) -> Checker:
    """Values: code, name, district's code, industry ("" unknown), day or None, legal form."""
    districts, forms = _districts(), _forms()
    no_district = _("没有这个区，请填写区名（如“徐汇区”）或六位区划代码")
    no_form = _("没有这种组织形式，可填：%s") % "、".join(LegalForm.values)
    checks = [
        code,
        lambda cell: _words(cell, *NAME),
        lambda cell: _one_of(cell, districts, no_district),
        _industry,
        lambda cell: _day(cell, today),
        lambda cell: _one_of(cell, forms, no_form),
    ]
    return Checker(ENTERPRISES, checks)


def figures(today: date) -> Checker:
    """Values: code, year, revenue, R&D, persons, taxes, profit (yuan, Decimal or None), source."""
    checks = [
        lru_cache(maxsize=64, typed=True)(code),
        # Few different years and sources stand in a file, and a code in rows that follow each other.
        lru_cache(maxsize=64, typed=True)(lambda cell: _year(cell, today.year)),
        _money,
        _money,
        _persons,
        _money,
        lambda cell: _money(cell, negative=True),
        lru_cache(maxsize=64, typed=True)(lambda cell: _words(cell, *SOURCE)),
    ]
    return Checker(FIGURES, checks)


def shown(cell: Any) -> str:
    """A cell as a person reads it in the spreadsheet."""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if not (cell.hour or cell.minute or cell.second) else str(cell)
    if isinstance(cell, float):
        return f"{cell:.15g}" if abs(cell) >= 10**15 else format(Decimal(f"{cell:.15g}"), "f")
    return str(cell)


def quoted(cell: Any) -> str:
    """A cell as a message quotes it: short, and without characters that can't be shown or stored."""
    plain = shown(cell)[:QUOTED]
    return plain if plain.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in plain)


def text(cell: Any) -> str:
    """A cell's text, half width, without outer blanks; Refused for a formula or control characters."""
    plain = cell if isinstance(cell, str) else shown(cell)
    if not plain.isascii():
        plain = unicodedata.normalize("NFKC", plain)
    plain = plain.strip()
    if plain.startswith(FORMULA_STARTS):
        raise Refused(_("是公式或以“%s”开头，请改为文字或数值") % plain.lstrip("'")[0])
    if not plain.isprintable():
        raise Refused(_("含有换行或不可见字符"))
    return plain


def code(cell: Any) -> str:
    """A unified social credit code with a right check digit, upper case."""
    if isinstance(cell, float | int):
        raise Refused(_("代码存成了数字，末几位已丢失，请把该列设为“文本”后重新填写"))
    plain = cell
    if not isinstance(cell, str) or not uscc.is_valid(cell):
        plain = "".join(text(cell).split()).replace("-", "").upper()
        if not plain:
            raise Refused(_("没有填写"))
        if len(plain) != uscc.LENGTH:
            raise Refused(_("应为 18 位，现在是 %d 位") % len(plain))
        if not uscc.is_well_formed(plain):
            raise Refused(_("含有不允许的字符，请核对营业执照"))
        if not uscc.is_valid(plain):
            raise Refused(_("校验位不对，请核对营业执照"))
    return plain


def _words(cell: Any, least: int, most: int) -> str:
    """A name as written, brackets included; only its full-width digits and letters become half width."""
    text(cell)
    plain = " ".join(shown(cell).split())
    if WIDE.search(plain):
        plain = plain.translate(NARROW)
    if not plain:
        raise Refused(_("没有填写"))
    if not least <= len(plain) <= most:
        raise Refused(_("应为 %(least)d 至 %(most)d 个字") % {"least": least, "most": most})
    return plain


# Full-width digits and letters: names keep the brackets and points that they are registered with.
NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F) if chr(wide - 0xFEE0).isalnum()}
WIDE = re.compile("[\uff01-\uff5e]")


def _one_of(cell: Any, known: dict[str, str], otherwise: str) -> str:
    found = known.get(cell) if isinstance(cell, str) else None
    if found is None:
        plain = text(cell)
        if not plain:
            raise Refused(_("没有填写"))
        found = known.get(plain) or known.get(plain.lower())
        if found is None:
            raise Refused(otherwise)
    return found


def _districts() -> dict[str, str]:
    """Codes and names, also without 区: what a district may be called."""
    found = {}
    for key, name in District.objects.order_by("code").values_list("code", "name"):
        found |= {key: key, name: key, name.removesuffix("区").removesuffix("新"): key}
    return found


def _forms() -> dict[str, str]:
    """Keys and labels, with and without what the label has in brackets."""
    found = {}
    for key, label in LegalForm.choices:
        plain = unicodedata.normalize("NFKC", str(label))
        found |= {key: key, str(label): key, plain: key, plain.partition("(")[0]: key}
    return found


def _industry(cell: Any) -> str:
    if cell == "":
        return ""
    plain = text(cell).upper()
    if plain and not INDUSTRY.fullmatch(plain):
        raise Refused(_("应为 GB/T 4754 的门类字母加数字，如 M7452"))
    return plain


def _day(cell: Any, today: date) -> date | None:
    if cell == "":
        return None
    if isinstance(cell, datetime):
        cell = cell.date()
    if not isinstance(cell, date):
        plain = text(cell)
        if ":" in plain:
            plain = MIDNIGHT.sub("", plain)
        if not plain:
            return None
        parts = DAY.fullmatch(plain)
        if not parts:
            raise Refused(_("不是日期，请写成 2015-06-18"))
        try:
            cell = date(*(int(part) for part in parts.groups() if part is not None))
        except ValueError as error:
            raise Refused(_("没有这一天，请写成 2015-06-18")) from error
    if not FIRST_DAY <= cell <= today:
        raise Refused(_("日期应在 %(first)s 至 %(last)s 之间") % {"first": FIRST_DAY, "last": today})
    return cell


def _year(cell: Any, this_year: int) -> int:
    plain = text(cell).removesuffix("年")
    if not plain:
        raise Refused(_("没有填写"))
    if not (plain.isascii() and plain.isdigit() and len(plain) == 4):
        raise Refused(_("不是年度，请写成四位数字，如 2024"))
    if not FIRST_YEAR <= int(plain) <= this_year:
        raise Refused(_("年度应在 %(first)d 至 %(last)d 之间") % {"first": FIRST_YEAR, "last": this_year})
    return int(plain)


def _number(cell: Any) -> Decimal | None:
    """A number as written; None where the cell is empty. A spreadsheet's own number counts by 15 digits."""
    if cell == "":
        return None
    try:
        if isinstance(cell, float):
            return Decimal(f"{cell:.15g}")
        if isinstance(cell, bool | date):
            raise Refused(_("不是数字"))
        plain = text(cell)
        if not plain:
            return None
        if not NUMBER.fullmatch(plain):
            raise Refused(_("不是数字；请只填数字，不写单位"))
        return Decimal(plain.replace(",", ""))
    except InvalidOperation as error:
        raise Refused(_("不是数字")) from error


def _money(cell: Any, negative: bool = False) -> Decimal | None:
    amount = _number(cell)
    if amount is None:
        return None
    if amount < 0 and not negative:
        raise Refused(_("不能是负数"))
    if abs(amount) >= MONEY_BELOW:
        raise Refused(_("金额太大，单位应为元"))
    exact = amount.quantize(FEN)
    if exact != amount:
        raise Refused(_("金额以元计，最多两位小数"))
    return exact


def _persons(cell: Any) -> int | None:
    number = _number(cell)
    if number is None:
        return None
    if number < 0:
        raise Refused(_("不能是负数"))
    if number != int(number):
        raise Refused(_("人数应为整数"))
    if number >= PEOPLE_BELOW:
        raise Refused(_("人数太大"))
    return int(number)
