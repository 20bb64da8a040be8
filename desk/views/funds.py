"""Funds: what stands in each bucket, and every entry of the ledger, traced to its case."""

from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from applications.access import on_desk
from desk import nav
from desk.views.exporting import download
from foundation.accounts.access import officers
from foundation.accounts.roles import Permission as P
from foundation.lists.columns import Column
from foundation.lists.lists import List
from measures import funds as ledger
from measures.models import LedgerEntry
from payments import access

BUCKETS = (
    ("available", _("可用"), _("尚未用于任何申请的预算")),
    ("set_aside", _("预占"), _("已拟定支持、尚未批复的金额")),
    ("committed", _("已批复"), _("已批复、尚未提出拨付的金额")),
    ("ordered", _("待复核"), _("已提出拨付、等待另一人复核的金额")),
    ("released", _("支付中"), _("已复核、等待支付结果的金额")),
    ("spent", _("已拨付"), _("已登记支付结果的金额")),
)


class LedgerList(List):
    title = _("资金台账")
    default_sort = "-seq"
    page_size = 50
    columns = (
        Column("seq", _("序号"), "seq", sort="seq", width=8),
        Column("at", _("时间"), "at", width=18),
        Column("kind", _("种类"), "get_kind_display", width=14),
        Column("amount", _("金额（元）"), "amount", align="end"),
        Column("case", _("申请编号"), "case_number", width=26),
        Column("note", _("摘要"), "note", width=30),
        Column("actor", _("经办"), "actor_label", width=24),
        *(Column(name, label, name, align="end") for name, label, _definition in BUCKETS),
    )


@officers(*nav.FUNDS)
@require_safe
def funds(request):
    balances = ledger.balances()
    rows = [
        {
            "fund": fund,
            "url": reverse("desk:fund", args=[fund.pk]),
            "balances": balances.get(fund.pk, ledger.Balances()),
        }
        for fund in access.funds(request.user).order_by("-year", "code")
    ]
    sees_waiting = any(request.user.may(permission) for permission in (P.PROPOSE, P.APPROVE))
    return render(request, "desk/funds.html", {"rows": rows, "sees_waiting": sees_waiting})


@officers(*nav.FUNDS)
@require_safe
def fund(request, pk: int):
    found = access.fund(request.user, pk)
    entries = LedgerEntry.objects.filter(fund=found)
    number = request.GET.get("case", "").replace("\0", "").strip()[:30]
    if number:
        entries = entries.filter(case_number=number)
    listing = LedgerList(entries, request)
    if "export" in request.GET:
        return download(request, listing)
    rows = list(listing.page.rows)
    reachable = set(
        on_desk(request.user)
        .filter(pk__in={row.case_id for row in rows if row.case_id})
        .values_list("pk", flat=True)
    )
    balances = ledger.balance(found)
    if "export" in request.GET:
        raise Http404
    return render(
        request,
        "desk/fund.html",
        {
            "fund": found,
            "list": listing,
            "number": number,
            "export_url": listing.address(export="xlsx"),
            "figures": [
                {"label": label, "value": getattr(balances, name), "definition": definition}
                for name, label, definition in BUCKETS
            ],
            "total": balances.total,
            "rows": [
                {
                    "entry": row,
                    "url": reverse("desk:case", args=[row.case_id]) if row.case_id in reachable else "",
                    "flow": _flow(row.kind),
                }
                for row in rows
            ],
        },
    )


def _flow(kind: str) -> str:
    """From which bucket to which: 可用 → 预占."""
    names = {name: str(label) for name, label, _definition in BUCKETS}
    source, target = ledger.FLOW[kind]
    return f"{names[source]} → {names[target]}" if source else names[target]
