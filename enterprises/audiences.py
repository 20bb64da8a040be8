"""Who an enterprise is when something is told to it: those who act for it today, from the day they began.

"owners" are those of them who manage its people. "invitation" is the mailbox of somebody who may have no account.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime

from django.db.models import QuerySet

from enterprises import invitation_mail
from enterprises.member_roles import Does
from enterprises.models import Member
from foundation.events import events


def _members(rows: QuerySet[Member], enterprises: set[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = rows.filter(enterprise__in=enterprises, user__is_active=True).order_by("pk")
    for enterprise, user in rows.values_list("enterprise_id", "user_id"):
        found[enterprise].add(user)
    return found


def _audience(kind: str, rows: Callable[[], QuerySet[Member]]) -> None:
    def of_user(user) -> dict[int, datetime]:
        return dict(rows().filter(user=user).order_by("pk").values_list("enterprise_id", "since"))

    events.register_audience(kind, members=lambda ids: _members(rows(), ids), of_user=of_user)


def register() -> None:
    _audience("enterprise", Member.objects.live)
    _audience("owners", lambda: Member.objects.who_may(Does.MEMBERS))
    events.register_mailbox("invitation", invitation_mail.address, invitation_mail.closing)
