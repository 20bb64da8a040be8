"""移交: all live work of somebody goes to others of the office in one act, and their posts end."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from foundation.accounts.models import Deputyship, Post, User
from foundation.accounts.roles import IN_THE_ADMIN, Permission
from foundation.accounts.workflow import posts as posting
from foundation.accounts.workflow.refusal import AccountRefused, locked, reason_of
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience


def hand_over(
    leaver: User,
    by: User,
    *,
    last_day: date,
    successors: Mapping[int, Sequence[User]],
    reason: str,
) -> list[Post]:
    """移交 every post of a person whose last day is `last_day` (today at the earliest); returns the posts ended.

    successors: {post id: who takes its work over}, one or several for each post. Cases wait for a role at an office,
    not for a name: so from the next day on they wait for these people. The office's head hands over within the office,
    to people who hold the role already; the system administrator also gives it to them. Refused as a whole where a post
    has nobody left. What the leaver deputises for others ends on the same day.
    """
    reason = reason_of(reason)
    if leaver.pk == by.pk:
        raise AccountRefused(_("不能移交自己的工作，须由负责人或系统管理员办理"), code="forbidden")
    if last_day < clock.today():
        raise AccountRefused(_("最后一天不得早于今天"), "last_day")
    gives = by.may(Permission.OPERATE)
    people = {person.pk: person for some in successors.values() for person in some}
    if leaver.pk in people:
        raise AccountRefused(_("接办人不能是移交人本人"), "successors")
    with transaction.atomic():
        leaver, *rest = locked(leaver, *people.values())
        people = {person.pk: person for person in rest}
        live = [
            post
            for post in Post.objects.select_for_update(of=("self",))
            .filter(user=leaver)
            .select_related("office", "user")
            .order_by("pk")
            if post.until is None or post.until > last_day
        ]
        if not live:
            raise AccountRefused(_("此人没有可以移交的任职"))
        if not gives and not all(by.may(Permission.ARRANGE_STAFF, post.office_id) for post in live):
            raise AccountRefused(_("此人在其他机构还有任职，须由系统管理员办理"), code="forbidden")
        if gives and by.pk in people:
            raise AccountRefused(_("不能移交给自己，须由另一名系统管理员办理"), "successors", "forbidden")
        told = set()
        for post in live:
            takers = [people[person.pk] for person in successors.get(post.pk, ())]
            _take_over(post, takers, by, last_day, gives)
            posting.refuse_none_left(post, last_day)
            told |= {taker.pk for taker in takers}
            posting.end(post, by, last_day)
        for row in Deputyship.objects.filter(deputy=leaver, ended_at=None, until__gt=last_day):
            if row.since > last_day:
                row.ended_at, row.ended_by = clock.now(), by
            else:
                row.until = last_day
            row.save(update_fields=["until", "ended_at", "ended_by"])
        events.record(
            "hand_over",
            leaver,
            by,
            tell=[Audience("user", pk) for pk in sorted(told)],
            leaver_name=leaver.get_full_name(),
            posts=[str(post) for post in live],
            posts_shown="、".join(str(post) for post in live),
            successors={str(pk): [one.pk for one in some] for pk, some in successors.items()},
            last_day=last_day,
            reason=reason,
        )
    return live


def _take_over(post: Post, takers: list[User], by: User, last_day: date, gives: bool) -> None:
    """Whoever takes the post's work over holds its role the day after; refused where nobody does."""
    first = last_day + timedelta(days=1)
    if not takers and post.role not in IN_THE_ADMIN:
        raise AccountRefused(_("请为“%s”选择接办人") % post, "successors")
    for taker in takers:
        if not taker.is_active:
            raise AccountRefused(_("接办人的账号已停用"), "successors")
        holds = Post.objects.held_on(first).filter(user=taker, office=post.office_id, role=post.role)
        if holds.exists():
            continue
        if not gives:
            raise AccountRefused(
                _("接办人须已在本单位担任“%s”；要授予新的任职，请由系统管理员办理") % post.get_role_display(),
                "successors",
            )
        posting.appoint(taker, by, office=post.office, role=post.role, since=first, tell=False)
