"""The lists of 免申即享: a list's rows, offers that wait, requests to be included; what they show is what they export."""

import django_filters
from django import forms
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.models import Application
from desk import shown
from desk.lists.cases import searched
from desk.shown import Chip
from enterprises.models import Member
from foundation.accounts.models import District
from foundation.lists.columns import Column
from foundation.lists.lists import List
from measures.models import Item
from reviews.models import ListingRequest, OfferContact, ProactiveList, ProactiveRow

STATE_TONES = {"drawn": "brand", "checked": "ok", "dropped": "neutral"}
REQUEST_TONES = {"asked": "brand", "included": "ok", "refused": "stop"}
OUTCOMES = {
    "waiting": (
        Q(struck_at=None, left_out="", case=None),
        gettext_lazy("待复核"),
        "brand",
    ),
    "offered": (Q(case__isnull=False), gettext_lazy("已列入"), "ok"),
    "struck": (Q(struck_at__isnull=False), gettext_lazy("已划去"), "neutral"),
    "left_out": (~Q(left_out=""), gettext_lazy("未列入"), "stop"),
}


def outcome_of(row: ProactiveRow) -> Chip:
    """What became of a row; of an offered one, where its case stands."""
    if row.case_id:
        return Chip(row.case.get_state_display(), shown.tone(row.case.state))
    name = "struck" if row.struck_at else "left_out" if row.left_out else "waiting"
    return Chip(str(OUTCOMES[name][1]), OUTCOMES[name][2])


def _search() -> django_filters.CharFilter:
    return django_filters.CharFilter(
        label=gettext_lazy("搜索"),
        method="search",
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("名称、代码"), "autocomplete": "off"}),
    )


class RowFilter(django_filters.FilterSet):
    q = _search()
    outcome = django_filters.ChoiceFilter(
        label=gettext_lazy("结果"),
        method="by_outcome",
        empty_label=gettext_lazy("全部"),
        choices=[(name, label) for name, (_q, label, _tone) in OUTCOMES.items()],
    )
    district = django_filters.ModelChoiceFilter(
        label=gettext_lazy("区"), queryset=District.objects.all(), empty_label=gettext_lazy("全部")
    )

    class Meta:
        model = ProactiveRow
        fields: list[str] = []

    def search(self, rows, name, value):
        word = value.strip()
        return rows.filter(Q(name__icontains=word) | Q(uscc__startswith=word.upper()))

    def by_outcome(self, rows, name, value):
        return rows.filter(OUTCOMES[value][0])


class RowList(List):
    """The rows of one list."""

    filterset_class = RowFilter
    default_sort = "position"
    columns = (
        Column("position", gettext_lazy("序号"), "position", sort="position", width=8),
        Column("name", gettext_lazy("企业"), "name", width=36),
        Column("uscc", gettext_lazy("统一社会信用代码"), "uscc", sort="uscc", width=22),
        Column("district", gettext_lazy("注册区"), "district.name", width=12),
        Column("amount", gettext_lazy("金额（元）"), "amount", sort="amount", align="end", width=16),
        Column("outcome", gettext_lazy("结果"), lambda row: outcome_of(row).label, width=14),
        Column("why", gettext_lazy("原因"), lambda row: row.struck_reason or row.left_out, width=50),
        Column(
            "number", gettext_lazy("申请编号"), lambda row: row.case.number if row.case_id else "", width=28
        ),
    )

    def __init__(self, drawn: ProactiveList, request):
        super().__init__(drawn.rows.select_related("district", "case"), request)
        self.title = drawn.number


class OfferFilter(django_filters.FilterSet):
    q = _search()
    item = django_filters.ModelChoiceFilter(
        label=gettext_lazy("事项"),
        field_name="call_item__item",
        queryset=Item.objects.none(),
        empty_label=gettext_lazy("全部"),
    )
    district = django_filters.ModelChoiceFilter(
        label=gettext_lazy("区"), queryset=District.objects.all(), empty_label=gettext_lazy("全部")
    )
    contact = django_filters.ChoiceFilter(
        label=gettext_lazy("最近联系"),
        method="by_contact",
        empty_label=gettext_lazy("全部"),
        choices=[("none", gettext_lazy("没有联系过")), *OfferContact.Result.choices],
    )

    class Meta:
        model = Application
        fields: list[str] = []

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.filters["item"].queryset = (
            Item.objects.filter(call_items__route="proactive").distinct().order_by("code")
        )

    def search(self, cases, name, value):
        return searched(cases, value)

    def by_contact(self, cases, name, value):
        return cases.filter(last_contact=None if value == "none" else value)


class OfferList(List):
    """Cases that wait for their enterprise, with whether anybody acts for it and what came of the last contact."""

    title = gettext_lazy("待企业确认")
    filterset_class = OfferFilter
    default_sort = "due"
    columns = (
        Column("due", gettext_lazy("建议确认日"), "due_on", sort="due_on", width=12),
        Column("enterprise", gettext_lazy("企业"), lambda case: case.identity["name"], width=34),
        Column("number", gettext_lazy("编号"), "number", width=28),
        Column("item", gettext_lazy("事项"), "call_item.item.name", width=22),
        Column("district", gettext_lazy("区"), "district.name", width=12),
        Column("amount", gettext_lazy("金额（元）"), "proposed_amount", sort="proposed_amount", align="end"),
        Column(
            "agent", gettext_lazy("经办人"), lambda case: _("有") if case.claimed else _("尚无"), width=10
        ),
        Column("contact", gettext_lazy("最近联系"), lambda case: contact_of(case), width=20),
        Column("contact_on", gettext_lazy("联系日期"), "last_contact_on", width=12),
    )

    def __init__(self, cases, request):
        last = OfferContact.objects.filter(application=OuterRef("pk")).order_by("-pk")
        super().__init__(
            cases.with_names().annotate(
                claimed=Exists(Member.objects.live().filter(enterprise=OuterRef("enterprise"))),
                last_contact=Subquery(last.values("result")[:1]),
                last_contact_on=Subquery(last.values("on")[:1]),
            ),
            request,
        )


def contact_of(case: Application) -> str:
    """What came of the last contact, in words; "" where there was none."""
    return str(OfferContact.Result(case.last_contact).label) if case.last_contact else ""


class RequestFilter(django_filters.FilterSet):
    q = _search()
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("状态"), choices=ListingRequest.State.choices, empty_label=gettext_lazy("全部")
    )

    class Meta:
        model = ListingRequest
        fields: list[str] = []

    def search(self, rows, name, value):
        word = value.strip()
        return rows.filter(Q(enterprise__name__icontains=word) | Q(enterprise__uscc__startswith=word.upper()))


class RequestList(List):
    """Requests to be included, those that wait first by their day."""

    title = gettext_lazy("列入申请")
    filterset_class = RequestFilter
    default_sort = "due"
    columns = (
        Column("due", gettext_lazy("答复期限"), "due_on", sort="due_on", width=12),
        Column("number", gettext_lazy("编号"), "number", width=28),
        Column("enterprise", gettext_lazy("企业"), "enterprise.name", width=34),
        Column(
            "uscc", gettext_lazy("统一社会信用代码"), "enterprise.uscc", sort=F("enterprise__uscc"), width=22
        ),
        Column("item", gettext_lazy("事项"), "call_item.item.name", width=22),
        Column("state", gettext_lazy("状态"), "get_state_display", width=14),
        Column("at", gettext_lazy("提出时间"), "asked_at", sort="asked_at", width=18),
    )
