"""Rules as data: a version belongs to a call item; rows name a fact, an operator, a value, a label."""

from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from foundation.clock import clock
from measures import fact_types, facts
from measures.models import rule_guards
from measures.models.calls import CallItem
from measures.querysets import RuleVersionQuerySet


class RuleVersion(models.Model):
    """One version of a call item's rule. Written by one person, approved by another, immutable afterwards
    (a trigger refuses it); the version approved last is in force."""

    call_item = models.ForeignKey(CallItem, models.PROTECT, related_name="rules", verbose_name=_("专题"))
    number = models.PositiveSmallIntegerField(_("版本"), editable=False)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("编写人"),
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("核准人"),
    )
    approved_at = models.DateTimeField(_("核准时间"), null=True, editable=False)
    created_at = models.DateTimeField(_("编写时间"), default=clock.now, editable=False)
    note = models.CharField(_("修改说明"), max_length=200, blank=True)

    objects = RuleVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("规则版本")
        verbose_name_plural = _("规则版本")
        ordering = ["call_item", "-number"]
        triggers = [rule_guards.approved_stands()]
        constraints = [
            models.UniqueConstraint(name="rule_version_once", fields=["call_item", "number"]),
            models.CheckConstraint(
                name="rule_approved_by_second",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("written_by")),
                violation_error_message=_("规则的编写人与核准人不能是同一人"),
            ),
            models.UniqueConstraint(
                name="rule_one_draft",
                fields=["call_item"],
                condition=Q(approved_at__isnull=True),
                violation_error_message=_("这个专题已有一个编写中的版本"),
            ),
            models.CheckConstraint(
                name="rule_approver_has_time",
                condition=Q(approved_by__isnull=True) | Q(approved_at__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.call_item} v{self.number}"

    @property
    def is_draft(self) -> bool:
        return self.approved_at is None


class Condition(models.Model):
    """One row: fact, operator, value. What it means for an enterprise is true, false or unknown.

    Every row must be met; of rows with the same `any_of` number one is enough. `parameter` names the value for
    those who simulate another one.
    """

    class Operator(models.TextChoices):
        EQ = "eq", _("等于")
        NE = "ne", _("不等于")
        GTE = "gte", _("不低于")
        GT = "gt", _("高于")
        LTE = "lte", _("不高于")
        LT = "lt", _("低于")
        IN = "in", _("属于")
        NOT_IN = "not_in", _("不属于")
        IS_TRUE = "is_true", _("为是")
        IS_FALSE = "is_false", _("为否")

    rule = models.ForeignKey(RuleVersion, models.CASCADE, related_name="conditions")
    position = models.PositiveSmallIntegerField(_("顺序"))
    fact = models.CharField(_("事实"), max_length=40)
    operator = models.CharField(_("比较"), max_length=10, choices=Operator.choices)
    value = models.JSONField(_("阈值"), null=True, blank=True, help_text=_("数、文字或列表；金额写成文字"))
    label = models.CharField(_("条件（写给企业看）"), max_length=120)
    clause = models.CharField(_("依据条款"), max_length=60, blank=True)
    assumed = models.BooleanField(_("本系统推定"), default=False)
    any_of = models.PositiveSmallIntegerField(
        _("择一组"), null=True, blank=True, help_text=_("同一组号的条件满足其一即可；空白为必须满足")
    )
    parameter = models.SlugField(
        _("参数名"), max_length=40, blank=True, db_index=False, help_text=_("测算时用的名字，如 min_growth")
    )

    class Meta:
        verbose_name = _("条件")
        verbose_name_plural = _("条件")
        ordering = ["rule_id", "position", "pk"]
        triggers = [rule_guards.rows_of_drafts_only()]
        constraints = [
            models.UniqueConstraint(
                name="condition_position",
                fields=["rule", "position"],
                violation_error_message=_("顺序不能重复"),
            ),
            models.CheckConstraint(
                name="condition_operator",
                condition=Q(operator__in=fact_types.OPERATORS),
            ),
        ]

    def __str__(self):
        return self.label

    def clean(self):
        """The fact exists, the operator fits its type, the value is of its type (and is stored in its form)."""
        try:
            fact = facts.fact(self.fact)
        except ValidationError as wrong:
            raise ValidationError({"fact": wrong}) from wrong
        if self.operator not in fact.type.operators:
            fitting = "、".join(str(self.Operator(name).label) for name in fact.type.operators)
            raise ValidationError(
                {
                    "operator": _("“%(fact)s”可用的比较方式：%(operators)s")
                    % {"fact": fact.label, "operators": fitting}
                }
            )
        try:
            self.value = fact_types.stored(fact.threshold(self.operator, self.value))
        except ValidationError as wrong:
            raise ValidationError({"value": wrong}) from wrong


class AwardRow(models.Model):
    """One row of the award. Rate × base, fixed amounts and the tier that is reached add up; the sum is raised to a
    floor, rounded down to whole units, and capped last.

    Tiers: of the rows with one base the highest `at_least` that the base reaches gives its amount, none if none is.
    """

    class Kind(models.TextChoices):
        RATE = "rate", _("基数 × 比例")
        FIXED = "fixed", _("定额")
        TIER = "tier", _("分档定额")
        FLOOR = "floor", _("下限")
        ROUND = "round", _("取整单位")
        CAP = "cap", _("上限")

    # In the order in which they work.
    ADDING = (Kind.RATE, Kind.FIXED, Kind.TIER)
    BOUNDING = (Kind.FLOOR, Kind.ROUND, Kind.CAP)

    rule = models.ForeignKey(RuleVersion, models.CASCADE, related_name="award_rows")
    position = models.PositiveSmallIntegerField(_("顺序"))
    kind = models.CharField(_("种类"), max_length=6, choices=Kind.choices)
    base = models.CharField(_("基数（事实）"), max_length=40, blank=True)
    rate = models.DecimalField(_("比例"), max_digits=5, decimal_places=4, null=True, blank=True)
    at_least = models.JSONField(
        _("档次起点"), null=True, blank=True, help_text=_("分档定额：基数达到该值即得该档金额；增长率如 0.15")
    )
    amount = models.DecimalField(_("金额（元）"), max_digits=16, decimal_places=2, null=True, blank=True)
    label = models.CharField(_("说明"), max_length=120, blank=True)
    clause = models.CharField(_("依据条款"), max_length=60, blank=True)
    parameter = models.SlugField(
        _("参数名"), max_length=40, blank=True, db_index=False, help_text=_("测算时用的名字，如 max_amount")
    )

    class Meta:
        verbose_name = _("金额算法")
        verbose_name_plural = _("金额算法")
        ordering = ["rule_id", "position", "pk"]
        triggers = [rule_guards.rows_of_drafts_only(within_ceiling=True)]
        constraints = [
            models.UniqueConstraint(
                name="award_position",
                fields=["rule", "position"],
                violation_error_message=_("顺序不能重复"),
            ),
            models.CheckConstraint(
                name="award_row_shape",
                condition=Q(kind="rate", rate__isnull=False, amount__isnull=True, at_least__isnull=True)
                & ~Q(base="")
                | Q(kind="tier", rate__isnull=True, amount__isnull=False, at_least__isnull=False)
                & ~Q(base="")
                | Q(
                    kind__in=["fixed", "floor", "round", "cap"],
                    amount__isnull=False,
                    rate__isnull=True,
                    at_least__isnull=True,
                    base="",
                ),
                violation_error_message=_(
                    "基数 × 比例要有基数和比例；分档定额要有基数、起点和金额；其余只填金额"
                ),
            ),
            models.CheckConstraint(
                name="award_row_sane",
                condition=(Q(rate__isnull=True) | Q(rate__gt=0, rate__lte=1))
                & (Q(amount__isnull=True) | Q(amount__gt=0)),
                violation_error_message=_("比例应大于 0、不超过 1，金额应大于 0"),
            ),
        ]

    def __str__(self):
        return self.label or self.get_kind_display()

    def clean(self):
        """The row has what its kind needs and nothing else, its base is an amount, and the item's ceilings hold."""
        wrong = self._shape()
        item = self.rule.call_item.item
        if self.rate is not None and item.ceiling_rate is not None and self.rate > item.ceiling_rate:
            wrong["rate"] = _("不得超过政策规定的比例上限 %s") % fact_types.percent(item.ceiling_rate)
        if self.amount is not None and item.ceiling_amount is not None and self.amount > item.ceiling_amount:
            wrong["amount"] = _("不得超过政策规定的金额上限 %s") % fact_types.yuan(item.ceiling_amount)
        if self.kind == self.Kind.FLOOR and item.ceiling_rate is not None:
            wrong["kind"] = _("政策规定了比例上限，不能设下限")
        if wrong:
            raise ValidationError(wrong)

    def _shape(self) -> dict[str, str]:
        wrong = {}
        fact = facts.FACTS.get(self.base)
        if self.kind == self.Kind.RATE:
            if fact is None or fact.type is not fact_types.MONEY:
                wrong["base"] = _("请选择一个以元计的事实作为基数")
            if self.rate is None or not Decimal(0) < self.rate <= Decimal(1):
                wrong["rate"] = _("请填写大于 0、不超过 1 的比例，0.1 即 10%")
            if self.amount is not None:
                wrong["amount"] = _("基数 × 比例不填金额")
        else:
            if self.kind == self.Kind.TIER:
                wrong |= self._tier(fact)
            elif self.base:
                wrong["base"] = _("定额与各项限制不填基数")
            if self.rate is not None:
                wrong["rate"] = _("定额、分档定额与各项限制不填比例")
            if self.amount is None or self.amount <= 0:
                wrong["amount"] = _("请填写大于 0 的金额")
        if self.kind != self.Kind.TIER and self.at_least not in (None, ""):
            wrong["at_least"] = _("只有分档定额有档次起点")
        return wrong

    def _tier(self, fact) -> dict[str, str]:
        if fact is None or "gte" not in fact.type.operators:
            return {"base": _("请选择一个可以比较大小的事实作为分档的依据")}
        try:
            self.at_least = fact_types.stored(fact.threshold("gte", self.at_least))
        except ValidationError as wrong:
            return {"at_least": wrong.messages[0]}
        return {}
