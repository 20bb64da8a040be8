"""The ten measures and the 74 entries cut from them."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from foundation.accounts.models import Office
from foundation.clock import clock
from foundation.events.triggers import guard_states
from measures.querysets import ItemQuerySet, MeasureQuerySet


@guard_states(initial=["draft"], event=False)
class Measure(FSMModelMixin, models.Model):
    """One of the ten measures of 沪府办规〔2024〕14号.

    States: *draft* 草稿, being entered; *published* 已发布, somebody put it on show; *repealed* 已废止, taken
    back before its term. Whether it is in force is not a state: `in_force(at)` computes it from the term.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        PUBLISHED = "published", _("已发布")
        REPEALED = "repealed", _("已废止")

    number = models.PositiveSmallIntegerField(_("序号"), unique=True)
    chapter = models.CharField(_("章"), max_length=60)
    title = models.CharField(_("标题"), max_length=60)
    full_text = models.TextField(_("原文"), blank=True, help_text=_("由 import_policy 从正式文本导入"))
    responsible_units = models.ManyToManyField(
        Office, related_name="measures", blank=True, verbose_name=_("责任单位")
    )
    all_districts = models.BooleanField(_("责任单位含各区政府"), default=False)
    legal_basis = models.CharField(_("文号"), max_length=60, default="沪府办规〔2024〕14号")
    in_force_from = models.DateField(_("实施日"))
    in_force_to = models.DateField(_("有效期至（含当日）"))
    state = FSMField(_("状态"), default=State.DRAFT, choices=State.choices, protected=True)
    published_at = models.DateTimeField(_("发布时间"), null=True, blank=True)
    repealed_at = models.DateTimeField(_("废止时间"), null=True, blank=True)

    objects = MeasureQuerySet.as_manager()

    class Meta:
        verbose_name = _("措施")
        verbose_name_plural = _("措施")
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(name="measure_number", condition=Q(number__gte=1, number__lte=99)),
            models.CheckConstraint(name="measure_term", condition=Q(in_force_to__gte=F("in_force_from"))),
            models.CheckConstraint(
                name="measure_published_time", condition=Q(state="draft") | Q(published_at__isnull=False)
            ),
            models.CheckConstraint(
                name="measure_repealed_time",
                condition=Q(state="repealed", repealed_at__isnull=False)
                | (~Q(state="repealed") & Q(repealed_at__isnull=True)),
            ),
        ]

    def __str__(self):
        return f"（{self.numeral}）{self.title}"

    @property
    def numeral(self) -> str:
        return "〇一二三四五六七八九十"[self.number] if self.number <= 10 else str(self.number)

    def in_force(self, day=None) -> bool:
        """Published, not repealed, and within its term (both days included)."""
        day = day or clock.today()
        return self.state == self.State.PUBLISHED and self.in_force_from <= day <= self.in_force_to

    @transition("state", source=State.DRAFT, target=State.PUBLISHED)
    def publish(self, *, at):
        self.published_at = at

    @transition("state", source=State.PUBLISHED, target=State.REPEALED)
    def repeal(self, *, at):
        self.repealed_at = at


class Item(models.Model):
    """One entry of the catalogue: a support item of a measure, or the governing clause 09-02."""

    class Acts(models.TextChoices):
        ENTERPRISE = "enterprise", _("企业申请")
        GOVERNMENT = "government", _("政府部门实施")
        INSTITUTION = "institution", _("高校、金融机构等实施")
        PERSON = "person", _("个人申请")
        GUIDANCE = "guidance", _("政策指引")
        NONE = "none", _("总括条款")

    class Treatment(models.TextChoices):
        """How the page of an item leads on: by a call; by a referral to the responsible unit, whose result is
        recorded; by guidance alone (tax: the tax authority decides); or by the log of what the units did."""

        CALL = "call", _("申报")
        REFERRAL = "referral", _("转办")
        GUIDANCE = "guidance", _("指引")
        ACTION = "action", _("政府和机构的行动")

    class Kind(models.TextChoices):
        MONEY = "资金支持", _("资金支持")
        RECOGNITION = "认定/纳入", _("认定或纳入")
        SPACE = "空间载体", _("空间载体")
        SERVICE = "服务/活动", _("服务与活动")
        TALENT = "人才服务", _("人才服务")
        FINANCE = "金融", _("金融")
        TAX = "税收", _("税收")
        TRACKING = "跟踪分析", _("跟踪分析")
        GOVERNING = "governing clause", _("总括条款")

    code = models.CharField(_("代码"), max_length=5, unique=True)
    measure = models.ForeignKey(Measure, models.PROTECT, related_name="items", verbose_name=_("措施"))
    name = models.CharField(_("名称"), max_length=60)
    kind = models.CharField(_("类别"), max_length=20, choices=Kind.choices)
    acts = models.CharField(_("由谁先行动"), max_length=12, choices=Acts.choices)
    treatment = models.CharField(
        _("办理方式"), max_length=8, choices=Treatment.choices, default=Treatment.GUIDANCE
    )
    summary = models.TextField(_("说明"))
    clause = models.CharField(_("条款"), max_length=20, help_text=_("如 第（八）条"))
    amount_rule = models.CharField(_("金额规定"), max_length=200)
    ceiling_rate = models.DecimalField(
        _("比例上限"), max_digits=5, decimal_places=4, null=True, blank=True, help_text=_("0.1000 即 10%")
    )
    ceiling_amount = models.DecimalField(
        _("金额上限（元）"), max_digits=16, decimal_places=2, null=True, blank=True
    )
    lead_unit = models.ForeignKey(
        Office,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="led_items",
        verbose_name=_("牵头单位"),
        help_text=_("空白表示各区"),
    )
    lead_unit_assumed = models.BooleanField(_("牵头单位为本系统推定"), default=True)
    co_units = models.ManyToManyField(Office, related_name="co_items", blank=True, verbose_name=_("配合单位"))
    co_districts = models.BooleanField(_("配合单位含各区政府"), default=False)

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("事项")
        verbose_name_plural = _("事项")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(name="item_code_form", condition=Q(code__regex=r"^[0-9]{2}-[0-9]{2}$")),
            models.CheckConstraint(
                name="item_ceiling_positive",
                condition=(Q(ceiling_amount__isnull=True) | Q(ceiling_amount__gt=0))
                & (Q(ceiling_rate__isnull=True) | Q(ceiling_rate__gt=0, ceiling_rate__lte=1)),
            ),
            # Only what enterprises act on is asked for here, and never a tax, which the tax authority decides.
            models.CheckConstraint(
                name="item_treatment_fits",
                condition=Q(treatment="guidance")
                | Q(treatment__in=["call", "referral"], acts="enterprise") & ~Q(kind="税收")
                | Q(treatment="action", acts__in=["government", "institution", "person"]),
                violation_error_message=_("办理方式与由谁先行动不符；税收事项只作指引"),
            ),
        ]

    def __str__(self):
        return f"{self.code} {self.name}"

    @property
    def lead_name(self) -> str:
        return str(self.lead_unit) if self.lead_unit else "各区"
