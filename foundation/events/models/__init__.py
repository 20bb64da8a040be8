"""What happened (history) and who is told (telling)."""

from foundation.events.models.history import Chain, DailySeal, Event, SealExport, SealLine
from foundation.events.models.telling import (
    Delivery,
    Digest,
    DigestLine,
    MessageText,
    Notification,
    Preference,
    ReadMark,
)

__all__ = [
    "Chain",
    "DailySeal",
    "Delivery",
    "Digest",
    "DigestLine",
    "Event",
    "MessageText",
    "Notification",
    "Preference",
    "ReadMark",
    "SealExport",
    "SealLine",
]
