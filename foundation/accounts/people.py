"""Which officials' accounts a person may see, and who may stand in for whom: read by the desk's 人员 pages."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404

from foundation.accounts.models import Deputyship, Post, User
from foundation.accounts.roles import DEPUTISED, Permission
from foundation.clock import clock
from foundation.events.models import Event

# Every account of an official.
SEES_ALL = (Permission.OPERATE, Permission.READ_LOG, Permission.AUDIT)


def visible(user) -> QuerySet[User]:
    """Officials: all for who keeps accounts or audits; those of the offices that a head arranges; oneself."""
    if not user.is_authenticated:
        return User.objects.none()
    posts = Post.objects.filter(user=OuterRef("pk"))
    if any(user.may(permission) for permission in SEES_ALL):
        # An account that was opened and has no post yet is an official's too: an enterprise's has none and signs up.
        return User.objects.filter(Q(Exists(posts)) | Q(pk__in=_opened()))
    offices = user.offices_where(Permission.ARRANGE_STAFF)
    return User.objects.filter(Q(pk=user.pk) | Q(Exists(posts.filter(office__in=offices))))


def _opened() -> QuerySet:
    opened = Event.objects.filter(verb="open_account", chain__kind=User._meta.label_lower)
    return opened.order_by().values("chain__subject_id")


def official(user, pk) -> User:
    """An official's account that this person may see, or 404."""
    return get_object_or_404(visible(user), pk=pk)


def posts(user, person: User) -> QuerySet[Post]:
    """The posts of a person that this user may see: a head those of their offices."""
    rows = person.posts.select_related("office", "user").order_by("-since", "-pk")
    if person.pk == user.pk or any(user.may(permission) for permission in SEES_ALL):
        return rows
    return rows.filter(office__in=user.offices_where(Permission.ARRANGE_STAFF))


def post(user, pk) -> Post:
    """A post that this user may see, or 404."""
    found = get_object_or_404(Post.objects.select_related("office", "user"), pk=pk)
    person = official(user, found.user_id)
    return get_object_or_404(posts(user, person), pk=pk)


def deputyships(user) -> QuerySet[Deputyship]:
    """Arrangements that this user may see: their own, those of their office's people, all for who sees all."""
    rows = Deputyship.objects.select_related("post__office", "holder", "deputy", "named_by")
    if any(user.may(permission) for permission in SEES_ALL):
        return rows
    offices = user.offices_where(Permission.ARRANGE_STAFF)
    return rows.filter(Q(holder=user) | Q(deputy=user) | Q(post__office__in=offices))


def colleagues(post: Post, but: User) -> QuerySet[User]:
    """Who holds a post at that office that lets them stand in or take over, without that person."""
    held = Post.objects.held_on(clock.today()).filter(
        user=OuterRef("pk"), office=post.office_id, role__in=DEPUTISED
    )
    return User.objects.filter(Exists(held), is_active=True).exclude(pk=but.pk).order_by("full_name", "pk")


def holding(post: Post) -> QuerySet[User]:
    """Others who hold the same role at the office today."""
    held = Post.objects.held_on(clock.today()).filter(
        user=OuterRef("pk"), office=post.office_id, role=post.role
    )
    return (
        User.objects.filter(Exists(held), is_active=True).exclude(pk=post.user_id).order_by("full_name", "pk")
    )
