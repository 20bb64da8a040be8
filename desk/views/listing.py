"""列入申请: who asks to be put on a list, with the frozen explanation and the papers; granted or refused."""

from uuid import UUID

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from applications.verbs import Refused
from desk import nav, shown
from desk.forms.proactive import GrantForm, RefuseForm
from desk.lists.proactive import REQUEST_TONES, RequestList
from desk.views import refusals
from desk.views.lists import tabs
from enterprises.access import desk_enterprises
from foundation.accounts.access import officers
from foundation.accounts.roles import Permission as P
from foundation.files import files
from measures import eligibility
from measures.eligibility import Answer
from reviews import access, workflow
from reviews.models import ListingRequest


@officers(*nav.LISTS)
@require_safe
def listing_requests(request):
    reach = access.listing_requests(request.user)
    if "state" not in request.GET:
        reach = reach.filter(state=ListingRequest.State.ASKED)
    listing = RequestList(reach, request)
    filtered = any(value for name, value in request.GET.items() if name in listing.filterset.filters)
    context = {
        "list": listing,
        "headings": {column.key: (url, sort) for column, url, sort in listing.headings()},
        "rows": [
            {
                "one": one,
                "tone": REQUEST_TONES[one.state],
                "left": shown.days_left(one.due_on) if one.state == "asked" else None,
                "url": reverse("desk:listing_request", args=[one.pk]),
            }
            for one in listing.page.rows
        ],
        "waiting": access.asked_listings(request.user),
        "tabs": tabs(request.user, "listing_requests"),
        "clear_url": "?state=" if filtered else "",
    }
    return render(request, "desk/listing_requests.html", context)


@officers(*nav.LISTS)
@require_safe
def listing_request(request, pk: int):
    return _show(request, access.desk_listing_request(request.user, pk))


def _show(request, found: ListingRequest, *, grant=None, refuse=None, status: int = 200):
    waiting = found.state == ListingRequest.State.ASKED
    then = Answer.thaw(found.answer)
    now = eligibility.explain(found.call_item, found.enterprise) if waiting else None
    initial = {"version": found.version}
    linked = desk_enterprises(request.user).filter(pk=found.enterprise_id).exists()
    row = found.rows.select_related("list").order_by("-pk").first()
    context = {
        "one": found,
        "tone": REQUEST_TONES[found.state],
        "left": shown.days_left(found.due_on) if waiting else None,
        "then": then,
        "present": now,
        "conditions": shown.reasons(now or then),
        "moved": waiting and now.eligible != then.eligible,
        "documents": found.documents.order_by("name", "pk"),
        "may_answer": waiting and request.user.may(P.DRAW_LIST, found.office_id),
        "grant_form": grant or GrantForm(initial=initial),
        "refuse_form": refuse or RefuseForm(initial=initial),
        "enterprise_url": reverse("desk:enterprise", args=[found.enterprise_id]) if linked else "",
        "row": row,
    }
    return render(request, "desk/listing_request.html", context, status=status)


@officers(*nav.LISTS)
@require_safe
def listing_request_document(request, pk: int, document: UUID):
    """A paper of the request, in place or as a file with ?download=1."""
    found = access.desk_listing_request(request.user, pk)
    return files.response(
        get_object_or_404(found.documents, pk=document), inline="download" not in request.GET
    )


@officers(P.DRAW_LIST)
@require_POST
def listing_request_grant(request, pk: int):
    done = _("已列入补充名单，请另一人复核。")
    form = GrantForm(request.POST)
    answer = _answered(request, pk, form, workflow.grant_listing, done)
    return answer or _show(request, access.desk_listing_request(request.user, pk), grant=form, status=422)


@officers(P.DRAW_LIST)
@require_POST
def listing_request_refuse(request, pk: int):
    done = _("已告知企业不予列入的理由和救济途径。")
    form = RefuseForm(request.POST)
    answer = _answered(request, pk, form, workflow.refuse_listing, done)
    return answer or _show(request, access.desk_listing_request(request.user, pk), refuse=form, status=422)


def _answered(request, pk: int, form, verb, done: str):
    """The way on after an answer; None where the form says what is wrong."""
    found = access.desk_listing_request(request.user, pk)
    if not form.is_valid():
        return None
    found.version = form.cleaned_data["version"]
    try:
        verb(found, request.user, form.cleaned_data["text"])
    except Refused as refusal:
        return refusals.beside(request, form, refusal, reverse("desk:listing_request", args=[pk]))
    messages.success(request, done)
    return redirect("desk:listing_request", pk)
