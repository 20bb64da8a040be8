"""The first page: what is open for anybody, and what this enterprise can get."""

from django.db.models import Count, Q
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from applications import access
from applications.states import State
from enterprises.access import own_claims
from enterprises.models import Claim
from foundation.accounts.access import public
from measures import eligibility
from measures.models import Measure
from portal import acting, matching, progress
from portal.forms.case import TrialForm
from portal.offers import arithmetic, offers
from portal.views.notices import open_notices
from tracking.serving import specialists_of

CASES_SHOWN = 5


@public
@require_safe
def home(request):
    """Officers go to their desk; strangers see what is offered; people of enterprises what they can get."""
    if not request.user.is_authenticated:
        return _landing(request)
    if request.user.is_officer:
        return redirect("desk:home")
    return _mine(request)


def _landing(request):
    measures = Measure.objects.in_force().annotate(
        entries=Count("items", filter=~Q(items__acts="none")),
        for_enterprises=Count("items", filter=Q(items__acts="enterprise")),
    )
    found = offers(request.user, None)
    context = {
        "offers": [offer for offer in found if not offer.is_proactive],
        "proactive": [offer for offer in found if offer.is_proactive],
        "measures": measures,
        "notices": open_notices()[:3],
    }
    return render(request, "portal/landing.html", context)


def _mine(request):
    standing = acting.standing(request)
    unit = standing.current
    matched = matching.matched(request.user, unit)
    cases = _in_progress(request.user, unit)
    offered = [row["case"] for row in cases if row["case"].state == State.OFFERED]
    shown = {row["case"].pk for row in cases}
    followed = access.own_subscriptions(request.user, unit.enterprise) if unit and unit.verified else set()
    context = {
        "standing": standing,
        "unit": unit,
        "begins": unit is None or not unit.why_no_draft,
        "matched": matched,
        "applied": [offer for offer in matched.applied if offer.case.pk not in shown],
        "cases": cases,
        # What is only to be confirmed is the first thing to do.
        "offered": offered,
        "follows_all": None in followed,
        "specialists": specialists_of(unit.enterprise) if unit and unit.verified else [],
        "trial": _trial(request, unit, [*matched.can_apply, *matched.missing]) if unit else None,
        # What is being waited for, and what came of the last claim.
        "waiting": [one for one in standing.units if not one.verified and one is not unit],
        "rejected": _rejected(request.user, standing),
    }
    return render(request, "portal/home.html", context)


def _rejected(user, standing) -> Claim | None:
    """The claim that was rejected last, unless the person has claimed that code again."""
    claims = own_claims(user).filter(state=Claim.State.REJECTED)
    again = [unit.enterprise.pk for unit in standing.units]
    return claims.exclude(enterprise__in=again).order_by("-decided_at", "-pk").first()


def _trial(request, unit, can_apply) -> dict | None:
    """算一算: the award of the first item that pays a share of an investment, for an amount typed here."""
    paying = next((offer for offer in can_apply if offer.answer and offer.pays_by_investment), None)
    if paying is None:
        return None
    form = TrialForm(request.GET if "investment" in request.GET else None)
    answer = None
    if form.is_bound and form.is_valid():
        inputs = {"declared_investment": form.cleaned_data["investment"]}
        answer = eligibility.explain(paying.line, unit.enterprise, inputs, rule=paying.rule)
    lines = arithmetic(answer.lines, _("测算上限"), answer.amount) if answer else []
    return {"offer": paying, "form": form, "answer": answer, "lines": lines}


def _in_progress(user, unit) -> list[dict]:
    if unit is None:
        return []
    cases = (
        access.own(user)
        .filter(enterprise=unit.enterprise)
        .live()
        .submitted_ever()
        .exclude(state=State.PAID)
        .with_names()
        .prefetch_related("corrections")
        .order_by("-submitted_at", "-pk")
    )
    return [
        {
            "case": case,
            "tone": progress.tone(case.state),
            "told": progress.situation(case, progress.open_correction(case)),
        }
        for case in cases[:CASES_SHOWN]
    ]
