"""申请回避: an enterprise asks that somebody keep out of its case, and reads the answers."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications.states import ENDED, NEVER_SUBMITTED
from applications.verbs import Refused
from enterprises.member_roles import Does
from foundation.accounts.access import enterprise_side
from portal import refusals
from portal.acting import standing
from portal.forms.recusal import RecusalForm
from portal.reading import own_case
from reviews import workflow


@enterprise_side
@require_http_methods(["GET", "HEAD", "POST"])
def recusal(request, pk):
    """What was asked with its answer; a new request, one at a time, while the case is live."""
    case = own_case(request, pk)
    asked = list(case.recusal_requests.order_by("-pk"))
    why_not = standing(request).current.why_not(Does.ASK)
    may_ask = (
        not why_not and case.state not in ENDED | NEVER_SUBMITTED and all(one.decided_at for one in asked)
    )
    form = RecusalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            workflow.ask_recusal(case, request.user, workflow.Request(**form.cleaned_data))
        except Refused as refused:
            response = refusals.answer(request, refused, reverse("case", args=[pk]))
            if response is not None:
                return response
            refusals.beside(form, refused.message, refused.fields)
        else:
            messages.success(request, _("回避申请已提交，三个工作日内答复您；答复之前申请照常办理。"))
            return redirect("case_recusal", pk)
    context = {
        "case": case,
        "form": form,
        "requests": asked,
        "may_ask": may_ask or form.errors,
        "why_not": why_not,
    }
    return render(request, "portal/recusal.html", context, status=422 if form.errors else 200)
