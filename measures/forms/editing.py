"""A definition changed piece by piece, as the editor does it. Pure: each function gives a new definition.

Pieces are named by kind and name: ("section", its place from 0), ("field", its key), ("document", its key). A name
that is not there raises LookupError. What comes out may be incomplete; `problems` says what still is.
"""

from copy import deepcopy

from measures.forms import reading
from measures.forms.definition import DefinitionError

EMPTY = {"sections": [], "documents": []}


def problems(raw) -> list[str]:
    """What keeps the definition from being a form, in Chinese; empty where nothing does."""
    try:
        reading.read(raw)
    except DefinitionError as error:
        return list(error.messages)
    return []


def piece(raw: dict, kind: str, name: str) -> dict:
    """The piece itself, as it stands in the definition."""
    pieces, place = _find(raw, kind, name)
    return pieces[place]


def section_of(raw: dict, key: str) -> int:
    """The place of the section in which a field stands."""
    for place, section in enumerate(raw["sections"]):
        if any(field["key"] == key for field in section["fields"]):
            return place
    raise LookupError(key)


def replaced(raw: dict, kind: str, name: str, new: dict) -> dict:
    """The piece exchanged in its place; a section keeps its fields."""
    raw = deepcopy(raw)
    pieces, place = _find(raw, kind, name)
    pieces[place] = {**new, "fields": pieces[place]["fields"]} if kind == "section" else new
    return raw


def added(raw: dict, kind: str, new: dict, section: int = 0) -> dict:
    """The piece at the end of its list; section: where a field goes."""
    raw = deepcopy(raw)
    if kind == "section":
        raw["sections"].append({**new, "fields": []})
    elif kind == "field":
        raw["sections"][section]["fields"].append(new)
    else:
        raw["documents"].append(new)
    return raw


def without(raw: dict, kind: str, name: str) -> dict:
    """The definition without the piece; a section goes with its fields."""
    raw = deepcopy(raw)
    pieces, place = _find(raw, kind, name)
    del pieces[place]
    return raw


def moved(raw: dict, kind: str, name: str, step: int) -> dict:
    """The piece one place up (-1) or down (1); a field at the edge goes on into the next section."""
    raw = deepcopy(raw)
    pieces, place = _find(raw, kind, name)
    target = place + step
    if 0 <= target < len(pieces):
        pieces[place], pieces[target] = pieces[target], pieces[place]
    elif kind == "field":
        other = section_of(raw, name) + step
        if 0 <= other < len(raw["sections"]):
            fields = raw["sections"][other]["fields"]
            fields.insert(len(fields) if step < 0 else 0, pieces.pop(place))
    return raw


def keys(raw: dict) -> set[str]:
    """Every key of a field or document."""
    fields = [field["key"] for section in raw["sections"] for field in section["fields"]]
    return {*fields, *(slot["key"] for slot in raw["documents"])}


def free_key(raw: dict, stem: str) -> str:
    """A key that nothing has yet: field_7, document_2."""
    used = keys(raw)
    number = len(used) + 1
    while f"{stem}_{number}" in used:
        number += 1
    return f"{stem}_{number}"


def _find(raw: dict, kind: str, name: str) -> tuple[list, int]:
    if kind == "section":
        if not name.isdecimal() or int(name) >= len(raw["sections"]):
            raise LookupError(name)
        return raw["sections"], int(name)
    if kind == "field":
        pieces = raw["sections"][section_of(raw, name)]["fields"]
    elif kind == "document":
        pieces = raw["documents"]
    else:
        raise LookupError(kind)
    for place, one in enumerate(pieces):
        if one["key"] == name:
            return pieces, place
    raise LookupError(name)
