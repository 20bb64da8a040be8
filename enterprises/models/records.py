"""What is known about enterprises: rows that are only ever added; a later row corrects an earlier one."""

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enterprises.models.register import Enterprise, LegalForm
from enterprises.querysets import YearlyFigureQuerySet
from foundation.accounts.models import District, Office
from foundation.clock import clock
from foundation.events.append_only import AppendOnly
from foundation.files.models import Document

INDUSTRY = RegexValidator(r"^[A-Z]?[0-9]{2,4}$", _("请填写 GB/T 4754 行业代码，例如 M7452"))


class ServiceClass(models.TextChoices):
    """The seven classes of the national statistical classification of science and technology services (2018)."""

    RESEARCH = "1", _("科学研究与试验发展服务")
    PROFESSIONAL = "2", _("专业化技术服务")
    PROMOTION = "3", _("科技推广及相关服务")
    INFORMATION = "4", _("科技信息服务")
    FINANCE = "5", _("科技金融服务")
    POPULARISATION = "6", _("科技普及和宣传教育服务")
    COMPREHENSIVE = "7", _("综合科技服务")


class YearlyFigure(AppendOnly):
    """An enterprise's figures of one year, in yuan and persons; never overwritten.

    `valid_for` is the year that the figures describe, `recorded_at` the moment we learnt them. A later row
    for the same year is a correction; the earlier one stays, so that a past decision can be replayed.
    """

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="figures")
    valid_for = models.PositiveSmallIntegerField(_("年度"))
    revenue = models.DecimalField(_("营业收入（元）"), max_digits=16, decimal_places=2, null=True)
    rd_expense = models.DecimalField(_("研发费用（元）"), max_digits=16, decimal_places=2, null=True)
    employees = models.PositiveIntegerField(_("从业人数"), null=True)
    taxes = models.DecimalField(_("实缴税费（元）"), max_digits=16, decimal_places=2, null=True)
    profit = models.DecimalField(_("利润总额（元）"), max_digits=16, decimal_places=2, null=True)
    source = models.CharField(_("来源"), max_length=60)
    recorded_at = models.DateTimeField(_("记录时间"), default=clock.now)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = YearlyFigureQuerySet.as_manager()

    class Meta:
        verbose_name = _("年度数据")
        verbose_name_plural = _("年度数据")
        ordering = ["enterprise", "-valid_for", "-recorded_at", "-pk"]
        indexes = [
            models.Index(fields=["enterprise", "valid_for", "-recorded_at"], name="figure_latest"),
        ]
        constraints = [
            models.CheckConstraint(
                name="figure_year_sane", condition=Q(valid_for__gte=1990, valid_for__lte=2100)
            ),
            models.CheckConstraint(
                name="figure_not_negative",
                condition=(Q(revenue__isnull=True) | Q(revenue__gte=0))
                & (Q(rd_expense__isnull=True) | Q(rd_expense__gte=0))
                & (Q(taxes__isnull=True) | Q(taxes__gte=0)),
            ),
        ]

    def __str__(self):
        return f"{self.enterprise} {self.valid_for}"


class StatisticalInclusion(AppendOnly):
    """That and since when an enterprise stands in the statistical register (纳统), under which industry.

    The industry here is the *statistical* one (GB/T 4754), which may differ from the registered one. The
    row recorded last counts.
    """

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="inclusions")
    first_period = models.DateField(_("首次纳统报告期"), help_text=_("该月第一日"))
    industry = models.CharField(
        _("统计行业代码"), max_length=5, help_text=_("GB/T 4754，如 M7452"), validators=[INDUSTRY]
    )
    confirmed_by = models.ForeignKey(
        Office, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("确认单位")
    )
    science_class = models.CharField(
        _("科技服务业类别"),
        max_length=1,
        choices=ServiceClass.choices,
        blank=True,
        help_text=_("统计部门确认的类别；空白时按类别对照表"),
    )
    source = models.CharField(_("来源"), max_length=60)
    recorded_at = models.DateTimeField(_("记录时间"), default=clock.now)

    class Meta:
        verbose_name = _("纳统记录")
        verbose_name_plural = _("纳统记录")
        ordering = ["enterprise", "-recorded_at", "-pk"]
        indexes = [models.Index(fields=["enterprise", "-recorded_at"], name="inclusion_latest")]

    def __str__(self):
        return f"{self.enterprise} {self.industry}"


class CreditCheck(AppendOnly):
    """What a credit inquiry said on a day: clean (no serious dishonesty, no major penalty) or not."""

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="credit_checks")
    as_of = models.DateField(_("查询日"))
    clean_since = models.DateField(_("自该日起无严重失信、重大处罚记录"), null=True, blank=True)
    listed = models.BooleanField(_("现列入严重失信名单"), default=False)
    source = models.CharField(_("来源"), max_length=60)
    recorded_at = models.DateTimeField(_("记录时间"), default=clock.now)

    class Meta:
        verbose_name = _("信用核查")
        verbose_name_plural = _("信用核查")
        ordering = ["enterprise", "-as_of", "-pk"]
        indexes = [models.Index(fields=["enterprise", "-as_of"], name="credit_latest")]

    def __str__(self):
        return f"{self.enterprise} {self.as_of}"


class Qualification(AppendOnly):
    """A recognition of the enterprise by a certificate, with its term.

    Of the rows of a kind that have begun, the one recorded last counts: a renewal or an early end is a new row.
    """

    class Kind(models.TextChoices):
        HIGH_TECH = "high_tech", _("高新技术企业")
        TECH_SME = "tech_sme", _("科技型中小企业")
        SPECIALISED = "specialised", _("专精特新中小企业")
        LITTLE_GIANT = "little_giant", _("专精特新“小巨人”企业")

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="qualifications")
    kind = models.CharField(_("资质"), max_length=20, choices=Kind.choices)
    number = models.CharField(_("证书编号"), max_length=60, blank=True)
    valid_from = models.DateField(_("有效期自"))
    valid_to = models.DateField(_("有效期至（含当日）"), null=True, blank=True, help_text=_("空白为长期有效"))
    source = models.CharField(_("来源"), max_length=60)
    recorded_at = models.DateTimeField(_("记录时间"), default=clock.now)

    class Meta:
        verbose_name = _("资质")
        verbose_name_plural = _("资质")
        ordering = ["enterprise", "kind", "-recorded_at", "-pk"]
        indexes = [
            models.Index(fields=["enterprise", "kind", "-recorded_at"], name="qualification_latest"),
        ]
        constraints = [
            models.CheckConstraint(
                name="qualification_term",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                violation_error_message=_("有效期的截止日不能早于开始日"),
            ),
        ]

    def __str__(self):
        return f"{self.enterprise} {self.get_kind_display()}"


class SupportRecord(AppendOnly):
    """Every support that an enterprise received: ours (written by payments), others' declared or imported."""

    class Origin(models.TextChoices):
        OURS = "ours", _("本系统拨付")
        DECLARED = "declared", _("企业申报")
        IMPORTED = "imported", _("外部导入")

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="supports")
    item_code = models.CharField(_("事项代码"), max_length=10, blank=True)
    year = models.PositiveSmallIntegerField(_("年度"))
    fund = models.CharField(_("资金名称"), max_length=80)
    project = models.CharField(_("项目名称"), max_length=120, blank=True)
    amount = models.DecimalField(_("金额（元）"), max_digits=16, decimal_places=2)
    origin = models.CharField(_("来源"), max_length=10, choices=Origin.choices)
    case_number = models.CharField(_("申请编号"), max_length=30, blank=True)
    recorded_at = models.DateTimeField(_("记录时间"), default=clock.now)

    class Meta:
        verbose_name = _("已获支持")
        verbose_name_plural = _("已获支持")
        ordering = ["enterprise", "-year", "-pk"]
        indexes = [models.Index(fields=["enterprise", "item_code"], name="support_by_item")]
        constraints = [
            models.CheckConstraint(name="support_positive", condition=Q(amount__gt=0)),
            models.UniqueConstraint(
                name="support_once_per_case", fields=["case_number"], condition=~Q(case_number="")
            ),
        ]

    def __str__(self):
        return f"{self.enterprise} {self.fund} {self.year}"


class EnterpriseChange(AppendOnly):
    """A dated change of what the register says of an enterprise, with what stood before and after it.

    Of the rows that have taken effect the one of the latest day counts, of one day the one recorded last. A legal
    form stands as its code (read it by `was` and `became`), an account as its bank and its last four digits. `other`:
    of a merger the other enterprise, of a parent the parent where it is in the register.
    """

    class Kind(models.TextChoices):
        MOVED_OUT = "moved_out", _("迁出本市")
        MOVED_IN = "moved_in", _("迁入本市")
        MOVED_DISTRICT = "moved_district", _("市内跨区迁移")
        NAME = "name", _("名称变更")
        LEGAL_FORM = "legal_form", _("组织形式变更")
        USCC = "uscc", _("统一社会信用代码变更")
        ACCOUNT = "account", _("收款账户变更")
        PARENT = "parent", _("上级法人变更")
        MERGED = "merged", _("被吸收合并")
        ABSORBED = "absorbed", _("吸收合并")

    # The moves, and what of them says where it is: in the city or out of it.
    MOVES = (Kind.MOVED_OUT, Kind.MOVED_IN, Kind.MOVED_DISTRICT)
    RELOCATIONS = (Kind.MOVED_OUT, Kind.MOVED_IN)

    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="changes")
    kind = models.CharField(_("变更"), max_length=20, choices=Kind.choices)
    effective_on = models.DateField(_("生效日"))
    before = models.CharField(_("变更前"), max_length=200, blank=True)
    after = models.CharField(_("变更后"), max_length=200, blank=True)
    from_district = models.ForeignKey(
        District, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("原注册区")
    )
    to_district = models.ForeignKey(
        District, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("新注册区")
    )
    other = models.ForeignKey(
        Enterprise, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("另一方")
    )
    document = models.ForeignKey(
        Document, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("证明材料")
    )
    source = models.CharField(_("来源"), max_length=60)
    recorded_at = models.DateTimeField(_("记录时间"), default=clock.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("登记人")
    )

    class Meta:
        verbose_name = _("登记变更")
        verbose_name_plural = _("登记变更")
        ordering = ["enterprise", "-effective_on", "-pk"]
        indexes = [models.Index(fields=["enterprise", "-effective_on"], name="change_latest")]
        constraints = [
            models.CheckConstraint(name="change_has_source", condition=~Q(source="")),
            models.CheckConstraint(
                name="change_of_district_has_both",
                condition=~Q(kind="moved_district")
                | (
                    Q(from_district__isnull=False, to_district__isnull=False)
                    & ~Q(from_district=F("to_district"))
                ),
            ),
            models.CheckConstraint(
                name="change_of_merger_has_both",
                condition=~Q(kind__in=["merged", "absorbed"])
                | Q(other__isnull=False, document__isnull=False) & ~Q(other=F("enterprise")),
            ),
            models.CheckConstraint(
                name="change_has_both_sides",
                condition=~Q(kind__in=["name", "legal_form", "uscc"])
                | ~Q(before="") & ~Q(after="") & ~Q(before=F("after")),
            ),
            models.UniqueConstraint(
                name="change_merged_once", fields=["enterprise"], condition=Q(kind="merged")
            ),
        ]

    def __str__(self):
        return f"{self.enterprise} {self.get_kind_display()} {self.effective_on}"

    @property
    def was(self) -> str:
        """What stood before, as people read it."""
        return self._shown(self.before)

    @property
    def became(self) -> str:
        """What stands after, as people read it."""
        return self._shown(self.after)

    def _shown(self, value: str) -> str:
        if self.kind == self.Kind.LEGAL_FORM and value in LegalForm.values:
            return str(LegalForm(value).label)
        return value


class ImportRun(AppendOnly):
    """A file that changed the register: which bytes, who brought them, what came of its rows.

    counts: {"enterprises": {"new", "changed", "unchanged", "bad"}, "figures": …}. A dry run, and a file that
    changes nothing, leave none.
    """

    file_name = models.CharField(_("文件名"), max_length=150)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    figures_name = models.CharField(_("年度数据文件"), max_length=150, blank=True)
    figures_sha256 = models.CharField(_("年度数据文件 SHA-256"), max_length=64, blank=True)
    counts = models.JSONField(_("结果"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("导入人"),
        help_text=_("空为系统"),
    )
    at = models.DateTimeField(_("导入时间"), default=clock.now)

    class Meta:
        verbose_name = _("导入记录")
        verbose_name_plural = _("导入记录")
        ordering = ["-at", "-pk"]

    def __str__(self):
        return self.file_name
