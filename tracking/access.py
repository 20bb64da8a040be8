"""Whose figures of a report a person may read: a district its own, the commission and the auditor all."""

from foundation.accounts.models import Office
from foundation.accounts.roles import Permission
from tracking import reports
from tracking.models import QuarterReport
from tracking.quarters import Quarter


def district_of(user) -> str | None:
    """The code of the only district whose figures this person may read; None for all of them."""
    offices = list(Office.objects.filter(pk__in=user.offices_where(Permission.VIEW_REPORTS)).order_by("pk"))
    if offices and all(office.kind == Office.Kind.DISTRICT for office in offices):
        return offices[0].district_id
    return None


def figures(report: QuarterReport, user) -> dict:
    """What this person may read of the report: a district its own cells, computed as of the same moment."""
    district = district_of(user)
    if district is None:
        return report.data
    return reports.compute(Quarter(report.year, report.quarter), report.as_of, district)
