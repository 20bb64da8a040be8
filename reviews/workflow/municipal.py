"""The commission: propose with an appraised amount, sign off by another person."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from applications import budgets, deadlines
from applications.models import Application
from applications.states import State
from applications.verbs import Outcomes, Refused
from foundation.accounts.roles import Permission
from foundation.files.models import Document
from measures import funds
from measures.models import SpecialFund
from reviews.models import Opinion
from reviews.workflow import letters
from reviews.workflow.opinions import Opined, required


@dataclass(frozen=True)
class Proposal:
    """What is proposed for one case: support with the appraised investment (yuan) and its document, or not.

    `amount` may be less than the rule's result, never more; None means the rule's result.
    """

    support: bool
    text: str
    appraised: Decimal | None = None
    document: Document | None = None
    amount: Decimal | None = None
    unknown_note: str = ""


class Propose(Opined):
    proposals: Mapping[int, Proposal]

    verb = "propose"
    permission = Permission.PROPOSE
    rechecks = True

    def check(self, case):
        super().check(case)
        proposal = self.proposals.get(case.pk)
        if proposal is None:
            raise Refused("invalid", _("没有填写对该申请的意见"))
        for name in ("appraised", "amount"):
            value = getattr(proposal, name)
            if value is not None and not (0 < value < funds.LIMIT and value == value.quantize(funds.FEN)):
                message = _("金额应大于 0，精确到分")
                raise Refused("invalid", message, {name: [message]})

    def appraised(self):
        return {pk: p.appraised for pk, p in self.proposals.items() if p.appraised is not None}

    def prepare(self, cases):
        super().prepare(cases)
        self.moves = defaultdict(list)
        self.free: dict[int, Decimal] = {}
        # Locked here, after the cases: what is free now is still free when it is set aside.
        wanted = {case.call_item.fund_id for case in cases} - {None}
        for fund in SpecialFund.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk"):
            self.free[fund.pk] = funds.balance(fund).available
        # Every case of a call item is paid from its fund, so the lock holds for the budget too.
        self.left = budgets.left({case.call_item_id: case.call_item for case in cases}.values())

    def award(self, case) -> tuple[Decimal, list[dict]]:
        """The amount (yuan) and its lines that the proposal gives, within rule and appraisal; or refuses."""
        proposal = self.proposals[case.pk]
        self.refuse_unmet(case)
        answer, line = self.checked[case.pk].answer, case.call_item
        if line.fund_id is None:
            raise Refused("invalid", _("该事项没有专项资金，不能拟定金额"))
        if line.item.ceiling_rate is not None:
            self._need(proposal.appraised, "appraised", _("请填写核定投资额：申报额不作为拨付依据"))
            self._need(proposal.document, "document", _("请上传核定依据（第三方评估报告）"))
        if answer.unknown and not proposal.unknown_note.strip():
            labels = "；".join(c.label for c in answer.unknown)
            message = _("规则中还有待核事项，请写明如何核实：%s") % labels
            raise Refused("invalid", message, {"unknown_note": [message]})
        if answer.amount is None or answer.amount <= 0:
            raise Refused("invalid", _("规则没有算出支持金额，请先核定投资额"))
        amount = answer.amount if proposal.amount is None else proposal.amount
        if not 0 < amount <= answer.amount:
            message = _("金额应大于 0 且不超过规则算出的 %s 元") % f"{answer.amount:,.2f}"
            raise Refused("invalid", message, {"amount": [message]})
        lines = [{"text": row.text, "amount": str(row.amount)} for row in answer.lines]
        if amount < answer.amount:
            cut = _("综合评审后低于测算上限核定")
            lines.append({"text": cut, "amount": str(amount - answer.amount)})
        return amount, lines

    def apply(self, case):
        self.note_check(case)
        proposal = self.proposals[case.pk]
        text = required(proposal.text, "text", _("请写明审核意见和理由"))
        if not proposal.support:
            case.propose(
                by=self.by,
                at=self.at,
                proposal=Application.Proposal.DECLINE,
                amount=None,
                lines=[],
                appraised=proposal.appraised,
                document=proposal.document,
                reason=text,
                in_place_of=self.in_place_of(case),
            )
            return
        amount, lines = self.award(case)
        line = case.call_item
        if amount > self.free[line.fund_id]:
            raise Refused(
                "invalid",
                _("“%(fund)s”可用余额 %(free)s 元，不足以预占 %(amount)s 元；可以列入候补")
                % {
                    "fund": line.fund,
                    "free": f"{self.free[line.fund_id]:,.2f}",
                    "amount": f"{amount:,.2f}",
                },
            )
        left = self.left.get(line.pk)
        if left is not None and amount > left:
            raise Refused(
                "invalid",
                _(
                    "“%(item)s”本次预算 %(budget)s 元，还剩 %(left)s 元，不足以拟定 %(amount)s 元；可以列入候补"
                )
                % {
                    "item": line.item.name,
                    "budget": f"{line.budget:,.2f}",
                    "left": f"{left:,.2f}",
                    "amount": f"{amount:,.2f}",
                },
            )
        self.free[line.fund_id] -= amount
        if left is not None:
            self.left[line.pk] = left - amount
        case.propose(
            by=self.by,
            at=self.at,
            proposal=Application.Proposal.SUPPORT,
            amount=amount,
            lines=lines,
            appraised=proposal.appraised,
            document=proposal.document,
            reason="",
            in_place_of=self.in_place_of(case),
        )
        self.moves[line.fund].append(funds.Move(case.pk, case.number, amount))

    @staticmethod
    def _need(value, name, message):
        if not value:
            raise Refused("invalid", message, {name: [message]})

    def verdict_on(self, case):
        support = self.proposals[case.pk].support
        return Opinion.Verdict.SUPPORT if support else Opinion.Verdict.DECLINE

    def amount_of(self, case):
        return case.proposed_amount

    def finish(self, cases):
        for fund, moves in sorted(self.moves.items(), key=lambda pair: pair[0].pk):
            funds.set_aside(fund, moves, self.by)
        super().finish(cases)

    def text_on(self, case):
        proposal = self.proposals[case.pk]
        return "\n".join(filter(None, [proposal.text.strip(), proposal.unknown_note.strip()]))

    def facts(self, case):
        proposal = self.proposals[case.pk]
        return {
            "proposal": case.proposal,
            "amount": case.proposed_amount,
            "lines": case.award_lines,
            "appraised": case.appraised_investment,
            "appraisal_sha256": proposal.document.sha256 if proposal.document else None,
            "opinion": proposal.text,
            "unknown_note": proposal.unknown_note,
            "eligible": self.checked[case.pk].answer.eligible,
        }


class SignOff(Opined):
    verb = "sign_off"
    permission = Permission.SIGN_OFF
    verdict = Opinion.Verdict.SIGN_OFF

    def check(self, case):
        super().check(case)
        self.refuse_same(case, _("拟定人与签发人不能是同一人"), case.proposed_by_id, case.proposed_for_id)

    def apply(self, case):
        if case.proposal == Application.Proposal.SUPPORT:
            case.sign_off(by=self.by, at=self.at, to=State.SIGNED_OFF, in_place_of=self.in_place_of(case))
        else:
            due = deadlines.defence_due(case, self.at)
            case.sign_off(
                by=self.by,
                at=self.at,
                to=State.DECLINE_NOTIFIED,
                defence_due_on=due,
                in_place_of=self.in_place_of(case),
            )

    def amount_of(self, case):
        return case.proposed_amount

    def finish(self, cases):
        super().finish(cases)
        notified = [case for case in cases if case.state == State.DECLINE_NOTIFIED]
        self.letters = letters.issue(
            [letters.decline_notice(case, case.office) for case in notified], self.by, self.at
        )

    def facts(self, case):
        facts = super().facts(case) | {"amount": case.proposed_amount}
        if case.state == State.DECLINE_NOTIFIED:
            facts |= {
                "reason": case.reason,
                "defence_due_on": case.defence_due_on,
                "letter": self.letters[case.pk].number,
            }
        return facts


def propose(cases, by, proposals: Proposal | Mapping[int, Proposal]) -> Outcomes:
    """拟定: support with an amount within rule, ceiling and fund (set aside at once), or not, with reasons.

    `proposals` is one Proposal for a single case, or one per case id. The declared investment never pays:
    where the award is a share of an investment, the appraised one and its document are required.
    """
    act = Propose(by)
    if isinstance(proposals, Proposal):
        (case,) = [cases] if isinstance(cases, Application) else cases
        proposals = {case.pk: proposals}
    act.proposals = proposals
    return act.run(cases)


def sign_off(cases, by, text: str = "") -> Outcomes:
    """签发 by another person: on to the public notice, or, if the proposal is to decline, the notice of it."""
    act = SignOff(by)
    act.text = text.strip()
    return act.run(cases)
