"""The people on an enterprise's side: who says that they act for it, who does, who is asked to, who disputes it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from enterprises.member_roles import MemberRole
from enterprises.models.register import Enterprise
from enterprises.querysets import ClaimQuerySet, InvitationQuerySet, MemberQuerySet
from foundation.accounts.fields import EncryptedTextField
from foundation.accounts.models import District
from foundation.clock import clock
from foundation.events.triggers import guard_states
from foundation.files.models import Document

_PERSON = settings.AUTH_USER_MODEL


@guard_states(initial=["pending"])
class Claim(FSMModelMixin, models.Model):
    """Somebody says that they act for a code. A claim proves nothing until it has been decided.

    Who decides is its `route`: the *district* where nobody acts for the enterprise yet; the *owners* where somebody
    does (who doesn't answer in time leaves it to the district, with an authorisation letter); for a *takeover* the
    district, after the owners were told and had their time to answer.

    States: *pending* 待核验, drafts may be written, nothing submitted; *verified* 已核验, the person is a
    member; *rejected* 未通过, with a reason: a new claim may follow.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("待核验")
        VERIFIED = "verified", _("已核验")
        REJECTED = "rejected", _("未通过")

    class Route(models.TextChoices):
        DISTRICT = "district", _("首次登记")
        OWNERS = "owners", _("申请加入")
        TAKEOVER = "takeover", _("申请接管")

    class Answer(models.TextChoices):
        CONSENTS = "consents", _("同意移交")
        OBJECTS = "objects", _("有异议")

    user = models.ForeignKey(_PERSON, models.PROTECT, related_name="claims")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="claims")
    declared_name = models.CharField(_("企业名称"), max_length=120)
    declared_district = models.ForeignKey(
        District, models.PROTECT, related_name="+", verbose_name=_("注册区")
    )
    district = models.ForeignKey(
        District, models.PROTECT, related_name="+", verbose_name=_("核验区"), editable=False
    )
    route = models.CharField(_("方式"), max_length=10, choices=Route.choices, default=Route.DISTRICT)
    role = models.CharField(_("角色"), max_length=20, choices=MemberRole.choices, default=MemberRole.OWNER)
    note = models.CharField(_("说明"), max_length=200, blank=True)
    letter = models.ForeignKey(
        Document, models.PROTECT, null=True, related_name="+", verbose_name=_("授权委托书")
    )
    state = FSMField(_("状态"), default=State.PENDING, choices=State.choices, protected=True)
    claimed_at = models.DateTimeField(_("提出时间"), default=clock.now)
    due_on = models.DateField(_("办理期限"), null=True)
    # A request to join that no owner answered in time: from then on the district may decide it too.
    escalated_at = models.DateTimeField(_("转区时间"), null=True)
    # A takeover: by which day the owners may answer, and what they said.
    answer_by = models.DateField(_("答复期限"), null=True)
    answer = models.CharField(_("经办人的答复"), max_length=10, choices=Answer.choices, blank=True)
    answer_words = models.CharField(_("答复内容"), max_length=300, blank=True)
    answered_at = models.DateTimeField(_("答复时间"), null=True)
    answered_by = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("核验时间"), null=True)
    decided_by = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("理由"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=0)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("身份核验")
        verbose_name_plural = _("身份核验")
        ordering = ["-claimed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="claim_one_pending", fields=["user", "enterprise"], condition=Q(state="pending")
            ),
            models.CheckConstraint(
                name="claim_decided_has_facts",
                condition=Q(state="pending", decided_at__isnull=True, decided_by__isnull=True)
                | Q(state__in=["verified", "rejected"], decided_at__isnull=False, decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="claim_rejected_has_reason", condition=~Q(state="rejected") | ~Q(reason="")
            ),
            # Whom the owners admit needs no letter.
            models.CheckConstraint(
                name="claim_verified_has_letter",
                condition=~Q(state="verified") | Q(letter__isnull=False) | Q(route="owners"),
            ),
            models.CheckConstraint(
                name="claim_not_self_verified",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("user")),
            ),
            models.CheckConstraint(
                name="claim_takeover_has_answer_by",
                condition=Q(route="takeover", answer_by__isnull=False)
                | (~Q(route="takeover") & Q(answer_by=None, answer="")),
            ),
            models.CheckConstraint(
                name="claim_answer_whole",
                condition=Q(answer="", answered_at=None, answered_by=None, answer_words="")
                | (~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False)),
            ),
            models.CheckConstraint(
                name="claim_answered_by_another",
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=F("user")),
            ),
            models.CheckConstraint(
                name="claim_only_joining_escalates",
                condition=Q(escalated_at__isnull=True) | ~Q(route="district"),
            ),
        ]

    def __str__(self):
        return f"{self.declared_name} · {self.get_state_display()}"

    @property
    def by_district(self) -> bool:
        """Whether the district may decide on it: all but requests to join that the owners have time for."""
        return self.route != self.Route.OWNERS or self.escalated_at is not None

    @transition("state", source=State.PENDING, target=State.VERIFIED)
    def verify(self, *, by, at):
        self.decided_by, self.decided_at = by, at

    @transition("state", source=State.PENDING, target=State.REJECTED)
    def reject(self, *, by, at, reason):
        self.decided_by, self.decided_at, self.reason = by, at, reason


class Member(models.Model):
    """A person who acts for an enterprise in a role; an agent until a day. What ended stays on record.

    Whether somebody acts today is computed (querysets.MemberQuerySet.live): not ended, the term not over.
    """

    Role = MemberRole

    user = models.ForeignKey(_PERSON, models.PROTECT, related_name="memberships")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="members")
    role = models.CharField(_("角色"), max_length=20, choices=MemberRole.choices, default=MemberRole.OWNER)
    # By which it came about: a verified claim or an accepted invitation.
    claim = models.OneToOneField(Claim, models.PROTECT, null=True, related_name="member")
    since = models.DateTimeField(_("自"), default=clock.now)
    until = models.DateField(_("委托期限"), null=True)
    ended_at = models.DateTimeField(_("终止时间"), null=True)
    ended_by = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")
    end_reason = models.CharField(_("终止原因"), max_length=200, blank=True)

    objects = MemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("企业成员")
        verbose_name_plural = _("企业成员")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="member_once", fields=["user", "enterprise"], condition=Q(ended_at=None)
            ),
            models.CheckConstraint(
                name="member_term_by_role",
                condition=Q(role="enterprise_agent", until__isnull=False)
                | (~Q(role="enterprise_agent") & Q(until=None)),
            ),
            models.CheckConstraint(
                name="member_end_whole",
                condition=Q(ended_at=None, ended_by=None, end_reason="")
                | (Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(end_reason="")),
            ),
        ]

    def __str__(self):
        return f"{self.enterprise} · {self.get_role_display()}"

    @property
    def is_over(self) -> bool:
        """An agent's term has passed: nothing is ended, and nothing may be done any more."""
        return self.until is not None and self.until < clock.today()


@guard_states(initial=["sent"])
class Invitation(FSMModelMixin, models.Model):
    """An owner asks somebody, by mail address, to act for the enterprise.

    States: *sent* 已发出, the link in the last mail opens it until `expires_at`; *accepted* 已接受, once;
    *declined* 已谢绝; *revoked* 已收回. That one has expired is computed.

    The link's token is stored nowhere: the mail makes it as it goes out, a keyed digest of this row and of
    `sending` (invitation_workflow.token_of), so that sending again ends the links before.
    """

    class State(models.TextChoices):
        SENT = "sent", _("待接受")
        ACCEPTED = "accepted", _("已接受")
        DECLINED = "declined", _("已谢绝")
        REVOKED = "revoked", _("已收回")

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="invitations")
    address = EncryptedTextField(_("邮箱"))
    address_fingerprint = models.CharField(max_length=64, editable=False)
    role = models.CharField(_("角色"), max_length=20, choices=MemberRole.choices)
    until = models.DateField(_("委托期限"), null=True)
    state = FSMField(_("状态"), default=State.SENT, choices=State.choices, protected=True)
    sending = models.PositiveSmallIntegerField(_("发送次数"), default=1)
    invited_by = models.ForeignKey(_PERSON, models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(_("发出时间"), default=clock.now)
    expires_at = models.DateTimeField(_("有效至"))
    ended_at = models.DateTimeField(_("办结时间"), null=True)
    member = models.OneToOneField(Member, models.PROTECT, null=True, related_name="invitation")
    version = models.PositiveIntegerField(default=0)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("成员邀请")
        verbose_name_plural = _("成员邀请")
        ordering = ["-sent_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="invitation_one_open",
                fields=["enterprise", "address_fingerprint"],
                condition=Q(state="sent"),
            ),
            models.CheckConstraint(
                name="invitation_term_by_role",
                condition=Q(role="enterprise_agent", until__isnull=False)
                | (~Q(role="enterprise_agent") & Q(until=None)),
            ),
            models.CheckConstraint(
                name="invitation_accepted_is_member",
                condition=Q(state="accepted", member__isnull=False, ended_at__isnull=False)
                | Q(state="sent", member=None, ended_at=None)
                | Q(state__in=["declined", "revoked"], member=None, ended_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.enterprise} · {self.get_role_display()}"

    @property
    def is_expired(self) -> bool:
        return self.state == self.State.SENT and clock.now() >= self.expires_at

    @transition("state", source=State.SENT, target=State.ACCEPTED)
    def accept(self, *, member, at):
        self.member, self.ended_at = member, at

    @transition("state", source=State.SENT, target=State.DECLINED)
    def decline(self, *, at):
        self.ended_at = at

    @transition("state", source=State.SENT, target=State.REVOKED)
    def revoke(self, *, at):
        self.ended_at = at


@guard_states(initial=["open"])
class OwnershipDispute(FSMModelMixin, models.Model):
    """Two people say that they are the owner. Until the district has settled it, the enterprise's people only read.

    States: *open* 处理中, the district has it until `due_on`; *settled* 已处理, with its grounds and who remains.
    """

    class State(models.TextChoices):
        OPEN = "open", _("处理中")
        SETTLED = "settled", _("已处理")

    class Outcome(models.TextChoices):
        FIRST = "first", _("由原经办人继续")
        SECOND = "second", _("由对方担任经办人")
        BOTH = "both", _("双方都担任经办人")

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="disputes")
    first = models.ForeignKey(_PERSON, models.PROTECT, related_name="+", verbose_name=_("一方"))
    second = models.ForeignKey(_PERSON, models.PROTECT, related_name="+", verbose_name=_("另一方"))
    # The takeover out of which it came; none where both were owners.
    claim = models.ForeignKey(Claim, models.PROTECT, null=True, related_name="disputes")
    words = models.CharField(_("争议的内容"), max_length=300)
    opened_by = models.ForeignKey(_PERSON, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(_("提出时间"), default=clock.now)
    due_on = models.DateField(_("办理期限"))
    state = FSMField(_("状态"), default=State.OPEN, choices=State.choices, protected=True)
    outcome = models.CharField(_("处理结果"), max_length=10, choices=Outcome.choices, blank=True)
    grounds = models.CharField(_("处理依据"), max_length=300, blank=True)
    settled_by = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(_("处理时间"), null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("经办人争议")
        verbose_name_plural = _("经办人争议")
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="dispute_one_open", fields=["enterprise"], condition=Q(state="open")
            ),
            models.CheckConstraint(name="dispute_of_two", condition=~Q(first=F("second"))),
            models.CheckConstraint(
                name="dispute_settled_has_facts",
                condition=Q(state="open", outcome="", grounds="", settled_by=None, settled_at=None)
                | (
                    Q(state="settled", settled_by__isnull=False, settled_at__isnull=False)
                    & ~Q(outcome="")
                    & ~Q(grounds="")
                ),
            ),
            models.CheckConstraint(
                name="dispute_settled_by_third",
                condition=Q(settled_by=None) | (~Q(settled_by=F("first")) & ~Q(settled_by=F("second"))),
            ),
        ]

    def __str__(self):
        return f"{self.enterprise} · {self.get_state_display()}"

    @property
    def roles(self) -> tuple[str, str]:
        """What the two are called: of a takeover, the present owner and who asks; else who disputes, and whom."""
        if self.claim_id is not None:
            return _("现任企业经办人"), _("申请接管的人")
        return _("提出争议的经办人"), _("被提出争议的经办人")

    @property
    def results(self) -> dict[str, str]:
        """How it may end, or ended, in words that fit the two."""
        first, second = self.roles
        outcomes = self.Outcome
        return {
            outcomes.FIRST.value: _("由%s担任") % first,
            outcomes.SECOND.value: _("由%s担任") % second,
            outcomes.BOTH.value: str(outcomes.BOTH.label),
        }

    @property
    def result(self) -> str:
        """How it ended; "" while it is open."""
        return self.results.get(self.outcome, "")

    @transition("state", source=State.OPEN, target=State.SETTLED)
    def settle(self, *, by, at, outcome, grounds):
        self.settled_by, self.settled_at, self.outcome, self.grounds = by, at, outcome, grounds
