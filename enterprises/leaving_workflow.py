"""The verbs of members: another role or term, leaving, removing, handing over. Somebody always remains owner."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from enterprises.joining_workflow import said, term_of
from enterprises.member_roles import Does, MemberRole
from enterprises.models import Enterprise, Member
from enterprises.workflow import ClaimRefused, require
from foundation.accounts.models import User
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience

LONGEST_REASON = Member._meta.get_field("end_reason").max_length


def change_role(row: Member, by: User, role: str, until: date | None = None) -> Member:
    """Another role, or another term of an agent, by an owner. An owner's own role is not another owner's to take."""
    until = term_of(role, until)
    with transaction.atomic():
        enterprise, row = _locked(row)
        require(enterprise, by, Does.MEMBERS)
        _not_an_owners(row, by)
        if (role, until) == (row.role, row.until):
            raise ClaimRefused(_("角色和委托期限没有变化"), "role")
        if row.role == MemberRole.OWNER:
            _not_the_last(enterprise, row)
        new = _in_role(row, by, role, until)
        events.record("change_role", new, by, tell=[Audience("user", new.user_id)], **_facts(new, enterprise))
        return new


def leave(row: Member, by: User) -> Member:
    """退出: nobody keeps a person who wants to go, but the last owner first sees to it that somebody follows."""
    with transaction.atomic():
        enterprise, row = _locked(row)
        if row.user_id != by.pk:
            raise ClaimRefused(_("您没有办理此事的权限"), code="forbidden")
        _undisputed(enterprise)
        if row.role == MemberRole.OWNER:
            _not_the_last(enterprise, row)
        _end(row, by, str(_("本人退出")))
        events.record("leave", row, by, tell=[Audience("owners", enterprise.pk)], **_facts(row, enterprise))
        return row


def remove(row: Member, by: User, reason: str) -> Member:
    """移除 a member, by an owner, with a reason; another owner only the district removes (a dispute)."""
    reason = said(reason, _("请写明移除的理由"), longest=LONGEST_REASON)
    with transaction.atomic():
        enterprise, row = _locked(row)
        require(enterprise, by, Does.MEMBERS)
        if row.user_id == by.pk:
            raise ClaimRefused(_("本人退出请用“退出”"), code="state")
        _not_an_owners(row, by)
        _end(row, by, reason)
        events.record(
            "remove_member",
            row,
            by,
            tell=[Audience("user", row.user_id)],
            reason=reason,
            **_facts(row, enterprise),
        )
        return row


def pass_ownership(row: Member, by: User) -> Member:
    """移交: this member becomes owner in the place of the owner who acts, who then is no member any more."""
    with transaction.atomic():
        enterprise, row = _locked(row)
        require(enterprise, by, Does.MEMBERS)
        if row.user_id == by.pk:
            raise ClaimRefused(_("请选择另一位成员"), code="state")
        if row.is_over:
            raise ClaimRefused(_("该成员的委托期限已过"), code="state")
        if row.role != MemberRole.OWNER:
            row = _in_role(row, by, MemberRole.OWNER, None)
        mine = Member.objects.select_for_update(no_key=True).get(
            enterprise=enterprise, user=by, ended_at=None
        )
        _end(mine, by, str(_("移交给新的经办人")))
        tell = [Audience("owners", enterprise.pk), Audience("user", by.pk)]
        events.record("pass_ownership", row, by, tell=tell, **_facts(row, enterprise))
        return row


def _locked(row: Member) -> tuple[Enterprise, Member]:
    """The enterprise, which every change of its members locks first, and the member, if they still are one."""
    enterprise = Enterprise.objects.select_for_update(no_key=True).get(pk=row.enterprise_id)
    row = Member.objects.select_for_update(of=("self",), no_key=True).select_related("user").get(pk=row.pk)
    row.enterprise = enterprise
    if row.ended_at is not None:
        raise ClaimRefused(_("该成员已经退出或变更，请刷新后再看"), code="stale")
    return enterprise, row


def _not_the_last(enterprise: Enterprise, row: Member) -> None:
    if not enterprise.members.owners().exclude(pk=row.pk).exists():
        raise ClaimRefused(
            _(
                "您是唯一的企业经办人：请先移交给另一位成员；没有其他成员的，先邀请接手的人，或请其申请接管，由所在区办理"
            ),
            code="state",
        )


def _not_an_owners(row: Member, by: User) -> None:
    if row.role == MemberRole.OWNER and row.user_id != by.pk:
        raise ClaimRefused(_("不能变更另一位企业经办人；有争议的，请提请所在区处理"), code="forbidden")


def _undisputed(enterprise: Enterprise) -> None:
    if enterprise.disputed_since:
        raise ClaimRefused(_("企业的经办人有争议，由所在区处理；处理前不能变更成员"), code="forbidden")


def _end(row: Member, by: User, reason: str) -> None:
    row.ended_at, row.ended_by, row.end_reason = clock.now(), by, reason
    row.save(update_fields=["ended_at", "ended_by", "end_reason"])


def _in_role(row: Member, by: User, role: str, until: date | None) -> Member:
    """The same person in another role: the row before stays on record."""
    _end(row, by, str(_("角色变更")))
    return Member.objects.create(
        user=row.user, enterprise=row.enterprise, role=role, until=until, since=clock.now()
    )


def _facts(row: Member, enterprise: Enterprise) -> dict:
    return {
        "enterprise": enterprise.name,
        "uscc": enterprise.uscc,
        "role": str(row.get_role_display()),
        "until": row.until,
        "member": row.user_id,
    }
