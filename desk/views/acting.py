"""The verbs on one case, one view each: read the form, call the verb, answer what it said."""

from collections.abc import Callable
from decimal import Decimal

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import access
from applications.models import Application
from applications.verbs import Outcomes, Refused
from desk.dossier import rule
from desk.forms import acts
from desk.forms.correction import CorrectionForm
from desk.forms.fields import MoneyField
from desk.views import case as case_page
from desk.views import offers, refusals
from foundation.accounts.access import officers
from foundation.accounts.roles import Permission as P
from foundation.files import files
from foundation.workdays.workdays import CalendarMissing
from reviews import access as duties
from reviews import workflow
from reviews.workflow import Proposal


def do(request, case: Application, form: acts.ActForm, verb: Callable[[], Outcomes], done: str):
    """Call the verb for the version that the page saw, if the form is right; answer with a page."""
    if form.is_valid():
        case.version = form.cleaned_data["version"]
        try:
            acted = verb().one()
        except Refused as refusal:
            answer = refusals.answered(request, refusal, reverse("desk:case", args=[case.pk]))
            if answer is not None:
                return answer
            form.refuse(refusal)
        except CalendarMissing as missing:
            form.add_error(None, str(missing))
        else:
            messages.success(request, done % {"number": acted.number, "state": acted.get_state_display()})
            if access.on_desk(request.user).filter(pk=case.pk).exists():
                return redirect("desk:case", case.pk)
            return redirect("desk:home")
    return None


def act_on(request, pk: int, kind: type[acts.ActForm], verb: Callable, done: str, **options):
    """A verb whose form stands on the case's page."""
    case = access.desk_case(request.user, pk)
    form = kind(request.POST, request.FILES, case=case, **options)
    answer = do(request, case, form, lambda: verb(case, form.cleaned_data), done)
    return answer or case_page.show(request, case, {form.verb: form}, status=422)


@officers(P.ACCEPT)
@require_POST
def accept(request, pk: int):
    def verb(case, data):
        return workflow.accept(case, request.user, data["text"])

    return act_on(request, pk, acts.AcceptForm, verb, _("已受理 %(number)s，进入%(state)s"))


@officers(P.ACCEPT)
@require_POST
def refuse_acceptance(request, pk: int):
    def verb(case, data):
        return workflow.refuse_acceptance(case, request.user, data["ground"], data["text"])

    return act_on(request, pk, acts.RefuseAcceptanceForm, verb, _("已对 %(number)s 不予受理，并发出通知书"))


@officers(P.TRANSFER_CASE)
@require_POST
def transfer_case(request, pk: int):
    def verb(case, data):
        return workflow.transfer_case(case, request.user, data["district"], data["reason"])

    return act_on(request, pk, acts.TransferForm, verb, _("已移交 %(number)s，两个区和企业都会知道"))


@officers(P.RECOMMEND)
@require_POST
def recommend(request, pk: int):
    def verb(case, data):
        return workflow.recommend(case, request.user, Application.Recommendation.FOR, data["text"])

    return act_on(request, pk, acts.RecommendForm, verb, _("已推荐 %(number)s，交负责人复核"))


@officers(P.RECOMMEND)
@require_POST
def recommend_against(request, pk: int):
    def verb(case, data):
        return workflow.recommend(case, request.user, Application.Recommendation.AGAINST, data["text"])

    return act_on(request, pk, acts.AgainstForm, verb, _("不推荐 %(number)s，交负责人复核"))


@officers(P.ENDORSE)
@require_POST
def endorse(request, pk: int):
    case = access.desk_case(request.user, pk)
    against = case.recommendation == Application.Recommendation.AGAINST
    kind = acts.EndorseAgainstForm if against else acts.EndorseForm

    def verb(case, data):
        return workflow.endorse(case, request.user, data["text"])

    return act_on(request, pk, kind, verb, _("已复核 %(number)s，现为%(state)s"))


@officers(P.ENDORSE, P.SIGN_OFF)
@require_POST
def send_back(request, pk: int):
    def verb(case, data):
        return workflow.send_back(case, request.user, data["text"])

    return act_on(request, pk, acts.SendBackForm, verb, _("已退回 %(number)s，现为%(state)s"))


@officers(P.REQUEST_CORRECTION)
@require_http_methods(["GET", "HEAD", "POST"])
def request_correction(request, pk: int):
    """A page of its own: a remark beside each answer and document."""
    case = access.desk_case(request.user, pk)
    if offers.is_offer(case):
        messages.warning(request, _("这件申请现在不能要求补正"))
        return redirect("desk:case", case.pk)
    papers = case_page.read_papers(case)
    if request.method == "POST":
        form = CorrectionForm(request.POST, case=case, papers=papers)

        def verb():
            return workflow.request_correction(case, request.user, form.remarks, form.cleaned_data["note"])

        answer = do(request, case, form, verb, _("已要求企业补正 %(number)s"))
        if answer is not None:
            return answer
    else:
        if "request_correction" not in duties.verbs(request.user, case):
            messages.warning(request, _("这件申请现在不能要求补正"))
            return redirect("desk:case", case.pk)
        form = CorrectionForm(case=case, papers=papers)
    context = {"case": case, "form": form, "papers": papers}
    return render(request, "desk/correction.html", context, status=422 if form.errors else 200)


@officers(P.PROPOSE)
@require_POST
def propose(request, pk: int):
    """拟支持, with the appraised investment and its document; the document survives a refused try."""
    return _proposing(request, pk, workflow.propose, _("已拟定支持 %(number)s，交负责人签发"))


@officers(P.PROPOSE)
@require_POST
def waitlist(request, pk: int):
    """列入候补, by the same form: what is worth supporting, but not within the fund's reach."""
    return _proposing(request, pk, workflow.waitlist, _("%(number)s 已列入候补"))


def _proposing(request, pk: int, act: Callable, done: str):
    case = access.desk_case(request.user, pk)
    form = acts.ProposeForm(request.POST, request.FILES, case=case, **_propose_options(case))
    if form.is_valid() and (upload := form.cleaned_data["document"]):
        try:
            form.keep(files.store(upload, request.user))
        except files.RefusedFile as refused:
            form.add_error("document", refused)
    appraised = form.cleaned_data.get("appraised")

    def verb():
        data = form.cleaned_data
        proposal = Proposal(
            support=True,
            text=data["text"],
            appraised=appraised,
            document=form.document_on_file,
            amount=data["amount"],
            unknown_note=data.get("unknown_note", ""),
        )
        return act(case, request.user, proposal)

    answer = do(request, case, form, verb, done)
    return answer or case_page.show(request, case, {form.verb: form}, status=422, appraised=appraised)


def _propose_options(case: Application) -> dict:
    answer = rule.explain(case, case.submissions.select_related("form").order_by("round").last())
    return {
        "unknown": [one.label for one in answer.unknown],
        "by_rate": case.call_item.item.ceiling_rate is not None,
    }


@officers(P.PROPOSE)
@require_POST
def propose_decline(request, pk: int):
    def verb(case, data):
        return workflow.propose(case, request.user, Proposal(support=False, text=data["text"]))

    return act_on(request, pk, acts.ProposeDeclineForm, verb, _("拟不予支持 %(number)s，交负责人签发"))


@officers(P.PROPOSE)
@require_safe
def estimate(request, pk: int):
    """What the rule would give for an appraised investment: a fragment for the page; keeps nothing."""
    case = access.desk_case(request.user, pk)
    appraised, error = _appraised(request.GET.get("appraised", ""))
    context = {"error": error}
    if not error:
        latest = case.submissions.select_related("form").order_by("round").last()
        context["answer"] = rule.explain(case, latest, appraised)
    return render(request, "desk/case/estimate.html", context, status=422 if error else 200)


@officers(P.PROPOSE)
@require_POST
def propose_preview(request, pk: int):
    """The same without script: the whole page again with what was typed, nothing done."""
    case = access.desk_case(request.user, pk)
    typed = acts.ProposeForm(request.POST, case=case, **_propose_options(case))
    initial = {name: typed[name].data for name in typed.fields if name != "document"}
    form = acts.ProposeForm(case=case, initial=initial, **_propose_options(case))
    appraised, _error = _appraised(initial.get("appraised") or "")
    return case_page.show(request, case, {form.verb: form}, appraised=appraised, preview=True)


def _appraised(text: str) -> tuple[Decimal | None, str]:
    field = MoneyField(required=False)
    try:
        return field.clean(text), ""
    except acts.forms.ValidationError as wrong:
        return None, wrong.messages[0]


@officers(P.LAPSE)
@require_POST
def lapse_waitlisted(request, pk: int):
    def verb(case, data):
        return workflow.lapse_waitlisted(case, request.user, data["text"])

    return act_on(request, pk, acts.LapseWaitlistedForm, verb, _("已终止 %(number)s 的候补"))


@officers(P.SIGN_OFF)
@require_POST
def sign_off(request, pk: int):
    def verb(case, data):
        return workflow.sign_off(case, request.user, data["text"])

    return act_on(request, pk, acts.SignOffForm, verb, _("已签发 %(number)s，现为%(state)s"))


@officers(P.DECLINE)
@require_POST
def decline(request, pk: int):
    def verb(case, data):
        return workflow.decline(case, request.user, data["text"])

    return act_on(request, pk, acts.DeclineForm, verb, _("已对 %(number)s 作出不予支持决定"))


@officers(P.DECLINE)
@require_POST
def reconsider(request, pk: int):
    def verb(case, data):
        return workflow.reconsider(case, request.user, data["text"])

    return act_on(request, pk, acts.ReconsiderForm, verb, _("%(number)s 重新审核"))


@officers(P.APPROVE)
@require_POST
def approve(request, pk: int):
    def verb(case, data):
        return workflow.approve(case, request.user, data["text"])

    return act_on(request, pk, acts.ApproveForm, verb, _("已批复 %(number)s，转资金拨付部门"))


@officers(P.APPROVE)
@require_POST
def reopen(request, pk: int):
    def verb(case, data):
        return workflow.reopen(case, request.user, data["text"])

    return act_on(request, pk, acts.ReopenForm, verb, _("已退回重审 %(number)s"))


@officers(P.CONCLUDE)
@require_POST
def conclude(request, pk: int):
    def verb(case, data):
        return workflow.conclude(case, request.user, data["result"], data["text"])

    return act_on(request, pk, acts.ConcludeForm, verb, _("已办结 %(number)s"))


@officers(P.CONCLUDE)
@require_POST
def return_referral(request, pk: int):
    def verb(case, data):
        return workflow.return_referral(case, request.user, data["text"])

    return act_on(request, pk, acts.ReturnReferralForm, verb, _("已退回 %(number)s"))
