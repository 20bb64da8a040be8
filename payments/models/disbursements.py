"""Paying what was approved: one disbursement per instalment, made by one person, checked by another."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from applications.models import Application
from applications.models.refusals import refuses_recused, two_people
from foundation.accounts.fields import EncryptedTextField
from foundation.accounts.models import Office
from foundation.clock import clock
from foundation.events.triggers import guard_states
from measures.models import SpecialFund
from payments.querysets import DisbursementQuerySet


@guard_states(initial=["ordered"])
class Disbursement(FSMModelMixin, models.Model):
    """An order to pay one case, in yuan.

    States: *ordered* 待复核, the maker ordered it, the checker (another person) releases it or returns it;
    *released* 支付中, it is with the treasury; *confirmed* 已拨付, reference, amount and date were entered;
    *returned* 已退回, the checker refused it: the maker orders anew.
    """

    class State(models.TextChoices):
        ORDERED = "ordered", _("待复核")
        RELEASED = "released", _("支付中")
        CONFIRMED = "confirmed", _("已拨付")
        RETURNED = "returned", _("已退回")

    number = models.CharField(_("拨付编号"), max_length=40, unique=True)
    application = models.ForeignKey(Application, models.PROTECT, related_name="disbursements")
    fund = models.ForeignKey(SpecialFund, models.PROTECT, related_name="disbursements")
    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    amount = models.DecimalField(_("金额（元）"), max_digits=16, decimal_places=2)
    payee_name = models.CharField(_("收款户名"), max_length=120)
    payee_bank = models.CharField(_("开户银行"), max_length=80)
    payee_account = EncryptedTextField(_("银行账号"))
    payee_fingerprint = models.CharField(max_length=64, editable=False)
    state = FSMField(_("状态"), default=State.ORDERED, choices=State.choices, protected=True)
    version = models.PositiveIntegerField(default=0)
    ordered_at = models.DateTimeField(default=clock.now)
    ordered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    # {…}_for: in whose place, where a deputy did it.
    ordered_for = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)
    released_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    released_for = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    returned_at = models.DateTimeField(null=True)
    reason = models.CharField(_("退回理由"), max_length=300, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reference = models.CharField(_("支付凭证号"), max_length=60, blank=True)
    paid_on = models.DateField(_("支付日期"), null=True)
    paid_amount = models.DecimalField(_("实付金额（元）"), max_digits=16, decimal_places=2, null=True)

    objects = DisbursementQuerySet.as_manager()

    class Meta:
        verbose_name = _("拨付")
        verbose_name_plural = _("拨付")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["office", "state", "-id"], name="disbursement_queue")]
        constraints = [
            models.CheckConstraint(name="disbursement_positive", condition=Q(amount__gt=0)),
            models.UniqueConstraint(
                name="disbursement_one_live", fields=["application"], condition=~Q(state="returned")
            ),
            models.UniqueConstraint(
                name="disbursement_reference_once", fields=["reference"], condition=~Q(reference="")
            ),
            models.CheckConstraint(
                name="disbursement_two_people",
                condition=two_people("released", "ordered"),
            ),
            models.CheckConstraint(
                name="disbursement_released_facts",
                condition=~Q(state__in=["released", "confirmed"])
                | Q(released_at__isnull=False, released_by__isnull=False),
            ),
            models.CheckConstraint(
                name="disbursement_confirmed_facts",
                condition=Q(
                    state="confirmed",
                    confirmed_at__isnull=False,
                    confirmed_by__isnull=False,
                    paid_on__isnull=False,
                    paid_amount__isnull=False,
                    paid_amount=F("amount"),
                )
                & ~Q(reference="")
                | (
                    ~Q(state="confirmed") & Q(paid_amount=None, paid_on=None, confirmed_at=None, reference="")
                ),
            ),
            models.CheckConstraint(
                name="disbursement_returned_reason", condition=~Q(state="returned") | ~Q(reason="")
            ),
        ]
        triggers = [
            refuses_recused("NEW.application_id", "ordered_by_id", "released_by_id", "confirmed_by_id")
        ]

    def __str__(self):
        return self.number

    @transition("state", source=State.ORDERED, target=State.RELEASED)
    def release(self, *, by, at, in_place_of=None):
        self.released_by, self.released_at, self.released_for = by, at, in_place_of

    @transition("state", source=State.ORDERED, target=State.RETURNED)
    def send_back(self, *, at, reason):
        self.returned_at, self.reason = at, reason

    @transition("state", source=State.RELEASED, target=State.CONFIRMED)
    def confirm(self, *, by, at, reference, paid_on, amount):
        self.confirmed_by, self.confirmed_at = by, at
        self.reference, self.paid_on, self.paid_amount = reference, paid_on, amount
