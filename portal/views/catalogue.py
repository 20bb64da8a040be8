"""The ten measures, and what each of their entries is, asks and gives."""

from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from applications import access
from enterprises.member_roles import Does
from foundation.accounts.access import public
from foundation.files import formats
from measures.models import CallItem, Item, Measure
from portal import acting, guiding, progress, searching
from portal.offers import Offer, offers, open_lines, other_lines, reasons
from reviews.models import ProactiveList, ProactiveRow
from reviews.workflow.listing import why_not_ask
from tracking import access as tracking_access
from tracking import activity, units
from tracking.models import Referral


@public
@require_safe
def catalogue(request):
    """All measures with their entries, those open for application marked; or the entries that are looked for."""
    form = searching.CatalogueForm(request.GET)
    in_force = Item.objects.in_force().select_related("measure", "lead_unit").order_by("code")
    found = searching.found(in_force, form)
    measures = Measure.objects.in_force().prefetch_related(
        "responsible_units", Prefetch("items", Item.objects.select_related("lead_unit").order_by("code"))
    )
    codes = _codes()
    context = {
        "form": form,
        "found": found,
        "clear_url": reverse("catalogue") if found is not None else "",
        "measures": measures,
        **codes,
        "open_measures": {int(code.partition("-")[0]) for found in codes.values() for code in found},
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
    return render(request, "portal/measure.html", {"measure": found, **_codes()})


@public
@require_safe
def item(request, code):
    """One entry: what it is, who decides, what to prepare, the next step, what was done about it, and its call with
    the rule explained for this enterprise: open, to come, or the last one that there was."""
    entry = get_object_or_404(
        Item.objects.select_related("measure", "lead_unit").prefetch_related("co_units", "guidance"),
        code=code,
    )
    if not entry.measure.in_force():
        raise Http404
    unit = None if _is_officer(request) else acting.standing(request).current
    lines = list(open_lines().filter(item=entry)) or list(other_lines().filter(item=entry))
    made = list(offers(request.user, unit, lines))
    found = [_described(offer, unit) for offer in made]
    mine = Referral.objects.open().filter(item=entry).select_related("office")
    open_one = mine.filter(enterprise=unit.enterprise).first() if unit and unit.verified else None
    log, taken_back = activity.log_of(entry)
    followed = access.own_subscriptions(request.user, unit.enterprise) if unit and unit.verified else set()
    context = {
        "item": entry,
        "unit": unit,
        "offers": found,
        "earlier": _earlier(request.user, unit, entry, lines),
        "sections": guiding.sections(entry, made),
        "step": guiding.next_step(request.user, unit, entry, made, open_one),
        "log": log,
        "taken_back": len(taken_back),
        "may_enter": _is_officer(request) and _enters(request.user, entry),
        "follows": entry.pk in followed,
        "follows_all": None in followed,
    }
    return render(request, "portal/item.html", context)


def _enters(user, entry: Item) -> bool:
    """Whether this official enters what one of the item's units did."""
    return (
        units.responsible(entry)
        .filter(pk__in=tracking_access.offices_to_enter_for(user).values("pk"))
        .exists()
    )


def _is_officer(request) -> bool:
    return request.user.is_authenticated and request.user.is_officer


def _codes() -> dict[str, set[str]]:
    """The items that can be applied for now, and those that are awarded without an application now."""
    found = open_lines().values_list("item__code", "route")
    proactive = {code for code, route in found if route == CallItem.Route.PROACTIVE}
    return {"open_codes": {code for code, _route in found} - proactive, "proactive_codes": proactive}


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


def _listed(offer: Offer, unit) -> dict:
    """Of 免申即享, for who acts for the enterprise: why it isn't on the list, what it asked, whether it may ask."""
    if not offer.is_proactive or unit is None or not unit.verified or offer.case is not None:
        return {}
    line, enterprise = offer.line, unit.enterprise
    rows = ProactiveRow.objects.filter(
        list__call_item=line, list__state=ProactiveList.State.CHECKED, enterprise=enterprise, case=None
    )
    problem = unit.why_not(Does.ASK) or why_not_ask(line, enterprise)
    return {
        "struck": rows.select_related("list").order_by("-pk").first(),
        "requests": line.listing_requests.filter(enterprise=enterprise)
        .select_related("office")
        .order_by("-pk"),
        "may_ask": not problem,
        "problem": problem,
    }


def _described(offer: Offer, unit) -> dict:
    line = offer.line
    if offer.answer is not None:
        told = [offer.full(one) for one in offer.answer.conditions]
    else:
        told = reasons(offer.rule.conditions.all() if offer.rule else ())
    return {
        **_listed(offer, unit),
        "offer": offer,
        "why_no_draft": "" if unit is None else unit.why_no_draft,
        "notices": list(line.call.notices.order_by("-seq")),
        "conditions": told,
        "stages": progress.road(line),
        "slots": slots_of(line),
        "assumptions": [text for text in line.call.assumptions.splitlines() if text.strip()],
    }
