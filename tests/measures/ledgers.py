"""Funds and moves that the ledger's tests stand on, named by state."""

from decimal import Decimal

from django.db import transaction

from foundation.accounts.models import Office
from foundation.accounts.roles import SYSTEM
from measures import funds
from measures.funds import Move
from measures.models import SpecialFund


def empty_fund(code="test-2026") -> SpecialFund:
    office, _ = Office.objects.get_or_create(
        code="test-office", defaults={"name": "测试处", "short_name": "测试处", "kind": Office.Kind.MUNICIPAL}
    )
    return SpecialFund.objects.create(code=code, name="测试专项", year=2026, office=office, paid_by=office)


def funded(amount="1000.00", code="test-2026") -> SpecialFund:
    fund = empty_fund(code)
    funds.appropriate(fund, Decimal(amount), SYSTEM, "测试下达")
    return fund


def move(case_id: int, amount: str) -> Move:
    return Move(case_id, f"KJFW-2026-0801-1-{case_id:06d}", Decimal(amount))


def posted(verb, fund, *moves):
    """The verb of the ledger in a transaction of its own."""
    with transaction.atomic():
        return verb(fund, moves, SYSTEM)


def walked(fund, *verbs, case_id=1, amount="100.00"):
    """A case taken through these verbs with the same amount."""
    for verb in verbs:
        posted(verb, fund, move(case_id, amount))
