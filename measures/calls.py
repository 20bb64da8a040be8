"""What is said of a published call: where it stands and for how long still, and the list of all calls."""

from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_filters import ChoiceFilter, FilterSet, ModelChoiceFilter

from foundation.clock import clock
from foundation.display.dates import moment
from foundation.lists.columns import Column
from foundation.lists.lists import List
from foundation.workdays import workdays
from measures.models import Call, Measure

TONES = {
    Call.Phase.OPEN: "ok",
    Call.Phase.COMING: "brand",
    Call.Phase.SUSPENDED: "warn",
    Call.Phase.CANCELLED: "stop",
}


def tone(call: Call) -> str:
    return TONES.get(call.phase(), "neutral")


def days_until(at: datetime) -> int:
    """Working days to the day of that moment: 0 on the day itself."""
    return workdays.remaining(clock.local(at).date(), clock.today())


def countdown(call: Call) -> str:
    """Where the call stands and how long still, as a sentence without its full stop."""
    phase = call.phase()
    if phase == Call.Phase.SUSPENDED:
        return _("暂停申报，恢复的时间另行公告；草稿为您保留")
    if phase == Call.Phase.CANCELLED:
        return _("已取消申报，不能提交；草稿为您保留")
    if phase == Call.Phase.CLOSED:
        return _("申报已于 %s 截止") % moment(call.closes_at)
    if phase == Call.Phase.COMING:
        return _("%(moment)s 开始申报，%(left)s") % {
            "moment": moment(call.opens_at),
            "left": _left(days_until(call.opens_at), _("今天开始")),
        }
    return _("%(moment)s 截止申报，%(left)s") % {
        "moment": moment(call.closes_at),
        "left": _left(days_until(call.closes_at), _("今天截止")),
    }


def _left(days: int, today: str) -> str:
    if days <= 0:
        return today
    return ngettext("还有 %(days)d 个工作日", "还有 %(days)d 个工作日", days) % {"days": days}


class CallFilter(FilterSet):
    phase = ChoiceFilter(
        label=gettext_lazy("进度"),
        choices=Call.Phase.choices,
        empty_label=gettext_lazy("全部"),
        method="by_phase",
    )
    measure = ModelChoiceFilter(
        label=gettext_lazy("措施"),
        queryset=lambda request: Measure.objects.in_force(),
        empty_label=gettext_lazy("全部"),
        method="by_measure",
    )

    class Meta:
        model = Call
        fields = []

    def by_phase(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        now = clock.now()
        goes_on = Q(state=Call.State.PUBLISHED)
        conditions = {
            Call.Phase.COMING: goes_on & Q(opens_at__gt=now),
            Call.Phase.OPEN: goes_on & Q(opens_at__lte=now, closes_at__gt=now),
            Call.Phase.CLOSED: (goes_on & Q(closes_at__lte=now)) | Q(state=Call.State.CONCLUDED),
            Call.Phase.SUSPENDED: Q(state=Call.State.SUSPENDED),
            Call.Phase.CANCELLED: Q(state=Call.State.CANCELLED),
        }
        return queryset.filter(conditions[value])

    def by_measure(self, queryset: QuerySet, name: str, value: Measure) -> QuerySet:
        return queryset.filter(items__item__measure=value).distinct()


class CallList(List):
    title = gettext_lazy("申报通知")
    filterset_class = CallFilter
    columns = (
        Column("opens_at", gettext_lazy("开始申报"), "opens_at", sort="opens_at"),
        Column("closes_at", gettext_lazy("截止申报"), "closes_at", sort="closes_at"),
        Column("title", gettext_lazy("申报通知"), "title", width=40),
        Column("number", gettext_lazy("通知文号"), "notice_number", width=24),
        Column("office", gettext_lazy("发布单位"), "office", width=20),
    )
    default_sort = "-opens_at"
    page_size = 20
