"""Calls (申报通知) and their items (专题): who may apply for what, from which hour to which hour."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from foundation.accounts.models import Office
from foundation.clock import clock
from foundation.events.triggers import guard_states
from measures.models.forms import FormVersion
from measures.models.funds import SpecialFund
from measures.models.policy import Item
from measures.querysets import CallItemQuerySet, CallQuerySet


@guard_states(initial=["draft"], event=False)
class Call(FSMModelMixin, models.Model):
    """A notice that opens one or more items for application.

    States: *draft* 草稿, being prepared; *published* 已发布. Whether it is open is not a state but follows
    from `opens_at` and `closes_at`, to the exact hour.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        PUBLISHED = "published", _("已发布")

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
                | Q(state="published", published_at__isnull=False),
            ),
        ]

    def __str__(self):
        return self.title

    class Phase(models.TextChoices):
        COMING = "coming", _("即将开放")
        OPEN = "open", _("正在申报")
        CLOSED = "closed", _("已截止")

    def phase(self, at=None) -> str:
        """Where a published call stands by the clock."""
        at = at or clock.now()
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
