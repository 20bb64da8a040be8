"""The room's check: the calendar reaches as far as due dates will soon need it."""

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.clock import clock
from foundation.health import health
from foundation.health.health import Problem
from foundation.workdays.models import Workday

# The State Council's notice of the next year comes out in November.
NEXT_YEAR_FROM = 11


def check() -> Iterator[Problem]:
    today = clock.today()
    years = [today.year] + ([today.year + 1] if today.month >= NEXT_YEAR_FROM else [])
    last_days = [date(year, 12, 31) for year in years]
    there = set(Workday.objects.filter(day__in=last_days).order_by("day").values_list("day", flat=True))
    for day in last_days:
        if day not in there:
            yield Problem(
                f"workdays.{day.year}",
                _("工作日历没有 %(year)d 年：期限算不出来的申请会办不下去") % {"year": day.year},
                _("按国务院办公厅的放假通知补充该年的工作日（foundation/workdays/notices.py），再升级程序。"),
            )


def register() -> None:
    health.register("workdays", gettext_lazy("工作日历"), check)
