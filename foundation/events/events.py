"""The door of the room: record what happened, tell who must know, read it back.

    with transaction.atomic():
        ...                                   # lock, check, transition, save
        events.record("accept", application, by=officer, tell=[Audience("enterprise", 7)], number=...)

The subject's kind is its model's label ("applications.application"). `by` is a user or the system: anything
with pk (None for the system, is_system true) and actor_label.
"""

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from operator import attrgetter

from django.db import connection, transaction
from django.db.models import BooleanField, Exists, Model, OuterRef, Q, QuerySet, Value

from foundation.clock import clock
from foundation.events import audiences, messages
from foundation.events.audiences import (
    Audience,
    register_audience,
    register_audiences,
    register_mailbox,
    register_subject,
    register_withheld,
)
from foundation.events.hashing import event_hash, plain
from foundation.events.messages import Message, render, render_many
from foundation.events.models import Chain, Event, Notification, ReadMark

__all__ = [
    "Audience",
    "Entry",
    "Message",
    "inbox",
    "mark_read",
    "record",
    "record_many",
    "register_audience",
    "register_audiences",
    "register_mailbox",
    "register_subject",
    "register_withheld",
    "render",
    "render_many",
    "timeline",
    "unread_count",
    "url_of",
]

logger = logging.getLogger(__name__)

VERB = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
# Notifications handed to one delivery task.
TASK_SIZE = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One subject of record_many, with its facts and who is told."""

    subject: Model
    facts: Mapping = field(default_factory=dict)
    tell: Iterable[Audience] = ()


def record(verb: str, subject: Model, by, tell: Iterable[Audience] = (), **facts) -> Event:
    """Write one event of this transaction; see record_many."""
    return record_many(verb, [Entry(subject, facts, tell)], by)[0]


def record_many(verb: str, entries: Sequence[Entry], by) -> list[Event]:
    """Write an event per entry, in order, and tell each entry's audiences; five statements for any number.

    Runs inside the verb's own transaction.atomic (RuntimeError otherwise) and locks the subjects' chains
    in order of kind and id. Facts are JSON values, Decimals, dates; floats raise TypeError, keys that name
    personal data raise PersonalData. After the commit a task delivers; a dead broker is only logged.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("events.record needs the transaction of the change that it records")
    if not VERB.fullmatch(verb):
        raise ValueError(f"not a verb: {verb!r}")
    if by.pk is None and not getattr(by, "is_system", False):
        raise TypeError("an event needs a known person or the system")
    if not entries:
        return []
    told = [_audiences(entry) for entry in entries]
    if any(told):
        messages.require_message(verb)
    facts = [plain(entry.facts) for entry in entries]
    keys = [_key(entry.subject) for entry in entries]
    chains = _locked_chains(keys)
    written = _append(verb, by, [chains[key] for key in keys], facts)
    _save_heads(chains.values())
    _notify(written, told)
    return written


def timeline(subject: Model) -> QuerySet[Event]:
    """Everything recorded about a subject, oldest first."""
    kind, subject_id = _key(subject)
    return (
        Event.objects.filter(chain__kind=kind, chain__subject_id=subject_id)
        .select_related("actor", "chain")
        .order_by("seq")
    )


def inbox(user) -> QuerySet[Notification]:
    """What this user is told, newest first, each with is_read; memberships as of now."""
    mine = ReadMark.objects.filter(notification=OuterRef("pk"), user=user.pk)
    return (
        Notification.objects.filter(_addressed_to(user))
        .annotate(is_read=Exists(mine) if user.pk else Value(False, BooleanField()))
        .select_related("event__chain", "event__actor")
        .order_by("-created_at", "-pk")
    )


def unread_count(user) -> int:
    """How many messages this user hasn't read; one query beside those of the memberships."""
    read = ReadMark.objects.filter(notification=OuterRef("pk"), user=user.pk)
    return Notification.objects.filter(_addressed_to(user)).filter(~Exists(read)).count()


def mark_read(user, notification_ids: Iterable[int]) -> int:
    """Mark messages of this user as read; those of others are left alone. Returns how many were unread."""
    unread = inbox(user).filter(pk__in=list(notification_ids), is_read=False).values_list("pk", flat=True)
    marks = [ReadMark(notification_id=pk, user_id=user.pk) for pk in unread.order_by("pk")]
    ReadMark.objects.bulk_create(marks, ignore_conflicts=True)
    return len(marks)


def url_of(event: Event, user) -> str | None:
    """Where a message about this event leads for this user; None where its room has registered nothing."""
    return audiences.url_of(event.chain.kind, event.chain.subject_id, user)


def _addressed_to(user) -> Q:
    if not getattr(user, "is_active", False) or user.pk is None:
        return Q(pk__in=())
    return audiences.addressed_to(user)


def _audiences(entry: Entry) -> list[Audience]:
    told = sorted(set(entry.tell))
    for audience in told:
        if not audiences.known(audience.kind):
            raise LookupError(f"nobody has registered the audience {audience.kind!r}")
    return told


def _key(subject: Model) -> tuple[str, int]:
    if not isinstance(subject.pk, int):
        raise TypeError(f"an event's subject has a saved row with a whole number as key: {subject!r}")
    return subject._meta.concrete_model._meta.label_lower, subject.pk


def _locked_chains(keys: list[tuple[str, int]]) -> dict[tuple[str, int], Chain]:
    """The chains of these subjects, made where new, locked in one order so that no two writers deadlock."""
    ordered = sorted(set(keys))
    Chain.objects.bulk_create(
        [Chain(kind=kind, subject_id=subject_id) for kind, subject_id in ordered], ignore_conflicts=True
    )
    wanted = Q(pk__in=())
    for kind in {kind for kind, _ in ordered}:
        wanted |= Q(kind=kind, subject_id__in=[pk for other, pk in ordered if other == kind])
    locked = Chain.objects.select_for_update().filter(wanted).order_by("kind", "subject_id")
    return {(chain.kind, chain.subject_id): chain for chain in locked}


def _append(verb: str, by, chains: list[Chain], facts: list[dict]) -> list[Event]:
    now = clock.now()
    label = str(by.actor_label)
    written = []
    for chain, known in zip(chains, facts, strict=True):
        event = Event(
            chain=chain,
            seq=chain.seq + 1,
            verb=verb,
            actor_id=by.pk,
            actor_label=label,
            at=now,
            facts=known,
            previous=chain.head,
        )
        event.hash = hash_of(event, chain)
        chain.seq, chain.head = event.seq, event.hash
        written.append(event)
    return Event.objects.bulk_create(written)


def hash_of(event: Event, chain: Chain) -> str:
    """The hash that this event must carry in this chain."""
    return event_hash(
        kind=chain.kind,
        subject_id=chain.subject_id,
        seq=event.seq,
        verb=event.verb,
        actor_id=event.actor_id,
        actor_label=event.actor_label,
        at=event.at,
        facts=event.facts,
        previous=event.previous,
    )


def _save_heads(chains: Iterable[Chain]) -> None:
    chains = sorted(chains, key=attrgetter("pk"))
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE events_chain AS chain SET seq = grown.seq, head = grown.head
            FROM unnest(%s::bigint[], %s::integer[], %s::text[]) AS grown (id, seq, head)
            WHERE chain.id = grown.id
            """,
            [[c.pk for c in chains], [c.seq for c in chains], [c.head for c in chains]],
        )


def _notify(written: list[Event], told: list[list[Audience]]) -> None:
    notifications = Notification.objects.bulk_create(
        Notification(event=event, audience_kind=audience.kind, audience_id=audience.id)
        for event, audience_list in zip(written, told, strict=True)
        for audience in audience_list
    )
    if notifications:
        ids = [notification.pk for notification in notifications]
        transaction.on_commit(partial(_enqueue, ids), robust=True)


def _enqueue(ids: list[int]) -> None:
    from foundation.events import tasks

    try:
        for start in range(0, len(ids), TASK_SIZE):
            tasks.deliver.delay(ids[start : start + TASK_SIZE])
    except Exception as error:
        # The change is committed and the sweep delivers what isn't enqueued: the request must not suffer.
        logger.warning("%d messages left to the sweep: %s", len(ids), type(error).__name__)
