"""Who an office is when something is told to it: the people who hold a post there today.

Who only keeps the system running, reads the log, is asked for an opinion or a review or serves enterprises is told
nothing of the office's cases.
"""

from collections import defaultdict

from foundation.accounts.models import Post
from foundation.accounts.roles import PERMISSIONS, Permission
from foundation.clock import clock
from foundation.events import events

_UNTOLD = {
    Permission.OPERATE,
    Permission.READ_LOG,
    Permission.ANSWER_CONSULTATION,
    Permission.REVIEW_AS_EXPERT,
    Permission.SERVE,
}
_TOLD = frozenset(role for role, held in PERMISSIONS.items() if held - _UNTOLD)


def _members(offices: set[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    posts = Post.objects.held_on(clock.today()).filter(
        office__in=offices, role__in=_TOLD, user__is_active=True
    )
    for office, user in posts.order_by("pk").values_list("office_id", "user_id"):
        found[office].add(user)
    return found


def register() -> None:
    events.register_audience(
        "office",
        members=_members,
        of_user=lambda user: {post.office_id for post in user.posts_now if post.role in _TOLD},
    )
