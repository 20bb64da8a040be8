"""Objecting to a public notice: open to anybody within its days, without an account."""

from allauth.core import ratelimit
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from applications.states import State
from applications.verbs import Refused
from foundation.accounts.access import public
from foundation.accounts.roles import PUBLIC
from foundation.display.dates import day
from foundation.workdays.workdays import CalendarMissing
from portal import refusals
from portal.forms.objection import NAMELESS, ObjectionForm
from reviews import workflow
from reviews.models import PublicNotice


@public
@require_http_methods(["GET", "HEAD", "POST"])
def objection(request, number):
    """The form; a name and a phone make it an objection, without them it is a lead."""
    found = get_object_or_404(PublicNotice.objects.select_related("call_item__item", "office"), number=number)
    if not found.is_open():
        return render(request, "portal/notice_ended.html", {"notice": found}, status=410)
    lines = found.lines.filter(
        application__state=State.PUBLIC_NOTICE, application__published_at=found.published_at
    ).order_by("position")
    if request.method == "POST":
        # Each address may send a few an hour: settings.ACCOUNT_RATE_LIMITS.
        if not ratelimit.consume(request, action="object_to_notice"):
            return render(request, "429.html", status=429)
        form = ObjectionForm(request.POST, request.FILES, lines=lines)
        answer = _sent(request, found, form)
        if answer is not None:
            return answer
    else:
        form = ObjectionForm(lines=lines)
    context = {"notice": found, "form": form}
    return render(request, "portal/objection.html", context, status=422 if form.errors else 200)


def _sent(request, notice: PublicNotice, form: ObjectionForm):
    if not form.is_valid():
        return None
    documents = form.keep(PUBLIC)
    if documents is None:
        return None
    data = form.cleaned_data
    case = form.lines[data["line"]].application
    try:
        if data["kind"] == NAMELESS:
            workflow.send_lead(notice, case, data["text"], documents)
            said = _("线索已收到，将予核查。感谢您的监督。")
        else:
            said = workflow.Statement(data["kind"], data["name"], data["phone"], data["text"], documents)
            row = workflow.raise_objection(notice, case, said)
            values = {"number": row.number, "day": day(row.due_on)}
            said = _("异议已收到，编号 %(number)s，请记下。将在 %(day)s前通过您留下的电话答复。") % values
    except CalendarMissing as missing:
        form.add_error(None, str(missing))
        return None
    except Refused as refused:
        response = refusals.answer(request, refused, reverse("notice", args=[notice.number]))
        if response is None:
            refusals.beside(form, refused.message, refused.fields)
        return response
    messages.success(request, said)
    return redirect("notice", notice.number)
