"""Public notices: choose signed-off cases, look at the list as the public will see it, publish; approve later."""

from django.contrib import messages
from django.db.models import Count, Min, Q, Sum
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from applications import deadlines
from applications.models import Application
from applications.states import State
from applications.verbs import Refused
from desk import nav
from desk.forms.notices import NoticeForm
from desk.views.many import boxes, picked, results
from desk.views.refusals import answered
from foundation.accounts.access import officers
from foundation.accounts.roles import Permission as P
from foundation.clock import clock
from foundation.documents import documents
from foundation.lists.columns import Column
from foundation.lists.lists import List
from foundation.workdays.workdays import CalendarMissing
from measures.models import CallItem
from reviews import access, workflow
from reviews.documents import stands
from reviews.models import Lead, PublicNotice


class NoticeList(List):
    title = gettext_lazy("公示")
    default_sort = "-closes"
    columns = (
        Column("number", gettext_lazy("编号"), "number"),
        Column("title", gettext_lazy("标题"), "title"),
        Column("closes", gettext_lazy("截止"), "closes_at", sort="closes_at"),
    )


def _counted(notices):
    """With the number of lines, their sum, and how many cases still wait for the approval."""
    live = Q(lines__application__state=State.PUBLIC_NOTICE)
    return notices.annotate(n=Count("lines"), total=Sum("lines__amount"), waiting=Count("lines", filter=live))


def state_of(notice: PublicNotice) -> dict:
    """公示中, 待批复 (closed, cases wait) or 已完结, as label and tone."""
    if notice.is_open():
        return {"label": _("公示中"), "tone": "brand"}
    if notice.waiting:
        return {"label": _("期满待批复"), "tone": "warn"}
    return {"label": _("已完结"), "tone": "ok"}


@officers(*nav.NOTICES)
@require_safe
def notices(request):
    listing = NoticeList(_counted(access.notices(request.user)), request)
    ready = (
        access.publishable(request.user)
        .values("call_item", "call_item__item__name", "call_item__call__title")
        .annotate(n=Count("pk"), total=Sum("proposed_amount"), due_on=Min("due_on"))
        .order_by("due_on", "call_item")
    )
    rows = [
        {
            "notice": one,
            "state": state_of(one),
            "url": reverse("desk:notice", args=[one.pk]),
        }
        for one in listing.page.rows
    ]
    return render(
        request,
        "desk/notices.html",
        {
            "list": listing,
            "rows": rows,
            "ready": [
                row | {"url": f"{reverse('desk:notice_new')}?item={row['call_item']}"} for row in ready
            ],
            "objections": access.objections(request.user).standing().count(),
            "leads": access.leads(request.user).filter(state=Lead.State.OPEN).count(),
            "sees_objections": request.user.may(P.VIEW_OBJECTIONS),
            "open": sum(1 for row in rows if row["notice"].is_open()),
            "waiting": sum(row["notice"].waiting for row in rows if not row["notice"].is_open()),
        },
    )


@officers(P.PUBLISH)
@require_http_methods(["GET", "HEAD", "POST"])
def notice_new(request):
    """The signed-off cases of one call item, all ticked, as the public list will show them."""
    reach = access.publishable(request.user)
    asked = request.GET.get("item", "")
    line = (
        CallItem.objects.filter(pk=asked if asked.isdecimal() and len(asked) < 19 else None)
        .select_related("item", "call", "decided_by")
        .first()
    )
    if line is None:
        raise Http404
    reach = reach.filter(call_item=line)
    chosen = picked(request, reach) if request.method == "POST" else None
    form = NoticeForm(request.POST if request.method == "POST" else None, initial={"title": _title(line)})
    if request.method == "POST" and form.is_valid():
        answer = _published(request, form, chosen)
        if answer is not None:
            return answer
    cases = list(reach.with_names().order_by("number"))
    ticked = {case.pk for case in (cases if chosen is None else chosen)}
    closes_at = deadlines.notice_closes(line, clock.now())
    return render(
        request,
        "desk/notice_new.html",
        {
            "line": line,
            "form": form,
            "rows": [
                {"case": case, "box": box, "ticked": case.pk in ticked}
                for case, box in zip(cases, boxes(cases), strict=True)
            ],
            "total": sum((case.proposed_amount for case in cases), 0),
            "closes_at": closes_at,
        },
        status=422 if form.errors else 200,
    )


def _title(line: CallItem) -> str:
    serial = PublicNotice.objects.filter(call_item=line).count() + 1
    values = {"year": line.call.year, "item": line.item.name, "serial": serial}
    return _("%(year)s 年度“%(item)s”拟支持名单公示（第 %(serial)s 批）") % values


def _published(request, form: NoticeForm, chosen: list[Application]):
    if not chosen:
        form.add_error(None, _("请至少勾选一件"))
        return None
    try:
        outcomes = workflow.publish(chosen, request.user, form.cleaned_data["title"])
    except Refused as refusal:
        answer = answered(request, refusal, request.get_full_path())
        if answer is None:
            form.add_error("title" if "title" in refusal.fields else None, refusal.message)
        return answer
    except CalendarMissing as missing:
        form.add_error(None, str(missing))
        return None
    if outcomes.refused:
        return results(request, _("公示"), outcomes, back=reverse("desk:notices"))
    notice = PublicNotice.objects.filter(lines__application=outcomes.done[0]).latest("pk")
    messages.success(
        request, _("已公示 %(n)d 件，编号 %(number)s") % {"n": len(outcomes.done), "number": notice.number}
    )
    return redirect("desk:notice", notice.pk)


@officers(*nav.NOTICES)
@require_safe
def notice(request, pk: int):
    """A published list, each line with what became of its case; the head approves those that may be."""
    found = access.desk_notice(request.user, pk)
    lines = list(
        found.lines.select_related("application__office", "application__call_item").order_by("position")
    )
    cases = [line.application for line in lines]
    found.waiting = sum(case.state == State.PUBLIC_NOTICE for case in cases)
    waiting_here = set(
        access.awaiting(request.user).filter(pk__in=[case.pk for case in cases]).values_list("pk", flat=True)
    )
    rows = [
        {
            "line": line,
            "case": line.application,
            "void": not stands(line.application, found),
            "box": f"{line.application.pk}-{line.application.version}",
            "may": line.application.pk in waiting_here,
            "url": reverse("desk:case", args=[line.application.pk]),
        }
        for line in lines
    ]
    return render(
        request,
        "desk/notice.html",
        {
            "notice": found,
            "state": state_of(found),
            "rows": rows,
            "total": sum((line.amount for line in lines), 0),
            "may_approve": len(waiting_here),
            "is_open": found.is_open(),
            "issued": documents.listed(
                documents.issued(found), lambda issued: reverse("desk:notice_issued", args=[pk, issued])
            ),
            "asks": [{"label": _("名单 PDF"), "url": reverse("desk:notice_issue", args=[pk])}]
            if request.user.may(P.VIEW_CASES, found.office_id)
            else [],
            "objections": found.objections.standing().count(),
            "sees_objections": request.user.may(P.VIEW_OBJECTIONS),
        },
    )
