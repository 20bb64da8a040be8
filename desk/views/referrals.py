"""转办单: what enterprises asked about items without a call; taken, passed on, concluded, for one's own unit or for it."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from applications.verbs import Refused
from desk import nav, shown
from desk.forms.referrals import ConcludeForm, PassForm
from desk.lists.referrals import TABS, TONES, ReferralList, tab
from desk.views import refusals
from desk.views.exporting import download
from foundation.accounts.access import officers
from foundation.accounts.roles import Permission as P
from foundation.clock import clock
from foundation.events import events
from foundation.files import files
from tracking import access, referral_workflow, units
from tracking.models import Referral

ANSWERING = (P.ANSWER_REFERRAL, P.COORDINATE)


@officers(*nav.REFERRALS)
@require_safe
def referrals(request):
    reach = access.desk_referrals(request.user)
    chosen = _chosen(request)
    listing = _listing(request, reach, chosen)
    filtered = any(value for name, value in request.GET.items() if name in listing.filterset.filters)
    waiting, late = reach.open().count(), reach.open().filter(due_on__lt=clock.today()).count()
    base = reverse("desk:referrals_export")
    context = {
        "list": listing,
        "headings": {column.key: (url, sort) for column, url, sort in listing.headings()},
        "rows": [
            {
                "one": one,
                "left": shown.days_left(one.due_on) if one.is_open else None,
                "tone": TONES[one.state],
                "url": reverse("desk:referral", args=[one.pk]),
            }
            for one in listing.page.rows
        ],
        "waiting": waiting,
        "late": late,
        "tabs": [
            {
                "label": label,
                "url": f"?tab={name}",
                "active": name == chosen,
                "count": waiting if name == "open" else None,
            }
            for name, label in TABS.items()
        ],
        "keep": [{"name": "tab", "value": chosen}],
        "clear_url": f"?tab={chosen}" if filtered else "",
        "export_url": base + listing.address(tab=chosen, export="xlsx"),
        "export_label": _("导出 %s 件") % listing.total_text,
    }
    return render(request, "desk/referrals.html", context)


@officers(*nav.REFERRALS)
@require_safe
def referrals_export(request):
    """What the list shows, filters and order included (export=xlsx, csv)."""
    return download(request, _listing(request, access.desk_referrals(request.user), _chosen(request)))


def _chosen(request) -> str:
    return request.GET.get("tab") if request.GET.get("tab") in TABS else "open"


def _listing(request, reach, chosen: str) -> ReferralList:
    listing = ReferralList(tab(reach, chosen), request)
    if "sort" not in request.GET and chosen == "ended":
        listing.sort = "-ended_at"
    return listing


@officers(*nav.REFERRALS)
@require_safe
def referral(request, pk: int):
    return _show(request, access.desk_referral(request.user, pk))


@officers(*ANSWERING)
@require_POST
def referral_contact(request, pk: int):
    """The page once more with who to reach; that somebody looked is recorded."""
    row = access.desk_referral(request.user, pk)
    try:
        referral_workflow.see_contact(row, request.user)
    except Refused as refusal:
        return _refused(request, refusal, pk)
    response = _show(request, row, seen=True)
    response["Cache-Control"] = "private, no-store"
    return response


@officers(*nav.REFERRALS)
@require_safe
def referral_document(request, pk: int):
    row = access.desk_referral(request.user, pk)
    if row.document is None:
        raise Http404
    return files.response(row.document, inline="download" not in request.GET)


@officers(*ANSWERING)
@require_POST
def referral_take(request, pk: int):
    row = access.desk_referral(request.user, pk)
    row.version = _seen(request.POST.get("version", ""))
    try:
        referral_workflow.take_referral(row, request.user)
    except Refused as refusal:
        return _refused(request, refusal, pk)
    messages.success(request, _("已接收，企业会知道由谁办理、哪天前答复。"))
    return redirect("desk:referral", pk)


@officers(*ANSWERING)
@require_POST
def referral_pass(request, pk: int):
    row = access.desk_referral(request.user, pk)
    form = PassForm(request.POST, offices=units.candidates(row.item, row.enterprise))
    if form.is_valid():
        row.version = form.cleaned_data["version"]
        try:
            done = referral_workflow.pass_referral(
                row, request.user, form.cleaned_data["office"], form.cleaned_data["reason"]
            )
        except Refused as refusal:
            if answer := refusals.beside(request, form, refusal, reverse("desk:referral", args=[pk])):
                return answer
        else:
            messages.success(request, _("已转送%s，企业会知道。") % done.office)
            return redirect("desk:referrals")
    return _show(request, access.desk_referral(request.user, pk), passing=form, status=422)


@officers(*ANSWERING)
@require_POST
def referral_conclude(request, pk: int):
    row = access.desk_referral(request.user, pk)
    form = ConcludeForm(request.POST)
    if form.is_valid():
        data = dict(form.cleaned_data)
        row.version = data.pop("version")
        try:
            referral_workflow.conclude_referral(row, request.user, **data)
        except Refused as refusal:
            if answer := refusals.beside(request, form, refusal, reverse("desk:referral", args=[pk])):
                return answer
        else:
            messages.success(request, _("已办结，结果已告知%s。") % row.enterprise.name)
            return redirect("desk:referral", pk)
    return _show(request, access.desk_referral(request.user, pk), concluding=form, status=422)


def _show(request, row: Referral, *, seen=False, passing=None, concluding=None, status: int = 200):
    may = row.is_open and access.may_answer(request.user, row)
    initial = {"version": row.version}
    context = {
        "one": row,
        "tone": TONES[row.state],
        "left": shown.days_left(row.due_on) if row.is_open else None,
        "may_answer": may,
        "for_unit": may and not request.user.may(P.ANSWER_REFERRAL, row.office_id),
        "seen": seen,
        "pass_form": (
            passing or PassForm(initial=initial, offices=units.candidates(row.item, row.enterprise))
        )
        if may
        else None,
        "conclude_form": (concluding or ConcludeForm(initial=initial)) if may else None,
        "document_url": reverse("desk:referral_document", args=[row.pk]) if row.document_id else "",
        "history": shown.acts(events.timeline(row)),
    }
    return render(request, "desk/referral.html", context, status=status)


def _refused(request, refusal: Refused, pk: int):
    back = reverse("desk:referral", args=[pk])
    return refusals.answered(request, refusal, back) or refusals.stale(request, refusal.message, back)


def _seen(typed: str) -> int:
    """The version that the page saw; -1, which nothing has, where it is no number."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else -1
