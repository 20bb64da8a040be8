"""The list of a person's own applications."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter, FilterSet

from applications.models import Application
from applications.states import ENDED, State
from foundation.lists.columns import Column
from foundation.lists.lists import List

FOR_THE_ENTERPRISE = (State.DRAFT, State.OFFERED, State.AWAITING_CORRECTION, State.DECLINE_NOTIFIED)


class CaseFilter(FilterSet):
    progress = ChoiceFilter(
        label=_("进展"),
        choices=[("mine", _("需要您办理")), ("running", _("办理中")), ("ended", _("已结束"))],
        empty_label=_("全部"),
        method="by_progress",
    )
    state = ChoiceFilter(label=_("状态"), choices=State.choices, empty_label=_("全部"))

    class Meta:
        model = Application
        fields = []

    def by_progress(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        if value == "mine":
            return queryset.filter(state__in=FOR_THE_ENTERPRISE)
        if value == "ended":
            return queryset.filter(state__in=[*ENDED, State.PAID])
        return queryset.exclude(state__in=[*ENDED, State.PAID, *FOR_THE_ENTERPRISE])


class CaseList(List):
    title = _("我的申请")
    filterset_class = CaseFilter
    FOR_THE_ENTERPRISE = FOR_THE_ENTERPRISE
    columns = (
        Column("id", _("顺序"), "pk", sort="pk", export=False),
        Column("number", _("编号"), "number", width=28),
        Column("title", _("项目"), "title", width=30),
        Column("item", _("事项"), "call_item.item.name", width=24),
        Column("state", _("状态"), "get_state_display", sort="state"),
        Column("office", _("现由谁办理"), "office", width=18),
        Column("due_on", _("期限"), "due_on", sort="due_on"),
        Column("submitted_at", _("提交时间"), "submitted_at", sort="submitted_at"),
    )
    default_sort = "-id"
    page_size = 20
