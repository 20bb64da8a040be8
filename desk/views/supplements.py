"""补充资料: what enterprises handed in, with the paper beside what is known; entered, or not used for a reason."""

from django.contrib import messages
from django.db.models import F
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from desk import nav, shown
from desk.forms.supplements import AnswerForm, RefusalForm
from desk.views.refusals import stale
from enterprises import access, supplement_workflow
from enterprises.models import Supplement
from enterprises.workflow import ClaimRefused
from foundation.accounts.access import NotAllowed, officers
from foundation.accounts.roles import Permission as P
from foundation.events import events
from foundation.files import files
from foundation.lists.columns import Column
from foundation.lists.lists import List

_TABS = {
    Supplement.State.PENDING: gettext_lazy("待登记"),
    Supplement.State.RECORDED: gettext_lazy("已登记"),
    Supplement.State.REFUSED: gettext_lazy("未采用"),
}
_TONES = {"pending": "brand", "recorded": "ok", "refused": "stop"}


class SupplementList(List):
    title = gettext_lazy("补充资料")
    default_sort = "due"
    columns = (
        Column("due", gettext_lazy("期限"), "due_on", sort="due_on"),
        Column("name", gettext_lazy("企业"), "enterprise.name"),
        Column("uscc", gettext_lazy("统一社会信用代码"), "enterprise.uscc", sort=F("enterprise__uscc")),
        Column("topic", gettext_lazy("关于"), "get_topic_display", sort="topic"),
        Column("at", gettext_lazy("提交时间"), "at", sort="at"),
    )


@officers(*nav.SUPPLEMENTS)
@require_safe
def supplements(request):
    reach = access.supplements_on_desk(request.user)
    chosen = request.GET.get("tab", "")
    chosen = chosen if chosen in _TABS else Supplement.State.PENDING
    listing = SupplementList(reach.filter(state=chosen), request)
    if "sort" not in request.GET and chosen != Supplement.State.PENDING:
        listing.sort = "-at"
    waiting = reach.pending().count()
    context = {
        "list": listing,
        "headings": {column.key: (url, sort) for column, url, sort in listing.headings()},
        "rows": [
            {
                "one": one,
                "left": shown.days_left(one.due_on),
                "tone": _TONES[one.state],
                "url": reverse("desk:supplement", args=[one.pk]),
            }
            for one in listing.page.rows
        ],
        "waiting": waiting,
        "tabs": [
            {
                "label": label,
                "url": f"?tab={state.value}",
                "active": state == chosen,
                "count": waiting if state == Supplement.State.PENDING else None,
            }
            for state, label in _TABS.items()
        ],
    }
    return render(request, "desk/supplements.html", context)


@officers(*nav.SUPPLEMENTS)
@require_safe
def supplement(request, pk: int):
    return _show(request, access.desk_supplement(request.user, pk))


def _show(request, found: Supplement, *, answer=None, refusal=None, status: int = 200):
    initial = {"version": found.version}
    pending = found.state == Supplement.State.PENDING
    reached = access.desk_enterprises(request.user).filter(pk=found.enterprise_id).exists()
    context = {
        "one": found,
        "tone": _TONES[found.state],
        "left": shown.days_left(found.due_on) if pending else None,
        "may_decide": pending and access.supplements_to_decide(request.user).filter(pk=found.pk).exists(),
        "answer_form": answer or AnswerForm(initial=initial),
        "refusal_form": refusal or RefusalForm(initial=initial),
        "document_url": reverse("desk:supplement_document", args=[found.pk]),
        "enterprise_url": reverse("desk:enterprise", args=[found.enterprise_id]) if reached else "",
        "history": shown.acts(events.timeline(found)),
    }
    return render(request, "desk/supplement.html", context, status=status)


@officers(*nav.SUPPLEMENTS)
@require_safe
def supplement_document(request, pk: int):
    """The paper, in place or as a file with ?download=1."""
    found = access.desk_supplement(request.user, pk)
    return files.response(found.document, inline="download" not in request.GET)


@officers(P.RECORD_ENTERPRISE)
@require_POST
def supplement_record(request, pk: int):
    form = AnswerForm(request.POST)
    done = _("已告知企业：%s")
    return _decided(request, pk, form, supplement_workflow.record_supplement, done) or _show(
        request, access.desk_supplement(request.user, pk), answer=form, status=422
    )


@officers(P.RECORD_ENTERPRISE)
@require_POST
def supplement_refuse(request, pk: int):
    form = RefusalForm(request.POST)
    done = _("已告知企业未采用的理由：%s")
    return _decided(request, pk, form, supplement_workflow.refuse_supplement, done) or _show(
        request, access.desk_supplement(request.user, pk), refusal=form, status=422
    )


def _decided(request, pk: int, form, verb, done: str):
    """The answer to a decision; None where the form must say what is wrong."""
    found = access.desk_supplement(request.user, pk)
    if not form.is_valid():
        return None
    found.version = form.cleaned_data["version"]
    try:
        verb(found, request.user, form.cleaned_data["answer"])
    except ClaimRefused as refusal:
        if refusal.code == "forbidden":
            raise NotAllowed(refusal.message) from refusal
        if refusal.code == "stale":
            return stale(request, refusal.message, reverse("desk:supplement", args=[pk]))
        form.add_error(refusal.field or None, refusal.message)
        return None
    messages.success(request, done % found.enterprise.name)
    return redirect("desk:supplements")
