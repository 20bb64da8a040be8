"""Special funds and their ledger: append-only entries that carry the balances after them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import Office
from foundation.clock import clock
from foundation.events.append_only import AppendOnly


class SpecialFund(models.Model):
    """A budget line of one year (专项资金). Its balance is the last row of its ledger, nothing else."""

    code = models.SlugField(_("代码"), max_length=30, unique=True)
    name = models.CharField(_("名称"), max_length=80)
    year = models.PositiveSmallIntegerField(_("年度"))
    office = models.ForeignKey(Office, models.PROTECT, related_name="funds", verbose_name=_("主管单位"))
    paid_by = models.ForeignKey(Office, models.PROTECT, related_name="+", verbose_name=_("拨付单位"))

    class Meta:
        verbose_name = _("专项资金")
        verbose_name_plural = _("专项资金")
        ordering = ["-year", "code"]

    def __str__(self):
        return self.name


class LedgerEntry(AppendOnly):
    """One movement between the fund's buckets, in yuan, with the balances after it.

    available 可用 → set_aside 预占 → committed 已批复 → ordered 待复核 → released 支付中 → spent 已拨付.
    Balances are never negative (check constraint), so an overdraft is impossible; unique (fund, seq) keeps
    two writers apart. `case_id` is the application's id: the ledger stands below the case.
    """

    class Kind(models.TextChoices):
        APPROPRIATE = "appropriate", _("预算下达")
        SET_ASIDE = "set_aside", _("预占")
        RELEASE = "release", _("释放预占")
        COMMIT = "commit", _("批复占用")
        ORDER = "order", _("提出拨付")
        RELEASE_PAYMENT = "release_payment", _("复核拨付")
        SPEND = "spend", _("拨付完成")

    fund = models.ForeignKey(SpecialFund, models.PROTECT, related_name="entries")
    seq = models.PositiveIntegerField(_("序号"))
    kind = models.CharField(_("种类"), max_length=16, choices=Kind.choices)
    amount = models.DecimalField(_("金额（元）"), max_digits=16, decimal_places=2)
    case_id = models.BigIntegerField(_("申请"), null=True)
    case_number = models.CharField(_("申请编号"), max_length=30, blank=True)
    note = models.CharField(_("摘要"), max_length=200, blank=True)
    at = models.DateTimeField(_("时间"), default=clock.now)
    actor_label = models.CharField(_("经办"), max_length=100)
    available = models.DecimalField(_("可用"), max_digits=16, decimal_places=2)
    set_aside = models.DecimalField(_("预占"), max_digits=16, decimal_places=2)
    committed = models.DecimalField(_("已批复"), max_digits=16, decimal_places=2)
    ordered = models.DecimalField(_("待复核"), max_digits=16, decimal_places=2)
    released = models.DecimalField(_("支付中"), max_digits=16, decimal_places=2)
    spent = models.DecimalField(_("已拨付"), max_digits=16, decimal_places=2)

    class Meta:
        verbose_name = _("资金台账")
        verbose_name_plural = _("资金台账")
        ordering = ["fund", "-seq"]
        indexes = [models.Index(fields=["case_id", "fund", "seq"], name="ledger_by_case")]
        constraints = [
            models.UniqueConstraint(name="ledger_seq_once", fields=["fund", "seq"]),
            models.CheckConstraint(name="ledger_amount_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="ledger_no_overdraft",
                condition=Q(
                    available__gte=0,
                    set_aside__gte=0,
                    committed__gte=0,
                    ordered__gte=0,
                    released__gte=0,
                    spent__gte=0,
                ),
            ),
            models.CheckConstraint(
                name="ledger_case_by_kind",
                condition=Q(kind="appropriate", case_id__isnull=True)
                | (~Q(kind="appropriate") & Q(case_id__isnull=False)),
            ),
        ]

    def __str__(self):
        return f"{self.fund} #{self.seq}"
