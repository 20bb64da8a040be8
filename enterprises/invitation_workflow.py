"""The verbs of invitations: an owner asks somebody by mail; who has the mail accepts or declines, once."""

from datetime import date, timedelta

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from enterprises import invitation_mail
from enterprises.joining_workflow import term_of
from enterprises.member_roles import Does
from enterprises.models import Enterprise, Invitation, Member
from enterprises.workflow import ClaimRefused, require
from foundation.accounts.fields import fingerprint
from foundation.accounts.models import User
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience

# How long the link of a mail opens the invitation.
VALID_FOR = timedelta(days=7)
# Invitations of an enterprise that wait at once, and how often one is sent.
OPEN_AT_ONCE = 20
SENDINGS = 5


def normalised(address: str) -> str:
    """A mail address as it is stored and compared; ClaimRefused beside its field for what is none."""
    plain = (address or "").strip().lower()
    try:
        validate_email(plain)
    except ValidationError as error:
        raise ClaimRefused(_("请填写有效的邮箱地址"), "address") from error
    return plain


def invite(
    enterprise: Enterprise, by: User, *, address: str, role: str, until: date | None = None
) -> Invitation:
    """Ask the holder of a mail address to act for the enterprise; the mail with the link goes out by the outbox."""
    address, until = normalised(address), term_of(role, until)
    with transaction.atomic():
        enterprise = Enterprise.objects.select_for_update(no_key=True).get(pk=enterprise.pk)
        require(enterprise, by, Does.MEMBERS)
        waiting = enterprise.invitations.open()
        if waiting.filter(address_fingerprint=fingerprint(address)).exists():
            raise ClaimRefused(_("已邀请过这个邮箱，可以重新发送或收回"), "address")
        if waiting.count() >= OPEN_AT_ONCE:
            raise ClaimRefused(_("待接受的邀请已有 %d 份，请先收回不用的") % OPEN_AT_ONCE)
        if enterprise.members.live().filter(user__email__iexact=address).exists():
            raise ClaimRefused(_("使用这个邮箱的人已经是成员"), "address")
        at = clock.now()
        row = Invitation.objects.create(
            enterprise=enterprise,
            address=address,
            address_fingerprint=fingerprint(address),
            role=role,
            until=until,
            invited_by=by,
            sent_at=at,
            expires_at=at + VALID_FOR,
        )
        events.record("invite", row, by, tell=[Audience("invitation", row.pk)], **_facts(row))
        return row


def resend(row: Invitation, by: User) -> Invitation:
    """A new mail with a new link, for seven days; the links before open nothing any more."""
    with transaction.atomic():
        row = _managed(row, by)
        if row.sending >= SENDINGS:
            raise ClaimRefused(_("这份邀请已发送 %d 次，请收回后核对邮箱再邀请") % SENDINGS, code="state")
        term_of(row.role, row.until)
        row.sending += 1
        row.sent_at = clock.now()
        row.expires_at = row.sent_at + VALID_FOR
        row.version += 1
        row.save(update_fields=["sending", "sent_at", "expires_at", "version"])
        events.record("resend_invitation", row, by, tell=[Audience("invitation", row.pk)], **_facts(row))
        return row


def revoke(row: Invitation, by: User) -> Invitation:
    """收回: the link opens nothing any more."""
    with transaction.atomic():
        row = _managed(row, by)
        row.revoke(at=clock.now())
        row.version += 1
        row.save()
        events.record("revoke_invitation", row, by, **_facts(row))
        return row


def accept(row: Invitation, by: User, token: str) -> Member:
    """Act for the enterprise from now on: the holder of the mail, with an account of that very address, once."""
    with transaction.atomic():
        row, enterprise = _answering(row, by, token)
        if enterprise.state != Enterprise.State.VERIFIED or enterprise.disputed_since:
            raise ClaimRefused(_("企业账户现在不能增加成员，请联系企业经办人"), code="state")
        if not enterprise.members.who_may(Does.MEMBERS).filter(user=row.invited_by_id).exists():
            raise ClaimRefused(_("邀请人已不是企业经办人，请联系企业重新邀请"), code="state")
        if by.is_officer:
            raise ClaimRefused(_("办理申请的人员不能代表企业"), code="forbidden")
        if enterprise.members.live().filter(user=by).exists():
            raise ClaimRefused(_("您已经是这家企业的成员"), code="state")
        until, at = term_of(row.role, row.until), clock.now()
        # An agent whose term is over is asked anew: the membership before has ended with its term.
        Member.objects.filter(enterprise=enterprise, user=by, ended_at=None).update(
            ended_at=at, ended_by=by, end_reason=str(_("委托期限已过"))
        )
        member = Member.objects.create(user=by, enterprise=enterprise, role=row.role, until=until, since=at)
        row.accept(member=member, at=at)
        row.version += 1
        row.save()
        events.record("accept_invitation", row, by, tell=[Audience("owners", enterprise.pk)], **_facts(row))
        return member


def decline(row: Invitation, by: User, token: str) -> Invitation:
    """谢绝, by the holder of the mail; the owners are told."""
    with transaction.atomic():
        row, enterprise = _answering(row, by, token)
        row.decline(at=clock.now())
        row.version += 1
        row.save()
        events.record("decline_invitation", row, by, tell=[Audience("owners", enterprise.pk)], **_facts(row))
        return row


def is_for(row: Invitation, user: User) -> bool:
    """Whether the invited address is this account's: who comes with the mail's link has shown that it is theirs."""
    known = {user.email.lower(), *EmailAddress.objects.filter(user=user).values_list("email", flat=True)}
    return any(fingerprint(one.lower()) == row.address_fingerprint for one in known if one)


def _managed(row: Invitation, by: User) -> Invitation:
    enterprise = Enterprise.objects.select_for_update(no_key=True).get(pk=row.enterprise_id)
    row = Invitation.objects.select_for_update(of=("self",), no_key=True).get(pk=row.pk)
    row.enterprise = enterprise
    require(enterprise, by, Does.MEMBERS)
    if row.state != Invitation.State.SENT:
        raise ClaimRefused(_("这份邀请已办结：%s") % row.get_state_display(), code="state")
    return row


def _answering(row: Invitation, by: User, token: str) -> tuple[Invitation, Enterprise]:
    enterprise = Enterprise.objects.select_for_update(no_key=True).get(pk=row.enterprise_id)
    row = Invitation.objects.select_for_update(of=("self",), no_key=True).get(pk=row.pk)
    row.enterprise = enterprise
    if not invitation_mail.opens(row, token):
        raise ClaimRefused(_("链接已失效，请用最近一封邀请邮件里的链接"), code="forbidden")
    if row.state != Invitation.State.SENT:
        raise ClaimRefused(_("这份邀请已办结：%s") % row.get_state_display(), code="state")
    if row.is_expired:
        raise ClaimRefused(_("邀请已过期，请联系企业经办人重新发送"), code="state")
    if not is_for(row, by):
        raise ClaimRefused(_("邀请发给另一个邮箱，请用受邀邮箱的账号登录"), code="forbidden")
    return row, enterprise


def _facts(row: Invitation) -> dict:
    return {
        "enterprise": row.enterprise.name,
        "uscc": row.enterprise.uscc,
        "role": str(row.get_role_display()),
        "until": row.until,
        "sending": row.sending,
        "expires_at": row.expires_at,
        "state": str(row.get_state_display()),
    }
