"""Saying for which enterprise one acts, and what became of it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enterprises import access, workflow
from enterprises.models import Claim
from enterprises.workflow import ClaimRefused
from foundation.accounts.access import NotAllowed, enterprise_side
from foundation.clock import clock
from foundation.files import files
from foundation.files.files import RefusedFile
from foundation.workdays import workdays
from portal.forms.claim import ClaimForm, LetterForm
from portal.refusals import beside, conflict

TONES = {Claim.State.PENDING: "warn", Claim.State.VERIFIED: "ok", Claim.State.REJECTED: "stop"}


@enterprise_side
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request):
    """The form that says for which code one acts; nothing of the register is shown."""
    if request.method != "POST":
        return render(request, "portal/claim.html", {"form": ClaimForm(initial=_again(request))})
    form = ClaimForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            workflow.claim(request.user, **form.cleaned_data)
        except ClaimRefused as refused:
            _beside(form, refused)
        except RefusedFile as refused:
            beside(form, "", {"letter": refused.messages})
        else:
            messages.success(request, _("已登记，正由所在区核验；现在就可以起草申请。"))
            return redirect("claims")
    return render(request, "portal/claim.html", {"form": form}, status=422)


@enterprise_side
@require_safe
def claims(request):
    """All claims of the person, with their state and what comes next."""
    return _listed(request)


@enterprise_side
@require_POST
def letter(request, pk):
    """Add or replace the authorisation letter of a claim that waits."""
    row = get_object_or_404(access.own_claims(request.user), pk=pk)
    form = _letter_form(row, request.POST, request.FILES)
    if form.is_valid():
        try:
            workflow.attach_letter(row, request.user, form.cleaned_data["letter"])
        except ClaimRefused as refused:
            return conflict(request, refused.message, reverse("claims"))
        except RefusedFile as refused:
            beside(form, "", {"letter": refused.messages})
        else:
            messages.success(request, _("授权委托书已上传，正由所在区核验。"))
            return redirect("claims")
    return _listed(request, pk, form, status=422)


@enterprise_side
@require_safe
def letter_file(request, pk):
    """The letter that the person handed in."""
    row = get_object_or_404(access.own_claims(request.user).exclude(letter=None), pk=pk)
    return files.response(row.letter)


def _listed(request, pk=None, form=None, status=200):
    rows = [
        {
            "claim": row,
            "tone": TONES[row.state],
            "remaining": workdays.remaining(row.due_on, clock.today()) if row.due_on else None,
            "form": form if form and row.pk == pk else _letter_form(row),
        }
        for row in access.own_claims(request.user).select_related("district").order_by("-claimed_at", "-pk")
    ]
    counts = {state: sum(row["claim"].state == state for row in rows) for state in Claim.State.values}
    context = {"rows": rows, "pending": counts["pending"], "verified": counts["verified"]}
    return render(request, "portal/claims.html", context, status=status)


def _letter_form(row, *data) -> LetterForm:
    return LetterForm(*data, prefix=f"claim{row.pk}")


def _again(request) -> dict:
    """After a rejection the person's own words, to be corrected."""
    pk = request.GET.get("again", "")
    row = access.own_claims(request.user).filter(pk=pk).first() if pk.isascii() and pk.isdigit() else None
    if row is None:
        return {}
    return {"uscc": row.enterprise.uscc, "name": row.declared_name, "district": row.declared_district_id}


def _beside(form, refused: ClaimRefused) -> None:
    if refused.code == "forbidden":
        raise NotAllowed(refused.message)
    beside(form, refused.message, {refused.field: [refused.message]} if refused.field else None)
