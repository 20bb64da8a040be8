"""What may follow a decision: notice of a revocation, completion checks, requests for a change."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from applications.models import Application
from applications.models.refusals import refuses_recused, two_people
from foundation.clock import clock
from foundation.events.append_only import AppendOnly
from foundation.events.triggers import guard_states
from foundation.files.models import Document

_PERSON = settings.AUTH_USER_MODEL


@guard_states(initial=["open"])
class RevocationNotice(FSMModelMixin, models.Model):
    """That a support is to be revoked (拟撤销): told with its ground, before the head decides.

    States: *open* 已告知, the enterprise may state its defence by the day; *revoked* 已撤销, the head revoked, after
    the day or with an answer to the defence; *dropped* 不予撤销, the head let it be.
    """

    class State(models.TextChoices):
        OPEN = "open", _("已告知")
        REVOKED = "revoked", _("已撤销")
        DROPPED = "dropped", _("不予撤销")

    class Ground(models.TextChoices):
        RENOUNCED = "renounced", _("企业放弃")
        MOVED = "moved", _("迁出本市")
        CONDITIONS = "conditions", _("条件不再具备")
        UNFINISHED = "unfinished", _("项目终止或者逾期未完成")
        FALSE = "false", _("弄虚作假、骗取资金")
        MISUSE = "misuse", _("截留、挪用资金")
        OTHER = "other", _("其他应当撤销的情形")

    application = models.ForeignKey(Application, models.PROTECT, related_name="revocations")
    state = FSMField(_("状态"), default=State.OPEN, choices=State.choices, protected=True)
    ground = models.CharField(_("情形"), max_length=12, choices=Ground.choices)
    text = models.TextField(_("理由"))
    notified_at = models.DateTimeField(_("告知时间"), default=clock.now)
    notified_by = models.ForeignKey(_PERSON, models.PROTECT, related_name="+")
    # {…}_for: in whose place, where a deputy did it.
    notified_for = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")
    due_on = models.DateField(_("陈述申辩期限"))
    defended_at = models.DateTimeField(_("陈述申辩"), null=True)
    decided_at = models.DateTimeField(_("决定时间"), null=True)
    decided_by = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")
    decided_for = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")
    answer = models.TextField(_("决定的说明"), blank=True)

    class Meta:
        verbose_name = _("拟撤销告知")
        verbose_name_plural = _("拟撤销告知")
        ordering = ["application", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="revocation_one_open", fields=["application"], condition=Q(state="open")
            ),
            models.CheckConstraint(name="revocation_says_why", condition=~Q(text="")),
            models.CheckConstraint(
                name="revocation_by_second",
                condition=two_people("decided", "notified"),
            ),
            models.CheckConstraint(
                name="revocation_decided_facts",
                condition=Q(state="open", decided_at=None, decided_by=None)
                | (~Q(state="open") & Q(decided_at__isnull=False, decided_by__isnull=False)),
            ),
        ]
        triggers = [refuses_recused("NEW.application_id", "notified_by_id", "decided_by_id")]

    def __str__(self):
        return f"{self.application} {self.get_ground_display()}"

    def is_ripe(self) -> bool:
        """Whether the head may revoke: the day has passed, or the enterprise has stated its defence."""
        return self.defended_at is not None or clock.today() > self.due_on

    @property
    def reason(self) -> str:
        """The ground with the text, as the letters say it."""
        return f"{self.get_ground_display()}：{self.text}"

    @transition("state", source=State.OPEN, target=State.REVOKED)
    def revoke(self, *, by, at, answer, in_place_of=None):
        self.decided_by, self.decided_at, self.answer = by, at, answer
        self.decided_for = in_place_of

    @transition("state", source=State.OPEN, target=State.DROPPED)
    def drop(self, *, by, at, answer, in_place_of=None):
        self.decided_by, self.decided_at, self.answer = by, at, answer
        self.decided_for = in_place_of


class CompletionCheck(AppendOnly):
    """One check of what was paid for (验收): passed, or not, with what is to be mended by when."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="completion_checks")
    checked_on = models.DateField(_("验收日期"))
    passed = models.BooleanField(_("通过"))
    text = models.TextField(_("验收意见"))
    mend_by = models.DateField(_("整改期限"), null=True)
    documents = models.ManyToManyField(Document, related_name="+", verbose_name=_("验收材料"))
    by = models.ForeignKey(_PERSON, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("验收")
        verbose_name_plural = _("验收")
        ordering = ["application", "pk"]
        constraints = [
            models.CheckConstraint(
                name="completion_mending_day",
                condition=Q(passed=True, mend_by=None)
                | Q(passed=False, mend_by__isnull=False, mend_by__gt=F("checked_on")),
            ),
            models.CheckConstraint(name="completion_says_something", condition=~Q(text="")),
        ]

    def __str__(self):
        return f"{self.application} {self.checked_on}"


@guard_states(initial=["asked"])
class ChangeRequest(FSMModelMixin, models.Model):
    """That content, budget or term of a supported project is to change (变更); the award never rises by it.

    States: *asked* 待审核, the municipal officer decides; *approved* 同意; *refused* 不同意.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("待审核")
        APPROVED = "approved", _("同意变更")
        REFUSED = "refused", _("不同意变更")

    class Kind(models.TextChoices):
        CONTENT = "content", _("建设内容")
        BUDGET = "budget", _("投资预算")
        TERM = "term", _("实施期限")

    application = models.ForeignKey(Application, models.PROTECT, related_name="changes")
    state = FSMField(_("状态"), default=State.ASKED, choices=State.choices, protected=True)
    kind = models.CharField(_("变更事项"), max_length=8, choices=Kind.choices)
    before = models.TextField(_("原来的内容"))
    after = models.TextField(_("变更后的内容"))
    reason = models.TextField(_("变更理由"))
    asked_at = models.DateTimeField(_("申请时间"), default=clock.now)
    asked_by = models.ForeignKey(_PERSON, models.PROTECT, related_name="+")
    due_on = models.DateField(_("答复期限"))
    decided_at = models.DateTimeField(_("审核时间"), null=True)
    decided_by = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")
    answer = models.TextField(_("审核意见"), blank=True)

    class Meta:
        verbose_name = _("变更申请")
        verbose_name_plural = _("变更申请")
        ordering = ["application", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="change_one_asked", fields=["application"], condition=Q(state="asked")
            ),
            models.CheckConstraint(
                name="change_says_what", condition=~Q(before="") & ~Q(after="") & ~Q(reason="")
            ),
            models.CheckConstraint(
                name="change_decided_facts",
                condition=Q(state="asked", decided_at=None, decided_by=None, answer="")
                | (~Q(state="asked") & Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(answer="")),
            ),
        ]

    def __str__(self):
        return f"{self.application} {self.get_kind_display()}"

    @transition("state", source=State.ASKED, target=State.APPROVED)
    def approve(self, *, by, at, answer):
        self.decided_by, self.decided_at, self.answer = by, at, answer

    @transition("state", source=State.ASKED, target=State.REFUSED)
    def refuse(self, *, by, at, answer):
        self.decided_by, self.decided_at, self.answer = by, at, answer
