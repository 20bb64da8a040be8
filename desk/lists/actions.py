"""The log of what units did, and the items of which a quarter has no entry."""

from datetime import date

import django_filters
from django import forms
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from foundation.accounts.models import Office
from foundation.clock import clock
from foundation.lists.columns import Column
from foundation.lists.lists import List
from measures.models import Item, Measure
from tracking import activity
from tracking.models import MeasureAction
from tracking.quarters import Quarter

# The first quarter of the policy, in force from 2024-10-10.
FIRST = Quarter(2024, 4)


def quarters() -> list[tuple[str, str]]:
    """The quarters of the policy up to now, the running one first, as choices."""
    found, one = [], Quarter.of(clock.today())
    while one >= FIRST:
        found.append((f"{one.year}-{one.number}", str(one)))
        one = one.previous
    return found


def quarter_of(text: str) -> Quarter:
    """The quarter of a choice; the running one for anything else."""
    year, _dash, number = text.partition("-")
    known = text in dict(quarters())
    return Quarter(int(year), int(number)) if known else Quarter.of(clock.today())


class ActionFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label=_("搜索"),
        method="search",
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": _("做了什么、来源"), "autocomplete": "off"}),
    )
    measure = django_filters.ModelChoiceFilter(
        label=_("措施"),
        field_name="item__measure",
        queryset=Measure.objects.order_by("number"),
        empty_label=_("全部"),
    )
    item = django_filters.ModelChoiceFilter(
        label=_("事项"), queryset=Item.objects.order_by("code"), empty_label=_("全部")
    )
    office = django_filters.ModelChoiceFilter(
        label=_("单位"), queryset=Office.objects.order_by("kind", "code"), empty_label=_("全部")
    )
    quarter = django_filters.ChoiceFilter(
        label=_("季度"), choices=quarters, method="in_quarter", empty_label=_("全部")
    )

    class Meta:
        model = MeasureAction
        fields: list[str] = []

    def search(self, rows, name, value):
        return rows.filter(Q(text__icontains=value.strip()) | Q(source__icontains=value.strip()))

    def in_quarter(self, rows, name, value):
        return rows.done_in(*activity.days_of(quarter_of(value)))


class ActionList(List):
    title = _("行动记录")
    filterset_class = ActionFilter
    default_sort = "-done"
    columns = (
        Column("done", _("行动日期"), "done_on", sort="done_on", width=12),
        Column("code", _("事项代码"), "item.code", sort=F("item__code"), width=10),
        Column("item", _("事项"), "item.name", width=28),
        Column("office", _("单位"), "office", width=20),
        Column("text", _("做了什么"), "text", width=60),
        Column("figure", _("数量"), "figure", align="end"),
        Column("unit", _("计量单位"), "unit"),
        Column("source", _("来源文件"), "source", width=36),
        Column("url", _("来源网址"), "url", width=36),
        Column("at", _("登记时间"), "at", sort="at", width=18),
    )


class SilentFilter(django_filters.FilterSet):
    """Applied to items that are silent already; which quarter is asked about the view decides."""

    quarter = django_filters.ChoiceFilter(label=_("季度"), choices=quarters, method="given", empty_label=None)
    measure = django_filters.ModelChoiceFilter(
        label=_("措施"), queryset=Measure.objects.order_by("number"), empty_label=_("全部")
    )
    lead = django_filters.ModelChoiceFilter(
        label=_("牵头单位"),
        field_name="lead_unit",
        queryset=Office.objects.filter(led_items__treatment="action").distinct().order_by("code"),
        empty_label=_("全部"),
        null_label=_("各区"),
    )
    acts = django_filters.ChoiceFilter(label=_("由谁"), choices=Item.Acts.choices, empty_label=_("全部"))

    class Meta:
        model = Item
        fields: list[str] = []

    def given(self, rows, name, value):
        return rows


def days_since(item: Item) -> int | None:
    """Calendar days since the last action known; None where there has never been one."""
    return (clock.today() - item.last_on).days if isinstance(item.last_on, date) else None


class SilentList(List):
    title = _("没有行动的事项")
    filterset_class = SilentFilter
    default_sort = "code"
    columns = (
        Column("code", _("事项代码"), "code", sort="code", width=10),
        Column("name", _("事项"), "name", width=28),
        Column("measure", _("措施"), "measure", width=30),
        Column("acts", _("由谁"), "get_acts_display", width=20),
        Column("lead", _("牵头单位"), "lead_name", width=20),
        Column("last", _("最近一次行动"), "last_on", sort="last_on", width=14),
        Column("days", _("距今天数"), days_since, align="end"),
    )
