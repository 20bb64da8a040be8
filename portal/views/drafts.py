"""Writing an application: begin, edit, save by itself, throw away."""

from django.contrib import messages
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from applications import access, workflow
from applications.states import State
from applications.workflow import Refused
from foundation.accounts.access import enterprise_side, enterprise_side_or
from foundation.accounts.roles import Permission
from foundation.clock import clock
from measures.calls import countdown
from measures.models import CallItem
from portal import acting, prefill, refusals
from portal.drafting import Draft
from portal.progress import situation
from portal.reading import own_case

EDITABLE = {State.DRAFT, State.AWAITING_CORRECTION}


@enterprise_side
def start(request, code):
    """Begin a draft for the enterprise in view; who has none yet says first for whom they act.

    Who comes by an address (back from the sign-in) finds the button on the item's page.
    """
    if request.method != "POST":
        return redirect("item", code=code)
    line = get_object_or_404(
        CallItem.objects.select_related("call", "item", "form"),
        pk=max(refusals.posted_number(request, "line"), 0),
        item__code=code,
    )
    unit = acting.standing(request).current
    if unit is None:
        messages.info(request, _("请先登记您所代表的企业，再开始申请。"))
        return redirect("claim")
    known = prefill.answers(line.form.form, unit.enterprise) if unit.verified else {}
    carried = None
    if (earlier := refusals.posted_number(request, "carry")) > 0:
        carried = workflow.carry(own_case(request, earlier), line)
    try:
        case = workflow.start(line, unit.enterprise, request.user, known, carried)
    except Refused as refused:
        response = refusals.answer(request, refused, reverse("item", args=[code]))
        if response is not None:
            return response
        messages.error(request, refused.message)
        return redirect("item", code)
    return redirect("draft", case.pk)


@enterprise_side_or(Permission.FILE_AT_COUNTER)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request, pk):
    """The form of a draft or of a correction; POST keeps what was typed (go=review leads on)."""
    case = own_case(request, pk)
    if request.method == "POST":
        return _keep(request, case)
    if case.state not in EDITABLE:
        return redirect("case", pk)
    if not access.may_write(request.user, case):
        # To read, not to write on: by their role, or while the account doesn't allow it.
        return redirect("submit", pk)
    draft = Draft(case, request.user)
    return page(request, draft, draft.form())


def _keep(request, case):
    try:
        _save(request, case)
    except Refused as refused:
        back = reverse("draft", args=[case.pk])
        return refusals.answer(request, refused, back) or refusals.conflict(request, refused.message, back)
    if request.POST.get("go") == "review":
        return redirect("submit", case.pk)
    messages.success(request, _("已保存。"))
    return redirect("draft", case.pk)


def _save(request, case):
    """The form that was posted and the case as saved; raises Refused."""
    draft = Draft(case, request.user)
    form = draft.form(request.POST)
    saved = workflow.save_draft(
        case, request.user, draft.to_store(form), refusals.posted_number(request, "version")
    )
    return form, saved


@enterprise_side_or(Permission.FILE_AT_COUNTER)
@require_POST
def autosave(request, pk):
    """Keep what was typed so far: {revision, saved_at, errors, missing}; 409 where another tab was faster."""
    case = own_case(request, pk)
    try:
        form, saved = _save(request, case)
    except Refused as refused:
        status = 403 if refused.code == "forbidden" else 409
        return JsonResponse({"message": refused.message}, status=status)
    draft = Draft(saved, request.user)
    return JsonResponse(
        {
            "revision": saved.draft_revision,
            # The name under which the form carries it.
            "version": saved.draft_revision,
            "saved_at": f"{clock.local(clock.now()):%H:%M}",
            "errors": {key: [str(text) for text in texts] for key, texts in form.errors.items()},
            "missing": [{"key": one.key, "label": one.label} for one in draft.missing()],
        }
    )


@enterprise_side_or(Permission.FILE_AT_COUNTER)
@require_POST
def discard(request, pk):
    """Throw a draft away."""
    case = own_case(request, pk)
    case.version = refusals.posted_number(request, "version")
    try:
        workflow.discard(case, request.user).one()
    except Refused as refused:
        back = reverse("my_cases")
        return refusals.answer(request, refused, back) or refusals.conflict(request, refused.message, back)
    messages.success(request, _("草稿已废弃。"))
    return redirect("desk:home" if request.user.is_officer else "my_cases")


def page(request, draft: Draft, form, slot_errors=None, message="", status=200):
    """The editing page; `message` and `slot_errors` are those of a refused submit or upload."""
    case = draft.case
    missing = draft.missing()
    papers = draft.papers(slot_errors)
    context = {
        "case": case,
        "draft": draft,
        "form": form,
        "sections": draft.sections(form),
        "papers": papers,
        "missing": missing,
        "message": message,
        "faults": _faults(form, papers, draft),
        "refused": status != 200,
        "identity": prefill.identity(case.enterprise) if draft.member else [],
        "told": situation(case, draft.correction),
        "countdown": countdown(case.call_item.call),
        "open": draft.is_correction or case.call_item.call.is_open(),
        "phase": case.call_item.call.phase(),
        "closed": draft.closed_rows(),
        "hidden": [{"name": "version", "value": case.version}],
        "may_discard": not draft.is_correction and access.may_discard(request.user, case),
    }
    return render(request, "portal/draft.html", context, status=status)


def _faults(form, papers, draft: Draft) -> list[dict]:
    """What is wrong, with anchors, for the summary above the form: fields first, then documents."""
    shown = {bound.name: bound for section in form.sections for bound in section.fields}
    found = [
        {"key": key, "label": shown[key].label, "texts": texts}
        for key, texts in form.errors.items()
        if key in shown
    ]
    found += [
        {"key": paper.slot.key, "label": paper.slot.label, "texts": paper.errors}
        for paper in papers
        if paper.errors
    ]
    return found
