"""Rules, named by state, and call items for them; the catalogue must be loaded."""

from datetime import datetime, timedelta

from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from measures import rule_workflow, workflow
from measures.models import AwardRow, CallItem, Condition, Item, RuleVersion
from tests.measures.factories import ready_call

TEN_PERCENT_OF_INVESTMENT = {"kind": "rate", "base": "investment", "rate": "0.1000"}
AT_MOST_FIVE_MILLION = {"kind": "cap", "amount": "5000000.00"}


def moment(year: int, month: int, day: int, hour: int = 9) -> datetime:
    """That hour on Shanghai's clock."""
    return datetime(year, month, day, hour, tzinfo=clock.SHANGHAI)


def call_item(code: str = "08-01", opens: datetime | None = None) -> CallItem:
    """A call item without a rule, of 2026 where nothing else is said."""
    opens = opens or moment(2026, 3, 2)
    serial = workflow.next_serial(Item.objects.get(code=code), clock.local(opens).year)
    call = ready_call(opens, opens + timedelta(days=60), code=code, route="full", serial=serial, rule=False)
    return CallItem.objects.select_related("item", "call").get(call=call)


def draft_rule(one: CallItem, conditions=(), award=(), written_by=None) -> RuleVersion:
    """A version in writing; conditions are (fact, operator, value), award rows are dicts."""
    rule = RuleVersion.objects.create(
        call_item=one, number=one.rules.count() + 1, written_by=written_by, created_at=clock.now()
    )
    for position, (fact, operator, value) in enumerate(conditions, start=1):
        Condition.objects.create(
            rule=rule,
            position=position,
            fact=fact,
            operator=operator,
            value=value,
            label=f"{fact} {operator}",
        )
    for position, row in enumerate(award, start=1):
        AwardRow.objects.create(rule=rule, position=position, **row)
    return rule


def rule_in_force(one: CallItem, conditions=(), award=()) -> RuleVersion:
    """Approved now, read with its rows."""
    conditions = conditions or [("legal_person", "is_true", None)]
    rule = rule_workflow.approve_rule(draft_rule(one, conditions, award), SYSTEM)
    return RuleVersion.objects.with_rows().get(pk=rule.pk)
