"""The ten measures, and what each of their entries is, asks and gives."""

from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from foundation.accounts.access import public
from foundation.clock import clock
from foundation.files import formats
from measures.models import CallItem, Item, Measure
from portal import acting, progress
from portal.offers import Offer, full_reason, offers, open_lines, reasons


@public
@require_safe
def catalogue(request):
    """All measures with their entries, those open for application marked."""
    measures = Measure.objects.in_force().prefetch_related(
        "responsible_units", Prefetch("items", Item.objects.select_related("lead_unit").order_by("code"))
    )
    open_codes = _open_codes()
    context = {
        "measures": measures,
        "open_codes": open_codes,
        "open_measures": {int(code.partition("-")[0]) for code in open_codes},
    }
    return render(request, "portal/catalogue.html", context)


@public
@require_safe
def measure(request, number):
    """One measure: its units, its text, its entries."""
    found = get_object_or_404(
        Measure.objects.in_force().prefetch_related(
            "responsible_units", Prefetch("items", Item.objects.select_related("lead_unit").order_by("code"))
        ),
        number=number,
    )
    return render(request, "portal/measure.html", {"measure": found, "open_codes": _open_codes()})


@public
@require_safe
def item(request, code):
    """One entry: who leads, what it gives, and its open call with the rule explained for this enterprise."""
    entry = get_object_or_404(
        Item.objects.select_related("measure", "lead_unit").prefetch_related("co_units"), code=code
    )
    if not entry.measure.in_force():
        raise Http404
    unit = None if _is_officer(request) else acting.standing(request).current
    lines = list(open_lines().filter(item=entry))
    found = [_described(offer) for offer in offers(request.user, unit, lines)]
    closed = [] if found else _closed(entry)
    context = {
        "item": entry,
        "unit": unit,
        "offers": found,
        "closed": closed,
        # One that opens later is the one that closes last.
        "upcoming": next((line for line in closed if line.call.opens_at > clock.now()), None),
    }
    return render(request, "portal/item.html", context)


def _is_officer(request) -> bool:
    return request.user.is_authenticated and request.user.is_officer


def _open_codes() -> set[str]:
    return set(open_lines().values_list("item__code", flat=True))


def _closed(entry: Item) -> list[CallItem]:
    """The last call of an entry that isn't open now."""
    calls = CallItem.objects.filter(item=entry, call__state="published").select_related("call")
    return list(calls.order_by("-call__closes_at")[:1])


def _described(offer: Offer) -> dict:
    line = offer.line
    if offer.answer is not None:
        told = [full_reason(one) for one in offer.answer.conditions]
    else:
        told = reasons(offer.rule.conditions.all() if offer.rule else ())
    return {
        "offer": offer,
        "conditions": told,
        "stages": progress.road(line),
        "slots": [
            {
                "label": slot.label,
                "help": slot.help,
                "required": slot.required,
                "types": "、".join(str(formats.FORMATS[one].name) for one in slot.types),
                "max_bytes": slot.max_bytes,
            }
            for slot in line.form.form.slots
        ],
        "assumptions": [text for text in line.call.assumptions.splitlines() if text.strip()],
    }
