"""What an enterprise hands in so that its district can enter what isn't known of it yet."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from enterprises.models.register import Enterprise
from enterprises.querysets import SupplementQuerySet
from foundation.clock import clock
from foundation.events.triggers import guard_states
from foundation.files.models import Document


@guard_states(initial=["pending"])
class Supplement(FSMModelMixin, models.Model):
    """A paper that proves something of an enterprise, with a note; the district enters what it shows, or says why not.

    States: *pending* 待登记, the district has it until `due_on`; *recorded* 已登记, it entered what the paper shows and
    said what; *refused* 未采用, with the reason: another paper may follow.
    """

    class Topic(models.TextChoices):
        INCLUSION = "inclusion", _("纳统")
        CREDIT = "credit", _("信用")
        QUALIFICATION = "qualification", _("资质")
        SUPPORT = "support", _("已获支持")
        REGISTER = "register", _("登记信息")

    class State(models.TextChoices):
        PENDING = "pending", _("待登记")
        RECORDED = "recorded", _("已登记")
        REFUSED = "refused", _("未采用")

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="supplements")
    topic = models.CharField(_("关于"), max_length=20, choices=Topic.choices)
    note = models.CharField(_("说明"), max_length=500)
    document = models.ForeignKey(Document, models.PROTECT, related_name="+", verbose_name=_("证明材料"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(_("提交时间"), default=clock.now)
    due_on = models.DateField(_("登记期限"))
    state = FSMField(_("状态"), default=State.PENDING, choices=State.choices, protected=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(_("办理时间"), null=True)
    answer = models.CharField(_("答复"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=0)

    objects = SupplementQuerySet.as_manager()

    class Meta:
        verbose_name = _("补充资料")
        verbose_name_plural = _("补充资料")
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["due_on", "id"], condition=Q(state="pending"), name="supplement_waiting"),
            models.Index(fields=["enterprise", "-at"], name="supplement_of"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="supplement_one_waiting", fields=["enterprise", "topic"], condition=Q(state="pending")
            ),
            models.CheckConstraint(
                name="supplement_decided_has_facts",
                condition=Q(state="pending", decided_at=None, decided_by=None, answer="")
                | Q(state__in=["recorded", "refused"], decided_at__isnull=False, decided_by__isnull=False)
                & ~Q(answer=""),
            ),
            models.CheckConstraint(
                name="supplement_not_own", condition=Q(decided_by=None) | ~Q(decided_by=F("by"))
            ),
        ]

    def __str__(self):
        return f"{self.enterprise} · {self.get_topic_display()}"

    @transition("state", source=State.PENDING, target=State.RECORDED)
    def record(self, *, by, at, answer):
        self.decided_by, self.decided_at, self.answer = by, at, answer

    @transition("state", source=State.PENDING, target=State.REFUSED)
    def refuse(self, *, by, at, answer):
        self.decided_by, self.decided_at, self.answer = by, at, answer
