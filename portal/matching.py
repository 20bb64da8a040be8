"""What can I get: every item that enterprises act on, told apart by what stands between it and the enterprise."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby

from foundation.accounts.models import User
from measures.models import Item, Measure
from portal.acting import Unit
from portal.offers import Offer, offers, open_lines, other_lines


@dataclass(frozen=True)
class Entry:
    """An item that can't be applied for now, with its last call where there was one."""

    item: Item
    last: Offer | None


@dataclass
class Matched:
    """All items, each in one place.

    can_apply: open, and nothing stands in the way; missing: open or coming, but something of the enterprise isn't
    known; proactive: awarded without an application, and it would be on the list; coming: it will be able to apply;
    suspended: its call is; unmet: open or coming, not for this enterprise as it is; applied: a case of it stands, and no other may be submitted; others: by measure, what has no call now. Before
    the claim is verified nothing is told apart by the enterprise's data.
    """

    can_apply: list[Offer] = field(default_factory=list)
    missing: list[Offer] = field(default_factory=list)
    proactive: list[Offer] = field(default_factory=list)
    coming: list[Offer] = field(default_factory=list)
    unmet: list[Offer] = field(default_factory=list)
    suspended: list[Offer] = field(default_factory=list)
    applied: list[Offer] = field(default_factory=list)
    others: list[tuple[Measure, list[Entry]]] = field(default_factory=list)

    @property
    def others_count(self) -> int:
        return sum(len(entries) for _, entries in self.others)

    @property
    def total(self) -> int:
        """Every item that was looked at."""
        parts = (
            self.can_apply,
            self.missing,
            self.proactive,
            self.coming,
            self.unmet,
            self.suspended,
            self.applied,
        )
        codes = [offer for part in parts for offer in part]
        return len({offer.line.item_id for offer in codes}) + self.others_count


def matched(user: User, unit: Unit | None) -> Matched:
    """The items for this unit; the number of queries grows with the rules in force alone."""
    found = Matched()
    closed: dict[int, Offer] = {}
    for offer in offers(user, unit, [*open_lines(), *other_lines()]):
        if not (offer.is_open or offer.is_coming or offer.is_suspended):
            closed[offer.line.item_id] = offer
        else:
            _place(found, offer).append(offer)
    called = {
        offer.line.item_id
        for part in (
            found.can_apply,
            found.missing,
            found.proactive,
            found.coming,
            found.unmet,
            found.suspended,
            found.applied,
        )
        for offer in part
    }
    items = Item.objects.for_enterprises().in_force().select_related("measure", "lead_unit")
    rest = items.exclude(pk__in=called).order_by("measure__number", "code")
    found.others = list(_by_measure(Entry(item, closed.get(item.pk)) for item in rest))
    return found


def _place(found: Matched, offer: Offer) -> list[Offer]:
    if offer.case is not None:
        return found.applied
    if offer.is_suspended:
        return found.suspended
    if offer.unmet:
        return found.unmet
    if offer.missing:
        return found.missing
    if offer.is_proactive:
        return found.proactive
    return found.can_apply if offer.is_open else found.coming


def _by_measure(entries: Iterable[Entry]) -> Iterable[tuple[Measure, list[Entry]]]:
    for measure, rows in groupby(entries, key=lambda entry: entry.item.measure):
        yield measure, list(rows)
