"""Screenings: every call item with its last one, one screening's list, one enterprise's explanation."""

from django.contrib import messages
from django.db.models import F, OuterRef, Subquery
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from desk.lists.screenings import ANSWERS, ScreeningList, chip_of
from desk.nav import CASES
from desk.views.exporting import download
from enterprises.access import desk_enterprises
from foundation.accounts.access import officers
from foundation.accounts.models import District
from foundation.accounts.roles import Permission as P
from foundation.clock import clock
from measures import access, rule_changes, screening_workflow, stored_screening
from measures.models import RuleVersion, Screening
from measures.workflow import Refused
from reviews import access as reviews


@officers(*access.SCREENINGS)
@require_safe
def screenings(request):
    """Every call item that has an approved rule, with its last screening."""
    districts = access.districts_of(request.user)
    in_force = RuleVersion.objects.filter(call_item=OuterRef("pk"), approved_at__lte=clock.now()).order_by(
        "-approved_at", "-number"
    )
    last = Screening.objects.filter(call_item=OuterRef("pk")).order_by("-pk")
    lines = list(
        access.lines()
        .select_related("item", "call")
        .annotate(rule_id=Subquery(in_force.values("pk")[:1]), last_id=Subquery(last.values("pk")[:1]))
        .filter(rule_id__isnull=False)
        .order_by(F("call__published_at").desc(nulls_last=True), "item__code", "pk")
    )
    stored = access.screenings(request.user).in_bulk([one.last_id for one in lines if one.last_id])
    figures = stored_screening.figures_by_screening(list(stored.values()), districts)
    may_screen = screening_workflow.may_screen(request.user)
    rows = [
        {
            "line": one,
            "screening": stored.get(one.last_id),
            "figures": figures.get(one.last_id),
            "stale": one.last_id in stored and stored[one.last_id].rule_id != one.rule_id,
        }
        for one in lines
    ]
    return render(
        request,
        "desk/screenings.html",
        {
            "rows": rows,
            "screened": sum(row["screening"] is not None for row in rows),
            "stale": sum(row["stale"] for row in rows),
            "may_screen": may_screen,
            "may_simulate": access.everywhere(request.user),
            "district_names": _names(districts),
        },
    )


def _names(districts: set[str] | None) -> str:
    """The districts that the figures are limited to, as people read them; "" for all."""
    if districts is None:
        return ""
    return "、".join(District.objects.filter(pk__in=districts).values_list("name", flat=True))


@officers(P.SCREEN)
@require_POST
def screen(request, pk: int):
    """Ask for a screening of this call item now; leads to the job's page."""
    line = get_object_or_404(access.lines(), pk=pk)
    try:
        job, new = screening_workflow.request_screening(line, request.user)
    except Refused as refusal:
        messages.error(request, "；".join(refusal.messages))
        return redirect("desk:screenings")
    if not new:
        messages.info(request, _("这个专题正在筛选，由%s发起，不必重复。") % job.created_by)
    return redirect("desk:job", job.pk)


def _opened(request, pk: int) -> tuple[Screening, RuleVersion, set[str] | None, ScreeningList]:
    found = access.desk_screening(request.user, pk)
    rule = RuleVersion.objects.with_rows().get(pk=found.rule_id)
    districts = access.districts_of(request.user)
    rows = access.rows_within(found, districts)
    one_district = districts is not None and len(districts) == 1
    return (
        found,
        rule,
        districts,
        ScreeningList(found, list(rule.conditions.all()), rows, request, one_district),
    )


@officers(*access.SCREENINGS)
@require_safe
def screening(request, pk: int):
    found, rule, districts, listing = _opened(request, pk)
    figures = stored_screening.figures_of(found, districts)
    in_force = found.call_item.rule_on()
    filtered = any(value for name, value in request.GET.items() if name in listing.filterset.filters)
    base = reverse("desk:screening_export", args=[pk])
    return render(
        request,
        "desk/screening.html",
        {
            "screening": found,
            "figures": figures,
            "district_names": _names(districts),
            "stale": in_force if in_force and in_force.pk != found.rule_id else None,
            "may_screen": screening_workflow.may_screen(request.user),
            "may_draw": found.call_item.is_proactive
            and found.call_item.call.is_open()
            and not (in_force and in_force.pk != found.rule_id)
            and request.user.may(P.DRAW_LIST, found.call_item.decided_by_id),
            "lists": reviews.lists(request.user).filter(screening=found).order_by("pk")
            if found.call_item.is_proactive
            else (),
            "may_simulate": access.everywhere(request.user),
            "answers": [
                {"label": label, "count": getattr(figures, name), "url": f"?answer={name}"}
                for name, (_value, label, _tone) in ANSWERS.items()
            ],
            "conditions": [
                {
                    "row": row,
                    "text": rule_changes.condition_text(row),
                    "unmet": figures.unmet[n],
                    "unsure": figures.unsure[n],
                    "unmet_url": f"?condition=unmet-{n}#list",
                    "unsure_url": f"?condition=unsure-{n}#list",
                }
                for n, row in enumerate(rule.conditions.all())
            ],
            "list": listing,
            "headings": {column.key: (url, sort) for column, url, sort in listing.headings()},
            "rows": [
                {
                    "row": row,
                    "chip": chip_of(row),
                    "reasons": listing.reasons(row),
                    "url": reverse("desk:screening_row", args=[pk, row.pk]),
                }
                for row in listing.page.rows
            ],
            "keep": [{"name": "sort", "value": listing.sort}] if listing.sort != listing.default_sort else [],
            "clear_url": request.path if filtered else "",
            "export_url": base + listing.address(export="xlsx"),
            "export_csv_url": base + listing.address(export="csv"),
            "export_label": _("导出 %s 家") % listing.total_text,
        },
    )


@officers(*access.SCREENINGS)
@require_safe
def screening_export(request, pk: int):
    """What the list shows, filters and order included, as XLSX or CSV (export=xlsx, csv)."""
    *_rest, listing = _opened(request, pk)
    return download(request, listing, _("%s也可以另存为 CSV，不限行数。"))


@officers(*access.SCREENINGS)
@require_safe
def screening_row(request, pk: int, row: int):
    """Why one enterprise qualifies or doesn't, from what was stored then; nothing is asked again."""
    found = access.desk_screening(request.user, pk)
    one = access.screening_row(request.user, found, row)
    rule = RuleVersion.objects.with_rows().get(pk=found.rule_id)
    answer = stored_screening.answer_of(one, found, rule)
    reached = any(request.user.may(permission) for permission in CASES)
    linked = reached and desk_enterprises(request.user).filter(pk=one.enterprise_id).exists()
    return render(
        request,
        "desk/screening_row.html",
        {
            "screening": found,
            "row": one,
            "chip": chip_of(one),
            "answer": answer,
            "conditions": [
                {
                    "met": condition.met,
                    "label": condition.label,
                    "actual": condition.actual_text,
                    "threshold": f"{condition.operator_text} {condition.threshold_text}"
                    if condition.operator not in ("is_true", "is_false")
                    else condition.threshold_text,
                    "clause": condition.clause,
                    "todo": condition.supply if condition.met is None else "",
                }
                for condition in answer.conditions
            ],
            "enterprise_url": reverse("desk:enterprise", args=[one.enterprise_id]) if linked else "",
        },
    )
