"""The lists of 服务专员: the enterprises that one serves, and those of an office with who serves them."""

from functools import cached_property

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enterprises.models import Enterprise
from foundation.accounts.models import Office, User
from foundation.display.dates import day
from foundation.lists.columns import Column
from foundation.lists.lists import List
from tracking import serving
from tracking.models import SpecialistAssignment
from tracking.serving import Need

TABS = {
    "none": gettext_lazy("无人服务"),
    "served": gettext_lazy("已有专员"),
    "register": gettext_lazy("尚无经办人"),
}


def _search() -> django_filters.CharFilter:
    return django_filters.CharFilter(
        label=gettext_lazy("搜索"),
        method="search",
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": gettext_lazy("名称、代码"), "autocomplete": "off"}),
    )


class _EnterpriseFilter(django_filters.FilterSet):
    q = _search()

    class Meta:
        model = Enterprise
        fields: list[str] = []

    def search(self, rows, name, value):
        word = value.strip()
        return rows.filter(Q(name__icontains=word) | Q(uscc__istartswith=word))


class ServedFilter(_EnterpriseFilter):
    need = django_filters.ChoiceFilter(
        label=gettext_lazy("要办的事"),
        choices=[
            ("any", gettext_lazy("有事要办")),
            *Need.choices,
            ("apply", gettext_lazy("有可以申请的事项")),
        ],
        method="by_need",
        empty_label=gettext_lazy("全部"),
    )
    contact = django_filters.ChoiceFilter(
        label=gettext_lazy("最近联系"),
        choices=[
            ("never", gettext_lazy("没有联系过")),
            ("silent", gettext_lazy("%d 天没有联系") % serving.SILENT_DAYS),
        ],
        method="by_contact",
        empty_label=gettext_lazy("全部"),
    )

    def by_need(self, rows, name, value):
        if value == "apply":
            return rows.filter(pk__in=list(serving.can_apply(rows.order_by().values_list("pk", flat=True))))
        return serving.needing(rows, *([] if value == "any" else [value]))

    def by_contact(self, rows, name, value):
        never = Q(contacted_on=None)
        return rows.filter(never if value == "never" else never | Q(contacted_on__lt=serving.silent_since()))


def need_text(case) -> str:
    """补正待提交：研发平台（12 月 3 日前）."""
    what = f"{Need(case.need).label}：{case.call_item.item.name}"
    if case.need_by is None:
        return what
    by = _("建议 %s前") if case.need == Need.OFFER else _("%s前")
    return f"{what}（{by % day(case.need_by)}）"


class ServedList(List):
    title = gettext_lazy("我服务的企业")
    filterset_class = ServedFilter
    default_sort = "due"
    columns = (
        Column("name", gettext_lazy("企业"), "name", sort="name", width=36),
        Column("uscc", gettext_lazy("统一社会信用代码"), "uscc", width=22),
        Column("district", gettext_lazy("注册区"), "district.name", width=12),
        Column("state", gettext_lazy("账户"), "get_state_display", width=10),
        Column("due", gettext_lazy("最近期限"), "term", sort="urgency", width=14),
        Column(
            "needs",
            gettext_lazy("企业现在要办的事"),
            lambda row: "；".join(need_text(case) for case in row.waiting_cases),
            width=60,
        ),
        Column("contacted", gettext_lazy("最近联系"), "contacted_on", sort="contacted_on", width=14),
        Column("since", gettext_lazy("服务起"), "served_since", width=14),
    )


def tab(rows: QuerySet[Enterprise], office: Office | None, chosen: str) -> QuerySet[Enterprise]:
    """The enterprises of a tab: whom nobody (of the office) serves today, whom somebody does, and, served by nobody,
    those for which nobody acts yet."""
    served = Exists(_of(SpecialistAssignment.objects.standing(), office).filter(enterprise=OuterRef("pk")))
    if chosen == "served":
        return rows.filter(served)
    return rows.filter(~served, verified_at__isnull=chosen == "register")


def with_assignments(rows: QuerySet[Enterprise], office: Office | None) -> QuerySet[Enterprise]:
    """Each with `open_assignments`, of which those that stand are marked; one query for any number."""
    standing = SpecialistAssignment.objects.standing().filter(pk=OuterRef("pk"))
    found = _of(SpecialistAssignment.objects.open(), office).annotate(stands=Exists(standing))
    return rows.prefetch_related(
        Prefetch(
            "specialist_assignments",
            found.select_related("specialist", "office").order_by("office__kind", "pk"),
            to_attr="open_assignments",
        )
    )


def _of(assignments: QuerySet, office: Office | None) -> QuerySet:
    return assignments if office is None else assignments.filter(office=office)


class SpecialistFilter(_EnterpriseFilter):
    specialist = django_filters.ModelChoiceFilter(
        label=gettext_lazy("专员（含已离任）"),
        queryset=User.objects.none(),
        method="by_specialist",
        empty_label=gettext_lazy("全部"),
    )
    state = django_filters.ChoiceFilter(
        label=gettext_lazy("账户"),
        choices=[one for one in Enterprise.State.choices if one[0] != Enterprise.State.CLOSED],
        empty_label=gettext_lazy("全部"),
    )

    def __init__(self, *args, office: Office | None = None, **options):
        super().__init__(*args, **options)
        self.office = office
        given = _of(SpecialistAssignment.objects.open(), office).order_by().values("specialist")
        self.filters["specialist"].queryset = User.objects.filter(pk__in=given).order_by("full_name", "pk")

    def by_specialist(self, rows, name, value):
        mine = _of(SpecialistAssignment.objects.open(), self.office).filter(specialist=value)
        return rows.filter(pk__in=mine.order_by().values("enterprise"))


def _who(row) -> str:
    return "；".join(
        f"{one.specialist.get_full_name()}（{one.office}）" for one in row.open_assignments if one.stands
    )


def _who_left(row) -> str:
    return "；".join(
        f"{one.specialist.get_full_name()}（{one.office}）" for one in row.open_assignments if not one.stands
    )


class SpecialistList(List):
    title = gettext_lazy("服务专员")
    filterset_class = SpecialistFilter
    default_sort = "uscc"
    columns = (
        Column("name", gettext_lazy("企业"), "name", sort="name", width=36),
        Column("uscc", gettext_lazy("统一社会信用代码"), "uscc", sort="uscc", width=22),
        Column("district", gettext_lazy("注册区"), "district.name", width=12),
        Column("state", gettext_lazy("账户"), "get_state_display", width=10),
        Column("who", gettext_lazy("服务专员"), _who, width=24),
        Column("left", gettext_lazy("原专员"), _who_left, width=24),
    )

    def __init__(self, queryset, request, office: Office | None):
        super().__init__(queryset, request)
        self.office = office

    @cached_property
    def filterset(self):
        return SpecialistFilter(self.params, queryset=self.queryset, request=self.request, office=self.office)
