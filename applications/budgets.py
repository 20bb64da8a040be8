"""What is left of the budget of a call item (本专题预算): the ledger's word on its cases, nothing else is kept.

Used is what its cases hold and were paid: set aside, less what was released or reverted. Whoever decides by it has
locked the fund first, as measures.funds does; the database holds the same (applications.models.refusals).
"""

from collections.abc import Iterable
from decimal import Decimal

from django.db.models import Case, F, OuterRef, Subquery, Sum, When

from applications.models import Application
from measures.funds import ZERO
from measures.models import CallItem, LedgerEntry


def used(lines: Iterable[CallItem]) -> dict[int, Decimal]:
    """Yuan of each call item's cases, by its id; one query."""
    lines = list(lines)
    line = Application.objects.filter(pk=OuterRef("case_id")).values("call_item")
    cases = Application.objects.filter(call_item__in=lines)
    sums = (
        LedgerEntry.objects.filter(
            case_id__in=cases.values("pk"), kind__in=["set_aside", "release", "revert"]
        )
        .annotate(line=Subquery(line))
        .order_by()
        .values("line")
        .annotate(total=Sum(Case(When(kind="set_aside", then=F("amount")), default=-F("amount"))))
    )
    found = dict.fromkeys((one.pk for one in lines), ZERO)
    found.update({row["line"]: row["total"] for row in sums})
    return found


def left(lines: Iterable[CallItem]) -> dict[int, Decimal]:
    """Yuan that may still be proposed in each of the call items that have a budget, by id; one query where any has."""
    bounded = [line for line in lines if line.budget is not None]
    if not bounded:
        return {}
    spent = used(bounded)
    return {line.pk: line.budget - spent[line.pk] for line in bounded}
