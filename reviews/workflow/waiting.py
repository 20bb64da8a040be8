"""候补: what the fund doesn't reach waits in order of submission, until money is free or the call is over."""

from collections import defaultdict
from collections.abc import Mapping

from django.utils.translation import gettext as _

from applications.models import Application
from applications.states import State
from applications.verbs import Outcomes, Refused
from foundation.accounts.roles import Permission
from foundation.events.events import Audience
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
        if amount <= self.free[fund]:
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
