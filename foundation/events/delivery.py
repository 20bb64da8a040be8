"""Bringing messages to people: a delivery per person and channel, sent once.

A crash at any point loses nothing: what has no deliveries yet and what is due again is found by the
sweep. Rows are locked with SKIP LOCKED, so any number of workers may run this at once.
"""

import logging
import smtplib
from collections.abc import Collection
from datetime import timedelta
from time import monotonic

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import mail
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from foundation.clock import clock
from foundation.events import audiences, messages
from foundation.events.audiences import Audience
from foundation.events.models import Delivery, Notification

logger = logging.getLogger(__name__)

# Minutes until the next attempt; after the last one the delivery is given up.
BACKOFF = (1, 5, 15, 60, 240, 720, 1440)
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
    while monotonic() < until:
        abandoned = Notification.objects.filter(
            resolved_at=None, created_at__lte=clock.now() - LEFT_BEHIND
        ).order_by("created_at", "pk")
        resolved = resolve(list(abandoned.values_list("pk", flat=True)[:BATCH]))
        due = list(_due().values_list("pk", flat=True)[:BATCH])
        attempted, brought = send(due, until)
        sent += brought
        if not resolved and not attempted:
            break
    return sent


@transaction.atomic
def resolve(notification_ids: Collection[int]) -> int:
    """Write a delivery for each person behind these notifications; returns how many were resolved now.

    Those that another worker holds are its business. People without an address or an active account get
    none: they read the message in their inbox.
    """
    if not notification_ids:
        return 0
    notifications = list(
        Notification.objects.select_for_update(skip_locked=True)
        .filter(pk__in=notification_ids, resolved_at=None)
        .order_by("pk")
    )
    to = {n.pk: Audience(n.audience_kind, n.audience_id) for n in notifications}
    members = audiences.members(to.values())
    everyone = set().union(*members.values()) if members else set()
    reachable = set(
        get_user_model()
        .objects.filter(pk__in=everyone, is_active=True)
        .exclude(email="")
        .values_list("pk", flat=True)
    )
    now = clock.now()
    Delivery.objects.bulk_create(
        (
            Delivery(notification=notification, user_id=pk, channel=Delivery.Channel.MAIL, next_try_at=now)
            for notification in notifications
            for pk in sorted(members[to[notification.pk]] & reachable)
        ),
        ignore_conflicts=True,
    )
    Notification.objects.filter(pk__in=to).update(resolved_at=now)
    return len(notifications)


def send(delivery_ids: Collection[int], until: float | None = None) -> tuple[int, int]:
    """Send each of these deliveries that is still due; returns how many were tried and how many went out.

    Stops early where the mail server itself can't be reached, or at `until` (a monotonic time).
    """
    tried = sent = 0
    connection = mail.get_connection()
    try:
        for pk in delivery_ids:
            if until is not None and monotonic() > until:
                break
            outcome = _send_one(pk, connection)
            tried += outcome is not None
            sent += outcome is True
            if outcome is False and not _reaches(connection):
                break
    finally:
        connection.close()
    return tried, sent


def _send_one(pk: int, connection) -> bool | None:
    """True: sent; False: failed and written down; None: no longer due, or in another worker's hands."""
    with transaction.atomic():
        delivery = (
            _due()
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("notification__event__chain", "user")
            .filter(pk=pk)
            .first()
        )
        if delivery is None:
            return None
        try:
            _message(delivery, connection).send()
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
    # Only the kind of error: server answers quote addresses.
    code = f" {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else ""
    delivery.last_error = f"{type(error).__name__}{code}"[:200]
    if delivery.attempts < len(BACKOFF):
        delivery.next_try_at = clock.now() + timedelta(minutes=BACKOFF[delivery.attempts])
    else:
        delivery.next_try_at = None
    delivery.attempts += 1
    delivery.save(update_fields=["attempts", "next_try_at", "last_error"])
    level = logging.WARNING if delivery.next_try_at else logging.ERROR
    logger.log(
        level, "delivery %s failed (%s), attempt %s", delivery.pk, delivery.last_error, delivery.attempts
    )


def _reaches(connection) -> bool:
    """Whether the mail server answers at all: a single refused address must not stop the others."""
    try:
        connection.close()
        connection.open()
    except Exception:
        return False
    return True


def _due():
    return Delivery.objects.filter(sent_at=None, next_try_at__lte=clock.now()).order_by("next_try_at", "pk")


def _message(delivery: Delivery, connection) -> mail.EmailMessage:
    notification = delivery.notification
    message = messages.render(notification)
    link = settings.SITE_URL + reverse("message", args=[notification.pk])
    closing = _("本邮件由系统自动发送，请勿回复。查看详情：\n%(link)s") % {"link": link}
    return mail.EmailMessage(
        subject=message.subject,
        body=f"{message.body}\n\n{closing}\n",
        to=[delivery.user.email],
        # Asks out-of-office robots to stay silent (RFC 3834).
        headers={"Auto-Submitted": "auto-generated"},
        connection=connection,
    )
