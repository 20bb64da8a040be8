"""Bringing messages to people: a delivery per person and channel, sent once.

A crash at any point loses nothing: what has no deliveries yet and what is due again is found by the
sweep. Rows are locked with SKIP LOCKED, so any number of workers may run this at once.
"""

import logging
from collections.abc import Collection, Iterator
from datetime import timedelta
from time import monotonic

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Q

from foundation.clock import clock
from foundation.events import audiences, kinds, preferences
from foundation.events.audiences import Audience
from foundation.events.channels import CHANNELS, Sessions, confirmed_phone, error_name
from foundation.events.kinds import Choice, Timing
from foundation.events.models import Delivery, DigestLine, Notification

logger = logging.getLogger(__name__)

# A notification this old without deliveries was left behind by a dead broker or worker.
LEFT_BEHIND = timedelta(minutes=1)
BATCH = 200
# The sweep ends before the next one begins, in seconds.
SWEEP_PATIENCE = 45


def deliver(notification_ids: Collection[int]) -> None:
    """Make the deliveries of these notifications and send those that are due."""
    resolve(notification_ids)
    due = _due().filter(notification__in=notification_ids)
    send(list(due.values_list("pk", flat=True)))


def sweep() -> int:
    """Deliver what was left behind and what is due again; returns how many were sent."""
    until = monotonic() + SWEEP_PATIENCE
    sent = 0
    silent: set[str] = set()
    while monotonic() < until:
        abandoned = Notification.objects.filter(
            resolved_at=None, created_at__lte=clock.now() - LEFT_BEHIND
        ).order_by("created_at", "pk")
        resolved = resolve(list(abandoned.values_list("pk", flat=True)[:BATCH]))
        due = list(_due().exclude(channel__in=silent).values_list("pk", flat=True)[:BATCH])
        attempted, brought = send(due, until, silent)
        sent += brought
        if not resolved and not attempted:
            break
    return sent


@transaction.atomic
def resolve(notification_ids: Collection[int]) -> int:
    """Write what each person behind these notifications wishes; returns how many were resolved now.

    A delivery per channel, or a line of the daily digest. Those that another worker holds are its business.
    People without an address or an active account get none: they read the message in their inbox.
    """
    if not notification_ids:
        return 0
    notifications = list(
        Notification.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("event__chain")
        .filter(pk__in=notification_ids, resolved_at=None)
        .order_by("pk")
    )
    to = {n.pk: Audience(n.audience_kind, n.audience_id) for n in notifications}
    members = audiences.members(to.values())
    kept_out = audiences.kept_out((to[n.pk], *_subject(n)) for n in notifications)
    everyone = set().union(*members.values()) if members else set()
    reachable = _reachable(everyone)
    chosen = preferences.chosen(reachable)
    now = clock.now()
    deliveries, lines = [], []
    for notification in notifications:
        if audiences.mailbox(notification.audience_kind):
            deliveries.append(Delivery(notification=notification, next_try_at=now))
            continue
        kind = kinds.kind_of(notification.event.verb, notification.audience_kind, notification.event.facts)
        told = members[to[notification.pk]] - kept_out.get(
            (notification.audience_kind, *_subject(notification)), set()
        )
        for pk in sorted(told & reachable.keys()):
            choice = chosen.get((pk, kind), kinds.DEFAULTS[kind])
            if choice.timing == Timing.DIGEST and reachable[pk].email:
                lines.append(DigestLine(notification=notification, user_id=pk, gathered_at=now))
            deliveries += [
                Delivery(notification=notification, user_id=pk, channel=channel, next_try_at=now)
                for channel in _channels(reachable[pk], choice, kind)
            ]
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    DigestLine.objects.bulk_create(lines, ignore_conflicts=True)
    Notification.objects.filter(pk__in=to).update(resolved_at=now)
    return len(notifications)


def _subject(notification: Notification) -> tuple[str, int]:
    chain = notification.event.chain
    return chain.kind, chain.subject_id


def _reachable(user_ids: Collection[int]) -> dict[int, object]:
    """Those of these people who have an active account and an address of some channel."""
    people = get_user_model().objects.filter(pk__in=user_ids, is_active=True)
    found = people.filter(~Q(email="") | Q(phone_confirmed_at__isnull=False)).order_by("pk")
    return {user.pk: user for user in found}


def _channels(user, choice: Choice, kind: str) -> Iterator[str]:
    """By which channels a message of this kind goes out at once.

    What must be acted on by a date isn't lost where only the channel that wasn't chosen is at hand.
    """
    mail, phone = bool(user.email), bool(confirmed_phone(user))
    must = kind in kinds.MUST_REACH
    now, digest = choice.timing == Timing.NOW, choice.timing == Timing.DIGEST
    if mail and now and (choice.mail or (must and not phone)):
        yield Delivery.Channel.MAIL
    if phone and ((now and choice.sms) or (must and not mail and (now or digest))):
        yield Delivery.Channel.SMS


def send(
    delivery_ids: Collection[int], until: float | None = None, silent: set[str] | None = None
) -> tuple[int, int]:
    """Send each of these deliveries that is still due; returns how many were tried and how many went out.

    Stops at `until` (a monotonic time). The rest of a channel whose server doesn't answer waits; its name is added
    to `silent`.
    """
    tried = sent = 0
    sessions = Sessions(silent)
    channels = dict(Delivery.objects.filter(pk__in=delivery_ids).values_list("pk", "channel"))
    try:
        for pk in delivery_ids:
            if until is not None and monotonic() > until:
                break
            if channels.get(pk) in sessions.silent:
                continue
            outcome = _send_one(pk, sessions)
            tried += outcome is not None
            sent += outcome is True
            if outcome is False:
                sessions.failed(channels[pk])
    finally:
        sessions.close()
    return tried, sent


def enqueue(delivery_ids: list[int]) -> None:
    """Hand deliveries to the workers; with a dead broker they are left to the sweep."""
    from foundation.events import tasks

    try:
        tasks.send.delay(delivery_ids)
    except Exception as error:
        logger.warning("%d deliveries left to the sweep: %s", len(delivery_ids), type(error).__name__)


def _send_one(pk: int, sessions: Sessions) -> bool | None:
    """True: sent; False: failed and written down; None: no longer due, or in another worker's hands."""
    with transaction.atomic():
        delivery = (
            _due()
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("notification__event__chain", "digest", "user")
            .filter(pk=pk)
            .first()
        )
        if delivery is None:
            return None
        try:
            sessions.of(delivery.channel).send(delivery)
        except Exception as error:
            _write_failure(delivery, error)
            return False
        delivery.attempts += 1
        delivery.sent_at = clock.now()
        delivery.next_try_at = None
        delivery.last_error = ""
        delivery.save(update_fields=["attempts", "sent_at", "next_try_at", "last_error"])
        return True


def _write_failure(delivery: Delivery, error: Exception) -> None:
    backoff = CHANNELS[delivery.channel].backoff
    delivery.last_error = error_name(error)
    if delivery.attempts < len(backoff):
        delivery.next_try_at = clock.now() + timedelta(minutes=backoff[delivery.attempts])
    else:
        delivery.next_try_at, delivery.given_up_at = None, clock.now()
    delivery.attempts += 1
    delivery.save(update_fields=["attempts", "next_try_at", "given_up_at", "last_error"])
    level = logging.ERROR if delivery.given_up_at else logging.WARNING
    logger.log(
        level, "delivery %s failed (%s), attempt %s", delivery.pk, delivery.last_error, delivery.attempts
    )


def _due():
    return Delivery.objects.filter(sent_at=None, next_try_at__lte=clock.now()).order_by("next_try_at", "pk")
