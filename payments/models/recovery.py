"""Getting back what was paid on a support that was revoked (追回)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import GET_STATE, FSMField, FSMModelMixin, transition

from applications.models import Application
from foundation.accounts.models import Office
from foundation.clock import clock
from foundation.events.append_only import AppendOnly
from foundation.events.triggers import guard_states

_PERSON = settings.AUTH_USER_MODEL


def _amount(label):
    return models.DecimalField(label, max_digits=16, decimal_places=2)


@guard_states(initial=["ordered"])
class RecoveryOrder(FSMModelMixin, models.Model):
    """That what was paid is to be paid back, in yuan, to the treasury (not to the fund: its ledger stays as it is).

    States: *ordered* 待追回; *partly_recovered* 部分追回; *recovered* 已追回; *written_off* 已核销, the rest can't be got,
    with the reason, by another person than the one who entered the receipts.
    """

    class State(models.TextChoices):
        ORDERED = "ordered", _("待追回")
        PARTLY_RECOVERED = "partly_recovered", _("部分追回")
        RECOVERED = "recovered", _("已追回")
        WRITTEN_OFF = "written_off", _("已核销")

    number = models.CharField(_("追回编号"), max_length=40, unique=True)
    application = models.OneToOneField(Application, models.PROTECT, related_name="recovery")
    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    amount = _amount(_("应追回金额（元）"))
    recovered = models.DecimalField(_("已追回金额（元）"), max_digits=16, decimal_places=2, default=0)
    state = FSMField(_("状态"), default=State.ORDERED, choices=State.choices, protected=True)
    version = models.PositiveIntegerField(default=0)
    due_on = models.DateField(_("缴回期限"))
    ordered_at = models.DateTimeField(_("决定时间"), default=clock.now)
    ordered_by = models.ForeignKey(_PERSON, models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(_("办结时间"), null=True)
    written_off_by = models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("核销理由"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("追回")
        verbose_name_plural = _("追回")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(name="recovery_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="recovery_amount_by_state",
                condition=Q(state="ordered", recovered=0)
                | Q(state="partly_recovered", recovered__gt=0, recovered__lt=F("amount"))
                | Q(state="recovered", recovered=F("amount"))
                | Q(state="written_off", recovered__gte=0, recovered__lt=F("amount")),
            ),
            models.CheckConstraint(
                name="recovery_ended_facts",
                condition=Q(
                    state__in=["ordered", "partly_recovered"], ended_at=None, written_off_by=None, reason=""
                )
                | Q(state="recovered", ended_at__isnull=False, written_off_by=None, reason="")
                | (
                    ~Q(reason="")
                    & Q(state="written_off", ended_at__isnull=False, written_off_by__isnull=False)
                ),
            ),
        ]

    def __str__(self):
        return self.number

    @property
    def missing(self):
        """Yuan still to come."""
        return self.amount - self.recovered

    @transition(
        "state",
        source=[State.ORDERED, State.PARTLY_RECOVERED],
        target=GET_STATE(
            # Asked after the method has run: the sum is already the new one.
            lambda self, **facts: (
                self.State.PARTLY_RECOVERED if self.recovered < self.amount else self.State.RECOVERED
            ),
            states=[State.PARTLY_RECOVERED, State.RECOVERED],
        ),
    )
    def receive(self, *, amount, at):
        self.recovered += amount
        if self.recovered == self.amount:
            self.ended_at = at

    @transition("state", source=[State.ORDERED, State.PARTLY_RECOVERED], target=State.WRITTEN_OFF)
    def write_off(self, *, by, at, reason):
        self.written_off_by, self.ended_at, self.reason = by, at, reason


class RecoveryReceipt(AppendOnly):
    """One payment back into the treasury, by its reference."""

    order = models.ForeignKey(RecoveryOrder, models.PROTECT, related_name="receipts")
    reference = models.CharField(_("缴款凭证号"), max_length=60, unique=True)
    amount = _amount(_("金额（元）"))
    received_on = models.DateField(_("缴回日期"))
    entered_by = models.ForeignKey(_PERSON, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("缴回记录")
        verbose_name_plural = _("缴回记录")
        ordering = ["order", "pk"]
        constraints = [models.CheckConstraint(name="recovery_receipt_positive", condition=Q(amount__gt=0))]

    def __str__(self):
        return self.reference
