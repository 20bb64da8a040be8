"""The last page before an application is handed in: everything to read once more, then submit or resubmit."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications import checks, workflow
from applications.workflow import Refused
from enterprises.member_roles import Does
from foundation.accounts.access import enterprise_side_or
from foundation.accounts.roles import Permission
from measures import eligibility
from measures.calls import countdown
from portal import refusals
from portal.acting import standing
from portal.drafting import Draft, readable
from portal.offers import arithmetic, full_reason, reasons
from portal.reading import own_case
from portal.views.drafts import EDITABLE, page


@enterprise_side_or(Permission.FILE_AT_COUNTER)
@require_http_methods(["GET", "HEAD", "POST"])
def submit(request, pk):
    """Review everything, then hand it in; what a verb refuses stands beside its field."""
    case = own_case(request, pk)
    if request.method == "POST":
        return _hand_in(request, case)
    if case.state not in EDITABLE:
        return redirect("desk:case" if request.user.is_officer else "case", pk)
    return _review(request, Draft(case, request.user))


def _review(request, draft: Draft, message="", status=200):
    case = draft.case
    at_counter = case.filed_by_id is not None and case.filed_by_id == draft.user.pk
    unit = next((one for one in standing(request).units if one.enterprise == case.enterprise), None)
    context = {
        "case": case,
        "draft": draft,
        "unit": unit,
        "may_submit": at_counter or (unit is not None and unit.may_submit),
        "why_not": unit.why_not(Does.SUBMIT) if unit is not None and unit.verified else "",
        "barred": "" if at_counter or unit is None else unit.barred,
        "missing": draft.missing(),
        "consortium": draft.consortium,
        "sections": [
            {"title": section.title, "rows": readable(section.rows)}
            for section in draft.engine.rows(case.answers)
        ],
        "papers": [
            {"label": slot.label, "paper": draft.documents.get(slot.key)}
            for slot in draft.engine.slots
            if slot.key in draft.documents or slot.required
        ],
        "message": message,
        "countdown": countdown(case.call_item.call),
        "open": draft.is_correction or case.call_item.call.is_open(),
        **_checked(draft),
    }
    return render(request, "portal/submit.html", context, status=status)


def _checked(draft: Draft) -> dict:
    """The rule's result for the answers as they stand; for who isn't a member its words alone."""
    case = draft.case
    if not draft.member:
        rule = case.call_item.rule_on()
        return {"answer": None, "conditions": reasons(rule.conditions.all() if rule else ()), "lines": []}
    answer = eligibility.explain(case.call_item, case.enterprise, checks.inputs_of(case))
    return {
        "answer": answer,
        "conditions": [full_reason(one, case.call_item.call.year) for one in answer.conditions],
        "lines": arithmetic(answer.lines, _("测算上限"), answer.amount),
    }


def _hand_in(request, case):
    here = reverse("submit", args=[case.pk])
    if refusals.posted_number(request, "revision") != case.draft_revision:
        return refusals.conflict(request, _("这份申请在您核对之后又有修改，请重新核对后提交。"), here)
    draft = Draft(case, request.user)
    verb = workflow.resubmit if draft.is_correction else workflow.submit
    case.version = refusals.posted_number(request, "version")
    try:
        done = verb(case, request.user).one()
    except Refused as refused:
        response = refusals.answer(request, refused, reverse("case", args=[case.pk]))
        return response or _beside(request, draft, refused)
    if draft.is_correction:
        messages.success(request, _("补正已提交，由%s继续办理。") % done.office)
    else:
        messages.success(request, _("已提交，申请编号 %s。") % done.number)
    return redirect("desk:case" if request.user.is_officer else "case", case.pk)


def _beside(request, draft: Draft, refused: Refused):
    """Back to the form with each error at its place; what belongs to no field stands above the review."""
    keys = draft.engine.by_key.keys() | {slot.key for slot in draft.engine.slots}
    if not refused.fields.keys() & keys:
        return _review(request, draft, refused.message, status=422)
    return page(request, draft, draft.form(draft=False), refused.fields, refused.message, status=422)
