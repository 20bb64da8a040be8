"""Who is told that the system needs care: everybody whose post carries the permission to operate it."""

from django.urls import reverse

from foundation.accounts.models import Post
from foundation.accounts.roles import PERMISSIONS, Permission
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience
from foundation.operations.models import Alarm

# There is one group of them.
OPERATORS = Audience("operators", 1)


def _members(ids: set[int]) -> dict[int, set[int]]:
    roles = [role for role, permissions in PERMISSIONS.items() if Permission.OPERATE in permissions]
    posts = Post.objects.held_on(clock.today()).filter(role__in=roles, user__is_active=True)
    people = set(posts.order_by("pk").values_list("user", flat=True))
    return {pk: people for pk in ids if pk == OPERATORS.id}


def register() -> None:
    events.register_audience(
        OPERATORS.kind,
        members=_members,
        of_user=lambda user: {OPERATORS.id} if user.may(Permission.OPERATE) else set(),
    )
    events.register_subject(Alarm, lambda alarm_id, user: reverse("admin:operations_alarm_changelist"))
