"""Calls at work: all that were published, and one with its money, its cases, its notices and what may be decided."""

from django.contrib import messages
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from applications import budgets
from applications import workflow as applications
from applications.models import Application
from applications.states import UNDECIDED, State
from applications.workflow import CallRefused
from desk.forms.calls import CallEarlyForm, CallHourForm, CallReasonForm
from desk.nav import CALLS
from desk.views.refusals import stale
from foundation.accounts.access import officers
from foundation.accounts.roles import Permission as P
from foundation.clock import clock
from measures import calls as told
from measures.calls import CallList
from measures.models import Call, CallItem
from reviews import workflow as reviews
from reviews.workflow.calls import undecided

S = Call.State


@officers(*CALLS)
@require_safe
def calls(request):
    """Every call that was ever published, with its drafts and undecided cases."""
    found = (
        Call.objects.public()
        .select_related("office")
        .annotate(
            drafts=Count("items__applications", filter=Q(items__applications__state=State.DRAFT)),
            undecided=Count("items__applications", filter=Q(items__applications__state__in=UNDECIDED)),
        )
    )
    listing = CallList(found, request)
    rows = [
        {"call": call, "label": Call.Phase(call.phase()).label, "tone": told.tone(call)}
        for call in listing.page.rows
    ]
    filtered = any(value for name, value in request.GET.items() if name in listing.filterset.filters)
    return render(
        request,
        "desk/calls.html",
        {
            "list": listing,
            "rows": rows,
            "open": Call.objects.open().count(),
            "clear_url": reverse("desk:calls") if filtered else "",
        },
    )


@officers(*CALLS)
@require_safe
def call(request, pk: int):
    return _show(request, _call(pk))


def _call(pk: int) -> Call:
    return get_object_or_404(Call.objects.public().select_related("office"), pk=pk)


def _show(request, row: Call, *, forms: dict | None = None, status: int = 200):
    notices = list(row.notices.select_related("office", "by").order_by("-seq"))
    reach = applications.reach(row)
    return render(
        request,
        "desk/call.html",
        {
            "call": row,
            "label": Call.Phase(row.phase()).label,
            "state": row.get_state_display(),
            "tone": told.tone(row),
            "countdown": told.countdown(row),
            "lines": _lines(row),
            "notices": notices,
            "reach": reach,
            "acts": _acts(request.user, row, len(notices), reach, forms or {}),
        },
        status=status,
    )


def _lines(row: Call) -> list[dict]:
    lines = list(
        CallItem.objects.filter(call=row).select_related("item", "fund", "decided_by").order_by("item__code")
    )
    used = budgets.used(lines)
    counts: dict[int, dict[str, int]] = {line.pk: {} for line in lines}
    cases = Application.objects.filter(call_item__in=lines).order_by()
    for line, state, count in cases.values_list("call_item", "state").annotate(Count("pk")):
        counts[line][state] = count
    return [
        {
            "line": line,
            "used": used[line.pk] if line.fund_id else None,
            "left": line.budget - used[line.pk] if line.budget is not None else None,
            "drafts": counts[line.pk].get(State.DRAFT, 0),
            "undecided": sum(counts[line.pk].get(state, 0) for state in UNDECIDED),
            "submitted": sum(
                count
                for state, count in counts[line.pk].items()
                if state not in (State.DRAFT, State.DISCARDED)
            ),
        }
        for line in lines
    ]


# Verb: its words, what it brings about, who may, in which states, whether it asks for an hour.
_VERBS = {
    "extend_call": (gettext_lazy("延长申报"), gettext_lazy("截止时间改到以后。"), P.CONFIGURE, True),
    "suspend_call": (
        gettext_lazy("暂停申报"),
        gettext_lazy("暂停期间不能提交，草稿保留，可以继续填写。"),
        P.CONFIGURE,
        False,
    ),
    "resume_call": (
        gettext_lazy("恢复申报"),
        gettext_lazy("可以继续提交；下面的截止时间已按暂停耽误的工作日顺延，可以改得更晚。"),
        P.CONFIGURE,
        True,
    ),
    "close_call_early": (
        gettext_lazy("提前截止"),
        gettext_lazy("截止后不能提交，没有提交的草稿保留；已提交的照常办理。"),
        P.CONFIGURE,
        True,
    ),
    "cancel_call": (
        gettext_lazy("取消申报"),
        gettext_lazy(
            "没有办完的申请随之失效，预占的资金释放，不能恢复；已批复的不受影响。草稿保留，不能再提交。"
        ),
        P.END_CALL,
        False,
    ),
    "conclude_call": (
        gettext_lazy("办结申报"),
        gettext_lazy("还在候补的申请随之失效，不能恢复。"),
        P.END_CALL,
        False,
    ),
}
# Those that can't be taken back.
_FINAL = {"close_call_early", "cancel_call", "conclude_call"}


def _possible(row: Call) -> list[str]:
    """The verbs that the call's state and hours let be done now."""
    now = clock.now()
    if row.state == S.SUSPENDED:
        return ["resume_call", "extend_call", "cancel_call"]
    if row.state != S.PUBLISHED:
        return []
    if row.closes_at > now:
        early = ["close_call_early"] if row.opens_at < now else []
        return ["extend_call", "suspend_call", *early, "cancel_call"]
    return ["cancel_call"] if undecided(row) else ["conclude_call", "cancel_call"]


def _may(user, row: Call, permission) -> bool:
    return user.may(permission, None if permission == P.CONFIGURE else row.office_id)


def _acts(user, row: Call, seen: int, reach, forms: dict) -> list[dict]:
    concerned = _(
        "现在有 %(draft_units)d 家的 %(drafts)d 份草稿、%(case_units)d 家的 %(cases)d 件在办申请，都会收到通知。"
    ) % {
        "draft_units": reach.draft_units,
        "drafts": reach.drafts,
        "case_units": reach.case_units,
        "cases": reach.cases,
    }
    found = []
    for verb in _possible(row):
        words, consequence, permission, hour = _VERBS[verb]
        if not _may(user, row, permission):
            continue
        initial = {"seen": seen} | ({"closes_at": _proposed(verb, row)} if hour else {})
        form_class = _form(verb)
        found.append(
            {
                "id": f"act-{verb}",
                "verb": words,
                "consequence": f"{consequence}{concerned}",
                "url": reverse(f"desk:{verb}", args=[row.pk]),
                "form": forms.get(verb) or form_class(prefix=verb, initial=initial),
                "plain": verb not in _FINAL,
            }
        )
    return found


def _form(verb: str) -> type[CallReasonForm]:
    if verb == "close_call_early":
        return CallEarlyForm
    return CallHourForm if _VERBS[verb][3] else CallReasonForm


def _proposed(verb: str, row: Call):
    """The hour that the form begins with."""
    if verb == "resume_call":
        return applications.resumed_until(row)
    return row.closes_at if verb == "extend_call" else None


def _decide(verb: str, act, done):
    _words, _consequence, permission, _hour = _VERBS[verb]
    form_class = _form(verb)

    @officers(permission)
    @require_POST
    def view(request, pk: int):
        row = _call(pk)
        form = form_class(request.POST, prefix=verb)
        if form.is_valid():
            values = dict(form.cleaned_data)
            if values.pop("seen") != row.notices.count():
                message = _("这份申报通知刚刚有了新的变更公告，请看过后再办理。")
                return stale(request, message, reverse("desk:call", args=[pk]))
            try:
                notice = act(row, request.user, **values)
            except CallRefused as refusal:
                known = refusal.field if refusal.field in form.fields else None
                form.add_error(known, refusal.messages[0])
            else:
                messages.success(request, done % {"number": notice.number})
                return redirect("desk:call", pk)
        return _show(request, _call(pk), forms={verb: form}, status=422)

    view.__name__ = verb
    return view


extend_call = _decide("extend_call", applications.extend_call, gettext_lazy("已延长，公告 %(number)s"))
suspend_call = _decide("suspend_call", applications.suspend_call, gettext_lazy("已暂停，公告 %(number)s"))
resume_call = _decide("resume_call", applications.resume_call, gettext_lazy("已恢复，公告 %(number)s"))
close_call_early = _decide(
    "close_call_early", applications.close_call_early, gettext_lazy("已提前截止，公告 %(number)s")
)
cancel_call = _decide("cancel_call", reviews.cancel_call, gettext_lazy("已取消，公告 %(number)s"))
conclude_call = _decide("conclude_call", reviews.conclude_call, gettext_lazy("已办结，公告 %(number)s"))
