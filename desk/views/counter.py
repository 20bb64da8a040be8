"""窗口代填: beginning an application for an enterprise that came to the counter with it on paper."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from applications import access as cases
from applications import workflow
from applications.models import CounterFiling
from applications.states import State
from applications.verbs import Refused
from applications.workflow.counter import counter_of
from desk import nav
from desk.forms.counter import CounterForm
from desk.views.refusals import beside, require
from enterprises import access
from foundation.accounts.access import officers
from foundation.accounts.roles import Permission as P
from foundation.files import files
from foundation.files.files import RefusedFile


@officers(P.FILE_AT_COUNTER)
@require_http_methods(["GET", "HEAD", "POST"])
def counter(request, pk: int):
    """The form; then the application is filled in on the enterprise's own page of a draft."""
    enterprise = access.desk_enterprise(request.user, pk)
    require(counter_of(request.user, enterprise) is not None)
    form = CounterForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            case = workflow.begin_at_counter(given.pop("call_item"), enterprise, request.user, **given)
        except RefusedFile as refused:
            form.add_error("scan", refused.messages)
        except Refused as refused:
            answer = beside(request, form, refused, reverse("desk:enterprise", args=[pk]))
            if answer is not None:
                return answer
        else:
            return redirect("draft", case.pk)
    drafts = cases.own(request.user).filter(enterprise=enterprise, filed_by=request.user)
    context = {
        "enterprise": enterprise,
        "form": form,
        "drafts": drafts.filter(state__in=[State.DRAFT, State.AWAITING_CORRECTION])
        .with_names()
        .order_by("-pk"),
    }
    return render(request, "desk/counter.html", context, status=422 if form.is_bound else 200)


@officers(*nav.CASES)
@require_safe
def counter_scan(request, pk: int):
    """The signed paper with which somebody came to the counter."""
    case = cases.desk_case(request.user, pk)
    if case.filed_by_id is None:
        raise Http404
    paper = get_object_or_404(CounterFiling.objects.select_related("scan"), application=case)
    return files.response(paper.scan, inline="download" not in request.GET)
