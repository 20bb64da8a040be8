"""The pool of experts and the reviews asked of them, as lists."""

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from foundation.clock import clock
from foundation.lists.columns import Column
from foundation.lists.lists import List
from reviews.models import Expert

INSIDE, OUTSIDE = "inside", "outside"


class ExpertFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label=_("搜索"),
        method="search",
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": _("姓名、单位、领域"), "autocomplete": "off"}),
    )
    state = django_filters.ChoiceFilter(
        label=_("状态"),
        method="in_state",
        choices=[(INSIDE, _("在库")), (OUTSIDE, _("已出库、已过期"))],
        empty_label=_("全部"),
    )

    class Meta:
        model = Expert
        fields: list[str] = []

    def search(self, rows, name, value):
        text = value.strip()
        return rows.filter(
            Q(person__full_name__icontains=text) | Q(employer__icontains=text) | Q(fields__icontains=text)
        )

    def in_state(self, rows, name, value):
        now = Expert.objects.in_force(clock.today()).order_by().values("pk")
        return rows.filter(pk__in=now) if value == INSIDE else rows.exclude(pk__in=now)


class ExpertList(List):
    title = _("专家库")
    filterset_class = ExpertFilter
    default_sort = "-since"
    columns = (
        Column("person", _("姓名"), "person.get_full_name", width=12),
        Column("employer", _("工作单位"), "employer", sort="employer", width=32),
        Column("fields", _("专业领域"), lambda row: "、".join(row.fields), width=40),
        Column("office", _("专家库"), "office.name", width=24),
        Column("since", _("入库日期"), "since", sort="since", width=12),
        Column("until", _("有效期至"), "until", width=12),
        Column("state", _("状态"), lambda row: str(_("在库") if row.is_in_force else _("不在库")), width=10),
        Column("submitted", _("已评审（件）"), "submitted", align="end"),
    )


class ReviewList(List):
    title = _("专家评审")
    default_sort = "due"
    columns = (
        Column("due", _("期限"), "due_on", sort="due_on"),
        Column("item", _("事项"), "application.call_item.item.name"),
        Column("enterprise", _("企业"), lambda row: row.submission.identity["name"]),
        Column("expert", _("专家"), "expert.person.get_full_name"),
        Column("state", _("状态"), "get_state_display"),
    )
