"""What the public says to a notice: objections by a name (异议), leads without one (线索)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from applications.models import Application
from applications.states import State as CaseState
from foundation.accounts.fields import EncryptedTextField
from foundation.clock import clock
from foundation.events.triggers import guard_states
from foundation.files.models import Document
from reviews.models.work import PublicNotice

_PERSON = settings.AUTH_USER_MODEL


class ObjectionQuerySet(models.QuerySet):
    def standing(self):
        """Open ones whose case is still on the notice that they speak of; others are void by computation."""
        return self.filter(
            state=Objection.State.OPEN,
            application__state=CaseState.PUBLIC_NOTICE,
            application__published_at=F("notice__published_at"),
        )


@guard_states(initial=["open"])
class Objection(FSMModelMixin, models.Model):
    """An objection to one line of a notice, by a named person or unit, within the notice's days.

    States: *open* 待答复, the municipal officer answers it by its day; *upheld* 成立, its case went back to the
    review; *not_upheld* 不成立, the answer was delivered to who objected. Name and phone are encrypted, and
    shown to the officer and the head of the notice's office alone.
    """

    class State(models.TextChoices):
        OPEN = "open", _("待答复")
        UPHELD = "upheld", _("成立")
        NOT_UPHELD = "not_upheld", _("不成立")

    class Kind(models.TextChoices):
        PERSON = "person", _("个人")
        UNIT = "unit", _("单位")

    class Told(models.TextChoices):
        PHONE = "phone", _("电话")
        POST = "post", _("邮寄")
        DIRECT = "direct", _("当面")

    number = models.CharField(_("异议编号"), max_length=50, unique=True)
    notice = models.ForeignKey(PublicNotice, models.PROTECT, related_name="objections")
    application = models.ForeignKey(Application, models.PROTECT, related_name="objections")
    state = FSMField(_("状态"), default=State.OPEN, choices=State.choices, protected=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    kind = models.CharField(_("异议人"), max_length=8, choices=Kind.choices)
    name = EncryptedTextField(_("姓名或者单位名称"))
    phone = EncryptedTextField(_("联系电话"))
    text = models.TextField(_("事实和理由"))
    documents = models.ManyToManyField(Document, related_name="+", verbose_name=_("证明材料"))
    raised_at = models.DateTimeField(_("提出时间"), default=clock.now)
    due_on = models.DateField(_("答复期限"))
    answer = models.TextField(_("答复"), blank=True)
    answered_at = models.DateTimeField(_("答复时间"), null=True)
    answered_by = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")
    told_by = models.CharField(_("告知方式"), max_length=8, blank=True, choices=Told.choices)
    told_on = models.DateField(_("告知日期"), null=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("异议")
        verbose_name_plural = _("异议")
        ordering = ["notice", "pk"]
        constraints = [
            models.CheckConstraint(
                name="objection_says_something", condition=~Q(name="") & ~Q(phone="") & ~Q(text="")
            ),
            models.CheckConstraint(
                name="objection_answered_facts",
                condition=Q(
                    state="open", answer="", answered_at=None, answered_by=None, told_by="", told_on=None
                )
                | (
                    ~Q(state="open")
                    & ~Q(answer="")
                    & ~Q(told_by="")
                    & Q(
                        answered_at__isnull=False,
                        answered_by__isnull=False,
                        told_on__isnull=False,
                        answered_at__gte=F("raised_at"),
                    )
                ),
            ),
        ]

    def __str__(self):
        return self.number

    @property
    def masked_name(self) -> str:
        """王** or 上海****: the first sign of a person, the first two of a unit."""
        shown = 2 if self.kind == self.Kind.UNIT else 1
        return self.name[:shown] + "*" * max(len(self.name) - shown, 1)

    @property
    def masked_phone(self) -> str:
        """138****5678; a short number shows its last two digits only."""
        if len(self.phone) < 10:
            return "*" * (len(self.phone) - 2) + self.phone[-2:]
        return f"{self.phone[:3]}****{self.phone[-4:]}"

    @property
    def is_standing(self) -> bool:
        """Still to be answered: open, and its case still on this notice."""
        return (
            self.state == self.State.OPEN
            and self.application.state == CaseState.PUBLIC_NOTICE
            and self.application.published_at == self.notice.published_at
        )

    @transition("state", source=State.OPEN, target=State.UPHELD)
    def uphold(self, *, by, at, answer, told_by, told_on):
        self._answer(by, at, answer, told_by, told_on)

    @transition("state", source=State.OPEN, target=State.NOT_UPHELD)
    def turn_down(self, *, by, at, answer, told_by, told_on):
        self._answer(by, at, answer, told_by, told_on)

    def _answer(self, by, at, answer, told_by, told_on):
        self.answered_by, self.answered_at, self.answer = by, at, answer
        self.told_by, self.told_on = told_by, told_on


@guard_states(initial=["open"])
class Lead(FSMModelMixin, models.Model):
    """What somebody without a name says to a notice: looked into, never answered, never in the way of a decision.

    States: *open* 待核查; *closed* 已处理, with what was found.
    """

    class State(models.TextChoices):
        OPEN = "open", _("待核查")
        CLOSED = "closed", _("已处理")

    notice = models.ForeignKey(PublicNotice, models.PROTECT, related_name="leads")
    application = models.ForeignKey(Application, models.PROTECT, related_name="leads")
    state = FSMField(_("状态"), default=State.OPEN, choices=State.choices, protected=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    text = models.TextField(_("内容"))
    documents = models.ManyToManyField(Document, related_name="+", verbose_name=_("材料"))
    received_at = models.DateTimeField(_("收到时间"), default=clock.now)
    note = models.TextField(_("核查情况"), blank=True)
    noted_by = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(_("处理时间"), null=True)

    class Meta:
        verbose_name = _("线索")
        verbose_name_plural = _("线索")
        ordering = ["notice", "pk"]
        constraints = [
            models.CheckConstraint(
                name="lead_closed_facts",
                condition=Q(state="open", closed_at=None)
                | (~Q(note="") & Q(state="closed", closed_at__isnull=False, noted_by__isnull=False)),
            ),
        ]

    def __str__(self):
        return f"{self.notice.number} {self.pk}"

    @transition("state", source=State.OPEN, target=State.CLOSED)
    def close(self, *, by, at, note):
        self.noted_by, self.closed_at, self.note = by, at, note
