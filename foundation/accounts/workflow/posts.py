"""Posts (任职): given and ended by the system administrator, with dates, never to or of themselves."""

from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from foundation.accounts.models import Deputyship, Office, Post, User
from foundation.accounts.roles import ALONE, DEPUTISED, IN_THE_ADMIN, SERVING, Role
from foundation.accounts.workflow.refusal import (
    AccountRefused,
    locked,
    refuse_no_administrator,
    require_operator,
)
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience

_DISTRICT = {Role.DISTRICT_OFFICER, Role.DISTRICT_HEAD}
_FINANCE = {Role.FINANCE_MAKER, Role.FINANCE_CHECKER}
# Whose end leaves no case without somebody: an expert's reviews are their own, a specialist handles none.
_NO_WORK = IN_THE_ADMIN | SERVING | {Role.EXPERT}
# Kinds of office at which a role can be held; every other role: any office.
KINDS = {
    **{role: {Office.Kind.DISTRICT} for role in _DISTRICT},
    **{role: {Office.Kind.FINANCE} for role in _FINANCE},
    **{role: {Office.Kind.MUNICIPAL} for role in (Role.MUNICIPAL_OFFICER, Role.MUNICIPAL_HEAD, Role.EXPERT)},
    **{role: {Office.Kind.DISTRICT, Office.Kind.MUNICIPAL} for role in SERVING},
}


def give_post(
    person: User, by: User, *, office: Office, role: str, since: date, until: date | None = None
) -> Post:
    """授予任职 from a day to a day (until=None: open); the person and the office are told.

    Refused for one's own account, a role that the office can't have, and a person who would both keep accounts
    (or read the log, or review as an expert) and handle cases, or would both serve enterprises and handle their cases.
    """
    require_operator(by, [person])
    with transaction.atomic():
        (row,) = locked(person)
        return appoint(row, by, office=office, role=role, since=since, until=until)


def appoint(
    row: User, by, *, office: Office, role: str, since: date, until: date | None = None, tell: bool = True
) -> Post:
    """The post with its event, for a locked person; `by` is the system where the first administrator is made."""
    if role not in Role.values:
        raise AccountRefused(_("请选择角色"), "role")
    if office.kind not in KINDS.get(role, {office.kind}):
        raise AccountRefused(_("“%s”不能设在该机构") % Role(role).label, "role")
    if until and until < since:
        raise AccountRefused(_("任职止不得早于任职起"), "until")
    if until and until < clock.today():
        raise AccountRefused(_("任职止不得早于今天"), "until")
    held = [post.role for post in row.posts.order_by("pk") if not post.until or post.until >= clock.today()]
    if any(other != role and {other, role} & ALONE for other in held):
        raise AccountRefused(
            _("系统管理员、安全管理员、专家不能兼任其他角色，彼此也不能兼任；请先结束原任职"), "role"
        )
    if any(
        (role in DEPUTISED and other in SERVING) or (role in SERVING and other in DEPUTISED) for other in held
    ):
        raise AccountRefused(
            _("服务专员不办理申请和拨付：不能兼任审核、负责人或拨付角色；请先结束原任职"), "role"
        )
    post = Post(
        user=row,
        office=office,
        role=role,
        since=since,
        until=until,
        given_by_id=by.pk,
    )
    if any(other.overlaps(post) for other in row.posts.filter(office=office, role=role).order_by("pk")):
        raise AccountRefused(_("此人在该机构已有同一角色"), "role")
    try:
        with transaction.atomic():
            post.save()
    except IntegrityError as error:
        raise AccountRefused(_("此人在该机构已有同一角色"), "role") from error
    if role in IN_THE_ADMIN and not row.is_staff:
        row.is_staff = True
        row.save(update_fields=["is_staff"])
    events.record(
        "give_post",
        row,
        by,
        tell=[Audience("user", row.pk)] if tell else [],
        post=post.pk,
        office=str(office),
        role=str(Role(role).label),
        since=since,
        until=until,
    )
    return post


def end_post(post: Post, by: User, last_day: date) -> Post:
    """结束任职: `last_day` is its last day, today at the earliest. What the holder's work was must have somebody
    left: where nobody else of the office holds the role on the day after, hand_over is the way. A specialist may be
    the last: no case waits for one, and whom nobody serves any more is shown to the head."""
    require_operator(by, [post.user])
    with transaction.atomic():
        locked(post.user)
        row = Post.objects.select_for_update(of=("self",)).select_related("office", "user").get(pk=post.pk)
        refuse_none_left(row, last_day)
        if not others_after(row, last_day).exists() and row.role not in _NO_WORK:
            raise AccountRefused(_("此后该机构没有人担任“%s”，请先移交") % row.get_role_display())
        return end(row, by, last_day)


def refuse_none_left(post: Post, last_day: date) -> None:
    """Refuse to end the post of the only system administrator that there is on the day after."""
    if post.role == Role.SYSTEM_ADMINISTRATOR:
        refuse_no_administrator(last_day + timedelta(days=1), but=post.user_id)


def others_after(post: Post, last_day: date):
    """Posts of other people of the same role at the office, in force on the day after."""
    return (
        Post.objects.held_on(last_day + timedelta(days=1))
        .filter(office=post.office_id, role=post.role, user__is_active=True)
        .exclude(user=post.user_id)
    )


def end(row: Post, by: User, last_day: date) -> Post:
    """End a locked post, and the deputyships that hang on it, with the event."""
    if last_day < max(row.since, clock.today()):
        raise AccountRefused(_("最后一天不得早于今天和任职起"), "last_day")
    if row.until and row.until <= last_day:
        raise AccountRefused(_("该任职在此之前已结束"), "last_day")
    row.until = last_day
    row.save(update_fields=["until"])
    # A deputy stands in for somebody: not longer than they are there.
    Deputyship.objects.filter(post=row, ended_at=None, until__gt=last_day, since__lte=last_day).update(
        until=last_day
    )
    Deputyship.objects.filter(post=row, ended_at=None, since__gt=last_day).update(
        ended_at=clock.now(), ended_by=by
    )
    events.record(
        "end_post",
        row.user,
        by,
        tell=[Audience("user", row.user_id)],
        post=row.pk,
        office=str(row.office),
        role=str(row.get_role_display()),
        until=last_day,
    )
    return row
