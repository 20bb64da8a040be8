"""免申即享: lists drawn from a screening and checked by a second person, what the omitted ask, whom one reached."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, FSMModelMixin, transition

from applications.models import Application
from enterprises.models import Enterprise
from foundation.accounts.fields import EncryptedTextField
from foundation.accounts.models import District, Office
from foundation.clock import clock
from foundation.events.triggers import guard_states
from foundation.files.models import Document
from measures.models import CallItem, RuleVersion, Screening, ScreeningRow

_PERSON = settings.AUTH_USER_MODEL


def _person():
    return models.ForeignKey(_PERSON, models.PROTECT, null=True, related_name="+", editable=False)


@guard_states(initial=["drawn"])
class ProactiveList(FSMModelMixin, models.Model):
    """A list of enterprises of one call item that are to be offered its support without an application.

    States: *drawn* 已拟, by the municipal officer from a stored screening (or, without one, from requests to be
    included: a supplementary list); rows may be struck with a reason, the list may be dropped. *checked* 已复核,
    by another person: every row asked again, the money set aside, one case each. *dropped* 已作废, with a reason.
    """

    class State(models.TextChoices):
        DRAWN = "drawn", _("待复核")
        CHECKED = "checked", _("已复核")
        DROPPED = "dropped", _("已作废")

    number = models.CharField(_("名单编号"), max_length=40, unique=True)
    call_item = models.ForeignKey(CallItem, models.PROTECT, related_name="lists", verbose_name=_("专题"))
    screening = models.ForeignKey(
        Screening, models.PROTECT, null=True, related_name="lists", verbose_name=_("所依据的筛选")
    )
    office = models.ForeignKey(Office, models.PROTECT, related_name="+", verbose_name=_("办理单位"))
    state = FSMField(_("状态"), default=State.DRAWN, choices=State.choices, protected=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    # Of the screening's eligible ones: who has a case of this call item already, or gave the support up.
    already = models.PositiveIntegerField(_("已有申请或者已放弃（家）"), default=0)
    drawn_at = models.DateTimeField(_("拟定时间"))
    drawn_by = models.ForeignKey(_PERSON, models.PROTECT, related_name="+", verbose_name=_("拟定人"))
    checked_at, checked_by = models.DateTimeField(_("复核时间"), null=True), _person()
    dropped_at, dropped_by = models.DateTimeField(_("作废时间"), null=True), _person()
    reason = models.TextField(_("作废的理由"), blank=True)

    class Meta:
        verbose_name = _("免申即享名单")
        verbose_name_plural = _("免申即享名单")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="list_one_drawn",
                fields=["call_item"],
                condition=Q(state="drawn", screening__isnull=False),
            ),
            models.CheckConstraint(
                name="list_checked_by_second", condition=Q(checked_by=None) | ~Q(checked_by=F("drawn_by"))
            ),
            models.CheckConstraint(
                name="list_facts",
                condition=Q(state="drawn", checked_at=None, checked_by=None, dropped_at=None, dropped_by=None)
                | Q(
                    state="checked",
                    checked_at__isnull=False,
                    checked_by__isnull=False,
                    dropped_at=None,
                    dropped_by=None,
                )
                | Q(
                    ~Q(reason=""),
                    state="dropped",
                    dropped_at__isnull=False,
                    dropped_by__isnull=False,
                    checked_at=None,
                    checked_by=None,
                ),
            ),
        ]

    def __str__(self):
        return self.number

    @property
    def is_supplementary(self) -> bool:
        """Made of requests to be included, not of a screening."""
        return self.screening_id is None

    @transition("state", source=State.DRAWN, target=State.CHECKED)
    def check_all(self, *, by, at):
        self.checked_by, self.checked_at = by, at

    @transition("state", source=State.DRAWN, target=State.DROPPED)
    def drop(self, *, by, at, reason):
        self.dropped_by, self.dropped_at, self.reason = by, at, reason


@guard_states(initial=["asked"])
class ListingRequest(FSMModelMixin, models.Model):
    """An enterprise that isn't on a checked list asks to be included, with its reason; the officer answers by a day.

    States: *asked* 待答复; *included* 已列入补充名单, which a second person checks (and back to asked, where that list
    comes to nothing for it); *refused* 不予列入, with grounds and remedies. `answer` is the rule's whole answer as of the
    request, frozen.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("待答复")
        INCLUDED = "included", _("已列入补充名单")
        REFUSED = "refused", _("不予列入")

    number = models.CharField(_("编号"), max_length=40, unique=True)
    call_item = models.ForeignKey(
        CallItem, models.PROTECT, related_name="listing_requests", verbose_name=_("专题")
    )
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="listing_requests")
    office = models.ForeignKey(Office, models.PROTECT, related_name="+")
    state = FSMField(_("状态"), default=State.ASKED, choices=State.choices, protected=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    reason = models.TextField(_("理由"))
    documents = models.ManyToManyField(Document, related_name="+", verbose_name=_("证明材料"))
    rule = models.ForeignKey(RuleVersion, models.PROTECT, null=True, related_name="+")
    answer = models.JSONField(_("提出时的规则核对"))
    asked_at = models.DateTimeField(_("提出时间"))
    asked_by = models.ForeignKey(_PERSON, models.PROTECT, related_name="+")
    due_on = models.DateField(_("答复期限"))
    reply = models.TextField(_("答复"), blank=True)
    answered_at, answered_by = models.DateTimeField(_("答复时间"), null=True), _person()

    class Meta:
        verbose_name = _("列入申请")
        verbose_name_plural = _("列入申请")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["office", "state", "due_on", "id"], name="listing_waiting")]
        constraints = [
            models.UniqueConstraint(
                name="listing_one_open", fields=["enterprise", "call_item"], condition=Q(state="asked")
            ),
            models.CheckConstraint(name="listing_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="listing_answered_facts",
                condition=Q(state="asked", reply="", answered_at=None, answered_by=None)
                | (
                    ~Q(state="asked")
                    & ~Q(reply="")
                    & Q(answered_at__isnull=False, answered_by__isnull=False)
                    & ~Q(answered_by=F("asked_by"))
                ),
            ),
        ]

    def __str__(self):
        return self.number

    @transition("state", source=State.ASKED, target=State.INCLUDED)
    def include(self, *, by, at, reply):
        self.answered_by, self.answered_at, self.reply = by, at, reply

    @transition("state", source=State.ASKED, target=State.REFUSED)
    def refuse(self, *, by, at, reply):
        self.answered_by, self.answered_at, self.reply = by, at, reply

    @transition("state", source=State.INCLUDED, target=State.ASKED)
    def put_back(self, *, due_on):
        self.answered_by, self.answered_at, self.reply, self.due_on = None, None, "", due_on


class ProactiveRow(models.Model):
    """One enterprise of a list, as it stood when the list was drawn, and what became of it.

    Struck by the officer with a reason; or, at the check, offered (`case`) or left out by the rule (`left_out`
    says why). `amount` in yuan as of the drawing; the case has the amount of the check.
    """

    list = models.ForeignKey(ProactiveList, models.PROTECT, related_name="rows")
    position = models.PositiveIntegerField(_("序号"))
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, related_name="+")
    screening_row = models.ForeignKey(
        ScreeningRow, models.PROTECT, null=True, related_name="+", db_index=False
    )
    request = models.ForeignKey(ListingRequest, models.PROTECT, null=True, related_name="rows")
    uscc = models.CharField(_("统一社会信用代码"), max_length=18)
    name = models.CharField(_("企业"), max_length=120)
    district = models.ForeignKey(District, models.PROTECT, related_name="+", verbose_name=_("注册区"))
    amount = models.DecimalField(_("拟支持金额（元）"), max_digits=16, decimal_places=2)
    struck_at, struck_by = models.DateTimeField(_("划去时间"), null=True), _person()
    struck_reason = models.TextField(_("划去的理由"), blank=True)
    left_out = models.TextField(_("复核未列入的原因"), blank=True)
    case = models.OneToOneField(Application, models.PROTECT, null=True, related_name="list_row")

    class Meta:
        verbose_name = _("名单条目")
        verbose_name_plural = _("名单条目")
        ordering = ["list", "position"]
        constraints = [
            models.UniqueConstraint(name="list_row_position", fields=["list", "position"]),
            models.UniqueConstraint(name="list_row_enterprise", fields=["list", "enterprise"]),
            models.CheckConstraint(name="list_row_amount", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="list_row_outcome",
                condition=Q(struck_at=None, struck_by=None, struck_reason="", left_out="")
                | Q(struck_at=None, struck_by=None, struck_reason="", case=None)
                | Q(
                    ~Q(struck_reason=""),
                    struck_at__isnull=False,
                    struck_by__isnull=False,
                    left_out="",
                    case=None,
                ),
            ),
        ]

    def __str__(self):
        return f"{self.list} #{self.position}"


class OfferContact(models.Model):
    """Somebody of the district or the commission reached, or tried to reach, an enterprise that hasn't confirmed.

    Who was spoken to is personal data: encrypted, shown masked.
    """

    class Method(models.TextChoices):
        PHONE = "phone", _("电话")
        VISIT = "visit", _("上门")
        POST = "post", _("邮寄")
        OTHER = "other", _("其他")

    class Result(models.TextChoices):
        WILL_CONFIRM = "will_confirm", _("将确认")
        WONT = "wont", _("表示放弃，请其在系统中放弃")
        HELP = "help", _("需要协助登记或者核验")
        UNREACHED = "unreached", _("没有联系上")

    application = models.ForeignKey(Application, models.PROTECT, related_name="contacts")
    method = models.CharField(_("联系方式"), max_length=8, choices=Method.choices)
    person = EncryptedTextField(_("联系到的人"), blank=True, default="")
    on = models.DateField(_("联系日期"))
    result = models.CharField(_("结果"), max_length=14, choices=Result.choices)
    note = models.CharField(_("说明"), max_length=300, blank=True)
    at = models.DateTimeField(_("登记时间"), default=clock.now)
    by = models.ForeignKey(_PERSON, models.PROTECT, related_name="+")
    office = models.ForeignKey(Office, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("联系记录")
        verbose_name_plural = _("联系记录")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["application", "-id"], name="offer_contact_of")]

    def __str__(self):
        return f"{self.application} {self.get_method_display()}"

    @property
    def masked_person(self) -> str:
        """王**: the first sign alone."""
        return self.person[:1] + "*" * max(len(self.person) - 1, 1) if self.person else ""
