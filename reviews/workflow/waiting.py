"""候补: what the fund doesn't reach waits in order of submission, until money is free or the call is over."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from applications import budgets
from applications.models import Application
from applications.states import State
from applications.verbs import Outcomes, Refused, base_facts
from foundation.accounts.roles import SYSTEM, Permission
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience
from measures import funds
from measures.models import Call
from reviews.models import Opinion
from reviews.workflow.municipal import Proposal, Propose
from reviews.workflow.opinions import Opined, required


class Waitlist(Propose):
    verb = "waitlist"

    def prepare(self, cases):
        super().prepare(cases)
        # Who waits already, by fund: the places of those who come now are computed among them.
        self.waiting: dict[int, list[tuple]] = defaultdict(list)
        rows = Application.objects.filter(
            state=State.WAITLISTED, call_item__fund__in={case.call_item.fund_id for case in cases} - {None}
        ).order_by("submitted_at", "pk")
        for fund, at, pk in rows.values_list("call_item__fund", "submitted_at", "pk"):
            self.waiting[fund].append((at, pk))

    def apply(self, case):
        self.note_check(case)
        proposal = self.proposals[case.pk]
        required(proposal.text, "text", _("请写明审核意见和理由"))
        amount, _lines = self.award(case)
        fund = case.call_item.fund_id
        if amount <= min(self.free[fund], self.left.get(case.call_item_id, self.free[fund])):
            raise Refused("state", _("可用余额足够，请直接拟定支持"))
        case.waitlist(
            by=self.by,
            at=self.at,
            wanted=amount,
            appraised=proposal.appraised,
            document=proposal.document,
        )
        self.waiting[fund].append((case.submitted_at, case.pk))

    def verdict_on(self, case):
        return Opinion.Verdict.WAITLIST

    def amount_of(self, case):
        return case.wanted_amount

    def facts(self, case):
        order = sorted(self.waiting[case.call_item.fund_id])
        return {
            "wanted": case.wanted_amount,
            "place": order.index((case.submitted_at, case.pk)) + 1,
            "fund": str(case.call_item.fund),
            "appraised": case.appraised_investment,
            "opinion": self.proposals[case.pk].text,
            "eligible": self.checked[case.pk].answer.eligible,
        }

    def tell(self, case):
        return [Audience("enterprise", case.enterprise_id)]


class LapseWaitlisted(Opined):
    verb = "lapse"
    permission = Permission.LAPSE
    verdict = Opinion.Verdict.LAPSED

    def may_start(self, case):
        return case.state == State.WAITLISTED

    def apply(self, case):
        if case.call_item.call.phase(self.at) != Call.Phase.CLOSED:
            raise Refused("state", _("申报尚未截止，候补还不能终止"))
        case.lapse(at=self.at, reason=self.text)

    def facts(self, case):
        return super().facts(case) | {"reason": case.reason}

    def tell(self, case):
        return [Audience("enterprise", case.enterprise_id)]


def reached(cases: Iterable[Application]) -> dict[int, Decimal]:
    """Of waitlisted cases in the order of their fund, those whose wanted amount the money reaches: what was free for
    each (yuan), by its id. Those before are counted first; one that isn't reached blocks no other."""
    cases = list(cases)
    balances = funds.balances()
    left = {case.call_item.fund_id: _available(balances, case.call_item.fund_id) for case in cases}
    of_line = budgets.left({case.call_item_id: case.call_item for case in cases}.values())
    found = {}
    for case in cases:
        fund, line, wanted = case.call_item.fund_id, case.call_item_id, case.wanted_amount
        free = min(left[fund], of_line.get(line, left[fund]))
        if wanted <= free:
            found[case.pk] = free
            left[fund] -= wanted
            if line in of_line:
                of_line[line] -= wanted
    return found


def _available(balances: Mapping[int, funds.Balances], fund: int) -> Decimal:
    return balances.get(fund, funds.Balances()).available


def tell_free() -> int:
    """Tell the office of each waitlisted case that money reaches now, once; again where it had gone meanwhile.

    By the system, on the beat: whatever freed it (a withdrawal, a revocation, a new appropriation) is seen by asking.
    Returns how many were told. Safe to run at any time, by several.
    """
    with transaction.atomic():
        cases = list(
            Application.objects.select_for_update(of=("self",), no_key=True)
            .filter(state=State.WAITLISTED)
            .select_related("call_item__item", "call_item__fund", "call_item__call", "enterprise", "office")
            .order_by("pk")
        )
        cases.sort(key=lambda case: (case.call_item.fund_id, case.submitted_at, case.pk))
        free = reached(cases)
        places: dict[int, int] = defaultdict(int)
        told = []
        for case in cases:
            places[case.call_item.fund_id] += 1
            if case.pk in free and case.reminded_at is None:
                case.reminded_at = clock.now()
                told.append((case, places[case.call_item.fund_id]))
            elif case.pk not in free:
                case.reminded_at = None
        Application.objects.bulk_update(cases, ["reminded_at"])
        events.record_many("free_waitlisted", [_freed(*one, free) for one in told], SYSTEM)
        return len(told)


def _freed(case: Application, place: int, free: Mapping[int, Decimal]) -> events.Entry:
    facts = {
        "wanted": case.wanted_amount,
        "free": free[case.pk],
        "fund": str(case.call_item.fund),
        "place": place,
    }
    return events.Entry(case, base_facts(case, case.state) | facts, [Audience("office", case.office_id)])


def waitlist(cases, by, proposals: Proposal | Mapping[int, Proposal]) -> Outcomes:
    """列入候补 what is found worth supporting but beyond the fund's available sum; the award is computed as in
    propose, nothing is set aside."""
    act = Waitlist(by)
    if isinstance(proposals, Proposal):
        (case,) = [cases] if isinstance(cases, Application) else cases
        proposals = {case.pk: proposals}
    act.proposals = proposals
    return act.run(cases)


def lapse_waitlisted(cases, by, text: str) -> Outcomes:
    """终止候补 after the call closed, with the reason that the enterprise reads."""
    act = LapseWaitlisted(by)
    act.text = required(text, "text", _("请写明终止候补的理由"))
    return act.run(cases)
