"""Who is asked when an office is asked for an opinion: the people who answer for it, not all of the office."""

from collections import defaultdict

from applications.audiences import withhold
from foundation.accounts.models import Post
from foundation.accounts.roles import PERMISSIONS, Permission
from foundation.clock import clock
from foundation.events import events
from reviews.models import Consultation, ExpertReview, Lead, Objection

CONSULTED = "consulted"


def _roles() -> list[str]:
    return [role for role, held in PERMISSIONS.items() if Permission.ANSWER_CONSULTATION in held]


def consulted_posts():
    """Posts, in force today, of people who answer for their office."""
    return Post.objects.held_on(clock.today()).filter(role__in=_roles(), user__is_active=True)


def _members(offices: set[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    posts = consulted_posts().filter(office__in=offices).order_by("pk")
    for office, user in posts.values_list("office_id", "user_id"):
        found[office].add(user)
    return found


def register() -> None:
    events.register_audience(
        CONSULTED,
        members=_members,
        of_user=lambda user: user.offices_where(Permission.ANSWER_CONSULTATION),
    )
    for model in (Consultation, ExpertReview, Lead, Objection):
        withhold(model)
