"""Reading the official text: a plain-text file, as published or as a PDF extraction left it, into its parts.

A PDF extraction breaks lines anywhere, puts a blank line after each, page numbers between them and spaces
around figures. So a part begins where a line begins with its mark (一、 （一） 本措施自), whatever stands
between; within a part lines are joined and spaces dropped.
"""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

from django.utils.translation import gettext as _

LARGEST = 2**20

_DIGITS = "一二三四五六七八九"
_NUMERAL = "[一二三四五六七八九十]+"
_PAGE_NUMBER = re.compile(r"[-—–·\s]*\d{1,3}[-—–·\s]*|第\s*\d+\s*页.*")
_CHAPTER = re.compile(rf"{_NUMERAL}、")
_MEASURE = re.compile(rf"[（(]({_NUMERAL})[）)]")
_TERM = re.compile(r"本措施自")
_AFTER = re.compile(r"抄送|附件|[（(]此件")
_LEGAL_BASIS = re.compile(r"(沪[一-龥]{1,8})[〔\[［（(](\d{4})[〕\]］）)](\d+)号")
_NAME = re.compile(r"《([^《》]+)》")
_DATE = r"(\d{4})年(\d{1,2})月(\d{1,2})日"
_IN_FORCE = re.compile(rf"{_DATE}起(?:实施|施行)，有效期至{_DATE}")
_UNITS = re.compile(r"[（(]责任单位[：:]([^（）()]*)[）)]")
_RATE = r"(?P<rate>\d+(?:\.\d+)?)[%％]"
_AMOUNT = r"(?P<amount>\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)(?P<scale>亿|万|)元"
_FIGURE = re.compile(f"{_RATE}|{_AMOUNT}|(?P<other>\\d[\\d.,]*)", re.ASCII)
_SCALE = {"": 1, "万": 10**4, "亿": 10**8}
_FULL_WIDTH_DIGITS = str.maketrans("０１２３４５６７８９．", "0123456789.")


class Unreadable(ValueError):
    """The file is no text that could be checked; str() is a Chinese sentence that says what to do."""


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a measure up to 。 or ；, with the figures in it: rates (0.10), yuan, and bare numbers."""

    text: str
    rates: tuple[Decimal, ...] = ()
    amounts: tuple[Decimal, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MeasureText:
    """One measure as the text has it; `units` is None where the text names none."""

    number: int
    title: str
    chapter: str
    text: str
    units: frozenset[str] | None
    clauses: tuple[Clause, ...]
    rest: str = ""


@dataclass(slots=True)
class PolicyText:
    """The document's parts; what it doesn't have is empty or None."""

    names: frozenset[str] = frozenset()
    legal_bases: tuple[str, ...] = ()
    measures: list[MeasureText] = field(default_factory=list)
    in_force_from: date | None = None
    in_force_to: date | None = None
    ended: bool = False


def read_file(path: Path) -> str:
    """The file's text; raises Unreadable for anything that isn't a UTF-8 text of sensible size."""
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise Unreadable(_("没有这个文件：%(path)s") % {"path": path}) from None
    except IsADirectoryError:
        raise Unreadable(_("%(path)s 是文件夹，请指定政策文本文件。") % {"path": path}) from None
    except OSError as error:
        raise Unreadable(
            _("读不了 %(path)s：%(reason)s") % {"path": path, "reason": error.strerror}
        ) from None
    if not data.strip():
        raise Unreadable(_("文件是空的。"))
    if len(data) > LARGEST:
        raise Unreadable(_("文件超过 1 MB，不是这份政策的纯文本。"))
    return _decode(data)


def _decode(data: bytes) -> str:
    advice = _("请转存为 UTF-8 编码的纯文本后再导入。")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable(_("文件是 UTF-16 编码。") + advice)
    if data.startswith((b"%PDF", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")) or b"\x00" in data:
        raise Unreadable(_("文件是 PDF、Word 或其他二进制文件。") + advice)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        looks_chinese = "的" in data.decode("gb18030")
    except UnicodeDecodeError:
        looks_chinese = False
    if looks_chinese:
        raise Unreadable(_("文件是 GBK（GB 18030）编码。") + advice)
    raise Unreadable(_("文件不是 UTF-8 文本。") + advice)


def parse(text: str) -> PolicyText:
    """The parts of the text. Never fails: what is missing is missing, and the check says so."""
    found = PolicyText()
    chapter = ""
    head: list[str] = []
    for part in _parts(text):
        if _CHAPTER.match(part):
            chapter = part
        elif match := _MEASURE.match(part):
            found.measures.append(_measure(match, chapter, part))
        elif _TERM.match(part):
            _read_term(found, part)
        else:
            head.append(part)
    whole = "\n".join(head)
    found.names = frozenset(_NAME.findall(whole))
    found.legal_bases = tuple(
        f"{who}〔{year}〕{number}号" for who, year, number in _LEGAL_BASIS.findall(whole)
    )
    return found


def _parts(text: str) -> list[str]:
    """The text cut where a line begins with a mark; what stands before the first mark stays line by line."""
    parts: list[str] = []
    joining = False
    for line in text.splitlines():
        line = line.strip()
        if not line or _PAGE_NUMBER.fullmatch(line):
            continue
        if marked := any(mark.match(line) for mark in (_CHAPTER, _MEASURE, _TERM)):
            joining = True
        elif _AFTER.match(line):
            joining = False
        if joining and not marked:
            parts[-1] += "\n" + line
        else:
            parts.append(line)
    return [tighten(part) for part in parts]


def tighten(text: str) -> str:
    """Lines joined and spaces dropped, but those that keep two Latin words (or a word and a figure) apart."""
    latin = r"(?<=[A-Za-z])\s+(?=[A-Za-z0-9])|(?<=[0-9])\s+(?=[A-Za-z])"
    return re.sub(r"\s+", "", re.sub(latin, "\x1f", text)).replace("\x1f", " ")


def _measure(match: re.Match, chapter: str, part: str) -> MeasureText:
    title, _stop, body = part[match.end() :].partition("。")
    units, rest = None, ""
    if named := _UNITS.search(body):
        units = frozenset(filter(None, re.split("[、，,；;]", named[1])))
        body, rest = body[: named.start()], body[named.end() :]
    return MeasureText(
        number=_whole(match[1]),
        title=title,
        chapter=chapter,
        text=part,
        units=units,
        clauses=tuple(_clause(piece) for piece in re.split("[。；;]", body) if piece),
        rest=rest,
    )


def _clause(text: str) -> Clause:
    rates, amounts, others = [], [], []
    for figure in _FIGURE.finditer(text.translate(_FULL_WIDTH_DIGITS)):
        if figure["rate"]:
            rates.append(Decimal(figure["rate"]) / 100)
        elif figure["amount"]:
            amounts.append(Decimal(figure["amount"].replace(",", "")) * _SCALE[figure["scale"]])
        else:
            others.append(figure["other"].rstrip(".,"))
    return Clause(text, tuple(rates), tuple(amounts), tuple(others))


def _read_term(found: PolicyText, part: str) -> None:
    found.ended = part.endswith("。")
    if match := _IN_FORCE.search(part):
        year, month, day, *until = map(int, match.groups())
        try:
            found.in_force_from, found.in_force_to = date(year, month, day), date(*until)
        except ValueError:
            found.in_force_from = found.in_force_to = None


def _whole(numeral: str) -> int:
    """一 … 九十九 as a number."""
    tens, ten, ones = numeral.rpartition("十")
    if not ten:
        return _DIGITS.find(numeral) + 1
    return (_DIGITS.find(tens) + 1 if tens else 1) * 10 + (_DIGITS.find(ones) + 1 if ones else 0)
