"""Compiling the quarter's report: on the beat, and on demand by whoever may read reports."""

from django.db import transaction

from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events import events
from tracking import reports
from tracking.models import QuarterReport
from tracking.quarters import Quarter


class ReportRefused(Exception):
    """Why no report was compiled, in Chinese."""

    def __init__(self, message: str):
        self.message = message
        super().__init__(message)


def compile_report(quarter: Quarter, by) -> QuarterReport:
    """Compute a quarter's report and keep it; preliminary while the quarter runs. A future one is refused."""
    if not getattr(by, "is_system", False) and not by.may(Permission.COMPILE_REPORTS):
        raise ReportRefused("您没有编制报告的权限")
    now = clock.now()
    if quarter.starts > now:
        raise ReportRefused("该季度尚未开始")
    with transaction.atomic():
        as_of = min(now, quarter.ends)
        report = QuarterReport.objects.create(
            year=quarter.year,
            quarter=quarter.number,
            preliminary=now < quarter.ends,
            as_of=as_of,
            compiled_at=now,
            compiled_by=by.actor_label,
            data=reports.compute(quarter, as_of),
        )
        events.record(
            "compile_report",
            report,
            by,
            quarter=str(quarter),
            preliminary=report.preliminary,
            as_of=as_of,
            cells=len(report.data["cells"]),
        )
    return report
