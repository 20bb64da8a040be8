"""The words of a message: edited ones (texts.py), else templates/messages/<verb>/{subject,body}.txt."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.template import Context, TemplateDoesNotExist
from django.template.loader import get_template

from foundation.events import kinds, texts
from foundation.events.models import Event, MessageText, Notification


class MissingMessage(LookupError):
    """A verb tells somebody, but has no message templates, or no entry in messages.toml."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as plain text; pages escape it like any other text."""

    subject: str
    body: str


def render(notification: Notification) -> Message:
    """The message of a notification, from its event's facts alone; one query for the words in force."""
    return render_many([notification])[0]


def render_many(notifications: Iterable[Notification]) -> list[Message]:
    """The messages of notifications in their order; one query for any number."""
    told = [notification.event for notification in notifications]
    edited = texts.of_events(told)
    return [render_event(event, edited.get(event.pk)) for event in told]


def render_event(event: Event, text: MessageText | None = None) -> Message:
    """The message of an event, by these words where they and the event's facts fit, else by the shipped ones."""
    if text is not None:
        try:
            subject, body = (
                texts.fill(event.verb, words, event.facts) for words in (text.subject, text.body)
            )
        except texts.FactMissing:
            # These words name what this event doesn't carry.
            return render_event(event)
    else:
        subject, body = (_render(name, event) for name in _names(event.verb))
    return Message(" ".join(subject.split()), body.strip())


def require_message(verb: str) -> None:
    """While developing and testing: raise MissingMessage where a verb that tells somebody has no words or kind."""
    if not (settings.DEBUG or settings.TESTING or settings.DEMO):
        return
    for name in _names(verb):
        try:
            get_template(name)
        except TemplateDoesNotExist as missing:
            raise MissingMessage(f"templates/{name} is missing: “{verb}” tells somebody") from missing
    if verb not in kinds.specs():
        raise MissingMessage(
            f"templates/messages/messages.toml has no entry for “{verb}”, which tells somebody"
        )


def _names(verb: str) -> tuple[str, str]:
    return f"messages/{verb}/subject.txt", f"messages/{verb}/body.txt"


def _render(name: str, event: Event) -> str:
    # Text, not HTML: the page or the mail that shows it escapes it.
    template = get_template(name).template
    return template.render(Context({"facts": event.facts, "event": event}, autoescape=False))
