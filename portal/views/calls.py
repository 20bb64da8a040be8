"""Calls (申报通知): all of them, and one with its items, hours, and everything that was changed about it."""

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from foundation.accounts.access import public
from foundation.lists.export import TooManyRows
from measures import calls as told
from measures.calls import CallList
from measures.models import Call, CallItem
from portal import progress
from portal.offers import Offer, reasons, rules_of
from portal.views.catalogue import slots_of


@public
@require_safe
def calls(request):
    """Every call that was ever published, the newest first."""
    found = Call.objects.public().select_related("office").prefetch_related("items__item")
    listing = CallList(found, request)
    try:
        if response := listing.download():
            return response
    except TooManyRows:
        pass
    context = {
        "list": listing,
        "rows": [_row(call) for call in listing.page.rows],
        "open": Call.objects.open().count(),
        "any": found.exists(),
        "export_url": listing.address(export="xlsx"),
    }
    return render(request, "portal/calls.html", context)


def _row(call: Call) -> dict:
    label = Call.Phase(call.phase()).label
    return {"call": call, "label": label, "tone": told.tone(call), "countdown": told.countdown(call)}


@public
@require_safe
def call(request, pk: int):
    """One published call; a draft doesn't exist for anybody here."""
    found = get_object_or_404(Call.objects.public().select_related("office"), pk=pk)
    lines = list(
        CallItem.objects.filter(call=found)
        .select_related("item__measure", "item__lead_unit", "decided_by", "fund", "form")
        .order_by("item__code")
    )
    rules = rules_of(lines)
    for line in lines:
        line.call = found
    context = {
        **_row(found),
        "lines": [_line(line, rules.get(line.pk)) for line in lines],
        "notices": list(found.notices.select_related("office").order_by("-seq")),
        "assumptions": [text for text in found.assumptions.splitlines() if text.strip()],
    }
    return render(request, "portal/call.html", context)


def _line(line: CallItem, rule) -> dict:
    return {
        "line": line,
        "offer": Offer(line, rule),
        "conditions": reasons(rule.conditions.all() if rule else ()),
        "slots": slots_of(line),
        "stages": progress.road(line),
    }
