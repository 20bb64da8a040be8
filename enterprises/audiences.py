"""Who an enterprise is when something is told to it: those who act for it today, from the day they began.

"owners" are those of them who manage its people. "invitation" is the mailbox of somebody who may have no account.
"""

from collections import defaultdict
from datetime import datetime

from django.db.models import QuerySet

from enterprises import invitation_mail
from enterprises.member_roles import MAY, Does
from enterprises.models import Member
from foundation.events import events


def _members(rows: QuerySet[Member], enterprises: set[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = rows.filter(enterprise__in=enterprises, user__is_active=True).order_by("pk")
    for enterprise, user in rows.values_list("enterprise_id", "user_id"):
        found[enterprise].add(user)
    return found


def _memberships(user) -> dict[str, dict[int, datetime]]:
    """Both kinds from one query."""
    rows = list(
        Member.objects.live().filter(user=user).order_by("pk").values_list("enterprise_id", "since", "role")
    )
    return {
        "enterprise": {enterprise: since for enterprise, since, _role in rows},
        "owners": {enterprise: since for enterprise, since, role in rows if Does.MEMBERS in MAY[role]},
    }


def register() -> None:
    events.register_audiences(
        {
            "enterprise": lambda ids: _members(Member.objects.live(), ids),
            "owners": lambda ids: _members(Member.objects.who_may(Does.MEMBERS), ids),
        },
        _memberships,
    )
    events.register_mailbox("invitation", invitation_mail.address, invitation_mail.closing)
