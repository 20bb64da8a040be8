"""免申即享名单: every list, one list with its rows, one row; draw, strike, check, drop."""

from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from applications.verbs import Refused
from desk import nav, shown
from desk.forms.proactive import CheckForm, DropForm, StrikeForm
from desk.lists.proactive import OUTCOMES, STATE_TONES, RowList, outcome_of
from desk.views import refusals
from desk.views.exporting import download
from enterprises.access import desk_enterprises
from foundation.accounts.access import officers
from foundation.accounts.roles import Permission as P
from foundation.events import events
from foundation.lists.columns import Column
from foundation.lists.lists import List
from measures import access as measures
from measures import funds, stored_screening
from measures.eligibility import Answer
from measures.models import RuleVersion
from reviews import access, list_job, workflow
from reviews.models import ProactiveList, ProactiveRow


@officers(*nav.PROACTIVE)
@require_safe
def proactive(request):
    """The door: lists for who draws, checks or audits them, the offers to chase for a district."""
    sees = any(request.user.may(permission) for permission in nav.LISTS)
    return redirect("desk:lists" if sees else "desk:offers")


def tabs(user, active: str) -> list[dict]:
    """What stands under 免申即享 for this person, with how much of it waits for them."""
    found = []
    if any(user.may(permission) for permission in nav.LISTS):
        waiting = access.asked_listings(user)
        found = [
            (_("名单"), "lists", access.lists_to_check(user).count() or None),
            (_("列入申请"), "listing_requests", waiting or None),
        ]
    found.insert(1, (_("待确认的企业"), "offers", access.offers_to_chase(user).count() or None))
    return [
        {"label": label, "url": reverse(f"desk:{name}"), "active": name == active, "count": count}
        for label, name, count in found
    ]


class ListList(List):
    title = gettext_lazy("免申即享名单")
    default_sort = "-number"
    columns = (
        Column("number", gettext_lazy("名单编号"), "number", sort="pk"),
        Column("state", gettext_lazy("状态"), "get_state_display"),
    )


@officers(*nav.LISTS)
@require_safe
def lists(request):
    rows = access.lists(request.user).annotate(
        n=Count("rows", filter=Q(rows__struck_at=None)),
        total=Sum("rows__amount", filter=Q(rows__struck_at=None, rows__left_out="")),
        offered=Count("rows__case"),
        waiting=Count("rows__case", filter=Q(rows__case__state="offered")),
    )
    listing = ListList(rows, request)
    context = {
        "list": listing,
        "rows": [
            {
                "one": one,
                "tone": STATE_TONES[one.state],
                "url": reverse("desk:list", args=[one.pk]),
            }
            for one in listing.page.rows
        ],
        "to_check": access.lists_to_check(request.user).count(),
        "tabs": tabs(request.user, "lists"),
    }
    return render(request, "desk/lists.html", context)


@officers(P.DRAW_LIST)
@require_POST
def list_draw(request, pk: int):
    """Draw a list from this screening."""
    screening = measures.desk_screening(request.user, pk)
    try:
        drawn = workflow.draw_list(screening, request.user)
    except Refused as refusal:
        answer = refusals.answered(request, refusal, reverse("desk:screening", args=[pk]))
        if answer is None:
            messages.error(request, refusal.message)
        return answer or redirect("desk:screening", pk)
    messages.success(request, _("名单 %s 已拟定，请另一人复核。") % drawn.number)
    return redirect("desk:list", drawn.pk)


@officers(*nav.LISTS)
@require_safe
def list_page(request, pk: int):
    return _show(request, access.desk_list(request.user, pk))


def _show(request, drawn: ProactiveList, *, check=None, drop=None, status: int = 200):
    user, waiting = request.user, drawn.state == ProactiveList.State.DRAWN
    listing = RowList(drawn, request)
    found = drawn.rows.aggregate(
        **{f"n_{name}": Count("pk", filter=q) for name, (q, _label, _tone) in OUTCOMES.items()},
        n_total=Sum("amount", filter=Q(struck_at=None, left_out=""), default=funds.ZERO),
        n_offers=Count("case", filter=Q(case__state="offered")),
    )
    # A name of a field may not be that of a count.
    counts = {name.removeprefix("n_"): value for name, value in found.items()}
    may_check = waiting and user.may(P.CHECK_LIST, drawn.office_id)
    initial = {"version": drawn.version}
    fund = drawn.call_item.fund
    available = funds.balance(fund).available
    filtered = any(value for name, value in request.GET.items() if name in listing.filterset.filters)
    context = {
        "drawn": drawn,
        "tone": STATE_TONES[drawn.state],
        "waiting": waiting,
        "counts": counts,
        "fund": fund,
        "available": available,
        "short": max(counts["total"] - available, funds.ZERO) if waiting else funds.ZERO,
        "may_strike": waiting and user.may(P.DRAW_LIST, drawn.office_id),
        "may_check": may_check and drawn.drawn_by_id != user.pk,
        "own": may_check and drawn.drawn_by_id == user.pk,
        "may_drop": waiting and (may_check or user.may(P.DRAW_LIST, drawn.office_id)),
        "check_form": check or CheckForm(initial=initial),
        "drop_form": drop or DropForm(initial=initial),
        "list": listing,
        "headings": {column.key: (url, sort) for column, url, sort in listing.headings()},
        "rows": [
            {"row": row, "chip": outcome_of(row), "url": reverse("desk:list_row", args=[drawn.pk, row.pk])}
            for row in listing.page.rows
        ],
        "clear_url": "?" if filtered else "",
        "export_url": reverse("desk:list_export", args=[drawn.pk]) + listing.address(export="xlsx"),
        "export_label": _("导出 %s 家") % listing.total_text,
        "history": shown.told(events.timeline(drawn), _HISTORY),
    }
    return render(request, "desk/list.html", context, status=status)


_HISTORY = {
    "draw_list": gettext_lazy("拟定"),
    "add_row": gettext_lazy("列入补充"),
    "strike_row": gettext_lazy("划去"),
    "check_list": gettext_lazy("复核"),
    "drop_list": gettext_lazy("作废"),
}


@officers(*nav.LISTS)
@require_safe
def list_export(request, pk: int):
    """What the list shows, filters and order included, as XLSX or CSV."""
    return download(request, RowList(access.desk_list(request.user, pk), request))


@officers(P.CHECK_LIST)
@require_POST
def list_check(request, pk: int):
    """Check a list: a short one at once, a long one by a job whose page shows how far it is."""
    drawn = access.desk_list(request.user, pk)
    form = CheckForm(request.POST)
    if not form.is_valid():
        return refusals.stale(request, _("这份名单刚刚有改动，请刷新后再看"), reverse("desk:list", args=[pk]))
    drawn.version = form.cleaned_data["version"]
    if drawn.rows.count() > list_job.AT_ONCE:
        return redirect("desk:job", list_job.request_check(drawn, request.user).pk)
    try:
        checked = workflow.check_list(drawn, request.user)
    except Refused as refusal:
        answer = refusals.beside(request, form, refusal, reverse("desk:list", args=[pk]))
        return answer or _show(request, access.desk_list(request.user, pk), check=form, status=422)
    offered = checked.rows.filter(case__isnull=False).count()
    messages.success(request, _("名单已复核：%d 家待企业确认，资金已预占。") % offered)
    return redirect("desk:list", pk)


@officers(P.DRAW_LIST, P.CHECK_LIST)
@require_POST
def list_drop(request, pk: int):
    drawn = access.desk_list(request.user, pk)
    form = DropForm(request.POST)
    if form.is_valid():
        drawn.version = form.cleaned_data["version"]
        try:
            workflow.drop_list(drawn, request.user, form.cleaned_data["reason"])
        except Refused as refusal:
            answer = refusals.beside(request, form, refusal, reverse("desk:list", args=[pk]))
            if answer is not None:
                return answer
        else:
            messages.success(request, _("名单已作废。"))
            return redirect("desk:list", pk)
    return _show(request, access.desk_list(request.user, pk), drop=form, status=422)


@officers(*nav.LISTS)
@require_safe
def list_row(request, pk: int, row: int):
    return _show_row(request, *_row(request, pk, row))


def _row(request, pk: int, row: int) -> tuple[ProactiveList, ProactiveRow]:
    drawn = access.desk_list(request.user, pk)
    rows = drawn.rows.select_related("district", "case", "screening_row", "request", "struck_by")
    return drawn, get_object_or_404(rows, pk=row)


def _show_row(request, drawn: ProactiveList, row: ProactiveRow, *, form=None, status: int = 200):
    """Why an enterprise is on the list: what was known when it was drawn, nothing asked again."""
    answer = _explained(drawn, row)
    may_strike = (
        drawn.state == ProactiveList.State.DRAWN
        and row.struck_at is None
        and request.user.may(P.DRAW_LIST, drawn.office_id)
    )
    linked = desk_enterprises(request.user).filter(pk=row.enterprise_id).exists()
    context = {
        "drawn": drawn,
        "row": row,
        "chip": outcome_of(row),
        "answer": answer,
        "conditions": shown.reasons(answer) if answer else [],
        "strike_form": (form or StrikeForm()) if may_strike else None,
        "enterprise_url": reverse("desk:enterprise", args=[row.enterprise_id]) if linked else "",
    }
    return render(request, "desk/list_row.html", context, status=status)


def _explained(drawn: ProactiveList, row: ProactiveRow) -> Answer | None:
    if row.screening_row_id:
        rule = RuleVersion.objects.with_rows().get(pk=drawn.screening.rule_id)
        return stored_screening.answer_of(row.screening_row, drawn.screening, rule)
    return Answer.thaw(row.request.answer) if row.request_id else None


@officers(P.DRAW_LIST)
@require_POST
def list_strike(request, pk: int, row: int):
    drawn, found = _row(request, pk, row)
    form = StrikeForm(request.POST)
    if form.is_valid():
        try:
            workflow.strike_row(found, request.user, form.cleaned_data["reason"])
        except Refused as refusal:
            answer = refusals.beside(request, form, refusal, reverse("desk:list", args=[pk]))
            if answer is not None:
                return answer
        else:
            messages.success(request, _("已划去：%s") % found.name)
            return redirect("desk:list", pk)
    return _show_row(request, drawn, found, form=form, status=422)
