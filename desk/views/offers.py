"""Offers that wait for their enterprise: whom to reach, one offer with its contacts, and its end by an officer."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from applications import access
from applications.models import Application
from applications.states import State
from applications.verbs import Refused
from desk import nav, shown
from desk.forms.proactive import ContactForm, EndForm
from desk.lists.proactive import OfferList, contact_of
from desk.views import refusals
from desk.views.exporting import download
from desk.views.lists import tabs
from foundation.accounts.access import officers
from foundation.accounts.roles import Permission as P
from foundation.events import events
from measures.eligibility import Answer
from reviews import access as duties
from reviews import workflow
from reviews.workflow import Contact
from reviews.workflow.offers import ground_to_end

# Whose turn it is to be reached, and all that wait.
_TABS = ("chase", "all")


@officers(*nav.PROACTIVE)
@require_safe
def offers(request):
    """Who is to be reached: silent after two reminders, or without anybody who acts for them."""
    chosen, listing = _listed(request)
    reach = duties.offers(request.user)
    filtered = any(value for name, value in request.GET.items() if name in listing.filterset.filters)
    chase = duties.offers_to_chase(request.user).count()
    context = {
        "list": listing,
        "headings": {column.key: (url, sort) for column, url, sort in listing.headings()},
        "rows": [
            {
                "case": case,
                "left": shown.days_left(case.due_on),
                "contact": contact_of(case),
                "url": reverse("desk:case", args=[case.pk]),
            }
            for case in listing.page.rows
        ],
        "chase": chase,
        "tabs": tabs(request.user, "offers"),
        "choices": [
            {"label": _("需要联系"), "url": "?tab=chase", "active": chosen == "chase", "count": chase},
            {"label": _("全部待确认"), "url": "?tab=all", "active": chosen == "all", "count": reach.count()},
        ],
        "keep": [{"name": "tab", "value": chosen}],
        "clear_url": f"?tab={chosen}" if filtered else "",
        "export_url": reverse("desk:offers_export") + listing.address(tab=chosen, export="xlsx"),
        "export_label": _("导出 %s 家") % listing.total_text,
    }
    return render(request, "desk/offers.html", context)


@officers(*nav.PROACTIVE)
@require_safe
def offers_export(request):
    return download(request, _listed(request)[1])


def _listed(request) -> tuple[str, OfferList]:
    chosen = request.GET.get("tab", "")
    chosen = chosen if chosen in _TABS else "chase"
    reach = duties.offers_to_chase if chosen == "chase" else duties.offers
    return chosen, OfferList(reach(request.user), request)


def show(request, case: Application, *, contact=None, end=None, status: int = 200):
    """The desk's page of a case that its enterprise hasn't confirmed: there is nothing submitted to review."""
    user, waiting = request.user, case.state == State.OFFERED
    check = case.checks.order_by("-pk").first()
    answer = Answer.thaw(check.answer) if check else None
    may_end = waiting and user.may(P.LAPSE, case.office_id)
    initial = {"version": case.version}
    row = case.list_row
    context = {
        "case": case,
        "tone": shown.tone(case.state),
        "left": shown.days_left(case.due_on) if waiting else None,
        "check": check,
        "conditions": shown.reasons(answer) if answer else [],
        "list_url": reverse("desk:list", args=[row.list_id])
        if duties.lists(user).filter(pk=row.list_id).exists()
        else "",
        "list_number": row.list.number,
        "claimed": case.enterprise.members.live().exists(),
        "contacts": case.contacts.select_related("by", "office"),
        "contact_form": (contact or ContactForm(initial=initial))
        if waiting and duties.may_chase(user, case)
        else None,
        "ground": ground_to_end(case) if may_end else "",
        "may_end": may_end,
        "end_form": end or EndForm(initial=initial),
        "history": shown.told(events.timeline(case), _HISTORY),
    }
    return render(request, "desk/offer.html", context, status=status)


_HISTORY = {
    "offer": gettext_lazy("列入名单，待企业确认"),
    "remind_offer": gettext_lazy("提醒企业"),
    "record_contact": gettext_lazy("联系企业"),
    "decline_offer": gettext_lazy("企业放弃"),
    "end_offer": gettext_lazy("终止确认"),
}


def is_offer(case: Application) -> bool:
    """Whether the case was offered and never confirmed."""
    return case.offered_at is not None and case.confirmed_at is None


def read(user, pk: int) -> Application:
    """A case within reach with what this page shows, or 404."""
    case = access.desk_case(user, pk)
    if not is_offer(case):
        raise Http404
    return case


@officers(P.CHASE_OFFER)
@require_POST
def offer_contact(request, pk: int):
    case = read(request.user, pk)
    form = ContactForm(request.POST)
    if form.is_valid():
        said = form.cleaned_data
        case.version = said.pop("version")
        try:
            workflow.record_contact(case, request.user, Contact(**said)).one()
        except Refused as refusal:
            answer = refusals.beside(request, form, refusal, reverse("desk:case", args=[pk]))
            if answer is not None:
                return answer
        else:
            messages.success(request, _("联系记录已登记。"))
            return redirect("desk:case", pk)
    return show(request, read(request.user, pk), contact=form, status=422)


@officers(P.LAPSE)
@require_POST
def offer_end(request, pk: int):
    case = read(request.user, pk)
    form = EndForm(request.POST)
    if form.is_valid():
        case.version = form.cleaned_data["version"]
        try:
            workflow.end_offer(case, request.user, form.cleaned_data["text"]).one()
        except Refused as refusal:
            answer = refusals.beside(request, form, refusal, reverse("desk:case", args=[pk]))
            if answer is not None:
                return answer
        else:
            messages.success(request, _("已终止确认，预占的资金已释放，并告知企业。"))
            return redirect("desk:case", pk)
    return show(request, read(request.user, pk), end=form, status=422)
