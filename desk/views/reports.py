"""The quarter's report: on the page, as XLSX, and compiled on demand."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from foundation.accounts.access import officers
from foundation.accounts.models import District
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.documents import documents
from tracking import access, reading, sheets, workflow
from tracking.documents import REPORT, may_issue
from tracking.models import QuarterReport
from tracking.quarters import Quarter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def quarter_of(year: int, number: int) -> Quarter:
    """The quarter of an address; 404 where there is none such or it lies ahead."""
    try:
        quarter = Quarter(year, number)
    except ValueError as error:
        raise Http404 from error
    if quarter.starts > clock.now():
        raise Http404
    return quarter


def latest(quarter: Quarter) -> QuarterReport | None:
    """The compilation that counts."""
    kept = QuarterReport.objects.filter(year=quarter.year, quarter=quarter.number)
    return kept.order_by("-pk").first()


@officers(Permission.VIEW_REPORTS)
@require_safe
def report(request, year: int | None = None, number: int | None = None):
    """A quarter's report as it was last compiled, or an invitation to compile it."""
    quarter = quarter_of(year, number) if year else Quarter.of(clock.today())
    kept = latest(quarter)
    context = {
        "quarter": quarter,
        "previous": quarter.previous,
        "next": quarter.next if quarter.next.starts <= clock.now() else None,
        "report": kept,
        "may_compile": request.user.may(Permission.COMPILE_REPORTS),
    }
    if kept:
        district = access.district_of(request.user)
        context |= reading.shapes(access.figures(kept, request.user), district)
        context["issued"] = documents.listed(
            documents.issued(kept, REPORT, district),
            lambda issued: reverse("desk:report_issued", args=[quarter.year, quarter.number, issued]),
        )
        context["may_issue"] = may_issue(request.user)
        context["district"] = District.objects.get(pk=district) if district else None
    return render(request, "desk/report.html", context)


@officers(Permission.VIEW_REPORTS)
@require_safe
def report_xlsx(request, year: int, number: int):
    """The report as last compiled, as a workbook."""
    kept = latest(quarter_of(year, number))
    if kept is None:
        raise Http404
    response = HttpResponse(sheets.workbook(kept, access.figures(kept, request.user)), content_type=XLSX)
    name = _("%s跟踪报告.xlsx") % kept
    response["Content-Disposition"] = content_disposition_header(True, name)
    return response


@officers(Permission.COMPILE_REPORTS)
@require_POST
def report_compile(request, year: int, number: int):
    """Compile the quarter's report now."""
    try:
        kept = workflow.compile_report(quarter_of(year, number), request.user)
        messages.success(
            request,
            _("已编制%(report)s，数据截至 %(as_of)s")
            % {"report": kept, "as_of": f"{clock.local(kept.as_of):%Y-%m-%d %H:%M}"},
        )
    except workflow.ReportRefused as refused:
        messages.error(request, refused.message)
    return redirect("desk:report_of", year=year, number=number)
