"""What a form asks: the parts of its definition. The shape is documented on measures.models.FormVersion."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError

TYPES = (
    "text",
    "paragraph",
    "money",
    "number",
    "date",
    "month",
    "choice",
    "yes_no",
    "declaration",
    "table",
)
DOCUMENT_TYPES = {"pdf": "application/pdf", "png": "image/png", "jpeg": "image/jpeg"}
DEFAULT_LENGTH = {"text": 200, "paragraph": 2000}
DEFAULT_MEGABYTES = 20

_EVERY = {"key", "label", "type", "help", "required", "when", "fact"}
ATTRIBUTES = {
    "text": _EVERY | {"unit", "max_length"},
    "paragraph": _EVERY | {"max_length"},
    "money": _EVERY | {"unit", "min", "max", "currencies", "rate_day"},
    "number": _EVERY | {"unit", "min", "max", "decimals"},
    "date": _EVERY | {"min", "max", "not_before"},
    "month": _EVERY | {"min", "max", "not_before"},
    "choice": _EVERY | {"options"},
    "yes_no": _EVERY,
    "declaration": _EVERY,
    "table": _EVERY | {"unit", "rows", "sum_to"},
}


class DefinitionError(ValidationError):
    """The definition is no form; `messages` say where and why, in Chinese."""


@dataclass(frozen=True, slots=True)
class When:
    """Shown only where an earlier field has one of these answers (codes of options; True or False)."""

    field: str
    values: tuple

    @property
    def as_json(self) -> str:
        """What data-when-is holds, for static/js/conditional.js."""
        return json.dumps(self.values, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `options` and `rows` are (key, label) pairs; min and max are Decimal or date."""

    key: str
    label: str
    type: str
    section: str
    unit: str = ""
    help: str = ""
    required: bool = False
    options: tuple[tuple[str, str], ...] = ()
    when: When | None = None
    max_length: int | None = None
    min: Decimal | date | None = None
    max: Decimal | date | None = None
    decimals: int = 0
    fact: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    sum_to: str = ""
    not_before: str = ""
    # Of money: the currencies (ISO 4217) it may be given in beside yuan, and what the day of the rate is called.
    currencies: tuple[str, ...] = ()
    rate_day: str = ""


@dataclass(frozen=True, slots=True)
class Slot:
    """One document to hand in. `types` are MIME types; sizes in MB (2^20 bytes)."""

    key: str
    label: str
    help: str = ""
    required: bool = False
    types: tuple[str, ...] = tuple(DOCUMENT_TYPES.values())
    max_mb: int = DEFAULT_MEGABYTES
    when: When | None = None

    @property
    def max_bytes(self) -> int:
        return self.max_mb * 2**20


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the keys of the fields under it."""

    title: str
    help: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Definition:
    sections: tuple[Section, ...]
    fields: tuple[Field, ...]
    slots: tuple[Slot, ...]


def same(one, other) -> bool:
    """Equal and of one type."""
    return type(one) is type(other) and one == other
