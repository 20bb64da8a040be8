"""The calls of a demonstration: 08-01, 08-02, 03-10 and 03-11, open around the first start, and 09-03, awarded without an
application; 09-04, awarded so too, published and opening some weeks later, so that conditions can be read before.
Production opens its own."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import transaction

from foundation.accounts.models import Office
from foundation.clock import clock
from measures import funds, rule_workflow, workflow
from measures.catalogue import shipped
from measures.forms import Form
from measures.models import (
    AwardRow,
    Call,
    CallItem,
    Condition,
    FormVersion,
    Item,
    ReviewCriterion,
    RuleVersion,
    SpecialFund,
)

OPENED_DAYS_AGO = 60
CLOSES_IN_DAYS = 45
LATER_OPENS_IN_DAYS = 30
LATER_LASTS_DAYS = 60
PREPARED_DAYS_BEFORE = 7
FIRST_HOUR = time(9, 0)
LAST_HOUR = time(16, 0)


@dataclass(frozen=True, slots=True)
class Hours:
    """From which hour to which hour the calls are open, and when they were prepared; `later` is the same of those
    that open later, None where the policy's term leaves no day for them."""

    prepared_at: datetime
    opens_at: datetime
    closes_at: datetime
    later: tuple[datetime, datetime] | None = None


def hours_around(today: date) -> Hours | None:
    """A Monday at 09:00 some sixty days ago to a Friday at 16:00 some 45 days ahead, within the policy's
    term; None where the term leaves no day."""
    term = shipped.policy()
    opens = today - timedelta(days=OPENED_DAYS_AGO)
    opens -= timedelta(days=opens.weekday())
    closes = today + timedelta(days=CLOSES_IN_DAYS)
    closes += timedelta(days=(4 - closes.weekday()) % 7)
    opens, closes = max(opens, term.in_force_from), min(closes, term.in_force_to)
    if closes <= today or opens > today:
        return None
    opens_at = datetime.combine(opens, FIRST_HOUR, clock.SHANGHAI)
    return Hours(
        prepared_at=opens_at - timedelta(days=PREPARED_DAYS_BEFORE),
        opens_at=opens_at,
        closes_at=datetime.combine(closes, LAST_HOUR, clock.SHANGHAI),
        later=_later(today, term),
    )


def _later(today: date, term: shipped.Policy) -> tuple[datetime, datetime] | None:
    """A Monday some thirty days ahead to a Friday some sixty days after it, within the term."""
    opens = today + timedelta(days=LATER_OPENS_IN_DAYS)
    opens += timedelta(days=-opens.weekday() % 7)
    closes = opens + timedelta(days=LATER_LASTS_DAYS)
    closes = min(closes + timedelta(days=(4 - closes.weekday()) % 7), term.in_force_to)
    if closes <= opens:
        return None
    return (
        datetime.combine(opens, FIRST_HOUR, clock.SHANGHAI),
        datetime.combine(closes, LAST_HOUR, clock.SHANGHAI),
    )


@transaction.atomic
def open_calls(hours: Hours, by) -> list[Call]:
    """Create and publish the shipped calls whose item has never been called for; returns the new ones. One that
    opens later stays a draft where the policy's term leaves no day for it.

    Runs as of hours.prepared_at, so that cases may be made from the first hour on.
    """
    with clock.at(hours.prepared_at):
        year = hours.opens_at.year
        called = set(CallItem.objects.values_list("item__code", flat=True))
        return [_open(raw, year, hours, by) for raw in shipped.calls(year) if raw["item"] not in called]


def _open(raw: dict, year: int, hours: Hours, by) -> Call:
    offices = {
        office.code: office for office in Office.objects.filter(code__in=[raw["office"], raw["decided_by"]])
    }
    item = Item.objects.get(code=raw["item"])
    later = raw.get("opens") == "later"
    opens_at, closes_at = (later and hours.later) or (hours.opens_at, hours.closes_at)
    call = Call.objects.create(
        title=raw["title"],
        year=year,
        opens_at=opens_at,
        closes_at=closes_at,
        assumptions="\n".join(raw["assumptions"]),
        office=offices[raw["office"]],
    )
    call_item = CallItem.objects.create(
        call=call,
        item=item,
        serial=1,
        route=raw["route"],
        form=_form(item, raw["form"]),
        fund=_fund(raw["fund"], year, by) if raw["fund"] else None,
        decided_by=offices[raw["decided_by"]],
        consortium_most=raw.get("consortium_most", 0),
    )
    _rule(call_item, raw, by)
    ReviewCriterion.objects.bulk_create(
        ReviewCriterion(call_item=call_item, position=n, **row)
        for n, row in enumerate(raw.get("criteria", ()), start=1)
    )
    return call if later and not hours.later else workflow.publish_call(call, by)


def _form(item: Item, definition: dict) -> FormVersion:
    Form(definition)
    return FormVersion.objects.create(item=item, number=item.forms.count() + 1, definition=definition)


def _fund(raw: dict, year: int, by) -> SpecialFund:
    """The fund with its demo budget; one that stands already keeps its own."""
    offices = {
        office.code: office for office in Office.objects.filter(code__in=[raw["office"], raw["paid_by"]])
    }
    fund, created = SpecialFund.objects.get_or_create(
        code=raw["code"],
        defaults={
            "name": raw["name"],
            "year": year,
            "office": offices[raw["office"]],
            "paid_by": offices[raw["paid_by"]],
        },
    )
    if created:
        funds.appropriate(fund, Decimal(raw["appropriation"]), by=by, note=raw["note"])
    return fund


def _rule(call_item: CallItem, raw: dict, by) -> RuleVersion:
    rule = rule_workflow.start_rule(call_item, by, note="目录初始版本")
    conditions = [Condition(rule=rule, position=n, **row) for n, row in enumerate(raw["conditions"], start=1)]
    award = [
        AwardRow(rule=rule, position=n, **row | _money(row)) for n, row in enumerate(raw["award"], start=1)
    ]
    for row in (*conditions, *award):
        row.clean()
    Condition.objects.bulk_create(conditions)
    AwardRow.objects.bulk_create(award)
    return rule_workflow.approve_rule(rule, by)


def _money(row: dict) -> dict:
    return {name: Decimal(row[name]) for name in ("rate", "amount") if name in row}
