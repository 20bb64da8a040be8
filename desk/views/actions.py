"""行动记录: what the responsible units did; entered, corrected by another entry, and of what there is none."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.verbs import Refused
from desk import nav
from desk.forms.actions import CorrectionForm, NewActionForm, VoidForm
from desk.lists.actions import ActionList, SilentList, days_since, quarter_of
from desk.views import refusals
from desk.views.exporting import download
from foundation.accounts.access import officers
from foundation.accounts.models import Office
from foundation.accounts.roles import Permission as P
from foundation.clock import clock
from measures.models import Item
from tracking import access, action_workflow, activity
from tracking.models import MeasureAction

ENTERING = (P.RECORD_ACTION, P.COORDINATE)


def _logged():
    return MeasureAction.objects.current().select_related("item", "office")


@officers(*nav.ACTIONS)
@require_safe
def actions(request):
    """What stands in the log now, the latest first."""
    listing = ActionList(_logged(), request)
    mine = set(access.offices_to_enter_for(request.user).values_list("pk", flat=True))
    filtered = any(value for name, value in request.GET.items() if name in listing.filterset.filters)
    context = {
        "list": listing,
        "headings": {column.key: (url, sort) for column, url, sort in listing.headings()},
        "rows": [{"one": row, "may_correct": row.office_id in mine} for row in listing.page.rows],
        "may_enter": bool(mine),
        "tabs": _tabs(request, "actions"),
        "clear_url": reverse("desk:actions") if filtered else "",
        "export_url": reverse("desk:actions_export") + listing.address(export="xlsx"),
        "export_label": _("导出 %s 条") % listing.total_text,
        "total": listing.total_text,
    }
    return render(request, "desk/actions.html", context)


@officers(*nav.ACTIONS)
@require_safe
def actions_export(request):
    return download(request, ActionList(_logged(), request))


def _tabs(request, active: str) -> list[dict]:
    pages = [("actions", _("行动记录"))]
    if any(request.user.may(permission) for permission in nav.SILENT):
        pages.append(("silent_items", _("没有行动的事项")))
    return [
        {"label": label, "url": reverse(f"desk:{name}"), "active": name == active, "count": None}
        for name, label in pages
    ]


@officers(*ENTERING)
@require_http_methods(["GET", "HEAD", "POST"])
def action_new(request):
    """Enter what a unit did; the address may name the item."""
    offices = access.offices_to_enter_for(request.user)
    items = Item.objects.in_force().order_by("code")
    if request.method != "POST":
        form = NewActionForm(initial=_initial(request, items, offices), items=items, offices=offices)
        return render(request, "desk/action_new.html", {"form": form})
    form = NewActionForm(request.POST, items=items, offices=offices)
    if form.is_valid():
        data = form.cleaned_data
        try:
            row = action_workflow.record_action(data["item"], data["office"], request.user, form.done())
        except Refused as refusal:
            if answer := refusals.beside(request, form, refusal, reverse("desk:actions")):
                return answer
        else:
            messages.success(request, _("已登记，事项“%s”的公开页上已能看到。") % row.item.name)
            return redirect("desk:actions")
    return render(request, "desk/action_new.html", {"form": form}, status=422)


def _initial(request, items, offices) -> dict:
    item = items.filter(code=request.GET.get("item", "")).first()
    own: list[Office] = list(offices[:2])
    first = own[0] if len(own) == 1 else (item.lead_unit if item else None)
    return {"item": item, "office": first, "done_on": clock.today()}


@officers(*ENTERING)
@require_http_methods(["GET", "HEAD", "POST"])
def action_correct(request, pk: int):
    """Another entry in this one's place, with the reason."""
    row = access.action_to_correct(request.user, pk)
    names = ("done_on", "text", "figure", "unit", "source", "url")
    if request.method != "POST":
        form = CorrectionForm(initial={name: getattr(row, name) for name in names})
        return _correcting(request, row, form)
    form = CorrectionForm(request.POST)
    if form.is_valid():
        try:
            action_workflow.correct_action(row, request.user, form.done(), form.cleaned_data["reason"])
        except Refused as refusal:
            if answer := refusals.beside(request, form, refusal, reverse("desk:actions")):
                return answer
        else:
            messages.success(request, _("已更正；更正前的内容和理由一起公开。"))
            return redirect("desk:actions")
    return _correcting(request, row, form, status=422)


@officers(*ENTERING)
@require_POST
def action_void(request, pk: int):
    """Take an entry back that was made by mistake."""
    row = access.action_to_correct(request.user, pk)
    form = VoidForm(request.POST)
    if form.is_valid():
        try:
            action_workflow.void_action(row, request.user, form.cleaned_data["reason"])
        except Refused as refusal:
            if answer := refusals.beside(request, form, refusal, reverse("desk:actions")):
                return answer
        else:
            messages.success(request, _("已撤下，不再计入。"))
            return redirect("desk:actions")
    return _correcting(request, row, None, void=form, status=422)


def _correcting(request, row: MeasureAction, form, *, void=None, status: int = 200):
    names = ("done_on", "text", "figure", "unit", "source", "url")
    context = {
        "one": row,
        "form": form or CorrectionForm(initial={name: getattr(row, name) for name in names}),
        "void_form": void or VoidForm(),
        "standing": not row.void and not MeasureAction.objects.filter(corrects=row).exists(),
    }
    return render(request, "desk/action_correct.html", context, status=status)


def _silent(request) -> tuple:
    quarter = quarter_of(request.GET.get("quarter", ""))
    items = activity.silent_items(quarter).select_related("measure", "lead_unit")
    return quarter, SilentList(items, request)


@officers(*nav.SILENT)
@require_safe
def silent_items(request):
    """The logged items of which a quarter has no action."""
    quarter, listing = _silent(request)
    chosen = ("measure", "lead", "acts")
    context = {
        "list": listing,
        "quarter": quarter,
        "headings": {column.key: (url, sort) for column, url, sort in listing.headings()},
        "rows": [{"item": row, "days": days_since(row)} for row in listing.page.rows],
        "logged": activity.logged_items().in_force().count(),
        "tabs": _tabs(request, "silent_items"),
        "clear_url": f"?quarter={quarter.year}-{quarter.number}"
        if any(request.GET.get(name) for name in chosen)
        else "",
        "export_url": reverse("desk:silent_items_export") + listing.address(export="xlsx"),
        "export_label": _("导出 %s 项") % listing.total_text,
        "total": listing.total_text,
        "may_enter": any(request.user.may(permission) for permission in ENTERING),
    }
    return render(request, "desk/silent_items.html", context)


@officers(*nav.SILENT)
@require_safe
def silent_items_export(request):
    return download(request, _silent(request)[1])
