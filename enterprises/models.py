"""Who applies: enterprises, the people who act for them, and what is known about them.

An enterprise row may stand in the register (imported, or entered for a claim) long before anybody has
proved that they act for it. Nothing of it is shown to somebody whose claim is not verified.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import GET_STATE, FSMField, FSMModelMixin, transition

from enterprises.querysets import ClaimQuerySet, EnterpriseQuerySet, YearlyFigureQuerySet
from foundation.accounts.fields import EncryptedTextField
from foundation.accounts.models import District, Office
from foundation.clock import clock
from foundation.events.append_only import AppendOnly
from foundation.events.triggers import guard_states
from foundation.files.models import Document

# The source of an enterprise that only a claimant has told us of.
SELF_REPORTED = "企业填报"


class LegalForm(models.TextChoices):
    COMPANY = "company", _("公司（法人）")
    PARTNERSHIP = "partnership", _("合伙企业")
    SOLE = "sole", _("个人独资企业")
    INSTITUTION = "institution", _("民办非企业单位（法人）")
    BRANCH = "branch", _("分支机构（非法人）")


@guard_states(initial=["registered"], event=False)
class Enterprise(FSMModelMixin, models.Model):
    """An enterprise as the register knows it.

    States: *registered* 已登记, nobody has proved to act for it; *verified* 已核验, at least one claim was
    verified by its district; *suspended* 已暂停, its people may read but not submit, can be reinstated;
    *closed* 已注销, for good: live cases are left to an officer's decision.
    """

    class State(models.TextChoices):
        REGISTERED = "registered", _("已登记")
        VERIFIED = "verified", _("已核验")
        SUSPENDED = "suspended", _("已暂停")
        CLOSED = "closed", _("已注销")

    uscc = models.CharField(_("统一社会信用代码"), max_length=18, unique=True)
    name = models.CharField(_("名称"), max_length=120)
    district = models.ForeignKey(District, models.PROTECT, related_name="+", verbose_name=_("注册区"))
    legal_form = models.CharField(_("组织形式"), max_length=12, choices=LegalForm.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="branches", verbose_name=_("上级法人")
    )
    industry = models.CharField(
        _("登记行业代码"), max_length=5, blank=True, help_text=_("GB/T 4754，如 M7452")
    )
    established_on = models.DateField(_("成立日期"), null=True, blank=True)
    address = models.CharField(_("注册地址"), max_length=200, blank=True)
    source = models.CharField(_("数据来源"), max_length=60, default=SELF_REPORTED)
    bank_name = models.CharField(_("开户银行"), max_length=80, blank=True)
    bank_account = EncryptedTextField(_("银行账号"), blank=True, default="")
    bank_account_fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    state = FSMField(_("状态"), default=State.REGISTERED, choices=State.choices, protected=True)
    state_reason = models.CharField(_("状态说明"), max_length=200, blank=True)
    verified_at = models.DateTimeField(_("核验时间"), null=True, blank=True)
    created_at = models.DateTimeField(_("登记时间"), default=clock.now, editable=False)
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = EnterpriseQuerySet.as_manager()

    class Meta:
        verbose_name = _("企业")
        verbose_name_plural = _("企业")
        ordering = ["uscc"]
        indexes = [
            models.Index(fields=["district", "uscc"], name="enterprise_district"),
            models.Index(fields=["name"], name="enterprise_name"),
        ]
        constraints = [
            models.CheckConstraint(name="enterprise_uscc_form", condition=Q(uscc__regex=r"^[0-9A-Z]{18}$")),
            models.CheckConstraint(
                name="enterprise_verified_has_time",
                condition=~Q(state="verified") | Q(verified_at__isnull=False),
            ),
            models.CheckConstraint(
                name="enterprise_not_own_parent", condition=Q(parent__isnull=True) | ~Q(parent=F("pk"))
            ),
        ]

    def __str__(self):
        return self.name

    @transition("state", source=[State.REGISTERED, State.VERIFIED], target=State.VERIFIED)
    def verify(self, *, at):
        self.verified_at = self.verified_at or at

    @transition("state", source=[State.REGISTERED, State.VERIFIED], target=State.SUSPENDED)
    def suspend(self, *, reason):
        self.state_reason = reason

    @transition(
        "state",
        source=State.SUSPENDED,
        # What nobody ever proved to act for isn't verified by having been suspended.
        target=GET_STATE(
            lambda self, **facts: self.State.VERIFIED if self.verified_at else self.State.REGISTERED,
            states=[State.VERIFIED, State.REGISTERED],
        ),
    )
    def reinstate(self, *, reason):
        self.state_reason = reason

    @transition("state", source=[State.REGISTERED, State.VERIFIED, State.SUSPENDED], target=State.CLOSED)
    def close(self, *, reason):
        self.state_reason = reason


@guard_states(initial=["pending"])
class Claim(FSMModelMixin, models.Model):
    """Somebody says that they act for a code. A claim proves nothing until the district has verified it.

    States: *pending* 待核验, drafts may be written, nothing submitted; *verified* 已核验, the person is a
    member; *rejected* 未通过, with a reason: a new claim may follow.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("待核验")
        VERIFIED = "verified", _("已核验")
        REJECTED = "rejected", _("未通过")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="claims")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="claims")
    declared_name = models.CharField(_("企业名称"), max_length=120)
    declared_district = models.ForeignKey(
        District, models.PROTECT, related_name="+", verbose_name=_("注册区")
    )
    district = models.ForeignKey(
        District, models.PROTECT, related_name="+", verbose_name=_("核验区"), editable=False
    )
    letter = models.ForeignKey(
        Document, models.PROTECT, null=True, related_name="+", verbose_name=_("授权委托书")
    )
    state = FSMField(_("状态"), default=State.PENDING, choices=State.choices, protected=True)
    claimed_at = models.DateTimeField(_("提出时间"), default=clock.now)
    due_on = models.DateField(_("核验期限"), null=True)
    decided_at = models.DateTimeField(_("核验时间"), null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(_("理由"), max_length=300, blank=True)
    version = models.PositiveIntegerField(default=0)

    objects = ClaimQuerySet.as_manager()

    class Meta:
        verbose_name = _("身份核验")
        verbose_name_plural = _("身份核验")
        ordering = ["-claimed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="claim_one_live", fields=["user", "enterprise"], condition=~Q(state="rejected")
            ),
            models.CheckConstraint(
                name="claim_decided_has_facts",
                condition=Q(state="pending", decided_at__isnull=True, decided_by__isnull=True)
                | Q(state__in=["verified", "rejected"], decided_at__isnull=False, decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="claim_rejected_has_reason", condition=~Q(state="rejected") | ~Q(reason="")
            ),
            models.CheckConstraint(
                name="claim_verified_has_letter", condition=~Q(state="verified") | Q(letter__isnull=False)
            ),
            models.CheckConstraint(
                name="claim_not_self_verified",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("user")),
            ),
        ]

    def __str__(self):
        return f"{self.declared_name} · {self.get_state_display()}"

    @transition("state", source=State.PENDING, target=State.VERIFIED)
    def verify(self, *, by, at):
        self.decided_by, self.decided_at = by, at

    @transition("state", source=State.PENDING, target=State.REJECTED)
    def reject(self, *, by, at, reason):
        self.decided_by, self.decided_at, self.reason = by, at, reason


class Member(models.Model):
    """A person who may act for an enterprise, by a verified claim."""

    class Role(models.TextChoices):
        OWNER = "enterprise_owner", _("企业经办人")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="members")
    role = models.CharField(max_length=20, choices=Role.choices, default=Role.OWNER)
    claim = models.OneToOneField(Claim, models.PROTECT, related_name="member")
    since = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("企业成员")
        verbose_name_plural = _("企业成员")
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(name="member_once", fields=["user", "enterprise"])]

    def __str__(self):
        return f"{self.enterprise} · {self.get_role_display()}"


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
    industry = models.CharField(_("统计行业代码"), max_length=5, help_text=_("GB/T 4754，如 M7452"))
    confirmed_by = models.ForeignKey(
        Office, models.PROTECT, null=True, related_name="+", verbose_name=_("确认单位")
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
    clean_since = models.DateField(_("自该日起无严重失信、重大处罚记录"), null=True)
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
