"""The list of requests that were handed to units: its tabs, columns, filters and order."""

import django_filters
from django import forms
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from enterprises.history import had_code
from foundation.accounts.models import District, Office
from foundation.clock import clock
from foundation.lists.columns import Column
from foundation.lists.lists import List
from measures.models import Item
from tracking.models import Referral

TABS = {"open": _("待答复"), "ended": _("已结束")}
TONES = {"waiting": "warn", "working": "brand", "concluded": "ok", "withdrawn": "neutral"}


def tab(rows, chosen: str):
    """Those of a tab."""
    return rows.open() if chosen == "open" else rows.exclude(state__in=["waiting", "working"])


class ReferralFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(
        label=_("搜索"),
        method="search",
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": _("企业名称、代码"), "autocomplete": "off"}),
    )
    item = django_filters.ModelChoiceFilter(
        label=_("事项"),
        queryset=Item.objects.filter(treatment=Item.Treatment.REFERRAL).order_by("code"),
        empty_label=_("全部"),
    )
    office = django_filters.ModelChoiceFilter(
        label=_("办理单位"), queryset=Office.objects.exclude(kind="finance"), empty_label=_("全部")
    )
    district = django_filters.ModelChoiceFilter(
        label=_("企业所在区"),
        field_name="enterprise__district",
        queryset=District.objects.all(),
        empty_label=_("全部"),
    )
    outcome = django_filters.ChoiceFilter(
        label=_("结果"), choices=Referral.Outcome.choices, empty_label=_("全部")
    )
    late = django_filters.ChoiceFilter(
        label=_("期限"), choices=[("yes", _("已超期"))], method="overdue", empty_label=_("全部")
    )

    class Meta:
        model = Referral
        fields: list[str] = []

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        # What can't be of this tab isn't asked.
        ended = self.request.GET.get("tab") == "ended"
        del self.filters["late" if ended else "outcome"]

    def search(self, rows, name, value):
        word = value.strip()
        had = had_code(word, "enterprise")
        return rows.filter(Q(enterprise__name__icontains=word) | Q(enterprise__uscc__istartswith=word) | had)

    def overdue(self, rows, name, value):
        return rows.filter(due_on__lt=clock.today())


class ReferralList(List):
    title = _("转办单")
    filterset_class = ReferralFilter
    default_sort = "due"
    columns = (
        Column("number", _("编号"), "number", width=16),
        Column("due", _("期限"), "due_on", sort="due_on"),
        Column("name", _("企业"), "enterprise.name", sort=F("enterprise__name"), width=36),
        Column("uscc", _("统一社会信用代码"), "enterprise.uscc", width=22),
        Column("district", _("企业所在区"), "enterprise.district.name", width=12),
        Column("code", _("事项代码"), "item.code", width=10),
        Column("item", _("事项"), "item.name", sort=F("item__code"), width=28),
        Column("office", _("办理单位"), "office", width=20),
        Column("state", _("状态"), "get_state_display", width=10),
        Column("text", _("请求"), "text", width=60),
        Column("at", _("提出时间"), "at", sort="at", width=18),
        Column("taken_at", _("接收时间"), "taken_at", width=18),
        Column("ended_at", _("办结时间"), "ended_at", sort="ended_at", width=18),
        Column("outcome", _("结果"), "get_outcome_display", width=20),
        Column("result", _("办理结果"), "result", width=60),
        Column("reference", _("文号或凭证"), "reference", width=24),
    )
