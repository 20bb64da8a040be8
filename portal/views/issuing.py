"""Documents issued to the enterprise and, of a public notice, to anybody: asked for by POST, read by GET."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from applications.documents import issue_acceptance, issue_application
from applications.verbs import Refused
from foundation.accounts.access import enterprise_side, public
from foundation.accounts.roles import SYSTEM
from foundation.documents import documents
from foundation.files import files
from portal import refusals
from portal.reading import own_case
from reviews.documents import NOTICE, issue_notice
from reviews.models import PublicNotice


@enterprise_side
@require_POST
def case_issue_submission(request, pk, number):
    """The application as it was submitted at that round."""
    case = own_case(request, pk)
    submission = get_object_or_404(case.submissions.select_related("form", "submitted_by"), round=number)
    submission.application = case
    return redirect("case_issued", pk, issue_application(submission, request.user).pk)


@enterprise_side
@require_POST
def case_issue_acceptance(request, pk):
    """The acceptance slip; a case that was not accepted has none (409)."""
    case = own_case(request, pk)
    try:
        issued = issue_acceptance(case, request.user)
    except Refused as refused:
        return refusals.conflict(request, refused.message, reverse("case", args=[pk]))
    return redirect("case_issued", pk, issued.pk)


@enterprise_side
@require_safe
def case_issued(request, pk, issued):
    """A document that was issued about one's own case."""
    return _file(own_case(request, pk), issued, request)


@public
@require_POST
def notice_issue(request, number):
    """The list as a document, while it is public; afterwards 410."""
    notice = _notice(number)
    if not notice.is_open():
        return render(request, "portal/notice_ended.html", {"notice": notice}, status=410)
    return redirect("notice_issued", number, issue_notice(notice, SYSTEM).pk)


@public
@require_safe
def notice_issued(request, number, issued):
    """A list that was issued; like the notice itself only within its days, and only the latest state of it."""
    notice = _notice(number)
    if not notice.is_open():
        return render(request, "portal/notice_ended.html", {"notice": notice}, status=410)
    latest = documents.issued(notice, NOTICE).first()
    if latest is None or latest.pk != issued:
        raise Http404
    return _file(notice, issued, request)


def _notice(number: str) -> PublicNotice:
    return get_object_or_404(PublicNotice.objects.select_related("call_item__item", "office"), number=number)


def _file(subject, issued: int, request):
    found = get_object_or_404(documents.issued(subject), pk=issued)
    return files.response(found.document, inline="download" not in request.GET)
