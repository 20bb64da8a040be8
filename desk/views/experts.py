"""专家评审, the commission's pages: the pool of experts, and asking some of them to review a case."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import access
from applications.verbs import Refused
from desk import nav
from desk.forms.experts import AskForm, EndForm, ExpertForm
from desk.lists.experts import ExpertList
from desk.views import refusals
from desk.views.exporting import download
from foundation.accounts.access import officers
from foundation.accounts.roles import Permission as P
from reviews import expert_access, workflow
from reviews.models import Expert, ExpertReview
from reviews.models.experts import ASKABLE


def _pool(user):
    done = Count("reviews", filter=Q(reviews__state=ExpertReview.State.SUBMITTED))
    return expert_access.experts(user).annotate(submitted=done)


@officers(*nav.EXPERT_POOL)
@require_safe
def experts(request):
    """The pool of one's office, who is in it and who was."""
    listing = ExpertList(_pool(request.user), request)
    filtered = any(value for name, value in request.GET.items() if name in listing.filterset.filters)
    return render(
        request,
        "desk/experts.html",
        {
            "list": listing,
            "headings": {column.key: (url, sort) for column, url, sort in listing.headings()},
            "rows": listing.page.rows,
            "total": listing.total_text,
            "may_enter": request.user.may(P.ARRANGE_EXPERTS),
            "clear_url": reverse("desk:experts") if filtered else "",
            "export_url": reverse("desk:experts_export") + listing.address(export="xlsx"),
            "export_label": _("导出 %s 人") % listing.total_text,
        },
    )


@officers(*nav.EXPERT_POOL)
@require_safe
def experts_export(request):
    return download(request, ExpertList(_pool(request.user), request))


@officers(P.ARRANGE_EXPERTS)
@require_http_methods(["GET", "HEAD", "POST"])
def expert_new(request):
    """Enter somebody whose account the system administrator has opened as an expert's."""
    offices = request.user.offices_where(P.ARRANGE_EXPERTS)
    form = ExpertForm(request.POST or None, offices=offices)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        post = data["post"]
        try:
            entry = workflow.enter_expert(
                post.user,
                request.user,
                post.office,
                fields=data["known"],
                employer=data["employer"],
                employer_code=data["employer_code"],
                until=data["until"],
            )
        except Refused as refusal:
            names = {"fields": "fields_known", "person": "post"}
            fields = {names.get(name, name): texts for name, texts in refusal.fields.items()}
            refusals.beside(
                request,
                form,
                Refused(refusal.code, refusal.message, fields),
                reverse("desk:expert_new"),
            )
        else:
            messages.success(request, _("%s已入库，并通知本人。") % entry.person)
            return redirect("desk:expert", entry.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "desk/expert_new.html", {"form": form}, status=status)


@officers(*nav.EXPERT_POOL)
@require_safe
def expert(request, pk: int):
    return _show(request, expert_access.expert(request.user, pk))


def _show(request, entry: Expert, form: EndForm | None = None, status: int = 200):
    """The entry, and what of this person's reviews the reader may see."""
    asked = expert_access.reviews(request.user).filter(expert=entry).order_by("-pk")
    return render(
        request,
        "desk/expert.html",
        {
            "entry": entry,
            "facts": [
                {"label": _("专家库"), "value": entry.office},
                {"label": _("工作单位"), "value": entry.employer},
                {"label": _("工作单位统一社会信用代码"), "value": entry.employer_code},
                {"label": _("专业领域"), "value": "、".join(entry.fields)},
            ],
            "reviews": asked[:50],
            "end_form": form or EndForm(prefix="end"),
            "may_end": entry.ended_at is None and request.user.may(P.ARRANGE_EXPERTS, entry.office_id),
        },
        status=status,
    )


@officers(P.ARRANGE_EXPERTS)
@require_POST
def expert_end(request, pk: int):
    entry = expert_access.expert(request.user, pk)
    form = EndForm(request.POST, prefix="end")
    here = reverse("desk:expert", args=[pk])
    if form.is_valid():
        try:
            workflow.end_expert(entry, request.user, form.cleaned_data["because"])
        except Refused as refusal:
            answer = refusals.beside(request, form, refusal, here)
            if answer is not None:
                return answer
        else:
            messages.success(request, _("已出库，并通知本人。"))
            return redirect(here)
    return _show(request, entry, form, 422)


@officers(P.ARRANGE_EXPERTS)
@require_http_methods(["GET", "HEAD", "POST"])
def ask_experts(request, pk: int):
    """The page on which an officer chooses experts for a case under the commission's review."""
    case = access.desk_case(request.user, pk)
    if case.state not in ASKABLE or not request.user.may(P.ARRANGE_EXPERTS, case.office_id):
        raise Http404
    form = AskForm(request.POST or None, case=case)
    here = reverse("desk:case", args=[pk])
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        case.version = data["version"]
        try:
            asked = workflow.ask_experts(case, request.user, data["experts"], data["due_on"], data["note"])
        except Refused as refusal:
            answer = refusals.beside(request, form, refusal, here)
            if answer is not None:
                return answer
        else:
            messages.success(request, _("已邀请 %d 位专家评审，并通知本人。") % len(asked))
            return redirect(f"{here}#experts-title")
    return render(
        request,
        "desk/ask_experts.html",
        {"case": case, "form": form, "criteria": case.call_item.criteria.order_by("position")},
        status=422 if request.method == "POST" else 200,
    )
