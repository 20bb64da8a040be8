"""免申即享: the enterprise confirms what it was offered or gives it up; who is on no list asks to be included."""

from decimal import Decimal

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from applications import workflow as cases
from applications.models import Application
from applications.states import State
from applications.verbs import Refused
from enterprises import workflow as enterprises
from enterprises.member_roles import Does
from enterprises.workflow import ClaimRefused
from foundation.accounts.access import NotAllowed, enterprise_side
from measures import eligibility
from measures.eligibility import Answer, AwardLine
from measures.models import CallItem
from portal import acting, progress, refusals
from portal.forms.enterprise import AccountForm
from portal.forms.offer import DeclineForm, ListingForm
from portal.offers import arithmetic, full_reason
from portal.reading import own_case
from reviews import workflow as reviews
from reviews.workflow.listing import why_not_ask


@enterprise_side
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request, pk):
    """What is offered, how much, why, and the enterprise's word on it: account, declarations."""
    case = own_case(request, pk)
    if case.state != State.OFFERED and request.method != "POST":
        return redirect("case", pk)
    form = case.form.form.django_form(request.POST if request.method == "POST" else None, draft=False)
    account = None
    if not case.enterprise.bank_account:
        account = AccountForm(request.POST if request.method == "POST" else None)
    if request.method == "POST":
        answer = _confirm(request, case, form, account)
        if answer is not None:
            return answer
    return page(request, case, form, account, status=422 if request.method == "POST" else 200)


def page(request, case: Application, form=None, account=None, decline=None, message="", status=200):
    check = case.checks.order_by("-pk").first()
    answer = Answer.thaw(check.answer)
    lines = [AwardLine(row["text"], Decimal(row["amount"])) for row in case.award_lines]
    context = {
        "case": case,
        "told": progress.situation(case),
        "form": form or case.form.form.django_form(None, draft=False),
        "account": account if account or case.enterprise.bank_account else AccountForm(),
        "check": check,
        "conditions": [full_reason(one) for one in answer.conditions],
        "sources": sorted({one.source for one in answer.conditions if one.source}),
        "lines": arithmetic(lines, _("拟支持金额"), case.proposed_amount),
        "stages": [one for one in progress.road(case.call_item) if one.state != State.OFFERED],
        "decline_form": decline or DeclineForm(),
        "hidden": [{"name": "version", "value": case.version}],
        "message": message,
        "why_not": acting.standing(request).current.why_not(Does.ANSWER_OFFER),
    }
    return render(request, "portal/offer.html", context, status=status)


def _confirm(request, case: Application, form, account: AccountForm | None):
    """The way on after the confirmation; None where something stands beside its field."""
    here = reverse("case", args=[case.pk])
    case.version = refusals.posted_number(request, "version")
    # Both are read, so that everything that is wrong shows at once.
    right = [one.is_valid() for one in (form, account) if one is not None]
    if not all(right):
        return None
    if account is not None:
        try:
            case.enterprise = enterprises.set_account(case.enterprise, request.user, **account.cleaned_data)
        except ClaimRefused as refused:
            if refused.code == "forbidden":
                raise NotAllowed(refused.message) from refused
            refusals.beside(account, refused.message, {refused.field: [refused.message]})
            return None
    try:
        done = cases.confirm_offer(case, request.user, form.answers).one()
    except Refused as refused:
        response = refusals.answer(request, refused, here)
        if response is None:
            refusals.beside(form, refused.message, refused.fields)
        return response
    if done.state == State.SIGNED_OFF:
        messages.success(request, _("已确认，由%s安排公示。") % done.office)
    else:
        messages.success(request, _("已确认；声明或者数据与名单不同，由%s审核后再作决定。") % done.office)
    return redirect("case", case.pk)


@enterprise_side
@require_POST
def decline(request, pk):
    """Give up what was offered."""
    case = own_case(request, pk)
    form = DeclineForm(request.POST)
    if not form.is_valid():
        return page(request, case, decline=form, status=422)
    case.version = refusals.posted_number(request, "version")
    try:
        cases.decline_offer(case, request.user, form.cleaned_data["reason"]).one()
    except Refused as refused:
        response = refusals.answer(request, refused, reverse("case", args=[pk]))
        if response is not None:
            return response
        refusals.beside(form, refused.message, refused.fields)
        return page(request, own_case(request, pk), decline=form, status=422)
    messages.success(request, _("已放弃，不再办理。"))
    return redirect("case", pk)


@enterprise_side
@require_http_methods(["GET", "HEAD", "POST"])
def listing(request, code):
    """Ask to be put on the list of this item, with the rule's answer of now beside the reason."""
    line = (
        CallItem.objects.open()
        .filter(item__code=code, route=CallItem.Route.PROACTIVE)
        .select_related("call", "item", "decided_by", "fund")
        .first()
    )
    if line is None:
        raise Http404
    unit = acting.standing(request).current
    if unit is None or not unit.verified:
        return redirect("claims")
    problem = unit.why_not(Does.ASK) or why_not_ask(line, unit.enterprise)
    if problem and request.method != "POST":
        messages.info(request, problem)
        return redirect("item", code)
    form = ListingForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        answer = _ask(request, line, unit, form)
        if answer is not None:
            return answer
    found = eligibility.explain(line, unit.enterprise)
    context = {
        "line": line,
        "unit": unit,
        "form": form,
        "conditions": [full_reason(one, line.call.year) for one in found.conditions],
    }
    return render(request, "portal/listing.html", context, status=422 if request.method == "POST" else 200)


def _ask(request, line: CallItem, unit, form: ListingForm):
    if not form.is_valid():
        return None
    documents = form.keep(request.user)
    if documents is None:
        return None
    try:
        row = reviews.ask_listing(line, unit.enterprise, request.user, form.cleaned_data["reason"], documents)
    except Refused as refused:
        response = refusals.answer(request, refused, reverse("item", args=[line.item.code]))
        if response is None:
            refusals.beside(form, refused.message, refused.fields)
        return response
    messages.success(request, _("申请已提出，编号 %s，答复后会告知您。") % row.number)
    return redirect("item", line.item.code)
