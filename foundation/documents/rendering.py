"""From facts to PDF with Typst: the same facts give the same bytes, on any day and any machine.

A template is templates/documents/<name>.typ. The facts reach it as JSON in `sys.inputs.data`: texts of people
are strings there and never become markup. PDF/A-2a and PDF/UA-1: kept for decades, read aloud by tags.
"""

import json
import unicodedata
from collections.abc import Callable
from datetime import datetime
from functools import cache
from pathlib import Path

import justmytype_intl_cjk
import typst
from django.conf import settings
from fontTools.ttLib import TTFont

from foundation.clock import clock

FONT_FOLDER = Path(justmytype_intl_cjk.__file__).parent / "fonts" / "ofl" / "notosanssc"
STANDARDS = ["a-2a", "ua-1"]
# How Typst says that the font lacks a character, which both standards forbid to print as a box.
_NO_GLYPH = "could not be displayed with font"


def render(template: str, facts: dict, dated: datetime) -> bytes:
    """The PDF's bytes.

    facts: JSON values, among them "document": {"title", "author", "number", "facts"} for header, footer and
    properties. dated: the moment that the document bears, written into it instead of the time of making.
    Raises typst.TypstError where the template is wrong.
    """
    here = clock.local(dated)
    date = [here.year, here.month, here.day, here.hour, here.minute, here.second]
    facts = _each_text({**facts, "document": {**facts["document"], "date": date}}, _printable)
    try:
        return _compiled(template, facts)
    except typst.TypstError as error:
        if _NO_GLYPH not in str(error):
            raise
        return _compiled(template, _each_text(facts, _named))


def _compiled(template: str, facts: dict) -> bytes:
    root = Path(settings.BASE_DIR) / "templates" / "documents"
    return typst.compile(
        str(root / f"{template}.typ"),
        root=str(root),
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(facts, ensure_ascii=False)},
        pdf_standards=STANDARDS,
    )


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, font_paths=[str(FONT_FOLDER)])


def _each_text(value, change: Callable[[str], str]):
    """The same structure with every text changed; keys stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _each_text(one, change) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_each_text(one, change) for one in value]
    return value


def _printable(text: str) -> str:
    """Without control and direction characters, which could reorder what is read; lines stay lines."""
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\t", " ")
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"})


def _named(text: str) -> str:
    """A character that the font lacks by its number, 〔U+1F600〕: named, never dropped and never a box."""
    known = _characters()
    return "".join(c if c == "\n" or ord(c) in known else f"〔U+{ord(c):04X}〕" for c in text)


@cache
def _characters() -> frozenset[int]:
    (path,) = FONT_FOLDER.glob("*.ttf")
    with TTFont(path, lazy=True) as font:
        return frozenset(font.getBestCmap())
