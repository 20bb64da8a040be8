"""征求意见: asked on a case by the commission's officer; answered by the asked office, which sees nothing else."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications import access
from applications.verbs import Refused
from desk import nav, shown
from desk.forms.consultations import OpinionForm, QuestionForm, RecallForm
from desk.views import refusals
from foundation.accounts.access import officers
from foundation.accounts.roles import Permission as P
from foundation.files import files
from foundation.files.models import Document
from foundation.lists.columns import Column
from foundation.lists.lists import List
from measures.forms import Form
from reviews import access as reach
from reviews import workflow
from reviews.models import Consultation
from reviews.models.consultations import ASKABLE
from reviews.workflow import Question

_TABS = {"waiting": gettext_lazy("待答复"), "answered": gettext_lazy("已答复"), "all": gettext_lazy("全部")}


class ConsultationList(List):
    title = gettext_lazy("征求意见")
    default_sort = "due"
    columns = (
        Column("due", gettext_lazy("期限"), "due_on", sort="due_on"),
        Column("item", gettext_lazy("事项"), "application.call_item.item.name"),
        Column("enterprise", gettext_lazy("企业"), lambda row: row.submission.identity["name"]),
        Column("from", gettext_lazy("来自"), "asked_from.name"),
        Column("office", gettext_lazy("征求单位"), "office.name"),
        Column("state", gettext_lazy("状态"), "get_state_display"),
    )


@officers(*nav.CONSULTATIONS)
@require_safe
def consultations(request):
    """Those of one's office: for who answers, and for who asked."""
    rows = reach.consultations(request.user)
    chosen = request.GET.get("tab", "")
    chosen = chosen if chosen in _TABS else "waiting"
    shown_rows = {
        "waiting": rows.waiting(),
        "answered": rows.filter(state=Consultation.State.ANSWERED),
        "all": rows,
    }[chosen]
    listing = ConsultationList(shown_rows, request)
    waiting = rows.waiting().count()
    return render(
        request,
        "desk/consultations.html",
        {
            "list": listing,
            "headings": {column.key: (url, sort) for column, url, sort in listing.headings()},
            "rows": [
                {"one": one, "left": shown.days_left(one.due_on) if one.is_waiting else None}
                for one in listing.page.rows
            ],
            "waiting": waiting,
            "sees_reviews": any(request.user.may(one) for one in nav.EXPERT_POOL),
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


@officers(*nav.CONSULTATIONS)
@require_safe
def consultation(request, pk: int):
    return _show(request, reach.consultation(request.user, pk))


def _show(request, row: Consultation, *, answer=None, recall=None, status: int = 200):
    """The question, what was released of the submission it was asked about, and the answer."""
    user, initial = request.user, {"version": row.version}
    form = Form(row.submission.form.definition)
    released = set(row.released)
    lines = [
        line
        for section in form.rows(row.submission.answers, None, {})
        for line in section.rows
        if line.key in released or line.part_of in released
    ]
    reaches = access.on_desk(user).filter(pk=row.application_id).exists()
    return render(
        request,
        "desk/consultation.html",
        {
            "row": row,
            "left": shown.days_left(row.due_on) if row.is_waiting else None,
            "basics": [
                {"label": _("事项"), "value": row.application.call_item.item.name},
                {"label": _("企业"), "value": row.submission.identity["name"]},
                {"label": _("统一社会信用代码"), "value": row.submission.identity.get("uscc", "")},
                {"label": _("项目"), "value": row.application.title},
            ],
            "lines": lines,
            "papers": _papers(form, row),
            "answer_form": answer or OpinionForm(initial=initial, prefix="opinion"),
            "may_answer": row.is_waiting and user.may(P.ANSWER_CONSULTATION, row.office_id),
            "recall_form": recall or RecallForm(initial=initial, prefix="recall"),
            "may_recall": row.is_waiting and user.may(P.CONSULT, row.asked_from_id),
            "case_url": reverse("desk:case", args=[row.application_id]) if reaches else "",
        },
        status=status,
    )


def _papers(form: Form, row: Consultation) -> list[dict]:
    labels = {one.key: one.label for one in form.slots}
    return [
        {
            "label": labels[one["slot"]],
            "name": one["name"],
            "size": one["size"],
            "url": reverse("desk:consultation_document", args=[row.pk, one["document"]]),
        }
        for one in row.submission.documents
        if one["slot"] in labels and one["slot"] in row.released
    ]


@officers(*nav.CONSULTATIONS)
@require_safe
def consultation_document(request, pk: int, document: UUID):
    """A released document of the submission, or the answer's own."""
    row = reach.consultation(request.user, pk)
    released = {one["document"] for one in row.submission.documents if one["slot"] in row.released}
    if str(document) not in released and document != row.document_id:
        raise Http404
    return files.response(get_object_or_404(Document, pk=document), inline="download" not in request.GET)


@officers(P.CONSULT)
@require_http_methods(["GET", "POST"])
def consult(request, pk: int):
    """The page on which an officer asks; for cases under the commission's review."""
    case = access.desk_case(request.user, pk)
    if case.state not in ASKABLE or not request.user.may(P.CONSULT, case.office_id):
        raise Http404
    latest = case.submissions.select_related("form").order_by("-round").first()
    form = QuestionForm(request.POST or None, case=case, latest=latest)
    here = reverse("desk:case", args=[pk])
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        case.version = data["version"]
        try:
            asked = workflow.consult(
                case,
                request.user,
                Question(data["office"], data["text"], data["due_on"], data["released"]),
            )
        except Refused as refusal:
            answer = refusals.beside(request, form, refusal, here)
            if answer is not None:
                return answer
        else:
            messages.success(request, _("已向%s征求意见。") % asked.office)
            return redirect(here)
    return render(
        request,
        "desk/consult.html",
        {"case": case, "form": form},
        status=422 if request.method == "POST" else 200,
    )


@officers(P.ANSWER_CONSULTATION)
@require_POST
def consultation_answer(request, pk: int):
    row = reach.consultation(request.user, pk)
    form = OpinionForm(request.POST, request.FILES, prefix="opinion")

    def verb(data):
        document = None
        if data["document"]:
            try:
                document = files.store(data["document"], request.user)
            except ValidationError as error:
                raise Refused("invalid", error.messages[0], {"document": error.messages}) from error
        return workflow.answer_consultation(
            row, request.user, stance=data["stance"], answer=data["answer"], document=document
        )

    done = _("已答复，并通知征求单位。")
    return _act(request, row, form, verb, done) or _show(request, row, answer=form, status=422)


@officers(P.CONSULT)
@require_POST
def consultation_recall(request, pk: int):
    row = reach.consultation(request.user, pk)
    form = RecallForm(request.POST, prefix="recall")

    def verb(data):
        return workflow.recall_consultation(row, request.user, data["because"])

    done = _("已撤回，并通知对方。")
    return _act(request, row, form, verb, done) or _show(request, row, recall=form, status=422)


def _act(request, row: Consultation, form, verb, done: str):
    here = reverse("desk:consultation", args=[row.pk])
    if not form.is_valid():
        return None
    row.version = form.cleaned_data["version"]
    try:
        verb(form.cleaned_data)
    except Refused as refusal:
        return refusals.beside(request, form, refusal, here)
    messages.success(request, done)
    return redirect(here)
