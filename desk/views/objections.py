"""Objections and leads on the desk: for the officer and the head of the notice's office alone."""

from uuid import UUID

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.verbs import Refused
from desk import shown
from desk.forms.objections import AnswerForm, LeadForm
from desk.views import refusals
from foundation.accounts.access import officers
from foundation.accounts.roles import Permission as P
from foundation.files import files
from foundation.files.models import Document
from foundation.workdays.workdays import CalendarMissing
from reviews import access, workflow
from reviews.models import Objection

ALLOWED = (P.VIEW_OBJECTIONS,)


@officers(*ALLOWED)
@require_safe
def objections(request):
    """What was said to this office's notices: to be answered first, by due day."""
    rows = access.objections(request.user).order_by("due_on", "pk")
    waiting = list(rows.standing())
    context = {
        "waiting": [{"row": row, "left": shown.days_left(row.due_on)} for row in waiting],
        "others": rows.exclude(pk__in=[row.pk for row in waiting]).order_by("-pk"),
        "leads": access.leads(request.user).order_by("-state", "-pk"),
    }
    return render(request, "desk/objections.html", context)


@officers(*ALLOWED)
@require_http_methods(["GET", "HEAD", "POST"])
def objection(request, pk: int):
    """One objection, its identity masked; the officer answers it here."""
    found = access.desk_objection(request.user, pk)
    form = None
    if found.is_standing and request.user.may(P.ANSWER_OBJECTION, found.notice.office_id):
        form = AnswerForm(
            request.POST if request.method == "POST" else None, initial={"version": found.version}
        )
    if request.method == "POST":
        answer = _answered(request, found, form)
        if answer is not None:
            return answer
    return _page(request, found, form, status=422 if form and form.errors else 200)


def _page(request, found: Objection, form: AnswerForm | None, *, seen: bool = False, status: int = 200):
    context = {
        "objection": found,
        "case": found.application,
        "form": form,
        "seen": seen,
        "left": shown.days_left(found.due_on) if found.is_standing else None,
        "documents": found.documents.order_by("name", "pk"),
    }
    return render(request, "desk/objection.html", context, status=status)


def _answered(request, found: Objection, form: AnswerForm | None):
    back = reverse("desk:objection", args=[found.pk])
    if form is None:
        refusals.require(request.user.may(P.ANSWER_OBJECTION, found.notice.office_id))
        return refusals.stale(request, _("这件异议现在不需要答复"), back)
    if not form.is_valid():
        return None
    data = form.cleaned_data
    found.version = data["version"]
    said = workflow.Answer(data["upheld"] == "yes", data["text"], data["told_by"], data["told_on"])
    try:
        done = workflow.answer_objection(found, request.user, said)
    except (Refused, CalendarMissing) as refusal:
        return refusals.beside(request, form, refusal, back)
    messages.success(
        request,
        _("%(number)s 已答复：%(state)s") % {"number": done.number, "state": done.get_state_display()},
    )
    return redirect("desk:objection", found.pk)


@officers(*ALLOWED)
@require_POST
def objection_contact(request, pk: int):
    """The page once more with name and phone; that somebody looked is recorded."""
    found = access.desk_objection(request.user, pk)
    workflow.see_objector(found, request.user)
    form = None
    if found.is_standing and request.user.may(P.ANSWER_OBJECTION, found.notice.office_id):
        form = AnswerForm(initial={"version": found.version})
    response = _page(request, found, form, seen=True)
    response["Cache-Control"] = "private, no-store"
    return response


@officers(*ALLOWED)
@require_safe
def objection_document(request, pk: int, document: UUID):
    found = access.desk_objection(request.user, pk)
    row = get_object_or_404(Document.objects.filter(pk__in=found.documents.values("pk")), pk=document)
    return files.response(row, inline="download" not in request.GET)


@officers(*ALLOWED)
@require_http_methods(["GET", "HEAD", "POST"])
def lead(request, pk: int):
    """One lead; the officer writes down what was found, and closes it."""
    found = access.desk_lead(request.user, pk)
    may = request.user.may(P.ANSWER_OBJECTION, found.notice.office_id)
    form = None
    if found.state == found.State.OPEN and may:
        initial = {"version": found.version, "note": found.note}
        form = LeadForm(request.POST if request.method == "POST" else None, initial=initial)
    back = reverse("desk:lead", args=[pk])
    if request.method == "POST":
        refusals.require(may)
        if form is None:
            return refusals.stale(request, _("这条线索已经处理"), back)
        if form.is_valid():
            data = form.cleaned_data
            found.version = data["version"]
            try:
                workflow.note_lead(found, request.user, data["note"], close=data["close"])
            except Refused as refusal:
                answer = refusals.beside(request, form, refusal, back)
                if answer is not None:
                    return answer
            else:
                messages.success(request, _("已记录"))
                return redirect(back)
    context = {
        "lead": found,
        "case": found.application,
        "form": form,
        "documents": found.documents.order_by("name", "pk"),
    }
    return render(request, "desk/lead.html", context, status=422 if form and form.errors else 200)


@officers(*ALLOWED)
@require_safe
def lead_document(request, pk: int, document: UUID):
    found = access.desk_lead(request.user, pk)
    row = get_object_or_404(Document.objects.filter(pk__in=found.documents.values("pk")), pk=document)
    return files.response(row, inline="download" not in request.GET)
