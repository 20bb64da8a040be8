"""What the units did in a quarter, and what became of the requests handed to them: parts of the report, and lists.

All of it is a function of a moment, like the rest of the report: entries made or corrected later change nothing.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery

from foundation.clock import clock
from measures.models import Item
from tracking.models import MeasureAction, Referral
from tracking.quarters import Quarter


def logged_items(at: datetime | None = None) -> QuerySet[Item]:
    """The items whose treatment is the log (government's, institutions', persons'), each with `last_on`: the day of
    the last action known at the moment, or None."""
    known = MeasureAction.objects.current(at).filter(item=OuterRef("pk"))
    last = known.order_by().values("item").annotate(last=Max("done_on")).values("last")
    return Item.objects.filter(treatment=Item.Treatment.ACTION).annotate(last_on=Subquery(last))


def silent_items(quarter: Quarter, at: datetime | None = None) -> QuerySet[Item]:
    """Of `logged_items` those without an action in the quarter, as known at the moment."""
    in_it = MeasureAction.objects.current(at).filter(item=OuterRef("pk")).done_in(*days_of(quarter))
    return logged_items(at).in_force(_day_of(quarter)).filter(~Exists(in_it))


def actions(quarter: Quarter, moment: datetime, district: str | None = None) -> dict:
    """{"count", "items": how many of the logged ones had some, "logged", "by_office": [{"name", "count"}],
    "silent": [{"code", "name", "lead"}]}; district: what that district's office did, without the silent ones."""
    rows = MeasureAction.objects.current(moment).done_in(*days_of(quarter))
    if district is not None:
        rows = rows.filter(office__district=district)
    by_office = rows.order_by().values("office__short_name").annotate(count=Count("pk"))
    silent = [] if district is not None else list(silent_items(quarter, moment).select_related("lead_unit"))
    logged = Item.objects.filter(treatment=Item.Treatment.ACTION).in_force(_day_of(quarter))
    return {
        "count": sum(row["count"] for row in by_office),
        "items": rows.filter(item__treatment=Item.Treatment.ACTION)
        .order_by()
        .values("item")
        .distinct()
        .count(),
        "logged": logged.count(),
        "by_office": [
            {"name": row["office__short_name"], "count": row["count"]}
            for row in sorted(by_office, key=lambda row: (-row["count"], row["office__short_name"]))
        ],
        "silent": [{"code": one.code, "name": one.name, "lead": one.lead_name} for one in silent],
    }


def referrals(quarter: Quarter, moment: datetime, district: str | None = None) -> dict:
    """{"handed", "concluded", "on_time", "open": at the moment, "outcomes": {outcome: count}} of the quarter's
    requests; district: of that district's enterprises."""
    rows = Referral.objects.filter(at__lte=moment)
    if district is not None:
        rows = rows.filter(enterprise__district=district)
    ended = rows.filter(
        state=Referral.State.CONCLUDED, ended_at__gte=quarter.starts, ended_at__lt=quarter.ends
    ).filter(ended_at__lte=moment)
    told = list(ended.order_by("pk").values_list("outcome", "ended_at", "due_on"))
    outcomes = Counter(outcome for outcome, _ended, _due in told)
    return {
        "handed": rows.filter(at__gte=quarter.starts).count(),
        "concluded": len(told),
        "on_time": sum(clock.local(ended_at).date() <= due_on for _outcome, ended_at, due_on in told),
        "open": rows.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=moment)).count(),
        "outcomes": {outcome: outcomes[outcome] for outcome in Referral.Outcome.values if outcomes[outcome]},
    }


@dataclass
class Told:
    """An action as it stands, with what was corrected about it, the latest before it first."""

    action: MeasureAction
    former: list[MeasureAction] = field(default_factory=list)


def log_of(item: Item) -> tuple[list[Told], list[MeasureAction]]:
    """What was done about an item, the latest first, and the entries that were taken back; one query."""
    rows = list(item.actions.select_related("office"))
    by_key = {row.pk: row for row in rows}
    corrected = {row.corrects_id for row in rows}
    standing, taken_back = [], []
    for row in rows:
        if row.pk in corrected:
            continue
        told = Told(row)
        while (row := by_key.get(row.corrects_id)) is not None:
            told.former.append(row)
        if told.action.void:
            taken_back.append(told.action)
        else:
            standing.append(told)
    return standing, taken_back


def days_of(quarter: Quarter) -> tuple[date, date]:
    """The first day, and the first one after it."""
    return quarter.first_day, quarter.next.first_day


def _day_of(quarter: Quarter) -> date:
    """A day on which what the quarter can be asked about was in force: its last one, today at the latest."""
    return min(clock.today(), quarter.next.first_day - timedelta(days=1))
