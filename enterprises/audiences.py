"""Who an enterprise is when something is told to it: its verified members, from the day they became one."""

from collections import defaultdict
from datetime import datetime

from enterprises.models import Member
from foundation.events import events


def _members(enterprises: set[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = Member.objects.filter(enterprise__in=enterprises, user__is_active=True).order_by("pk")
    for enterprise, user in rows.values_list("enterprise_id", "user_id"):
        found[enterprise].add(user)
    return found


def _of_user(user) -> dict[int, datetime]:
    rows = Member.objects.filter(user=user).order_by("pk")
    return dict(rows.values_list("enterprise_id", "since"))


def register() -> None:
    events.register_audience("enterprise", members=_members, of_user=_of_user)
