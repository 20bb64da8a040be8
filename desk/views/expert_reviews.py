"""专家评审, one review: what the expert was asked, reads, declares and finds; read by the office that asked."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from applications import access
from applications.verbs import Refused
from desk import nav, shown
from desk.forms.experts import DeclareForm, DeclineForm, ReviewForm, WithdrawForm
from desk.lists.experts import ReviewList
from desk.views import refusals
from foundation.accounts.access import officers
from foundation.accounts.roles import Permission as P
from foundation.files import files
from foundation.files.models import Document
from measures.forms import Form
from reviews import expert_access, workflow
from reviews.models import ExpertReview
from reviews.workflow.consultations import releasable
from reviews.workflow.expert_reviews import DECLARATION

_TABS = {"waiting": gettext_lazy("待评审"), "submitted": gettext_lazy("已提交"), "all": gettext_lazy("全部")}


@officers(*nav.EXPERT_REVIEWS)
@require_safe
def expert_reviews(request):
    """An expert's own; for the commission those that it asked for."""
    user = request.user
    rows = expert_access.reviews(user)
    chosen = request.GET.get("tab", "")
    chosen = chosen if chosen in _TABS else "waiting"
    shown_rows = {
        "waiting": rows.waiting(),
        "submitted": rows.filter(state=ExpertReview.State.SUBMITTED),
        "all": rows,
    }[chosen]
    listing = ReviewList(shown_rows, request)
    waiting = rows.waiting().count()
    return render(
        request,
        "desk/expert_reviews.html",
        {
            "list": listing,
            "headings": {column.key: (url, sort) for column, url, sort in listing.headings()},
            "rows": [
                {"one": one, "left": shown.days_left(one.due_on) if one.is_waiting else None}
                for one in listing.page.rows
            ],
            "waiting": waiting,
            "is_expert": user.may(P.REVIEW_AS_EXPERT),
            "sees_pool": any(user.may(permission) for permission in nav.EXPERT_POOL),
            "tabs": [
                {
                    "label": label,
                    "url": f"?tab={name}",
                    "active": name == chosen,
                    "count": waiting if name == "waiting" else None,
                }
                for name, label in _TABS.items()
            ],
        },
    )


@officers(*nav.EXPERT_REVIEWS)
@require_safe
def expert_review(request, pk: int):
    return _show(request, expert_access.review(request.user, pk))


def _show(request, row: ExpertReview, status: int = 200, **bound):
    """The review as this person may read it; bound: the form just refused, by its name."""
    user, initial = request.user, {"version": row.version}
    mine = row.person_id == user.pk
    reads = expert_access.reads_submission(user, row)
    form = Form(row.submission.form.definition)
    scores = list(row.scores.order_by("position"))
    context = {
        "row": row,
        "mine": mine,
        "left": shown.days_left(row.due_on) if row.is_waiting else None,
        "basics": [
            {"label": _("事项"), "value": row.application.call_item.item.name},
            {"label": _("申请人"), "value": row.submission.identity["name"]},
            {"label": _("统一社会信用代码"), "value": row.submission.identity.get("uscc", "")},
            {"label": _("项目"), "value": row.application.title},
        ],
        "lines": _lines(form, row) if reads else [],
        "papers": _papers(form, row) if reads else [],
        "reads": reads,
        "scores": [
            {"name": one["name"], "looks_at": one["looks_at"], "weight": one["weight"], "points": given}
            for one, given in zip(
                row.criteria, [one.points for one in scores] or [None] * len(row.criteria), strict=True
            )
        ],
    }
    if mine and row.is_waiting:
        context["decline_form"] = bound.get("decline") or DeclineForm(initial=initial, prefix="decline")
        if row.declared_at is None:
            context["declaration"] = DECLARATION
            context["declare_form"] = bound.get("declare") or DeclareForm(initial=initial, prefix="declare")
        else:
            context["review_form"] = bound.get("review") or ReviewForm(review=row)
    if not mine:
        if access.on_desk(user).filter(pk=row.application_id).exists():
            context["case_url"] = reverse("desk:case", args=[row.application_id])
        if row.is_waiting and user.may(P.ARRANGE_EXPERTS, row.asked_from_id):
            context["withdraw_form"] = bound.get("withdraw") or WithdrawForm(
                initial=initial, prefix="withdraw"
            )
    return render(request, "desk/expert_review.html", context, status=status)


def _readable(form: Form) -> set[str]:
    """Everything that was answered and handed in but who to call and the declarations."""
    return {key for key, _label in releasable(form)}


def _lines(form: Form, row: ExpertReview) -> list:
    readable = _readable(form)
    return [
        line
        for section in form.rows(row.submission.answers, None, {})
        for line in section.rows
        if line.answered and (line.key in readable or line.part_of in readable)
    ]


def _papers(form: Form, row: ExpertReview) -> list[dict]:
    labels = {one.key: one.label for one in form.slots}
    return [
        {
            "label": labels[one["slot"]],
            "name": one["name"],
            "size": one["size"],
            "url": reverse("desk:expert_review_document", args=[row.pk, one["document"]]),
        }
        for one in row.submission.documents
        if one["slot"] in labels
    ]


@officers(P.REVIEW_AS_EXPERT)
@require_safe
def expert_review_document(request, pk: int, document: UUID):
    """A document of the submission, for the expert, while they review it."""
    row = expert_access.own_review(request.user, pk)
    handed_in = {one["document"] for one in row.submission.documents}
    if not expert_access.reads_submission(request.user, row) or str(document) not in handed_in:
        raise Http404
    return files.response(get_object_or_404(Document, pk=document), inline="download" not in request.GET)


@officers(P.REVIEW_AS_EXPERT)
@require_POST
def review_declare(request, pk: int):
    row = expert_access.own_review(request.user, pk)
    form = DeclareForm(request.POST, prefix="declare")
    return _act(
        request,
        row,
        "declare",
        form,
        lambda data: workflow.declare_no_conflict(row, request.user),
        _("已声明，现在可以查看申报内容并评审。"),
    )


@officers(P.REVIEW_AS_EXPERT)
@require_POST
def review_submit(request, pk: int):
    row = expert_access.own_review(request.user, pk)
    form = ReviewForm(request.POST, review=row)
    return _act(
        request,
        row,
        "review",
        form,
        lambda data: workflow.submit_review(
            row, request.user, scores=form.scores(), opinion=data["opinion"], verdict=data["verdict"]
        ),
        _("评审意见已提交，谢谢。"),
    )


@officers(P.REVIEW_AS_EXPERT)
@require_POST
def review_decline(request, pk: int):
    row = expert_access.own_review(request.user, pk)
    form = DeclineForm(request.POST, prefix="decline")
    return _act(
        request,
        row,
        "decline",
        form,
        lambda data: workflow.decline_review(row, request.user, data["ground"], data["because"]),
        _("已谢绝，并通知邀请单位。"),
    )


@officers(P.ARRANGE_EXPERTS)
@require_POST
def review_withdraw(request, pk: int):
    row = expert_access.review(request.user, pk)
    form = WithdrawForm(request.POST, prefix="withdraw")
    return _act(
        request,
        row,
        "withdraw",
        form,
        lambda data: workflow.withdraw_request(row, request.user, data["because"]),
        _("已撤回邀请，并通知专家。"),
    )


def _act(request, row: ExpertReview, name: str, form, verb, done: str):
    """Call the verb if the form is right; back to the review, or the page with what is wrong."""
    here = reverse("desk:expert_review", args=[row.pk])
    if form.is_valid():
        row.version = form.cleaned_data["version"]
        try:
            verb(form.cleaned_data)
        except Refused as refusal:
            answer = refusals.beside(request, form, refusal, here)
            if answer is not None:
                return answer
        else:
            messages.success(request, done)
            return redirect(here)
    return _show(request, row, 422, **{name: form})
