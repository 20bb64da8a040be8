"""Moving the demo clock: forward only, and only where settings.DEMO is on."""

import math
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from foundation.clock import clock
from foundation.clock.models import DemoClock


class ClockRefused(Exception):
    """The demo clock may not be moved this way; the text says why, in Chinese."""


@transaction.atomic
def move_to(value: datetime | date, by) -> datetime:
    """Move the demo clock to a moment (a date: 09:00 in Shanghai) and return the new now.

    by: who moves it (anything with an actor_label). Raises ClockRefused outside of DEMO and for a moment
    that lies behind the present one.
    """
    _only_in_demo()
    target = clock.moment_of(value)
    return _move(by, lambda offset, real: target - real)


@transaction.atomic
def advance(days: int, by) -> datetime:
    """Move the demo clock forward by whole days (at least one) and return the new now."""
    _only_in_demo()
    if days < 1:
        raise ClockRefused(_("演示时钟只能向前拨，至少一天。"))
    return _move(by, lambda offset, real: offset + timedelta(days=days))


def _only_in_demo() -> None:
    if not settings.DEMO:
        raise ClockRefused(_("只有演示环境可以拨动时钟。"))


def _move(by, wanted) -> datetime:
    real = timezone.now()
    DemoClock.objects.get_or_create(
        pk=DemoClock.SINGLETON, defaults={"moved_at": real, "moved_by": by.actor_label}
    )
    row = DemoClock.objects.select_for_update().get(pk=DemoClock.SINGLETON)
    real = timezone.now()
    offset = wanted(timedelta(seconds=row.offset_seconds), real)
    if offset.total_seconds() < row.offset_seconds:
        raise ClockRefused(_("演示时钟只能向前拨，不能回到已经过去的时刻。"))
    row.offset_seconds = math.ceil(offset.total_seconds())
    row.moved_at = real
    row.moved_by = by.actor_label
    row.save()
    clock.forget_offset()
    return real + timedelta(seconds=row.offset_seconds)
