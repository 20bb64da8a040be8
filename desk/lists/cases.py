"""The list of cases: the tabs of the queue, its columns, filters, order and files."""

import re
import unicodedata
from functools import cached_property

import django_filters
from django import forms
from django.db.models import BigIntegerField, Count, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from applications import access
from applications.bigrams import bigrams
from applications.models import Application, RuleCheck, Submission
from applications.states import NEVER_SUBMITTED, State
from desk import shown
from enterprises.history import had_code
from foundation.accounts.models import District
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.lists.columns import Column
from foundation.lists.lists import List
from foundation.workdays import workdays
from measures.models import Item
from reviews.access import awaiting

# In these states the enterprise is waited for, not an office.
_WITH_ENTERPRISE = (State.OFFERED, State.AWAITING_CORRECTION, State.DECLINE_NOTIFIED)
COUNT_UP_TO = 1000
# Letters, digits and dashes with at least one digit: a number or a code, or a part of one.
_CODE = re.compile(r"(?=.*[0-9])[0-9A-Z-]{2,}")
_WHOLE_CODE = re.compile(r"[0-9A-Z]{18}")


class UnknownConditions(Func):
    """How many conditions of a frozen answer (JSON) are neither met nor unmet."""

    template = (
        "jsonb_array_length(jsonb_path_query_array(%(expressions)s, '$.conditions[*] ? (@.met == null)'))"
    )
    output_field = IntegerField()


def searched(cases: QuerySet[Application], words: str) -> QuerySet[Application]:
    """Cases whose number, enterprise, code or title contain the words, found by pairs of characters.

    A whole code finds all cases of the enterprise that has it or had it, under whichever code they were submitted.
    """
    whole = unicodedata.normalize("NFKC", words).upper().strip()
    if _WHOLE_CODE.fullmatch(whole):
        return cases.filter(Q(enterprise__uscc=whole) | had_code(whole, "enterprise"))
    pairs = bigrams(*words.split())
    if not pairs:
        return cases
    cases = cases.filter(search__contains=pairs)
    for word in unicodedata.normalize("NFKC", words).upper().split():
        # Numbers and codes share their pairs of digits: there the whole word must stand.
        if _CODE.fullmatch(word):
            cases = cases.filter(
                Q(number__contains=word)
                | Q(enterprise__uscc__contains=word)
                | Q(enterprise__name__icontains=word)
                | Q(title__icontains=word)
            )
    return cases


class CaseFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label=_("搜索"),
        method="search",
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": _("名称、代码、编号"), "autocomplete": "off"}),
    )
    item = django_filters.ModelChoiceFilter(
        label=_("事项"), field_name="call_item__item", queryset=Item.objects.none(), empty_label=_("全部")
    )
    state = django_filters.ChoiceFilter(
        label=_("环节"),
        empty_label=_("全部"),
        choices=[choice for choice in State.choices if choice[0] not in NEVER_SUBMITTED],
    )
    district = django_filters.ModelChoiceFilter(
        label=_("区"), queryset=District.objects.all(), empty_label=_("全部")
    )
    due = django_filters.ChoiceFilter(
        label=_("期限"),
        method="due_within",
        empty_label=_("全部"),
        choices=[("over", _("已超期")), ("2", _("2 个工作日内")), ("5", _("5 个工作日内"))],
    )
    rule = django_filters.ChoiceFilter(
        label=_("规则"),
        method="rule_says",
        empty_label=_("全部"),
        choices=[("met", _("全部符合")), ("unknown", _("待核")), ("unmet", _("不符合"))],
    )

    class Meta:
        model = Application
        fields: list[str] = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.filters["item"].queryset = (
            Item.objects.filter(call_items__isnull=False).distinct().order_by("code")
        )
        if not _sees_many_districts(self.request.user):
            del self.filters["district"]

    def search(self, cases, name, value):
        return searched(cases, value)

    def due_within(self, cases, name, value):
        cases = cases.exclude(state__in=_WITH_ENTERPRISE)
        if value == "over":
            return cases.filter(due_on__lt=clock.today())
        return cases.filter(due_on__lte=workdays.add(clock.today(), int(value)))

    def rule_says(self, cases, name, value):
        return cases.filter(eligible={"met": True, "unmet": False, "unknown": None}[value])


def _sees_many_districts(user) -> bool:
    return user.may(Permission.VIEW_ALL_CASES) or any(
        post.office.kind != "district" for post in user.posts_now
    )


class Tabs:
    """The tabs of a person's queue: name, label, and what stands under it."""

    def __init__(self, user):
        self.user = user
        self.reach = access.on_desk(user)
        self.offices = user.offices_where(Permission.VIEW_CASES)

    @cached_property
    def all(self) -> dict[str, tuple[str, QuerySet[Application]]]:
        everywhere = self.user.may(Permission.VIEW_ALL_CASES)
        ours = self.reach if everywhere else self.reach.filter(office__in=self.offices)
        live = ours.live().exclude(state=State.PAID)
        tabs = {} if everywhere else {"mine": (_("待我处理"), awaiting(self.user))}
        return tabs | {
            "office": (_("在办") if everywhere else _("本单位"), live),
            "correction": (_("补正中"), live.filter(state=State.AWAITING_CORRECTION)),
            "overdue": (
                _("已超期"),
                live.exclude(state__in=_WITH_ENTERPRISE).filter(due_on__lt=clock.today()),
            ),
            "all": (_("全部"), self.reach),
        }

    def chosen(self, name: str) -> str:
        return name if name in self.all else next(iter(self.all))

    def count(self, name: str) -> str | None:
        """How many stand there, up to a thousand; the whole archive isn't counted."""
        if name == "all":
            return None
        found = self.all[name][1].order_by()[: COUNT_UP_TO + 1].count()
        return f"{COUNT_UP_TO:,}+" if found > COUNT_UP_TO else f"{found:,}"


class CaseList(List):
    """The columns of the queue; what it shows is what it exports."""

    title = _("申请")
    filterset_class = CaseFilter
    default_sort = "due"
    page_size = 25
    columns = (
        Column("due", _("期限"), "due_on", sort="due_on", width=12),
        Column("number", _("编号"), "number", sort="number", width=26),
        Column("enterprise", _("企业"), lambda case: case.identity["name"], width=34),
        Column("title", _("项目"), "title", width=30),
        Column("item", _("事项"), "call_item.item.name", width=22),
        Column("state", _("环节"), "get_state_display", width=12),
        Column("estimate", _("测算上限（元）"), "estimate", sort="estimate", align="end", width=16),
        Column("hint", _("提示"), lambda case: getattr(hint_of(case), "label", None), width=24),
        Column("rule", _("规则核对"), lambda case: rule_of(case).label, width=12),
        # In files alone.
        Column("declared", _("申报投资额（元）"), "declared_investment", align="end", width=16),
        Column("foreign", _("外币折算"), "declared_foreign", width=50),
    )

    def __init__(self, cases, request):
        super().__init__(with_marks(cases.with_names()), request)


def with_marks(cases: QuerySet[Application]) -> QuerySet[Application]:
    """With what the chips need: unknown conditions of the last check, how often it was submitted."""
    last = RuleCheck.objects.filter(application=OuterRef("pk")).order_by("-pk")
    rounds = (
        Submission.objects.filter(application=OuterRef("pk"))
        .order_by()
        .values("application")
        .annotate(n=Count("pk"))
        .values("n")
    )
    return cases.annotate(
        unknown_conditions=Subquery(last.annotate(n=UnknownConditions(F("answer"))).values("n")[:1]),
        rounds=Coalesce(Subquery(rounds), 1, output_field=BigIntegerField()),
    )


def hint_of(case: Application) -> shown.Chip | None:
    return shown.hint(case, case.rounds)


def rule_of(case: Application) -> shown.Chip:
    return shown.rule_chip(case.eligible, case.unknown_conditions)


def in_queue_order(cases: QuerySet[Application]) -> QuerySet[Application]:
    """The most urgent first, as the queue shows them."""
    return cases.order_by(F("due_on").asc(nulls_last=True), "pk")


def before(case: Application) -> Q:
    """The cases that stand before this one in the queue's order."""
    if case.due_on is None:
        return Q(due_on__isnull=False) | Q(pk__lt=case.pk)
    return Q(due_on__lt=case.due_on) | Q(due_on=case.due_on, pk__lt=case.pk)
