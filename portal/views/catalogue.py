"""The ten measures, and what each of their entries is, asks and gives."""

from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from applications import access
from foundation.accounts.access import public
from foundation.files import formats
from measures.models import CallItem, Item, Measure
from portal import acting, progress
from portal.offers import Offer, offers, open_lines, other_lines, reasons


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
    """One entry: who leads, what it gives, and its call with the rule explained for this enterprise: open, to come,
    or the last one that there was."""
    entry = get_object_or_404(
        Item.objects.select_related("measure", "lead_unit").prefetch_related("co_units"), code=code
    )
    if not entry.measure.in_force():
        raise Http404
    unit = None if _is_officer(request) else acting.standing(request).current
    lines = list(open_lines().filter(item=entry)) or list(other_lines().filter(item=entry))
    found = [_described(offer) for offer in offers(request.user, unit, lines)]
    followed = access.own_subscriptions(request.user, unit.enterprise) if unit and unit.verified else set()
    context = {
        "item": entry,
        "unit": unit,
        "offers": found,
        "earlier": _earlier(request.user, unit, entry, lines),
        "follows": entry.pk in followed,
        "follows_all": None in followed,
    }
    return render(request, "portal/item.html", context)


def _is_officer(request) -> bool:
    return request.user.is_authenticated and request.user.is_officer


def _open_codes() -> set[str]:
    return set(open_lines().values_list("item__code", flat=True))


def slots_of(line: CallItem) -> list[dict]:
    """The papers that the form asks for."""
    return [
        {
            "label": slot.label,
            "help": slot.help,
            "required": slot.required,
            "types": "、".join(str(formats.FORMATS[one].name) for one in slot.types),
            "max_bytes": slot.max_bytes,
        }
        for slot in line.form.form.slots
    ]


def _earlier(user, unit, entry: Item, lines: list[CallItem]):
    """The enterprise's last case of this item in another call, whose answers a new draft may begin with."""
    if unit is None or not lines:
        return None
    cases = access.own(user).filter(enterprise=unit.enterprise, call_item__item=entry)
    cases = cases.exclude(call_item__in=lines).exclude(answers={})
    return cases.select_related("call_item__call").order_by("-pk").first()


def _described(offer: Offer) -> dict:
    line = offer.line
    if offer.answer is not None:
        told = [offer.full(one) for one in offer.answer.conditions]
    else:
        told = reasons(offer.rule.conditions.all() if offer.rule else ())
    return {
        "offer": offer,
        "notices": list(line.call.notices.order_by("-seq")),
        "conditions": told,
        "stages": progress.road(line),
        "slots": slots_of(line),
        "assumptions": [text for text in line.call.assumptions.splitlines() if text.strip()],
    }
