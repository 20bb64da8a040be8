"""Who an office is when something is told to it: the people who hold a post there today."""

from collections import defaultdict

from foundation.accounts.models import Post
from foundation.clock import clock
from foundation.events import events


def _members(offices: set[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    posts = Post.objects.held_on(clock.today()).filter(office__in=offices, user__is_active=True)
    for office, user in posts.order_by("pk").values_list("office_id", "user_id"):
        found[office].add(user)
    return found


def register() -> None:
    events.register_audience(
        "office", members=_members, of_user=lambda user: {post.office_id for post in user.posts_now}
    )
