"""Turning back and turning down: send back, decline after the notice, reconsider."""

from collections import defaultdict

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import deadlines
from applications.states import State
from applications.verbs import Outcomes, Refused
from foundation.accounts.roles import Permission
from foundation.events.events import Audience
from measures import funds
from reviews import remedies
from reviews.models import Letter, Opinion
from reviews.workflow import letters
from reviews.workflow.opinions import Opined, required


class Releasing(Opined):
    """A verb that gives back what a case holds set aside."""

    note = ""

    def prepare(self, cases):
        super().prepare(cases)
        self.held = funds.held([case.pk for case in cases])

    def finish(self, cases):
        super().finish(cases)
        moves = defaultdict(list)
        for case in cases:
            held = self.held.get(case.pk)
            if held and held.set_aside:
                moves[case.call_item.fund].append(
                    funds.Move(case.pk, case.number, held.set_aside, str(self.note))
                )
        for fund, some in sorted(moves.items(), key=lambda pair: pair[0].pk):
            funds.release(fund, some, self.by)

    def facts(self, case):
        held = self.held.get(case.pk)
        return super().facts(case) | {"released": held.set_aside if held else None}


class SendBack(Releasing):
    verb = "send_back"
    verdict = Opinion.Verdict.SEND_BACK
    note = gettext_lazy("退回，释放预占")

    def check(self, case):
        super().check(case)
        needed = Permission.SIGN_OFF if case.state == State.PROPOSED else Permission.ENDORSE
        self.require(case, needed, case.office_id)

    def apply(self, case):
        case.send_back()

    def tell(self, case):
        return [Audience("office", case.office_id)]


class Decline(Opined):
    verb = "decline"
    permission = Permission.DECLINE
    verdict = Opinion.Verdict.DECLINED

    def apply(self, case):
        if case.defended_at is None and case.enterprise.disputed_since:
            raise Refused("state", _("企业的经办人有争议，处理前陈述申辩期限暂停"))
        if case.defended_at is None and deadlines.day_of(self.at) <= case.defence_due_on:
            raise Refused("state", _("陈述申辩期限未满，请于 %s 之后办理") % case.defence_due_on)
        if case.defended_at is not None:
            required(self.text, "text", _("企业已陈述申辩，请写明如何考虑、为什么不采纳"))
        case.decline(at=self.at)

    def finish(self, cases):
        super().finish(cases)
        self.letters = letters.issue(
            [letters.Draft(case, Letter.Kind.DECLINE, case.office, self._says(case)) for case in cases],
            self.by,
            self.at,
        )

    def _says(self, case):
        heard = self.text
        if case.defended_at is None:
            heard = _("期限内未收到陈述申辩。") + (f"\n{self.text}" if self.text else "")
        return [
            (_("决定"), _("不予支持")),
            (_("理由"), case.reason),
            (_("对陈述申辩的答复"), heard),
            (_("救济途径"), remedies.against_decision(case.office)),
        ]

    def facts(self, case):
        return super().facts(case) | {
            "reason": case.reason,
            "defended": case.defended_at is not None,
            "letter": self.letters[case.pk].number,
            "remedies": remedies.against_decision(case.office),
        }

    def tell(self, case):
        return [Audience("enterprise", case.enterprise_id), Audience("office", case.office_id)]


class Reconsider(Opined):
    verb = "reconsider"
    permission = Permission.DECLINE
    verdict = Opinion.Verdict.RECONSIDER

    def apply(self, case):
        if case.municipal_office is None:
            raise Refused("state", _("该申请没有市级办理单位"))
        case.reconsider(office=case.municipal_office)


def send_back(cases, by, text: str) -> Outcomes:
    """退回 to the officer, with a reason; money set aside is released."""
    act = SendBack(by)
    act.text = required(text, "text", _("请写明退回理由"))
    return act.run(cases)


def decline(cases, by, text: str = "") -> Outcomes:
    """不予支持, for good: after the time to state a defence has passed, or with an answer to the defence."""
    act = Decline(by)
    act.text = text.strip()
    return act.run(cases)


def reconsider(cases, by, text: str) -> Outcomes:
    """Take a notified decline back: the commission reviews again."""
    act = Reconsider(by)
    act.text = required(text, "text", _("请写明重新审核的理由"))
    return act.run(cases)
