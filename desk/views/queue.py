"""The officer's list: my queue, most urgent first, and its files."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.db.models import Avg, Count, F, Q
from django.db.models.functions import TruncDate
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from applications.models import Step
from applications.states import VERBS
from desk import nav, shown
from desk.lists.cases import CaseList, Tabs, hint_of, rule_of
from desk.views.exporting import download
from desk.views.many import offered
from foundation.accounts.access import officers
from foundation.accounts.roles import Permission as P
from foundation.clock import clock
from reviews.access import asked_listings, lists_to_check
from reviews.models import Opinion

# Days over which the office's pace is told.
PACE_DAYS = 90


@officers(*P)
@require_safe
def home(request):
    """The desk's door: each role's first page."""
    return redirect(nav.first_page(request.user))


@officers(*nav.CASES)
@require_safe
def queue(request):
    tabs = Tabs(request.user)
    chosen = tabs.chosen(request.GET.get("tab", ""))
    listing = CaseList(tabs.all[chosen][1], request)
    verbs = offered(request.user, listing.page.rows) if chosen == "mine" else []
    tickable = {state for one in verbs for state in VERBS[one.verb].sources}
    # The tab's own count tells how many there are, unless a filter narrows them.
    counts = {name: tabs.count(name) for name in tabs.all}
    filtered = any(value for name, value in request.GET.items() if name in listing.filterset.filters)
    total = listing.total_text if filtered or counts[chosen] is None else counts[chosen]
    return render(
        request,
        "desk/queue.html",
        {
            "list": listing,
            "headings": {column.key: (url, sort) for column, url, sort in listing.headings()},
            "rows": [
                {
                    "case": case,
                    "due": shown.due(case),
                    "hint": hint_of(case),
                    "rule": rule_of(case),
                    "tickable": case.state in tickable,
                    "url": reverse("desk:case", args=[case.pk]),
                }
                for case in listing.page.rows
            ],
            "tabs": [
                {
                    "label": label,
                    "url": f"?tab={name}",
                    "active": name == chosen,
                    "count": counts[name],
                    "alarm": name == "overdue" and counts[name] != "0",
                }
                for name, (label, _cases) in tabs.all.items()
            ],
            "keep": [{"name": "tab", "value": chosen}]
            + ([{"name": "sort", "value": listing.sort}] if listing.sort != listing.default_sort else []),
            "clear_url": f"?tab={chosen}" if filtered else "",
            "total": total,
            "export_url": reverse("desk:queue_export") + listing.address(tab=chosen, export="xlsx"),
            "export_csv_url": reverse("desk:queue_export") + listing.address(tab=chosen, export="csv"),
            "export_label": _("导出 %s 条") % total,
            "verbs": verbs,
            "deputising": [
                {"holder": post.user, "post": post}
                for post in request.user.posts_now
                if post.user_id != request.user.pk
            ],
            "headline": _headline(chosen, counts, tabs),
            "pace": _pace(request.user),
            "lists_waiting": lists_to_check(request.user).count() if request.user.may(P.CHECK_LIST) else 0,
            "requests_waiting": asked_listings(request.user) if request.user.may(P.DRAW_LIST) else 0,
            "keys": [
                {"key": "J / K", "does": _("上下移动")},
                {"key": "Enter", "does": _("打开")},
                {"key": "/", "does": _("搜索")},
            ],
            "empty": _EMPTY[chosen](),
        },
    )


@officers(*nav.CASES)
@require_safe
def queue_export(request):
    """What the queue shows, filters and order included, as XLSX or CSV (export=xlsx, csv)."""
    tabs = Tabs(request.user)
    listing = CaseList(tabs.all[tabs.chosen(request.GET.get("tab", ""))][1], request)
    return download(request, listing)


def _headline(chosen: str, counts: dict, tabs: Tabs) -> str:
    if chosen != "mine":
        overdue = counts.get("overdue", "0")
        if overdue != "0":
            return _("在办 %(live)s 件，%(overdue)s 件已超期") % {
                "live": counts["office"],
                "overdue": overdue,
            }
        return _("在办 %s 件，没有超期的") % counts["office"]
    if counts["mine"] == "0":
        return _("现在没有待您处理的申请")
    today = clock.today()
    late = tabs.all["mine"][1].aggregate(
        overdue=Count("pk", filter=Q(due_on__lt=today)), today=Count("pk", filter=Q(due_on=today))
    )
    parts = [_("有 %s 件待您处理") % counts["mine"]]
    if late["overdue"]:
        parts.append(_("%d 件已超期") % late["overdue"])
    if late["today"]:
        parts.append(_("%d 件今日到期") % late["today"])
    return "，".join(parts)


_EMPTY = {
    "mine": lambda: (
        _("没有待您处理的申请"),
        _("轮到您办理的申请会按期限先后排在这里。可以看看“本单位”有什么在办。"),
    ),
    "office": lambda: (_("没有在办的申请"), _("企业提交并到达本单位的申请会出现在这里。")),
    "correction": lambda: (
        _("没有等待补正的申请"),
        _("要求企业补正的申请在答复之前停在这里，期限暂停计算。"),
    ),
    "overdue": lambda: (_("没有超期的申请"), _("超过办理期限的申请会出现在这里。")),
    "all": lambda: (_("没有符合条件的申请"), _("请放宽筛选条件，或换一个名称、代码、编号搜索。")),
}


@dataclass(frozen=True, slots=True)
class Pace:
    """done: opinions signed today; days: mean working days of a step; on_time: share within the limit."""

    done: int
    days: object
    on_time: object


def _pace(user) -> Pace | None:
    """How this person and their office kept pace lately; None for those who decide nothing."""
    offices = user.offices_where(P.VIEW_CASES)
    if not offices:
        return None
    midnight = datetime.combine(clock.today(), time.min, clock.SHANGHAI)
    steps = Step.objects.filter(
        office__in=offices, left_at__gte=midnight - timedelta(days=PACE_DAYS), due_on__isnull=False
    ).exclude(state__in=["offered", "awaiting_correction", "decline_notified", "public_notice"])
    left_on = TruncDate("left_at", tzinfo=clock.SHANGHAI)
    found = steps.annotate(left_on=left_on).aggregate(
        n=Count("pk"), days=Avg("workdays"), kept=Count("pk", filter=Q(left_on__lte=F("due_on")))
    )
    return Pace(
        Opinion.objects.filter(by=user, at__gte=midnight).count(),
        found["days"],
        Decimal(found["kept"]) / found["n"] if found["n"] else None,
    )
