"""Saying for which enterprise one acts, and what became of it."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from enterprises import access, joining_workflow, workflow
from enterprises.models import Claim, Member
from enterprises.workflow import ClaimRefused
from foundation.accounts.access import NotAllowed, enterprise_side
from foundation.clock import clock
from foundation.files import files
from foundation.files.files import RefusedFile
from foundation.workdays import workdays
from portal import acting
from portal.forms.claim import ClaimForm, LetterForm
from portal.forms.members import TakeoverForm
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
            row = workflow.claim(request.user, **form.cleaned_data)
        except ClaimRefused as refused:
            _beside(form, refused)
        except RefusedFile as refused:
            beside(form, "", {"letter": refused.messages})
        else:
            messages.success(
                request,
                _("已登记，正由所在区核验；现在就可以起草申请。")
                if row.route == Claim.Route.DISTRICT
                else _("已有人代表这家企业，已请其企业经办人答复；现在就可以起草申请。"),
            )
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
            messages.success(request, _("授权委托书已上传。"))
            return redirect("claims")
    return _listed(request, pk, form, status=422)


@enterprise_side
@require_safe
def letter_file(request, pk):
    """The letter that the person handed in."""
    row = get_object_or_404(access.own_claims(request.user).exclude(letter=None), pk=pk)
    return files.response(row.letter)


@enterprise_side
@require_POST
def takeover(request, pk):
    """The owner has left: the request to join becomes one to take over, with a new letter."""
    row = get_object_or_404(access.own_claims(request.user), pk=pk)
    form = TakeoverForm(request.POST, request.FILES, prefix=f"takeover{pk}")
    if form.is_valid():
        try:
            joining_workflow.ask_to_take_over(row, request.user, **form.cleaned_data)
        except ClaimRefused as refused:
            if refused.code in {"state", "stale"}:
                return conflict(request, refused.message, reverse("claims"))
            _beside(form, refused)
        except RefusedFile as refused:
            beside(form, "", {"letter": refused.messages})
        else:
            messages.success(request, _("已申请接管；原企业经办人可以答复，之后由所在区决定。"))
            return redirect("claims")
    return _listed(request, pk, status=422, takeover=form)


def _listed(request, pk=None, form=None, status=200, takeover=None):
    rows = [
        {
            "claim": row,
            "tone": TONES[row.state],
            "remaining": workdays.remaining(row.due_on, clock.today()) if row.due_on else None,
            "form": form if form and row.pk == pk else _letter_form(row),
            "takeover_form": takeover
            if takeover and row.pk == pk
            else TakeoverForm(prefix=f"takeover{row.pk}"),
            "takeover_id": f"takeover{row.pk}",
        }
        for row in access.own_claims(request.user).select_related("district").order_by("-claimed_at", "-pk")
    ]
    counts = {state: sum(row["claim"].state == state for row in rows) for state in Claim.State.values}
    context = {
        "rows": rows,
        "pending": counts["pending"],
        "units": [unit for unit in acting.standing(request).units if unit.verified],
        "over": Member.objects.filter(user=request.user, ended_at=None, until__lt=clock.today())
        .select_related("enterprise")
        .order_by("pk"),
    }
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
