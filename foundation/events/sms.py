"""Text messages behind an adapter: settings.SMS_BACKEND names a class with one method.

The one that ships writes them to files, as mail is where no mail server is set. A gateway of the city is a class of
the same shape in a package of its own.
"""

import os
import uuid
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from foundation.clock import clock

# A text is the subject alone; longer ones are cut where gateways would refuse them.
LONGEST = 200


class Unreachable(ConnectionError):
    """The gateway doesn't answer: what else waits for it is left to the next sweep."""


class Backend(Protocol):
    """Sends one text message: phone is a mainland mobile number of 11 digits.

    Raises Unreachable where the gateway itself is down, any other error where it refuses this message. Neither
    the number nor the text may stand in the error or in a log.
    """

    def send(self, phone: str, text: str) -> None: ...


class FileBackend:
    """Writes each text to a file of settings.SMS_FILE_PATH, readable by its owner alone."""

    def send(self, phone: str, text: str) -> None:
        folder = Path(settings.SMS_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{clock.shanghai(clock.now()):%Y%m%d-%H%M%S}-{uuid.uuid4().hex[:8]}.txt"
        descriptor = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{phone}\n{text}\n")


def backend() -> Backend:
    """The adapter in use."""
    return import_string(settings.SMS_BACKEND)()


def text_of(subject: str) -> str:
    """What is sent: the site's name and the subject, one line, never more than LONGEST characters."""
    text = f"【{settings.SMS_SIGNATURE}】{' '.join(subject.split())}"
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def masked(phone: str) -> str:
    """138****5678; empty for none."""
    return f"{phone[:3]}****{phone[-4:]}" if phone else ""
