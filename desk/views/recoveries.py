"""追回: what is to come back into the treasury, each payment back, the rest written off."""

from django.contrib import messages
from django.db.models import F, Sum
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from applications.verbs import Refused
from desk import shown
from desk.forms.recoveries import ReceiveForm, WriteOffForm
from desk.views import refusals
from foundation.accounts.access import officers
from foundation.accounts.roles import Permission as P
from payments import access, workflow
from payments.models import RecoveryOrder
from payments.workflow.recovering import OPEN

ALLOWED = (P.VIEW_PAYMENTS, P.NOTIFY_REVOCATION, P.REVOKE)
_TONES = {"ordered": "warn", "partly_recovered": "warn", "recovered": "ok", "written_off": "neutral"}


@officers(*ALLOWED)
@require_safe
def recoveries(request):
    """What is to be paid back, what still comes first."""
    rows = access.recoveries(request.user)
    waiting = rows.filter(state__in=OPEN).order_by("due_on", "pk")
    context = {
        "waiting": [
            {"row": row, "tone": _TONES[row.state], "left": shown.days_left(row.due_on)} for row in waiting
        ],
        "ended": [
            {"row": row, "tone": _TONES[row.state]}
            for row in rows.exclude(state__in=OPEN).order_by("-ended_at", "-pk")
        ],
        "missing": waiting.aggregate(sum=Sum(F("amount") - F("recovered")))["sum"] or 0,
    }
    return render(request, "desk/recoveries.html", context)


@officers(*ALLOWED)
@require_safe
def recovery(request, pk: int):
    return _page(request, access.recovery(request.user, pk))


def _page(request, found: RecoveryOrder, receive=None, write_off=None, status: int = 200):
    is_open, initial = found.state in OPEN, {"version": found.version}
    may_receive = is_open and request.user.may(P.CONFIRM_PAYMENT, found.office_id)
    may_write_off = is_open and request.user.may(P.RELEASE_PAYMENT, found.office_id)
    context = {
        "order": found,
        "case": found.application,
        "tone": _TONES[found.state],
        "left": shown.days_left(found.due_on) if is_open else None,
        "receipts": found.receipts.order_by("pk"),
        "receive_form": (receive or ReceiveForm(initial=initial)) if may_receive else None,
        "write_off_form": (write_off or WriteOffForm(initial=initial)) if may_write_off else None,
    }
    return render(request, "desk/recovery.html", context, status=status)


@officers(P.CONFIRM_PAYMENT)
@require_POST
def recovery_receive(request, pk: int):
    """Enter that money came back."""
    found = access.recovery(request.user, pk)
    form = ReceiveForm(request.POST)

    def verb(data):
        slip = workflow.BackPayment(data["reference"], data["amount"], data["received_on"])
        return workflow.receive_recovery(found, request.user, slip)

    return _done(request, found, form, verb) or _page(request, found, receive=form, status=422)


@officers(P.RELEASE_PAYMENT)
@require_POST
def recovery_write_off(request, pk: int):
    found = access.recovery(request.user, pk)
    form = WriteOffForm(request.POST)

    def verb(data):
        return workflow.write_off_recovery(found, request.user, data["reason"])

    return _done(request, found, form, verb) or _page(request, found, write_off=form, status=422)


def _done(request, found: RecoveryOrder, form, verb):
    """The page after the verb, or None where the form says what is wrong."""
    if not form.is_valid():
        return None
    found.version = form.cleaned_data["version"]
    back = reverse("desk:recovery", args=[found.pk])
    try:
        done = verb(form.cleaned_data)
    except Refused as refusal:
        return refusals.beside(request, form, refusal, back)
    messages.success(
        request,
        _("已登记，%(number)s 现为%(state)s")
        % {
            "number": done.number,
            "state": done.get_state_display(),
        },
    )
    return redirect(back)
