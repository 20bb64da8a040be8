"""Enterprises within reach, as a list."""

import django_filters
from django import forms
from django.db.models import Q
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from desk import nav
from enterprises import access, history
from enterprises.models import Enterprise
from foundation.accounts.access import officers
from foundation.accounts.models import District
from foundation.lists.columns import Column
from foundation.lists.lists import List

TONES = {"registered": "neutral", "verified": "ok", "suspended": "warn", "closed": "stop"}


class EnterpriseFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label=gettext_lazy("搜索"),
        method="search",
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("名称、代码"), "autocomplete": "off"}),
    )
    district = django_filters.ModelChoiceFilter(
        label=gettext_lazy("区"), queryset=District.objects.all(), empty_label=gettext_lazy("全部")
    )
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("状态"), choices=Enterprise.State.choices, empty_label=gettext_lazy("全部")
    )

    class Meta:
        model = Enterprise
        fields: list[str] = []

    def search(self, rows, name, value):
        word = value.strip()
        return rows.filter(Q(name__icontains=word) | Q(uscc__istartswith=word) | history.had_code(word))


class EnterpriseList(List):
    title = gettext_lazy("企业")
    filterset_class = EnterpriseFilter
    default_sort = "uscc"
    columns = (
        Column("name", gettext_lazy("名称"), "name", sort="name", width=36),
        Column("uscc", gettext_lazy("统一社会信用代码"), "uscc", sort="uscc", width=22),
        Column("district", gettext_lazy("注册区"), "district.name"),
        Column("industry", gettext_lazy("登记行业"), "industry"),
        Column("state", gettext_lazy("状态"), "get_state_display"),
    )


@officers(*nav.CASES)
@require_safe
def enterprises(request):
    listing = EnterpriseList(access.desk_enterprises(request.user), request)
    filtered = any(value for name, value in request.GET.items() if name in listing.filterset.filters)
    rows = [
        {"enterprise": row, "tone": TONES[row.state], "url": reverse("desk:enterprise", args=[row.pk])}
        for row in listing.page.rows
    ]
    return render(
        request,
        "desk/enterprises.html",
        {
            "list": listing,
            "rows": rows,
            "headings": {column.key: (url, sort) for column, url, sort in listing.headings()},
            "clear_url": reverse("desk:enterprises") if filtered else "",
            "total": listing.total_text,
        },
    )
