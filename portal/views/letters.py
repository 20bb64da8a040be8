"""Letters to the enterprise: read, received by an act of its own, answered by a statement of defence."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.states import State
from applications.verbs import Refused
from foundation.accounts.access import enterprise_side
from foundation.clock import clock
from foundation.workdays import workdays
from portal import refusals
from portal.forms.defence import DefenceForm
from portal.reading import own_case
from reviews import workflow
from reviews.access import open_revocation
from reviews.models import Delivery, Letter


def _letter(request, pk: int, letter: int) -> Letter:
    rows = Letter.objects.select_related("application", "office").prefetch_related("deliveries")
    return get_object_or_404(rows, pk=letter, application=own_case(request, pk))


@enterprise_side
@require_safe
def letter(request, pk, letter):
    """A letter as it was issued. Opening it is no receipt: 我已知悉 is."""
    found = _letter(request, pk, letter)
    context = {
        "letter": found,
        "case": found.application,
        "rows": [{"label": row["label"], "value": row["text"]} for row in found.body],
        "open": any(
            one.method == Delivery.Method.SYSTEM and one.received_on is None for one in found.deliveries.all()
        ),
    }
    return render(request, "portal/letter.html", context)


@enterprise_side
@require_POST
def received(request, pk, letter):
    found = _letter(request, pk, letter)
    try:
        workflow.acknowledge(found, request.user).one()
    except Refused as refused:
        back = reverse("case_letter", args=[pk, letter])
        response = refusals.answer(request, refused, back)
        return response or refusals.conflict(request, refused.message, back)
    messages.success(request, _("已签收。"))
    return redirect("case_letter", pk, letter)


@enterprise_side
@require_http_methods(["GET", "HEAD", "POST"])
def defence(request, pk):
    """State a defence against the notified decline or revocation, once, by its day."""
    case = own_case(request, pk)
    notice = case if case.state == State.DECLINE_NOTIFIED else open_revocation(case)
    if request.method == "POST":
        form = DefenceForm(request.POST, request.FILES)
        answer = _state(request, case, form)
        if answer is not None:
            return answer
    elif notice is None or notice.defended_at is not None:
        return redirect("case", pk)
    else:
        form = DefenceForm()
    until = case.defence_due_on if notice is case else notice and notice.due_on
    context = {
        "case": case,
        "form": form,
        "reason": notice.reason if notice else "",
        "until": until,
        "left": workdays.remaining(until, clock.today()) if until else None,
    }
    return render(request, "portal/defence.html", context, status=422 if form.errors else 200)


def _state(request, case, form: DefenceForm):
    case.version = refusals.posted_number(request, "version")
    if not form.is_valid():
        return None
    documents = form.keep(request.user)
    if documents is None:
        return None
    try:
        workflow.state_defence(case, request.user, form.cleaned_data["text"], documents).one()
    except Refused as refused:
        response = refusals.answer(request, refused, reverse("case", args=[case.pk]))
        if response is None:
            refusals.beside(form, refused.message, refused.fields)
        return response
    messages.success(request, _("陈述申辩已提交，办理单位会一并考虑后再作决定。"))
    return redirect("case", case.pk)
