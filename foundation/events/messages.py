"""The words of a message: templates/messages/<verb>/subject.txt and body.txt."""

from dataclasses import dataclass

from django.conf import settings
from django.template import Context, TemplateDoesNotExist
from django.template.loader import get_template

from foundation.events.models import Event, Notification


class MissingMessage(LookupError):
    """A verb tells somebody, but has no message templates."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as plain text; pages escape it like any other text."""

    subject: str
    body: str


def render(notification: Notification) -> Message:
    """The message of a notification, from its event's facts alone."""
    return render_event(notification.event)


def render_event(event: Event) -> Message:
    subject, body = (_render(name, event) for name in _names(event.verb))
    return Message(" ".join(subject.split()), body.strip())


def require_message(verb: str) -> None:
    """While developing and testing: raise MissingMessage where a verb that tells somebody has no words."""
    if not (settings.DEBUG or settings.TESTING or settings.DEMO):
        return
    for name in _names(verb):
        try:
            get_template(name)
        except TemplateDoesNotExist as missing:
            raise MissingMessage(f"templates/{name} is missing: “{verb}” tells somebody") from missing


def _names(verb: str) -> tuple[str, str]:
    return f"messages/{verb}/subject.txt", f"messages/{verb}/body.txt"


def _render(name: str, event: Event) -> str:
    # Text, not HTML: the page or the mail that shows it escapes it.
    template = get_template(name).template
    return template.render(Context({"facts": event.facts, "event": event}, autoescape=False))
