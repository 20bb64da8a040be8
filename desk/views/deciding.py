"""After the decision: revocation with its notice, changes that the enterprise asks for, the completion check."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from applications import access
from applications.verbs import Refused
from desk.forms import acts
from desk.forms.completion import CompletionForm
from desk.views import refusals
from desk.views.acting import act_on
from foundation.accounts.access import officers
from foundation.accounts.roles import Permission as P
from foundation.clock import clock
from foundation.workdays.workdays import CalendarMissing
from payments import workflow as payments
from reviews import access as duties
from reviews import workflow


@officers(P.NOTIFY_REVOCATION)
@require_POST
def notify_revocation(request, pk: int):
    def verb(case, data):
        return payments.notify_revocation(case, request.user, data["ground"], data["text"])

    return act_on(request, pk, acts.NotifyRevocationForm, verb, _("已向企业告知拟撤销 %(number)s"))


@officers(P.REVOKE)
@require_POST
def drop_revocation(request, pk: int):
    def verb(case, data):
        return payments.drop_revocation(case, request.user, data["text"])

    return act_on(request, pk, acts.DropRevocationForm, verb, _("不予撤销 %(number)s，支持继续有效"))


@officers(P.REVOKE)
@require_POST
def revoke(request, pk: int):
    def verb(case, data):
        return payments.revoke(case, request.user, data["text"])

    return act_on(request, pk, acts.RevokeForm, verb, _("已撤销 %(number)s 的支持"))


@officers(P.DECIDE_CHANGE)
@require_POST
def decide_change(request, pk: int):
    def verb(case, data):
        decide = workflow.approve_change if data["decision"] == "yes" else workflow.refuse_change
        return decide(case, request.user, data["text"])

    return act_on(request, pk, acts.ChangeForm, verb, _("已答复 %(number)s 的变更申请"))


@officers(P.CHECK_COMPLETION)
@require_http_methods(["GET", "HEAD", "POST"])
def check_completion(request, pk: int):
    """A page of its own: the result with its documents."""
    case = access.desk_case(request.user, pk)
    if request.method == "POST":
        form = CompletionForm(request.POST, request.FILES)
        answer = _checked(request, case, form)
        if answer is not None:
            return answer
    elif "check_completion" not in duties.verbs(request.user, case):
        messages.warning(request, _("这件申请现在不能验收"))
        return redirect("desk:case", pk)
    else:
        form = CompletionForm(initial={"version": case.version, "checked_on": clock.today()})
    context = {"case": case, "form": form}
    return render(request, "desk/completion.html", context, status=422 if form.errors else 200)


def _checked(request, case, form: CompletionForm):
    if not form.is_valid():
        return None
    documents = form.keep(request.user)
    if documents is None:
        return None
    data = form.cleaned_data
    case.version = data["version"]
    found = workflow.Check(
        data["result"] == "passed", data["checked_on"], data["text"], data["mend_by"], documents
    )
    try:
        done = workflow.check_completion(case, request.user, found).one()
    except (Refused, CalendarMissing) as refusal:
        return refusals.beside(request, form, refusal, reverse("desk:case", args=[case.pk]))
    said = _("%(number)s 验收通过") if found.passed else _("已登记 %(number)s 验收未通过，并通知企业整改")
    messages.success(request, said % {"number": done.number})
    return redirect("desk:case", case.pk)
