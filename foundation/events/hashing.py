"""What is hashed, byte for byte: an event's link in its chain and a seal's digest.

The canonical form is JSON with sorted keys, no spaces and unescaped Unicode, in UTF-8. Facts are brought to
plain JSON values first, so that what is hashed at writing equals what is read back from the database.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

from django.utils import timezone
from django.utils.functional import Promise

from foundation.clock import clock

# An event is read by auditors for ever: it names cases and offices, never a person's data.
PERSONAL = re.compile(
    r"(^|_)(phone|mobile|telephone|e?mail|id_?number|id_?card|bank_?account|account_(no|number)|password)(_|$)",
    re.IGNORECASE,
)


class PersonalData(ValueError):
    """A fact of an event is named like personal data."""


def plain(value, path: str = "facts"):
    """A fact as plain JSON: text, whole number, boolean, null, list, dict with text keys.

    Decimal becomes its plain text ("500000.00"), a date or moment ISO text (moments in Shanghai's time).
    Raises TypeError for what has no exact form (floats above all) and PersonalData for a forbidden key.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str | Promise | UUID):
        return str(value)
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise TypeError(f"{path}: {value} is not a number that can be stored")
        return format(value, "f")
    if isinstance(value, datetime):
        if timezone.is_naive(value):
            raise TypeError(f"{path}: a moment needs its time zone")
        return clock.shanghai(value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {_key(key, path): plain(item, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, f"{path}[{index}]") for index, item in enumerate(value)]
    raise TypeError(f"{path}: {type(value).__name__} is not a fact (money is Decimal, never float)")


def _key(key, path: str) -> str:
    if not isinstance(key, str):
        raise TypeError(f"{path}: keys are text, not {key!r}")
    if PERSONAL.search(key):
        raise PersonalData(f"{path}.{key}: personal data doesn't belong into an event")
    return str(key)


def canonical(value) -> bytes:
    """The one serialisation that is hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def event_hash(
    *,
    kind: str,
    subject_id: int,
    seq: int,
    verb: str,
    actor_id: int | None,
    actor_label: str,
    at: datetime,
    facts: dict,
    previous: str,
) -> str:
    """SHA-256 (hex) over an event and the hash of the one before it in its chain ("" for the first)."""
    link = {
        "kind": kind,
        "subject": subject_id,
        "seq": seq,
        "verb": verb,
        "actor": actor_id,
        "actor_label": actor_label,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "facts": facts,
        "previous": previous,
    }
    return hashlib.sha256(canonical(link)).hexdigest()


class SealDigest:
    """The digest of a day's seal, fed line by line so that any number of chains fits."""

    def __init__(self, day: date, sealed_at: datetime, previous_digest: str):
        head = {
            "day": day.isoformat(),
            "sealed_at": sealed_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "previous": previous_digest,
        }
        self._hash = hashlib.sha256(canonical(head) + b"\n")
        self.lines = 0

    def add(self, kind: str, subject_id: int, seq: int, head: str) -> None:
        """The next line; lines come ordered by kind (by code point) and subject."""
        self._hash.update(canonical([kind, subject_id, seq, head]) + b"\n")
        self.lines += 1

    def feed(self, lines: Iterable[tuple[str, int, int, str]]) -> "SealDigest":
        for line in lines:
            self.add(*line)
        return self

    def hexdigest(self) -> str:
        return self._hash.hexdigest()
