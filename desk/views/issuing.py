"""Documents issued at the desk: of a case, a public notice, a quarter's report. Asked for by POST, read by GET."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from applications import access as cases
from applications.documents import issue_acceptance, issue_application
from applications.verbs import Refused
from desk import nav
from desk.views.case import CASE_READERS
from desk.views.refusals import stale
from desk.views.reports import latest, quarter_of
from foundation.accounts.access import officers
from foundation.accounts.roles import Permission as P
from foundation.documents import documents
from foundation.files import files
from reviews import access as reviews
from reviews.documents import issue_notice
from tracking import access as tracking
from tracking.documents import REPORT, issue_report


@officers(P.VIEW_CASES)
@require_POST
def case_issue_submission(request, pk: int, number: int):
    """The application as it was submitted at that round."""
    case = cases.desk_case(request.user, pk)
    submission = get_object_or_404(case.submissions.select_related("form", "submitted_by"), round=number)
    submission.application = case
    return redirect("desk:case_issued", pk, issue_application(submission, request.user).pk)


@officers(P.VIEW_CASES)
@require_POST
def case_issue_acceptance(request, pk: int):
    """The acceptance slip; a case that was not accepted has none (409)."""
    case = cases.desk_case(request.user, pk)
    try:
        issued = issue_acceptance(case, request.user)
    except Refused as refused:
        return stale(request, refused.message, reverse("desk:case", args=[pk]))
    return redirect("desk:case_issued", pk, issued.pk)


@officers(*CASE_READERS)
@require_safe
def case_issued(request, pk: int, issued: int):
    return _file(request, documents.issued(cases.desk_case(request.user, pk)), issued)


@officers(P.VIEW_CASES)
@require_POST
def notice_issue(request, pk: int):
    """The list as it stands now."""
    notice = reviews.desk_notice(request.user, pk)
    return redirect("desk:notice_issued", pk, issue_notice(notice, request.user).pk)


@officers(*nav.NOTICES)
@require_safe
def notice_issued(request, pk: int, issued: int):
    return _file(request, documents.issued(reviews.desk_notice(request.user, pk)), issued)


@officers(P.COMPILE_REPORTS, P.VIEW_CASES)
@require_POST
def report_issue(request, year: int, number: int):
    """The quarter's report as last compiled; a district's people get their district's."""
    kept = latest(quarter_of(year, number))
    if kept is None:
        raise Http404
    return redirect("desk:report_issued", year, number, issue_report(kept, request.user).pk)


@officers(P.VIEW_REPORTS)
@require_safe
def report_issued(request, year: int, number: int, issued: int):
    """An issued report of this compilation; a district's people open their district's alone."""
    kept = latest(quarter_of(year, number))
    if kept is None:
        raise Http404
    district = tracking.district_of(request.user)
    rows = documents.issued(kept, REPORT, None if district is None else district)
    return _file(request, rows, issued)


def _file(request, rows, issued: int):
    found = get_object_or_404(rows, pk=issued)
    return files.response(found.document, inline="download" not in request.GET)
