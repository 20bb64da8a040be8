"""Calls (申报通知) and their items (专题): who may apply for what, from which hour to which hour."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from foundation.accounts.models import Office
from foundation.clock import clock
from foundation.events.append_only import AppendOnly
from foundation.events.triggers import guard_states
from measures.models.forms import FormVersion
from measures.models.funds import SpecialFund
from measures.models.policy import Item
from measures.querysets import CallItemQuerySet, CallQuerySet


def default_reminders() -> list[int]:
    """Working days before closing at which those who have not submitted are reminded."""
    return [7, 3, 1]


@guard_states(initial=["draft"], event=False)
class Call(FSMModelMixin, models.Model):
    """A notice that opens one or more items for application.

    States: *draft* 草稿, being prepared; *published* 已发布; *suspended* 已暂停, nothing is submitted until it is
    resumed; *cancelled* 已取消, its undecided cases lapsed with it; *concluded* 已办结, closed and nobody waits any
    more. Whether a published one is open is not a state but follows from `opens_at` and `closes_at`, to the exact
    hour. What people decide about a published call is a CallNotice: applications.workflow and reviews.workflow hold
    the verbs, for they know who must be told.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        PUBLISHED = "published", _("已发布")
        SUSPENDED = "suspended", _("已暂停")
        CANCELLED = "cancelled", _("已取消")
        CONCLUDED = "concluded", _("已办结")

    title = models.CharField(_("标题"), max_length=120)
    notice_number = models.CharField(_("通知文号"), max_length=60, blank=True)
    year = models.PositiveSmallIntegerField(_("年度"))
    opens_at = models.DateTimeField(_("开始申报"))
    closes_at = models.DateTimeField(_("截止申报"))
    assumptions = models.TextField(
        _("推定事项"), blank=True, help_text=_("公开材料没有写明、由本系统推定的内容，逐行列出，公开显示")
    )
    office = models.ForeignKey(Office, models.PROTECT, related_name="calls", verbose_name=_("发布单位"))
    state = FSMField(_("状态"), default=State.DRAFT, choices=State.choices, protected=True)
    published_at = models.DateTimeField(_("发布时间"), null=True, blank=True)
    suspended_at = models.DateTimeField(_("暂停时间"), null=True, editable=False)
    ended_at = models.DateTimeField(_("取消或办结时间"), null=True, editable=False)
    per_unit = models.PositiveSmallIntegerField(
        _("每单位在本次申报中限报（项）"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("本通知的全部专题合计；留空为不限，各专题另有自己的限项"),
    )
    remind_days = ArrayField(
        models.PositiveSmallIntegerField(validators=[MinValueValidator(1)]),
        verbose_name=_("截止前几个工作日提醒"),
        default=default_reminders,
        blank=True,
        help_text=_("用逗号分开，例如 7,3,1；留空为不提醒"),
    )

    objects = CallQuerySet.as_manager()

    class Meta:
        verbose_name = _("申报通知")
        verbose_name_plural = _("申报通知")
        ordering = ["-opens_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="call_hours_in_order",
                condition=Q(closes_at__gt=F("opens_at")),
                violation_error_message=_("截止时间必须晚于开始时间"),
            ),
            models.CheckConstraint(
                name="call_published_time",
                condition=Q(state="draft", published_at__isnull=True)
                | (~Q(state="draft") & Q(published_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="call_suspended_time",
                condition=Q(state="suspended", suspended_at__isnull=False)
                | (~Q(state="suspended") & Q(suspended_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="call_ended_time",
                condition=Q(state__in=["cancelled", "concluded"], ended_at__isnull=False)
                | (~Q(state__in=["cancelled", "concluded"]) & Q(ended_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="call_per_unit",
                condition=Q(per_unit__isnull=True) | Q(per_unit__gte=1),
                violation_error_message=_("限项至少为 1"),
            ),
        ]

    def __str__(self):
        return self.title

    class Phase(models.TextChoices):
        COMING = "coming", _("即将开放")
        OPEN = "open", _("正在申报")
        CLOSED = "closed", _("已截止")
        SUSPENDED = "suspended", _("暂停申报")
        CANCELLED = "cancelled", _("已取消")

    def phase(self, at=None) -> str:
        """Where a published call stands by the clock, unless people suspended or cancelled it."""
        at = at or clock.now()
        if self.state in (self.State.SUSPENDED, self.State.CANCELLED):
            return str(self.state)
        if at < self.opens_at:
            return self.Phase.COMING
        return self.Phase.OPEN if at < self.closes_at else self.Phase.CLOSED

    def is_open(self, at=None) -> bool:
        """Published, and the hour lies in [opens_at, closes_at)."""
        at = at or clock.now()
        return self.state == self.State.PUBLISHED and self.opens_at <= at < self.closes_at

    @transition("state", source=State.DRAFT, target=State.PUBLISHED)
    def publish(self, *, at):
        self.published_at = at

    @transition("state", source=State.PUBLISHED, target=State.SUSPENDED)
    def suspend(self, *, at):
        self.suspended_at = at

    @transition("state", source=State.SUSPENDED, target=State.PUBLISHED)
    def resume(self, *, closes_at):
        self.suspended_at, self.closes_at = None, closes_at

    @transition("state", source=[State.PUBLISHED, State.SUSPENDED], target=State.CANCELLED)
    def cancel(self, *, at):
        self.suspended_at, self.ended_at = None, at

    @transition("state", source=State.PUBLISHED, target=State.CONCLUDED)
    def conclude(self, *, at):
        self.ended_at = at


class CallNotice(AppendOnly):
    """What was decided about a published call, as it was published: the act, its reason, the hours before and after.

    seq counts within the call; `number` is what people quote. drafts and cases: how many unsubmitted drafts and how
    many submitted, undecided cases stood then; their people were told.
    """

    class Act(models.TextChoices):
        EXTEND = "extend", _("延长申报")
        SUSPEND = "suspend", _("暂停申报")
        RESUME = "resume", _("恢复申报")
        CLOSE_EARLY = "close_early", _("提前截止")
        CANCEL = "cancel", _("取消申报")
        CONCLUDE = "conclude", _("办结申报")

    call = models.ForeignKey(Call, models.PROTECT, related_name="notices", verbose_name=_("申报通知"))
    seq = models.PositiveSmallIntegerField()
    number = models.CharField(_("公告编号"), max_length=30, unique=True)
    act = models.CharField(_("事由"), max_length=12, choices=Act.choices)
    reason = models.TextField(_("理由"))
    closes_before = models.DateTimeField(_("原截止时间"))
    closes_after = models.DateTimeField(_("现截止时间"))
    drafts = models.PositiveIntegerField(_("当时的草稿"))
    cases = models.PositiveIntegerField(_("当时未办结的申请"))
    office = models.ForeignKey(Office, models.PROTECT, related_name="+", verbose_name=_("发布单位"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("发布时间"), default=clock.now)

    class Meta:
        verbose_name = _("申报变更公告")
        verbose_name_plural = _("申报变更公告")
        ordering = ["call", "seq"]
        constraints = [
            models.UniqueConstraint(name="call_notice_seq", fields=["call", "seq"]),
            models.CheckConstraint(name="call_notice_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="call_notice_hours",
                condition=Q(act="extend", closes_after__gt=F("closes_before"))
                | Q(act="close_early", closes_after__lt=F("closes_before"))
                | Q(act="resume", closes_after__gte=F("closes_before"))
                | Q(act__in=["suspend", "cancel", "conclude"], closes_after=F("closes_before")),
            ),
        ]

    def __str__(self):
        return f"{self.number} {self.get_act_display()}"

    @staticmethod
    def number_of(call: Call, seq: int) -> str:
        """KJFW-year-T, the call's number and the notice's within it."""
        return f"KJFW-{call.year}-T{call.pk:03d}-{seq}"

    @property
    def changes_hours(self) -> bool:
        return self.closes_after != self.closes_before


# Partners of one consortium, whatever a call says.
CONSORTIUM_MOST = 9


class CallItem(models.Model):
    """One item of a call: its form, rule, route, fund, and how many working days each step may take."""

    class Route(models.TextChoices):
        FULL = "full", _("区级推荐、市级审核")
        MUNICIPAL = "municipal", _("市级直接审核")
        REFER = "refer", _("受理后转办")
        PROACTIVE = "proactive", _("免申即享，企业确认")

    call = models.ForeignKey(Call, models.PROTECT, related_name="items", verbose_name=_("申报通知"))
    item = models.ForeignKey(Item, models.PROTECT, related_name="call_items", verbose_name=_("事项"))
    serial = models.PositiveSmallIntegerField(
        _("当年第几次"), help_text=_("该事项在该年度的第几次申报，进入申请编号")
    )
    code = models.CharField(_("代码"), max_length=20, unique=True, editable=False)
    route = models.CharField(_("办理路径"), max_length=10, choices=Route.choices)
    form = models.ForeignKey(FormVersion, models.PROTECT, related_name="+", verbose_name=_("申报表"))
    fund = models.ForeignKey(
        SpecialFund,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="call_items",
        verbose_name=_("专项资金"),
    )
    decided_by = models.ForeignKey(
        Office,
        models.PROTECT,
        related_name="+",
        verbose_name=_("市级办理单位"),
        help_text=_("转办时为承办单位"),
    )
    budget = models.DecimalField(
        _("本专题预算（元）"),
        max_digits=16,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("拟支持金额合计不超过这个数；留空为只受专项资金余额限制"),
    )
    per_unit = models.PositiveSmallIntegerField(
        _("每单位限报（项）"), default=1, validators=[MinValueValidator(1)], help_text=_("本次申报的本专题")
    )
    per_unit_year = models.PositiveSmallIntegerField(
        _("每单位当年限报（项）"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("同一年度、同一事项的各次申报合计；留空为不限"),
    )
    consortium_most = models.PositiveSmallIntegerField(
        _("联合体参与单位（最多）"),
        default=0,
        validators=[MaxValueValidator(CONSORTIUM_MOST)],
        help_text=_("牵头单位之外最多几个；0 为不接受联合体申报"),
    )
    partners_count = models.BooleanField(
        _("参与单位也计入限项"), default=False, help_text=_("勾选：参与一个联合体，同自己申报一样计入限项")
    )
    last_sequence = models.PositiveIntegerField(default=0, editable=False)
    # Limits in working days; a due date is computed from them and the calendar.
    accept_days = models.PositiveSmallIntegerField(_("受理（工作日）"), default=5)
    confirm_days = models.PositiveSmallIntegerField(
        _("企业确认（工作日）"),
        default=10,
        help_text=_("免申即享：建议企业在此期限内确认；逾期提醒和联系，不视为放弃"),
    )
    correction_days = models.PositiveSmallIntegerField(_("补正（工作日）"), default=10)
    district_days = models.PositiveSmallIntegerField(_("区级审核（工作日）"), default=10)
    endorsement_days = models.PositiveSmallIntegerField(_("区级复核（工作日）"), default=3)
    municipal_days = models.PositiveSmallIntegerField(_("市级审核（工作日）"), default=20)
    sign_off_days = models.PositiveSmallIntegerField(_("签发（工作日）"), default=5)
    defence_days = models.PositiveSmallIntegerField(_("陈述申辩（工作日）"), default=5)
    publish_days = models.PositiveSmallIntegerField(_("发布公示（工作日）"), default=5)
    notice_days = models.PositiveSmallIntegerField(_("公示期（工作日）"), default=5)
    approval_days = models.PositiveSmallIntegerField(_("批复（工作日）"), default=5)
    payment_days = models.PositiveSmallIntegerField(_("拨付（工作日）"), default=15)
    referral_days = models.PositiveSmallIntegerField(_("转办办结（工作日）"), default=20)

    objects = CallItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("专题")
        verbose_name_plural = _("专题")
        ordering = ["call", "item"]
        constraints = [
            models.UniqueConstraint(name="call_item_once", fields=["call", "item"]),
            models.CheckConstraint(name="call_item_serial", condition=Q(serial__gte=1)),
            models.CheckConstraint(
                name="call_item_notice_days",
                condition=Q(notice_days__gte=5),
                violation_error_message=_("公示期不得少于 5 个工作日"),
            ),
            models.CheckConstraint(
                name="call_item_proactive_pays",
                condition=~Q(route="proactive") | Q(fund__isnull=False),
                violation_error_message=_("免申即享的专题要指定专项资金"),
            ),
            models.CheckConstraint(
                name="call_item_confirm_days",
                condition=Q(confirm_days__gte=1),
                violation_error_message=_("企业确认的期限至少 1 个工作日"),
            ),
            models.CheckConstraint(
                name="call_item_refer_no_fund", condition=~Q(route="refer") | Q(fund__isnull=True)
            ),
            models.CheckConstraint(
                name="call_item_budget",
                condition=Q(budget__isnull=True) | Q(budget__gt=0, fund__isnull=False),
                violation_error_message=_("预算应大于 0，并指定专项资金"),
            ),
            models.CheckConstraint(
                name="call_item_per_unit",
                condition=Q(per_unit__gte=1) & (Q(per_unit_year__isnull=True) | Q(per_unit_year__gte=1)),
                violation_error_message=_("限项至少为 1"),
            ),
            models.CheckConstraint(
                name="call_item_consortium",
                condition=Q(consortium_most=0)
                | (Q(consortium_most__lte=CONSORTIUM_MOST) & ~Q(route="proactive")),
                violation_error_message=_("联合体最多 9 个参与单位；免申即享的专题没有联合体"),
            ),
        ]

    def __str__(self):
        return f"{self.item.name}（{self.code}）"

    def save(self, *args, **kwargs):
        self.code = f"{self.call.year}-{self.item.code.replace('-', '')}-{self.serial}"
        super().save(*args, **kwargs)

    @property
    def is_proactive(self) -> bool:
        """免申即享: nobody applies; who is found on a checked list is asked to confirm."""
        return self.route == self.Route.PROACTIVE

    def number_for(self, sequence: int) -> str:
        """The case number: KJFW-year-item-serial-sequence."""
        return f"KJFW-{self.code}-{sequence:06d}"

    def rule_on(self, at=None):
        """The approved rule version in force at that moment, or None."""
        return self.rules.approved(at or clock.now()).first()
