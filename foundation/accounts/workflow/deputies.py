"""Deputies (代理): somebody of the office acts in the place of a post's holder, from a day to a day."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from foundation.accounts.models import Deputyship, Post, User
from foundation.accounts.roles import DEPUTISED, Permission
from foundation.accounts.workflow.refusal import AccountRefused, locked, reason_of
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience

# Longer than that is no absence but another post.
LONGEST = timedelta(days=183)


def may_arrange(by: User, post: Post) -> bool:
    """The holder, whoever arranges the office's people, and the system administrator."""
    return (
        by.pk == post.user_id
        or by.may(Permission.ARRANGE_STAFF, post.office_id)
        or by.may(Permission.OPERATE)
    )


def name_deputy(post: Post, by: User, *, deputy: User, since: date, until: date, reason: str) -> Deputyship:
    """指定代理 for a post, by its holder, the office's head or the system administrator; both people are told.

    The deputy holds a post at the same office for all of these days. One deputy at a time for a post. Nobody names
    themselves (but holders who name another). Policy, audit and accounts are not deputised.
    """
    reason = reason_of(reason)
    if not may_arrange(by, post):
        raise AccountRefused(_("您不能为该任职指定代理"), code="forbidden")
    if post.role not in DEPUTISED:
        raise AccountRefused(_("“%s”不设代理") % post.get_role_display(), "deputy")
    if deputy.pk == post.user_id:
        raise AccountRefused(_("不能由本人代理本人"), "deputy")
    if deputy.pk == by.pk:
        raise AccountRefused(_("不能指定自己为代理，须由本人或另一名负责人指定"), "deputy", "forbidden")
    if since < clock.today():
        raise AccountRefused(_("代理起不得早于今天"), "since")
    if until < since:
        raise AccountRefused(_("代理止不得早于代理起"), "until")
    if until - since > LONGEST:
        raise AccountRefused(_("代理不能超过半年；更长的请由系统管理员调整任职"), "until")
    with transaction.atomic():
        holder, deputy = locked(post.user, deputy)
        post = Post.objects.select_for_update(of=("self",)).select_related("office").get(pk=post.pk)
        if post.since > since or (post.until and post.until < until):
            raise AccountRefused(_("代理期间须在任职期间之内"), "until")
        theirs = Post.objects.filter(user=deputy, office=post.office_id, since__lte=since)
        theirs = theirs.filter(Q(until=None) | Q(until__gte=until))
        if not deputy.is_active or not any(one.role in DEPUTISED for one in theirs.order_by("pk")):
            raise AccountRefused(_("代理人须在同一机构任职，并在代理期间一直在任"), "deputy")
        if theirs.filter(role=post.role).exists():
            raise AccountRefused(_("此人已有同一角色，不需要代理"), "deputy")
        if Deputyship.objects.filter(post=post, ended_at=None, since__lte=until, until__gte=since).exists():
            raise AccountRefused(_("这段时间已有人代理，请先结束原代理"), "since")
        row = Deputyship.objects.create(
            post=post, holder=holder, deputy=deputy, since=since, until=until, reason=reason, named_by=by
        )
        events.record(
            "name_deputy",
            holder,
            by,
            tell=[Audience("user", holder.pk), Audience("user", deputy.pk)],
            deputyship=row.pk,
            deputy=deputy.pk,
            deputy_name=deputy.get_full_name(),
            holder_name=holder.get_full_name(),
            office=str(post.office),
            role=str(post.get_role_display()),
            since=since,
            until=until,
        )
    return row


def end_deputyship(deputyship: Deputyship, by: User) -> Deputyship:
    """结束代理 before its last day, at once, by whoever may name one, or by the deputy."""
    with transaction.atomic():
        locked(deputyship.holder, deputyship.deputy)
        row = (
            Deputyship.objects.select_for_update(of=("self",))
            .select_related("post__office", "holder", "deputy")
            .get(pk=deputyship.pk)
        )
        if by.pk != row.deputy_id and not may_arrange(by, row.post):
            raise AccountRefused(_("您不能结束这项代理"), code="forbidden")
        if row.ended_at or row.until < clock.today():
            raise AccountRefused(_("这项代理已经结束"))
        row.ended_at, row.ended_by = clock.now(), by
        row.save(update_fields=["ended_at", "ended_by"])
        events.record(
            "end_deputyship",
            row.holder,
            by,
            tell=[Audience("user", row.holder_id), Audience("user", row.deputy_id)],
            deputyship=row.pk,
            deputy=row.deputy_id,
            deputy_name=row.deputy.get_full_name(),
            holder_name=row.holder.get_full_name(),
            office=str(row.post.office),
            role=str(row.post.get_role_display()),
        )
    return row
