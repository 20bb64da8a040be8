"""The beat's part of measure 10."""

from celery import shared_task

from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from tracking import workflow
from tracking.models import QuarterReport
from tracking.quarters import Quarter


@shared_task
def compile_reports() -> list[str]:
    """Each night: the running quarter, preliminary; the one before, once more when it has ended."""
    running = Quarter.of(clock.today())
    compiled = [str(workflow.compile_report(running, SYSTEM))]
    ended = running.previous
    final = QuarterReport.objects.filter(year=ended.year, quarter=ended.number, preliminary=False)
    if not final.exists():
        compiled.append(str(workflow.compile_report(ended, SYSTEM)))
    return compiled
