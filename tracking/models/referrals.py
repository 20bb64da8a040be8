"""An enterprise's request about an item without a call, handed to the unit that is responsible for it."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from enterprises.models import Enterprise
from foundation.accounts.fields import EncryptedTextField
from foundation.accounts.models import Office
from foundation.clock import clock
from foundation.events.triggers import guard_states
from foundation.files.models import Document
from measures.models import Item
from tracking.querysets import ReferralQuerySet

_PERSON = settings.AUTH_USER_MODEL


@guard_states(initial=["waiting"])
class Referral(FSMModelMixin, models.Model):
    """A request about an item that has no call of its own here (a case of a call is an Application).

    States: *waiting* 待接收, the unit (`office`) has it and gets in touch by `due_on`; *working* 办理中, it does and
    answers by `due_on`; *concluded* 已办结, with what came of it; *withdrawn* 已撤回, the enterprise took it back.
    Passed on to another unit, it waits there anew. Who to reach is encrypted and shown to those who answer alone.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("待接收")
        WORKING = "working", _("办理中")
        CONCLUDED = "concluded", _("已办结")
        WITHDRAWN = "withdrawn", _("已撤回")

    class Outcome(models.TextChoices):
        GRANTED = "granted", _("已纳入、认定或给予支持")
        ARRANGED = "arranged", _("已对接或安排")
        TOLD = "told", _("已告知办理渠道")
        UNMET = "unmet", _("不符合条件")

    item = models.ForeignKey(Item, models.PROTECT, related_name="referrals", verbose_name=_("事项"))
    enterprise = models.ForeignKey(
        Enterprise, models.PROTECT, related_name="referrals", verbose_name=_("企业")
    )
    office = models.ForeignKey(Office, models.PROTECT, related_name="+", verbose_name=_("办理单位"))
    text = models.CharField(_("请求"), max_length=1000)
    contact = EncryptedTextField(_("联系人和电话"))
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, related_name="+", verbose_name=_("附件")
    )
    by = models.ForeignKey(_PERSON, models.PROTECT, related_name="+", verbose_name=_("提出人"))
    at = models.DateTimeField(_("提出时间"), default=clock.now)
    received_on = models.DateField(_("转到该单位的日期"))
    due_on = models.DateField(_("办理期限"))
    state = FSMField(_("状态"), default=State.WAITING, choices=State.choices, protected=True)
    version = models.PositiveIntegerField(default=0)
    taken_at = models.DateTimeField(_("接收时间"), null=True)
    taken_by = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(_("办结时间"), null=True)
    ended_by = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(_("结果"), max_length=8, choices=Outcome.choices, blank=True)
    result = models.CharField(_("办理结果"), max_length=500, blank=True)
    reference = models.CharField(_("文号或凭证"), max_length=100, blank=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        verbose_name = _("转办单")
        verbose_name_plural = _("转办单")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(
                fields=["office", "due_on", "id"],
                condition=Q(state__in=["waiting", "working"]),
                name="referral_waiting",
            ),
            models.Index(fields=["enterprise", "-at"], name="referral_of"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="referral_one_open",
                fields=["enterprise", "item"],
                condition=Q(state__in=["waiting", "working"]),
            ),
            models.CheckConstraint(name="referral_says_what", condition=~Q(text="") & ~Q(contact="")),
            models.CheckConstraint(
                name="referral_taken_facts",
                condition=Q(taken_at__isnull=True, taken_by__isnull=True, state__in=["waiting", "withdrawn"])
                | Q(taken_at__isnull=False, taken_by__isnull=False)
                & Q(state__in=["working", "concluded", "withdrawn"]),
            ),
            models.CheckConstraint(
                name="referral_ended_facts",
                condition=Q(
                    state__in=["waiting", "working"],
                    ended_at__isnull=True,
                    ended_by__isnull=True,
                    outcome="",
                    result="",
                )
                | Q(state="withdrawn", ended_at__isnull=False, ended_by__isnull=False, outcome="")
                | Q(state="concluded", ended_at__isnull=False, ended_by__isnull=False)
                & ~Q(outcome="")
                & ~Q(result=""),
            ),
            # Who asks for an enterprise doesn't answer for the unit.
            models.CheckConstraint(
                name="referral_not_own", condition=~Q(state="concluded") | ~Q(ended_by=F("by"))
            ),
        ]

    def __str__(self):
        return self.number

    @property
    def number(self) -> str:
        return f"ZB{clock.local(self.at):%Y}-{self.pk:06d}"

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.WAITING, self.State.WORKING)

    @transition("state", source=State.WAITING, target=State.WORKING)
    def take(self, *, by, at, due_on):
        self.taken_by, self.taken_at, self.due_on = by, at, due_on

    @transition("state", source=[State.WAITING, State.WORKING], target=State.WAITING)
    def pass_on(self, *, office, received_on, due_on):
        self.office, self.received_on, self.due_on = office, received_on, due_on
        self.taken_by = self.taken_at = None

    @transition("state", source=[State.WAITING, State.WORKING], target=State.CONCLUDED)
    def conclude(self, *, by, at, outcome, result, reference):
        if self.taken_at is None:
            self.taken_by, self.taken_at = by, at
        self.ended_by, self.ended_at = by, at
        self.outcome, self.result, self.reference = outcome, result, reference

    @transition("state", source=[State.WAITING, State.WORKING], target=State.WITHDRAWN)
    def withdraw(self, *, by, at):
        self.ended_by, self.ended_at = by, at
