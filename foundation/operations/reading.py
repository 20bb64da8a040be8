"""What the pages of the room show: dead letters, people whom nothing reaches, the words of messages."""

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from foundation.events import kinds, messages, texts
from foundation.events.channels import masked_address
from foundation.events.models import Delivery, MessageText
from foundation.operations.models import DeadLetter


@dataclass(frozen=True, slots=True)
class LetterShown:
    """A dead letter as the page shows it: whose, masked, and what failed."""

    pk: int
    channel: str
    to: str
    verb: str
    error: str
    attempts: int
    given_up_at: object


@dataclass(frozen=True, slots=True)
class WordingShown:
    """The words of a verb: those in force, or as a draft the shipped ones (version 0)."""

    verb: str
    title: str
    kind: str
    subject: str
    body: str
    version: int
    edited: bool
    entered_by: str
    entered_at: object
    placeholders: list
    history: list
    url: str = ""
    fixed: bool = False


def dead_letters() -> QuerySet[DeadLetter]:
    """Deliveries that were given up, the latest first."""
    found = DeadLetter.objects.filter(given_up_at__isnull=False)
    return found.select_related("user", "notification__event").order_by("-given_up_at", "-pk")


def shown(letter: DeadLetter) -> LetterShown:
    event = letter.notification.event if letter.notification_id else None
    return LetterShown(
        letter.pk,
        letter.get_channel_display(),
        masked_address(letter),
        event.verb if event else "digest",
        letter.last_error,
        letter.attempts,
        letter.given_up_at,
    )


def people_without_channel() -> QuerySet:
    """Active people whom no message reaches outside of the inbox.

    Those without an address of any channel, and those whose every delivery since the last that arrived was given up.
    """
    arrived_later = Delivery.objects.filter(user=OuterRef("user"), sent_at__gt=OuterRef("given_up_at"))
    dead = Delivery.objects.filter(user=OuterRef("pk"), given_up_at__isnull=False).exclude(
        Exists(arrived_later)
    )
    nowhere = Q(email="", phone_confirmed_at=None)
    people = get_user_model().objects.filter(is_active=True)
    return people.filter(nowhere | Exists(dead)).order_by("username")


def wordings(site: str) -> list[WordingShown]:
    """Every message: what it says in short, and whether its words were edited."""
    in_force = texts.in_force()
    found = []
    for verb, spec in kinds.specs().items():
        text = in_force.get(verb)
        url = "" if spec.fixed else reverse(f"{site}:operations_wording_edit", args=[verb])
        found.append(_shown(verb, text, url=url, fixed=spec.fixed))
    return found


def wording(verb: str) -> WordingShown:
    """The words of a verb, with its versions, the latest first."""
    history = list(MessageText.objects.filter(verb=verb).select_related("entered_by").order_by("-version"))
    last = history[0] if history else None
    return _shown(verb, last if last and last.subject else None, history)


def preview(verb: str, subject: str, body: str) -> messages.Message | None:
    """These words with the facts of the last event of that verb; None where there was none, or they don't fit."""
    event = texts.last_event(verb)
    if event is None or texts.check(verb, subject, body):
        return None
    return messages.render_event(event, MessageText(verb=verb, version=1, subject=subject, body=body))


def _shown(verb: str, text: MessageText | None, history: list | None = None, **more) -> WordingShown:
    spec = kinds.specs()[verb]
    subject, body = (text.subject, text.body) if text else texts.Shipped(verb).draft()
    return WordingShown(
        verb=verb,
        title=spec.title or texts.Shipped(verb).draft()[0],
        kind=kinds.Kind(spec.kinds[kinds.OTHERS]).label,
        subject=subject,
        body=body,
        version=history[0].version if history else (text.version if text else 0),
        edited=text is not None,
        entered_by=str(text.entered_by) if text else "",
        entered_at=text.entered_at if text else None,
        placeholders=list(texts.Shipped(verb).placeholders.values()),
        history=history or [],
        **more,
    )
