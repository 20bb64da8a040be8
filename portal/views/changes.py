"""Asking for a change of what is supported."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications.verbs import Refused
from foundation.accounts.access import enterprise_side
from portal import refusals
from portal.forms.change import ChangeForm
from portal.reading import own_case
from reviews import access as duties
from reviews import workflow
from reviews.workflow.changes import CHANGEABLE


@enterprise_side
@require_http_methods(["GET", "HEAD", "POST"])
def change(request, pk):
    """One change at a time, while the case is approved or paid."""
    case = own_case(request, pk)
    if request.method == "POST":
        form = ChangeForm(request.POST)
        answer = _ask(request, case, form)
        if answer is not None:
            return answer
    elif case.state not in CHANGEABLE or duties.asked_change(case):
        return redirect("case", pk)
    else:
        form = ChangeForm()
    context = {"case": case, "form": form}
    return render(request, "portal/change.html", context, status=422 if form.errors else 200)


def _ask(request, case, form: ChangeForm):
    case.version = refusals.posted_number(request, "version")
    if not form.is_valid():
        return None
    try:
        workflow.request_change(case, request.user, workflow.Wish(**form.cleaned_data)).one()
    except Refused as refused:
        response = refusals.answer(request, refused, reverse("case", args=[case.pk]))
        if response is None:
            refusals.beside(form, refused.message, refused.fields)
        return response
    messages.success(request, _("变更申请已提交，市级单位审核后答复您。"))
    return redirect("case", case.pk)
