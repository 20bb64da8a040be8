"""回避 on a case: declared by oneself, ordered by a head, asked for by the enterprise and answered; lifted."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import access
from applications.models import Application, Recusal, RecusalRequest
from applications.states import ENDED
from applications.verbs import Refused
from desk import nav
from desk.forms import recusals as forms_of
from desk.views import refusals
from foundation.accounts import people as reach
from foundation.accounts.access import officers
from foundation.accounts.models import User
from foundation.accounts.roles import Permission as P
from reviews import workflow
from reviews.workflow import recusals as rules

READERS = (P.VIEW_CASES, P.VIEW_PAYMENTS)


@officers(*READERS)
@require_safe
def recusal(request, pk: int):
    return _show(request, access.desk_case(request.user, pk))


def _show(request, case: Application, bound: dict | None = None, status: int = 200):
    user, bound = request.user, bound or {}
    arranges = user.may(P.ARRANGE_STAFF)
    answers = rules.may_answer(user, case)
    handlers = User.objects.filter(pk__in=rules.handlers(case)).order_by("full_name", "pk")
    asked = case.recusal_requests.select_related("decided_by").order_by("-pk")
    return render(
        request,
        "desk/recusal.html",
        {
            "case": case,
            "over": case.state in ENDED,
            "may_declare": user.pk in rules.handlers(case),
            "keep_out_form": bound.get("keep_out") or forms_of.KeepOutForm(),
            "order_form": (bound.get("order") or forms_of.OrderForm(people=_mine(user, handlers)))
            if arranges
            else None,
            # Whom an enterprise means and why: for those who answer.
            "requests": asked if answers else (),
            "answer_form": bound.get("answer") or forms_of.AnswerForm(people=_eligible(user, case)),
            "standing": Recusal.objects.about([case]).select_related("person").order_by("-pk")
            if arranges
            else (),
        },
        status=status,
    )


def _eligible(user, case: Application):
    return User.objects.filter(pk__in=rules.eligible(user, case)).order_by("full_name", "pk")


def _mine(user, handlers):
    """Those of the handlers whose office this head arranges, but for the head."""
    return handlers.filter(pk__in=reach.visible(user).values("pk")).exclude(pk=user.pk)


@officers(*nav.HANDLERS)
@require_POST
def keep_out(request, pk: int):
    case = access.desk_case(request.user, pk)
    refusals.require(request.user.pk in rules.handlers(case))
    form = forms_of.KeepOutForm(request.POST)

    def verb(data):
        return workflow.keep_out(request.user, forms_of.of(data["extent"], case), data["reason"])

    done = _("您已回避 %s，不再办理，也不再看到；已通知接办的人。")
    return _act(request, case, form, "keep_out", verb, done, away=True)


@officers(P.ARRANGE_STAFF)
@require_POST
def order_recusal(request, pk: int):
    case = access.desk_case(request.user, pk)
    handlers = User.objects.filter(pk__in=rules.handlers(case))
    form = forms_of.OrderForm(request.POST, people=_mine(request.user, handlers))

    def verb(data):
        return workflow.order_recusal(
            data["person"], request.user, forms_of.of(data["extent"], case), data["reason"]
        )

    return _act(request, case, form, "order", verb, _("已决定回避：%s，并通知本人和接办的人。"))


@officers(P.ARRANGE_STAFF)
@require_POST
def answer_recusal(request, pk: int, asked: int):
    case = access.desk_case(request.user, pk)
    if not rules.may_answer(request.user, case):
        raise Http404
    row = get_object_or_404(RecusalRequest, pk=asked, application=case)
    form = forms_of.AnswerForm(request.POST, people=_eligible(request.user, case))

    def verb(data):
        return workflow.answer_recusal(
            row,
            request.user,
            granted=data["granted"] == "yes",
            answer=data["answer"],
            person=data["person"],
        )

    return _act(request, case, form, "answer", verb, _("已答复 %s 的回避申请，并通知企业。"))


@officers(P.ARRANGE_STAFF)
@require_http_methods(["GET", "POST"])
def recusal_lift(request, pk: int):
    """The page on which a head lifts a recusal of somebody of their office."""
    row = get_object_or_404(
        Recusal.objects.standing().select_related("person", "application", "enterprise"), pk=pk
    )
    if row.person_id == request.user.pk or not rules.arranges(request.user, row.person):
        raise Http404
    form = forms_of.LiftForm(request.POST or None)
    back = reverse("desk:person", args=[row.person_id])
    if request.method == "POST" and form.is_valid():
        try:
            workflow.lift_recusal(row, request.user, form.cleaned_data["because"])
        except Refused as refusal:
            answer = refusals.beside(request, form, refusal, back)
            if answer is not None:
                return answer
        else:
            messages.success(request, _("回避已解除，并通知本人。"))
            return redirect(back)
    return render(
        request,
        "desk/recusal_lift.html",
        {"row": row, "form": form, "back": back},
        status=422 if request.method == "POST" else 200,
    )


def _act(request, case, form, name, verb, done, away=False):
    here = reverse("desk:recusal", args=[case.pk])
    if form.is_valid():
        try:
            verb(form.cleaned_data)
        except Refused as refusal:
            answer = refusals.beside(request, form, refusal, here)
            if answer is not None:
                return answer
        else:
            messages.success(request, done % case.number)
            # A head who grants a request about themselves doesn't see the case any more.
            gone = away or not access.on_desk(request.user).filter(pk=case.pk).exists()
            return redirect("desk:home") if gone else redirect(here)
    return _show(request, case, {name: form}, status=422)
