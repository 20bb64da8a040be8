"""Special funds and their ledger: append-only entries that carry the balances after them."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import Office
from foundation.clock import clock
from foundation.events.append_only import AppendOnly

# Where money stands on its way from the budget to the enterprise. What a case holds is in all but the first.
BUCKETS = ("available", "set_aside", "committed", "ordered", "released", "spent")


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


class Kind(models.TextChoices):
    """What an entry does; FLOW says from which bucket to which."""

    APPROPRIATE = "appropriate", _("预算下达")
    SET_ASIDE = "set_aside", _("预占")
    RELEASE = "release", _("释放预占")
    COMMIT = "commit", _("批复占用")
    REVERT = "revert", _("收回批复占用")
    ORDER = "order", _("提出拨付")
    RETURN_ORDER = "return_order", _("退回拨付")
    RELEASE_PAYMENT = "release_payment", _("复核拨付")
    RETURN_PAYMENT = "return_payment", _("支付退回")
    SPEND = "spend", _("拨付完成")


# Kind: (from, to). The trigger below, the door (measures/funds.py) and its verification all read this table.
FLOW: dict[str, tuple[str, str]] = {
    Kind.APPROPRIATE: ("", "available"),
    Kind.SET_ASIDE: ("available", "set_aside"),
    Kind.RELEASE: ("set_aside", "available"),
    Kind.COMMIT: ("set_aside", "committed"),
    Kind.REVERT: ("committed", "available"),
    Kind.ORDER: ("committed", "ordered"),
    Kind.RETURN_ORDER: ("ordered", "committed"),
    Kind.RELEASE_PAYMENT: ("ordered", "released"),
    Kind.RETURN_PAYMENT: ("released", "committed"),
    Kind.SPEND: ("released", "spent"),
}


def _follows_last() -> pgtrigger.Trigger:
    """Refuses an entry whose number or balances don't follow from the entry before it, or that moves more out
    of a bucket than its case holds there: who gets past the door still can't write a wrong ledger."""
    flow = ", ".join(f"('{kind}', '{start}', '{end}')" for kind, (start, end) in FLOW.items())
    balances = " OR ".join(
        f"NEW.{bucket} <> COALESCE(last.{bucket}, 0)"
        f" + CASE '{bucket}' WHEN target THEN NEW.amount WHEN source THEN -NEW.amount ELSE 0 END"
        for bucket in BUCKETS
    )
    return pgtrigger.Trigger(
        name="follows_last",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[
            ("last", "measures_ledgerentry%ROWTYPE"),
            ("source", "text"),
            ("target", "text"),
            ("held", "numeric"),
        ],
        func=f"""
            SELECT flow.origin, flow.goal INTO source, target
                FROM (VALUES {flow}) AS flow (kind, origin, goal) WHERE flow.kind = NEW.kind;
            IF target IS NULL THEN
                RAISE EXCEPTION 'ledger of fund % entry %: unknown kind %', NEW.fund_id, NEW.seq, NEW.kind
                    USING ERRCODE = 'check_violation';
            END IF;
            SELECT * INTO last FROM measures_ledgerentry entry
                WHERE entry.fund_id = NEW.fund_id ORDER BY entry.seq DESC LIMIT 1;
            IF NEW.seq <> COALESCE(last.seq, 0) + 1 THEN
                RAISE EXCEPTION 'ledger of fund %: entry % after entry %',
                    NEW.fund_id, NEW.seq, COALESCE(last.seq, 0) USING ERRCODE = 'check_violation';
            END IF;
            IF ({balances}) THEN
                RAISE EXCEPTION 'ledger of fund % entry %: balances do not follow', NEW.fund_id, NEW.seq
                    USING ERRCODE = 'check_violation';
            END IF;
            IF source NOT IN ('', 'available') THEN
                SELECT COALESCE(SUM(CASE source WHEN flow.goal THEN entry.amount
                                                WHEN flow.origin THEN -entry.amount ELSE 0 END), 0)
                    INTO held
                    FROM measures_ledgerentry entry
                    JOIN (VALUES {flow}) AS flow (kind, origin, goal) ON flow.kind = entry.kind
                    WHERE entry.case_id = NEW.case_id AND entry.fund_id = NEW.fund_id;
                IF held < NEW.amount THEN
                    RAISE EXCEPTION 'ledger of fund % entry %: case % holds % in %',
                        NEW.fund_id, NEW.seq, NEW.case_id, held, source USING ERRCODE = 'check_violation';
                END IF;
            END IF;
            RETURN NEW;
        """,  # noqa: S608  made of the constants above
    )


class LedgerEntry(AppendOnly):
    """One movement between the fund's buckets, in yuan, with the balances after it.

    available 可用 → set_aside 预占 → committed 已批复 → ordered 待复核 → released 支付中 → spent 已拨付.
    Balances are never negative (check constraint), so an overdraft is impossible; unique (fund, seq) keeps
    two writers apart, a trigger refuses balances that don't follow from the entry before. `case_id` is the
    application's id: the ledger stands below the case.
    """

    Kind = Kind

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
        triggers = [_follows_last()]
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
