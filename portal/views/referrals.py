"""办理请求: handing a request about an item to its unit, and seeing who has it and what came of it."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.verbs import Refused
from enterprises.member_roles import Does
from foundation.accounts.access import enterprise_side
from foundation.clock import clock
from foundation.display.dates import day, moment
from foundation.events import events
from foundation.files import files
from foundation.files.files import RefusedFile
from foundation.lists.columns import Column
from foundation.lists.lists import List
from foundation.workdays import workdays
from measures.models import Item
from portal import acting, guiding, nav, refusals
from portal.forms.referral import ReferralForm
from tracking import access, referral_workflow
from tracking.models import Referral

TONES = {"waiting": "brand", "working": "brand", "concluded": "ok", "withdrawn": "neutral"}
# What an event of a request is called on its page.
STEPS = {
    "refer_item": gettext_lazy("提出"),
    "take_referral": gettext_lazy("接收"),
    "pass_referral": gettext_lazy("转送"),
    "conclude_referral": gettext_lazy("办结"),
    "withdraw_referral": gettext_lazy("撤回"),
}


class OwnReferrals(List):
    title = gettext_lazy("办理请求")
    default_sort = "-at"
    columns = (Column("at", gettext_lazy("提出时间"), "at", sort="at"),)


@enterprise_side
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request, code: str):
    """The form of a request about an item that is referred; elsewhere it leads back to the item."""
    item = get_object_or_404(
        Item.objects.select_related("measure", "lead_unit").prefetch_related("guidance"), code=code
    )
    unit = acting.standing(request).current
    if not item.measure.in_force():
        raise Http404
    if item.treatment != Item.Treatment.REFERRAL or not _may_ask(unit):
        return redirect("item", code)
    if request.method != "POST":
        return _form(request, item, unit, ReferralForm())
    form = ReferralForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            row = referral_workflow.refer_item(item, unit.enterprise, request.user, **form.cleaned_data)
        except Refused as refused:
            response = refusals.answer(request, refused, reverse("item", args=[code]))
            if response is not None:
                return response
            refusals.beside(form, refused.message, refused.fields)
        except RefusedFile as refused:
            refusals.beside(form, "", {"document": refused.messages})
        else:
            messages.success(request, _("已提出，转%s办理；结果会告诉您。") % guiding.holder(row))
            return redirect("referral", row.pk)
    return _form(request, item, unit, form, status=422)


def _may_ask(unit) -> bool:
    return unit is not None and unit.verified and not unit.why_not(Does.ASK)


def _form(request, item: Item, unit, form, status: int = 200):
    told = dict(guiding.sections(item))
    context = {
        "item": item,
        "unit": unit,
        "form": form,
        "office": guiding.first_unit_name(item),
        "prepare": told.get(str(guiding.Part.PREPARE.label), []),
        "days": referral_workflow.ANSWER_DAYS,
        "contact_days": referral_workflow.CONTACT_DAYS,
    }
    return render(request, "portal/ask.html", context, status=status)


@enterprise_side
@require_safe
def referrals(request):
    """The requests of the enterprises that this person acts for."""
    listing = OwnReferrals(access.own_referrals(request.user), request)
    holders = guiding.Holders(listing.page.rows)
    context = {
        "list": listing,
        "rows": [
            {
                "one": row,
                "tone": TONES[row.state],
                "told": guiding.waiting_for(row, holders),
                "left": workdays.remaining(row.due_on, clock.today()) if row.is_open else None,
            }
            for row in listing.page.rows
        ],
        "tabs": nav.under_way("referrals"),
    }
    return render(request, "portal/referrals.html", context)


@enterprise_side
@require_safe
def referral(request, pk: int):
    """One request: who has it, by when, what came of it, and its way."""
    row = access.own_referral(request.user, pk)
    context = {
        "one": row,
        "tone": TONES[row.state],
        "told": guiding.waiting_for(row),
        "holder": guiding.holder(row),
        "left": workdays.remaining(row.due_on, clock.today()) if row.is_open else None,
        "steps": way(row),
        "hidden": [{"name": "version", "value": row.version}],
    }
    return render(request, "portal/referral.html", context)


def way(row: Referral) -> list[dict]:
    """The request's steps, for the timeline; looks at the contact are no steps."""
    told = [event for event in events.timeline(row) if event.verb in STEPS]
    steps = []
    for event in told:
        facts = event.facts
        detail = facts.get("office", "")
        if event.verb == "pass_referral":
            detail = _("%(before)s → %(office)s") % facts
        steps.append(
            {
                "title": str(STEPS[event.verb]),
                "status": "done",
                "when": moment(event.at),
                "who": event.actor_label,
                "detail": detail,
                "quote": facts.get("result") or facts.get("reason") or "",
            }
        )
    if row.is_open:
        waits = {
            Referral.State.WAITING: _("等待%s联系"),
            Referral.State.WORKING: _("等待%s答复"),
        }[row.state] % row.office
        steps.append({"title": waits, "status": "current", "when": _("应于 %s前") % day(row.due_on)})
    return steps


@enterprise_side
@require_POST
def withdraw(request, pk: int):
    """Take the request back."""
    row = access.own_referral(request.user, pk)
    row.version = refusals.posted_number(request, "version")
    try:
        referral_workflow.withdraw_referral(row, request.user)
    except Refused as refused:
        response = refusals.answer(request, refused, reverse("referral", args=[pk]))
        if response is not None:
            return response
        raise
    messages.success(request, _("办理请求已撤回。"))
    return redirect("referral", pk)


@enterprise_side
@require_safe
def document(request, pk: int):
    """The paper that was handed in with the request."""
    row = access.own_referral(request.user, pk)
    if row.document is None:
        raise Http404
    return files.response(row.document)
