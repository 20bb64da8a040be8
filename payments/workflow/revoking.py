"""撤销 of what was approved or paid: told first with a time for the defence, then decided by another person.

What is committed goes back into the fund; what was paid becomes an order to recover it.
"""

from collections import defaultdict
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import deadlines
from applications.models import Application
from applications.states import State
from applications.verbs import Act, Beside, Outcomes, Refused
from foundation.accounts.roles import Permission
from foundation.display import dates, money
from foundation.events import events
from foundation.events.events import Audience
from foundation.workdays import workdays
from measures import funds
from payments.models import RecoveryOrder
from reviews import remedies
from reviews.models import Letter, Opinion, RevocationNotice
from reviews.workflow import letters
from reviews.workflow.opinions import required

# Working days within which what was paid is to be paid back. No clause names a term; assumed.
REPAY_DAYS = 20
REVOCABLE = frozenset({State.APPROVED, State.PAID, State.COMPLETED})


class _Revoking(Act):
    """What the three share: the commission's people act, whoever has the case now."""

    needed = ""

    def check(self, case):
        self.require(case, self.needed, case.municipal_office_id)

    def prepare(self, cases):
        self.notices = {
            row.application_id: row
            for row in RevocationNotice.objects.select_for_update(no_key=True)
            .filter(application__in=cases, state=RevocationNotice.State.OPEN)
            .order_by("pk")
        }
        self.held = funds.held([case.pk for case in cases])

    def opinion(self, case, verdict, text) -> Opinion:
        return Opinion(
            application=case,
            stage=self.stages[case.pk],
            verdict=verdict,
            text=text,
            office=case.municipal_office,
            by=self.by,
            in_place_of=self.in_place_of(case),
            at=self.at,
        )


class NotifyRevocation(_Revoking, Beside):
    ground = ""
    text = ""

    verb = "notify_revocation"
    called = gettext_lazy("告知拟撤销")
    states = REVOCABLE
    needed = Permission.NOTIFY_REVOCATION

    def apply(self, case):
        if case.pk in self.notices:
            raise Refused("state", _("已经告知过拟撤销，尚未决定"))
        # Not while money is on its way: its result is not known. Once told, nothing more is ordered.
        held = self.held[case.pk]
        if held.ordered or held.released:
            raise Refused("state", _("该申请正在拨付，请待拨付退回或者登记结果后再办理"))

    def finish(self, cases):
        rows = RevocationNotice.objects.bulk_create(
            RevocationNotice(
                application=case,
                ground=self.ground,
                text=self.text,
                notified_at=self.at,
                notified_by=self.by,
                notified_for=self.in_place_of(case),
                due_on=deadlines.defence_due(case, self.at),
            )
            for case in cases
        )
        self.notices = {row.application_id: row for row in rows}
        self.letters = letters.issue(
            [
                letters.Draft(case, Letter.Kind.REVOCATION_NOTICE, case.municipal_office, self._says(case))
                for case in cases
            ],
            self.by,
            self.at,
        )
        record_states(rows, "notify_revocation", self.by)

    def _says(self, case):
        row = self.notices[case.pk]
        return [
            (_("拟作决定"), _("撤销对该项目的支持")),
            (_("理由"), row.reason),
            (_("陈述申辩"), remedies.defence(case.municipal_office, dates.full(row.due_on))),
        ]

    def facts(self, case):
        row = self.notices[case.pk]
        return {
            "ground": str(row.get_ground_display()),
            "reason": row.reason,
            "defence_due_on": row.due_on,
            "letter": self.letters[case.pk].number,
        }

    def tell(self, case):
        return [
            Audience("enterprise", case.enterprise_id),
            Audience("office", case.municipal_office_id),
            Audience("office", case.office_id),
        ]


class _Deciding(_Revoking):
    """The head decides on the notice: another person, in time."""

    text = ""
    needed = Permission.REVOKE

    def check(self, case):
        super().check(case)
        self.stages = getattr(self, "stages", {})
        self.stages[case.pk] = case.state

    def notice(self, case: Application) -> RevocationNotice:
        row = self.notices.get(case.pk)
        if row is None:
            raise Refused("state", _("还没有告知企业拟撤销"))
        self.refuse_same(case, _("告知人与决定人不能是同一人"), row.notified_by_id, row.notified_for_id)
        return row

    def tell(self, case):
        told = [Audience("enterprise", case.enterprise_id), Audience("office", case.municipal_office_id)]
        return [*told, Audience("office", case.office_id)]


class DropRevocation(_Deciding, Beside):
    verb = "drop_revocation"
    called = gettext_lazy("不予撤销")
    states = REVOCABLE

    def apply(self, case):
        self.notice(case).drop(by=self.by, at=self.at, answer=self.text, in_place_of=self.in_place_of(case))

    def finish(self, cases):
        rows = [self.notices[case.pk] for case in cases]
        RevocationNotice.objects.bulk_update(
            rows, ["state", "decided_at", "decided_by", "decided_for", "answer"]
        )
        Opinion.objects.bulk_create(self.opinion(case, Opinion.Verdict.KEPT, self.text) for case in cases)
        record_states(rows, "drop_revocation", self.by)

    def facts(self, case):
        return {"opinion": self.text}


class Revoke(_Deciding):
    verb = "revoke"

    def apply(self, case):
        row = self.notice(case)
        if row.defended_at is None and case.enterprise.disputed_since:
            raise Refused("state", _("企业的经办人有争议，处理前陈述申辩期限暂停"))
        if row.defended_at is None and deadlines.day_of(self.at) <= row.due_on:
            raise Refused("state", _("陈述申辩期限未满，请于 %s 之后办理") % row.due_on)
        if row.defended_at is not None:
            required(self.text, "text", _("企业已陈述申辩，请写明如何考虑、为什么不采纳"))
        row.revoke(by=self.by, at=self.at, answer=self.text, in_place_of=self.in_place_of(case))
        case.revoke(at=self.at, reason=row.reason)

    def finish(self, cases):
        rows = [self.notices[case.pk] for case in cases]
        RevocationNotice.objects.bulk_update(
            rows, ["state", "decided_at", "decided_by", "decided_for", "answer"]
        )
        record_states(rows, "revoke", self.by)
        Opinion.objects.bulk_create(self.opinion(case, Opinion.Verdict.REVOKED, self.text) for case in cases)
        unspent = defaultdict(list)
        for case in cases:
            if amount := self.held[case.pk].committed:
                move = funds.Move(case.pk, case.number, amount, str(_("撤销支持")))
                unspent[case.call_item.fund].append(move)
        for fund, moves in sorted(unspent.items(), key=lambda pair: pair[0].pk):
            funds.revert(fund, moves, self.by)
        self.orders = self._orders([case for case in cases if self.held[case.pk].spent])
        self.letters = letters.issue(
            [
                letters.Draft(case, Letter.Kind.REVOCATION, case.municipal_office, self._says(case))
                for case in cases
            ],
            self.by,
            self.at,
        )

    def _orders(self, cases) -> dict[int, RecoveryOrder]:
        """An order to recover for each case that was paid; its office is the one that paid."""
        due: date = workdays.due(deadlines.day_of(self.at), REPAY_DAYS)
        rows = RecoveryOrder.objects.bulk_create(
            RecoveryOrder(
                number=f"ZH-{case.number}",
                application=case,
                office=case.office,
                amount=self.held[case.pk].spent,
                due_on=due,
                ordered_at=self.at,
                ordered_by=self.by,
            )
            for case in cases
        )
        record_states(rows, "order_recovery", self.by)
        return {row.application_id: row for row in rows}

    def _says(self, case):
        row, order = self.notices[case.pk], self.orders.get(case.pk)
        heard = self.text
        if row.defended_at is None:
            heard = _("期限内未收到陈述申辩。") + (f"\n{self.text}" if self.text else "")
        back = ""
        if order:
            back = _("请在 %(day)s前将已拨付的 %(amount)s 元缴回国库。") % {
                "day": dates.full(order.due_on),
                "amount": money.plain(order.amount),
            }
        return [
            (_("决定"), _("撤销对该项目的支持")),
            (_("理由"), row.reason),
            (_("对陈述申辩的答复"), heard),
            (_("资金缴回"), back),
            (_("救济途径"), remedies.against_decision(case.municipal_office)),
        ]

    def facts(self, case):
        order = self.orders.get(case.pk)
        return {
            "reason": case.reason,
            "opinion": self.text,
            "released": self.held[case.pk].committed,
            "recover": order.amount if order else None,
            "repay_by": order.due_on if order else None,
            "letter": self.letters[case.pk].number,
            "remedies": remedies.against_decision(case.municipal_office),
        }


def record_states(rows, verb: str, by) -> None:
    """One event for each of these records, beside that of its case."""
    events.record_many(verb, [events.Entry(row, {"state": str(row.get_state_display())}) for row in rows], by)


def notify_revocation(cases, by, ground: str, text: str) -> Outcomes:
    """告知拟撤销, with the ground and until when the enterprise may state its defence."""
    if ground not in RevocationNotice.Ground.values:
        message = _("请选择撤销的情形")
        raise Refused("invalid", message, {"ground": [message]})
    act = NotifyRevocation(by)
    act.ground, act.text = ground, required(text, "text", _("请写明拟撤销的具体理由"))
    return act.run(cases)


def drop_revocation(cases, by, text: str) -> Outcomes:
    """不予撤销 after all, by the head, with the reason."""
    act = DropRevocation(by)
    act.text = required(text, "text", _("请写明不予撤销的理由"))
    return act.run(cases)


def revoke(cases, by, text: str = "") -> Outcomes:
    """撤销, by the head, after the day of the defence or with an answer to it."""
    act = Revoke(by)
    act.text = text.strip()
    return act.run(cases)
