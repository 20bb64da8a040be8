"""候补: what waits for money, fund by fund in its order, beside what is available now."""

from itertools import groupby

from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from foundation.accounts.access import officers
from foundation.accounts.roles import Permission as P
from measures import funds
from reviews import access
from reviews.workflow.waiting import reached

ALLOWED = (P.PROPOSE, P.APPROVE)


@officers(*ALLOWED)
@require_safe
def waiting(request):
    """Each case with whether the available sum reaches it, those before it counted first."""
    cases = access.waitlisted(request.user).with_names().select_related("call_item__fund")
    cases = list(cases)
    balances, within_reach = funds.balances(), reached(cases)
    groups = []
    for fund, some in groupby(cases, key=lambda case: case.call_item.fund):
        available = balances.get(fund.pk, funds.Balances()).available
        rows = []
        for place, case in enumerate(some, start=1):
            rows.append(
                {
                    "case": case,
                    "place": place,
                    "reached": case.pk in within_reach,
                    "url": reverse("desk:case", args=[case.pk]),
                }
            )
        groups.append({"fund": fund, "available": available, "rows": rows})
    return render(
        request,
        "desk/waiting.html",
        {"groups": groups, "reached": sum(row["reached"] for group in groups for row in group["rows"])},
    )
