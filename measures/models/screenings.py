"""Stored screenings: what a rule said of every enterprise at one moment. Written once, never changed."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enterprises.models import Enterprise
from foundation.accounts.models import District
from foundation.events.append_only import AppendOnly
from measures.models.calls import CallItem
from measures.models.rules import RuleVersion


class Screening(AppendOnly):
    """One screening of all enterprises by one version of a call item's rule (measures.screening_workflow.screen).

    `on` is the day that was asked about, `at` the moment as of which things were known. `total` in yuan: the sum
    of the awards of those who qualify, an upper bound; `unpriced` of them have an award that isn't known; of those
    who are unknown `to_fill` lack only what an application itself says. `unmet`
    and `unsure` count, for each condition in the rule's order, whom it fails and of whom it can't be told.
    `columns` names what stands in each row's `values`.
    """

    call_item = models.ForeignKey(
        CallItem, models.PROTECT, related_name="screenings", verbose_name=_("专题"), db_index=False
    )
    rule = models.ForeignKey(RuleVersion, models.PROTECT, related_name="+", verbose_name=_("规则版本"))
    on = models.DateField(_("核对哪一日的情况"))
    at = models.DateTimeField(_("筛选时间"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("筛选人")
    )
    enterprises = models.PositiveIntegerField(_("企业数"))
    yes = models.PositiveIntegerField(_("符合"))
    no = models.PositiveIntegerField(_("不符合"))
    unknown = models.PositiveIntegerField(_("不能判断"))
    to_fill = models.PositiveIntegerField(_("只待申请时填写"))
    total = models.DecimalField(_("测算上限合计（元）"), max_digits=20, decimal_places=2)
    unpriced = models.PositiveIntegerField(_("符合但金额不明"))
    unmet = ArrayField(models.PositiveIntegerField(), verbose_name=_("各条件不符合的家数"))
    unsure = ArrayField(models.PositiveIntegerField(), verbose_name=_("各条件不能判断的家数"))
    columns = ArrayField(models.CharField(max_length=60), verbose_name=_("名单各行的数据项"))

    class Meta:
        verbose_name = _("筛选")
        verbose_name_plural = _("筛选")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["call_item", "-id"], name="screening_last")]
        constraints = [
            models.CheckConstraint(
                name="screening_adds_up",
                condition=Q(enterprises=F("yes") + F("no") + F("unknown"))
                & Q(unpriced__lte=F("yes"), to_fill__lte=F("unknown")),
            )
        ]

    def __str__(self):
        return f"{self.call_item} {self.at:%Y-%m-%d}"


class ScreeningRow(AppendOnly):
    """What the rule said of one enterprise: written by one INSERT … SELECT, for all of them.

    eligible: True, False, or None for unknown; ready: the same before a case is begun (measures.compiler). amount: the award in yuan of who qualifies, None where it isn't
    known or there is none. met: one answer for each condition, in the rule's order. values: what was compared and
    computed, as text in the order of the screening's `columns`, from which stored_screening.answer_of tells the
    whole answer again. Code, name and district are those of that moment.
    """

    screening = models.ForeignKey(Screening, models.PROTECT, related_name="rows", db_index=False)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="+", db_index=False)
    uscc = models.CharField(_("统一社会信用代码"), max_length=18)
    name = models.CharField(_("企业"), max_length=120)
    district = models.ForeignKey(
        District, models.PROTECT, related_name="+", db_index=False, verbose_name=_("注册区")
    )
    eligible = models.BooleanField(_("结论"), null=True)
    ready = models.BooleanField(_("申请之前的结论"), null=True)
    amount = models.DecimalField(_("测算上限（元）"), max_digits=16, decimal_places=2, null=True, blank=True)
    met = ArrayField(models.BooleanField(null=True), verbose_name=_("各条件"))
    values = models.JSONField(_("当时的数据"))

    class Meta:
        verbose_name = _("筛选名单")
        verbose_name_plural = _("筛选名单")
        ordering = ["screening_id", "uscc"]
        constraints = [
            models.UniqueConstraint(name="screening_row_once", fields=["enterprise", "screening"]),
            models.CheckConstraint(
                name="screening_row_amount",
                condition=Q(amount__isnull=True) | Q(eligible=True, amount__gte=0),
            ),
        ]
        # One for each order of the list, and for what narrows it down most.
        indexes = [
            models.Index(fields=["screening", "uscc", "id"], name="screening_row_uscc"),
            models.Index(fields=["screening", "eligible", "uscc"], name="screening_row_answer"),
            models.Index(fields=["screening", "district", "uscc"], name="screening_row_district"),
            models.Index(fields=["screening", "amount", "id"], name="screening_row_up"),
            models.Index(
                "screening", F("amount").desc(nulls_last=True), F("id").desc(), name="screening_row_down"
            ),
        ]

    def __str__(self):
        return self.name
