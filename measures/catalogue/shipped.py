"""The data files, read once: offices, measures with their entries, and the calls that a demonstration opens."""

import json
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

DATA = Path(__file__).resolve().parent / "data"
# What stands for "each of the districts" where a unit is named.
DISTRICTS = "districts"
DISTRICTS_NAME = "各区政府"


@dataclass(frozen=True, slots=True)
class ShippedOffice:
    code: str
    name: str
    short_name: str
    kind: str


@dataclass(frozen=True, slots=True)
class ShippedDistrict:
    """A district and its reviewing body, whose name is a default to be checked."""

    code: str
    name: str
    pinyin: str
    office: ShippedOffice


@dataclass(frozen=True, slots=True)
class ShippedGuidance:
    """One line of an entry's page with its ground (measures.models.Guidance)."""

    part: str
    basis: str
    text: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class ShippedItem:
    """One entry. `lead` is an office's code or DISTRICTS; `mark` is the phrase at which the official text
    states its figures; ceilings are a rate (0.1000 is 10 %) and yuan."""

    code: str
    name: str
    kind: str
    acts: str
    lead: str
    amount_rule: str
    summary: str
    treatment: str
    guidance: tuple[ShippedGuidance, ...]
    ceiling_rate: Decimal | None = None
    ceiling_amount: Decimal | None = None
    mark: str = ""


@dataclass(frozen=True, slots=True)
class ShippedMeasure:
    number: int
    chapter: str
    title: str
    units: tuple[str, ...]
    all_districts: bool
    items: tuple[ShippedItem, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """The document: its name, number and term (both days included)."""

    name: str
    legal_basis: str
    in_force_from: date
    in_force_to: date


@cache
def policy() -> Policy:
    raw = _read("policy.json")
    term = {name: date.fromisoformat(raw[name]) for name in ("in_force_from", "in_force_to")}
    return Policy(**raw | term)


@cache
def offices() -> tuple[ShippedOffice, ...]:
    return tuple(ShippedOffice(**raw) for raw in _read("offices.json"))


@cache
def districts() -> tuple[ShippedDistrict, ...]:
    return tuple(
        ShippedDistrict(**raw | {"office": ShippedOffice(**raw["office"], kind="district")})
        for raw in _read("districts.json")
    )


@cache
def measures() -> tuple[ShippedMeasure, ...]:
    """The measures in the order of their numbers."""
    return tuple(_measure(_read(path.name)) for path in sorted(DATA.glob("measure_*.json")))


def items() -> list[ShippedItem]:
    """All entries in the order of their codes."""
    return [item for measure in measures() for item in measure.items]


def calls(year: int) -> list[dict]:
    """The calls of a demonstration for that year, each with its form, conditions, award and fund.

    One with "opens": "later" is published and opens some weeks after the others.
    """
    return [_call(path, year) for path in sorted(DATA.glob("call_*.json"))]


def _call(path: Path, year: int) -> dict:
    raw = json.loads(
        path.read_text(encoding="utf-8").replace("{year}", str(year)).replace("{last_year}", str(year - 1))
    )
    for section in raw["form"]["sections"]:
        for question in section["fields"]:
            if question.get("options") == DISTRICTS:
                question["options"] = [{"value": one.code, "label": one.name} for one in districts()]
    return raw


def _measure(raw: dict) -> ShippedMeasure:
    entries = tuple(_item(entry) for entry in raw["items"])
    return ShippedMeasure(**raw | {"units": tuple(raw["units"]), "items": entries})


def _item(raw: dict) -> ShippedItem:
    money = {f.name for f in fields(ShippedItem) if "Decimal" in str(f.type)}
    lines = tuple(ShippedGuidance(**line) for line in raw["guidance"])
    values = {name: Decimal(value) if name in money else value for name, value in raw.items()}
    return ShippedItem(**values | {"guidance": lines})


def _read(name: str):
    return json.loads((DATA / name).read_text(encoding="utf-8"))
