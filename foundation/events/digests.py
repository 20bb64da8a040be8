"""The daily digest: what a person wishes to read once a day, in one mail at half past eight.

A message waits as a line; at the hour the lines of each person become one digest of that day, with a delivery of
its own. The rows are unique, so that any number of beats makes one.
"""

from datetime import datetime, time

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from foundation.clock import clock
from foundation.events import messages
from foundation.events.models import Delivery, Digest, DigestLine

# Shanghai's time.
SENT_AT = time(8, 30)
# People of one run; the next one goes on.
AT_ONCE = 1000


def gather() -> list[int]:
    """Make today's digests that are not made yet; returns the ids of their deliveries.

    Nothing before half past eight, and what was told after it waits for tomorrow's.
    """
    local = clock.shanghai(clock.now())
    hour = datetime.combine(local.date(), SENT_AT, clock.SHANGHAI)
    if local < hour:
        return []
    waiting = DigestLine.objects.filter(digest=None, gathered_at__lt=hour, user__is_active=True).exclude(
        user__email=""
    )
    done_today = Digest.objects.filter(day=local.date()).values("user")
    people = waiting.exclude(user__in=done_today).order_by("user").values_list("user", flat=True).distinct()
    made = (_digest_of(user_id, hour) for user_id in list(people[:AT_ONCE]))
    return [pk for pk in made if pk]


@transaction.atomic
def _digest_of(user_id: int, hour: datetime) -> int | None:
    digest, created = Digest.objects.get_or_create(
        user_id=user_id, day=hour.date(), defaults={"created_at": clock.now()}
    )
    if not created:
        return None
    DigestLine.objects.filter(user=user_id, digest=None, gathered_at__lt=hour).update(digest=digest)
    delivery = Delivery.objects.create(
        digest=digest, user_id=user_id, channel=Delivery.Channel.MAIL, next_try_at=clock.now()
    )
    return delivery.pk


def letter(digest: Digest) -> tuple[str, str]:
    """Subject and body of a digest's mail: a line and a link for each message, oldest first."""
    lines = digest.lines.select_related("notification__event").order_by("notification__created_at", "pk")
    told = [line.notification for line in lines]
    entries = []
    for number, (one, message) in enumerate(zip(told, messages.render_many(told), strict=True), 1):
        link = settings.SITE_URL + reverse("message", args=[one.pk])
        entries.append(f"{number}. {message.subject}\n   {link}")
    count = len(told)
    subject = ngettext("每日汇总：%(count)d 条消息", "每日汇总：%(count)d 条消息", count) % {"count": count}
    opening = _("截至 %(day)s 8:30，您有以下消息：") % {"day": digest.day.isoformat()}
    closing = _("本邮件由系统自动发送，请勿回复。可在“消息 · 通知设置”中改为即时发送。")
    return subject, "\n\n".join([opening, *entries, closing]) + "\n"
