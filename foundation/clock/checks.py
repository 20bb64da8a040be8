"""The room's check: in production time is the real time."""

from collections.abc import Iterator

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.clock.models import DemoClock
from foundation.health import health
from foundation.health.health import Problem


def check() -> Iterator[Problem]:
    if settings.PRODUCTION and (settings.DEMO or DemoClock.current_offset()):
        yield Problem(
            "clock.demo",
            _("生产环境里有拨动过的演示时钟：这个数据库曾作演示之用"),
            _("停用此数据库，换用没有演示数据的数据库；期限与公示都可能按错误的日期计算过。"),
        )


def register() -> None:
    health.register("clock", gettext_lazy("时钟"), check)
