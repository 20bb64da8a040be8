"""Letters: what each says, issued with the verb that decides; their delivery and receipt."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import deadlines
from applications.models import Application
from applications.states import NEVER_SUBMITTED, State
from applications.verbs import Beside, Outcomes, Refused, require_role
from enterprises import access
from enterprises.member_roles import Does
from foundation.accounts.models import Office
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.display import dates
from reviews import remedies
from reviews.models import Delivery, Letter
from reviews.workflow.opinions import required

_SHORT = {
    Letter.Kind.NOT_ACCEPTED: "不受",
    Letter.Kind.CORRECTION: "补正",
    Letter.Kind.DECLINE_NOTICE: "告知",
    Letter.Kind.DECLINE: "决定",
    Letter.Kind.APPROVAL: "批复",
    Letter.Kind.REVOCATION_NOTICE: "拟撤",
    Letter.Kind.REVOCATION: "撤销",
}
LONGEST_REFERENCE = Delivery._meta.get_field("reference").max_length
Rows = list[tuple[str, str]]


@dataclass(frozen=True)
class Draft:
    """A letter about to be issued: its kind, the office that signs, and what it says beside subject and basis."""

    case: Application
    kind: str
    office: Office
    rows: Rows


def subject(case: Application) -> str:
    """精密计量实验室扩建（科技服务业新增重大投资，KJFW-2026-0801-000001）."""
    title = case.title or case.call_item.item.name
    return _("%(title)s（%(item)s，%(number)s）") % {
        "title": title,
        "item": case.call_item.item.name,
        "number": case.number,
    }


def basis(case: Application) -> str:
    """The clause and the call that the decision stands on."""
    return _("沪府办规〔2024〕14号 %(clause)s；《%(call)s》") % {
        "clause": case.call_item.item.clause,
        "call": case.call_item.call.title,
    }


def issue(drafts: Iterable[Draft], by, at) -> dict[int, Letter]:
    """Write the letters, each with its delivery in the system; by case id. Three statements for any number."""
    drafts = list(drafts)
    earlier = {
        (row["application"], row["kind"]): row["n"]
        for row in Letter.objects.filter(application__in=[draft.case.pk for draft in drafts])
        .order_by()
        .values("application", "kind")
        .annotate(n=Count("pk"))
    }
    letters = Letter.objects.bulk_create(
        Letter(
            application=draft.case,
            kind=draft.kind,
            number=f"{draft.case.number}-{_SHORT[draft.kind]}{earlier.get((draft.case.pk, draft.kind), 0) + 1}",
            addressee=draft.case.identity["name"],
            body=[
                {"label": str(label), "text": str(text)}
                for label, text in [
                    (_("事项"), subject(draft.case)),
                    *draft.rows,
                    (_("依据"), basis(draft.case)),
                ]
                if text
            ],
            office=draft.office,
            by=by,
            at=at,
        )
        for draft in drafts
    )
    Delivery.objects.bulk_create(
        Delivery(
            letter=letter,
            method=Delivery.Method.SYSTEM,
            sent_on=deadlines.day_of(at),
            recorded_by=by,
            recorded_at=at,
        )
        for letter in letters
    )
    return {letter.application_id: letter for letter in letters}


def decline_notice(case: Application, office: Office) -> Draft:
    """拟不予支持告知书: the reason, and until when the enterprise may state its defence."""
    return Draft(
        case,
        Letter.Kind.DECLINE_NOTICE,
        office,
        [
            (_("拟作决定"), _("拟不予支持")),
            (_("理由"), case.reason),
            (_("陈述申辩"), remedies.defence(office, dates.full(case.defence_due_on))),
        ],
    )


# --- receipt and delivery on paper ------------------------------------------------------------------------


@dataclass(frozen=True)
class OnPaper:
    """What an officer enters of a letter that went by post or by hand; `received_on` None: not yet known."""

    method: str
    sent_on: date
    received_on: date | None
    reference: str


class _OfLetter(Beside):
    """A verb on one letter of each case."""

    letters: dict[int, Letter]

    states = frozenset(State) - NEVER_SUBMITTED

    def is_stale(self, case, asked):
        """A letter stays what it is, however the case goes on."""
        return False

    def facts(self, case):
        letter = self.letters[case.pk]
        return {"letter": letter.number, "letter_kind": letter.get_kind_display()}

    def tell(self, case):
        return []


class Acknowledge(_OfLetter):
    verb = "acknowledge"
    called = gettext_lazy("签收")

    def prepare(self, cases):
        self.roles = access.roles([self.by.pk], [case.enterprise_id for case in cases])
        self.open = {
            row.letter_id: row
            for row in Delivery.objects.filter(
                letter__in=[self.letters[case.pk] for case in cases],
                method=Delivery.Method.SYSTEM,
                received_on=None,
            ).order_by("pk")
        }

    def apply(self, case):
        require_role(self.roles, case, self.by, Does.ACKNOWLEDGE)
        row = self.open.get(self.letters[case.pk].pk)
        if row is None:
            raise Refused("state", _("这份文书已经签收"))
        row.received_on, row.received_by = deadlines.day_of(self.at), self.by

    def finish(self, cases):
        rows = [self.open[self.letters[case.pk].pk] for case in cases]
        Delivery.objects.bulk_update(rows, ["received_on", "received_by"])


class RecordDelivery(_OfLetter):
    paper: OnPaper

    verb = "record_delivery"
    called = gettext_lazy("登记送达")

    def check(self, case):
        if not self.by.may(Permission.VIEW_CASES, self.letters[case.pk].office_id):
            raise Refused("forbidden", _("只有作出文书的单位可以登记送达"))

    def apply(self, case):
        issued, paper = deadlines.day_of(self.letters[case.pk].at), self.paper
        if paper.method not in {Delivery.Method.POST, Delivery.Method.DIRECT}:
            self._wrong("method", _("请选择送达方式"))
        if not issued <= paper.sent_on <= clock.today():
            self._wrong("sent_on", _("发出日期应在文书作出之日和今天之间"))
        if paper.received_on and not paper.sent_on <= paper.received_on <= clock.today():
            self._wrong("received_on", _("收到日期应在发出日期和今天之间"))
        reference = required(paper.reference, "reference", _("请填写邮件号或签收情况"))
        if len(reference) > LONGEST_REFERENCE:
            self._wrong("reference", _("不能超过 %d 个字") % LONGEST_REFERENCE)

    @staticmethod
    def _wrong(name, message):
        raise Refused("invalid", message, {name: [message]})

    def finish(self, cases):
        Delivery.objects.bulk_create(
            Delivery(
                letter=self.letters[case.pk],
                method=self.paper.method,
                sent_on=self.paper.sent_on,
                received_on=self.paper.received_on,
                reference=self.paper.reference.strip(),
                recorded_by=self.by,
                recorded_at=self.at,
            )
            for case in cases
        )

    def facts(self, case):
        return super().facts(case) | {
            "method": str(Delivery.Method(self.paper.method).label),
            "sent_on": self.paper.sent_on,
            "received_on": self.paper.received_on,
        }


def acknowledge(letters: Letter | Iterable[Letter], by) -> Outcomes:
    """我已知悉: somebody of the enterprise received the letters (one of each case) in the system."""
    return _run(Acknowledge(by), letters)


def record_delivery(letters: Letter | Iterable[Letter], by, paper: OnPaper) -> Outcomes:
    """登记送达 by post or by hand, by the office that signed."""
    act = RecordDelivery(by)
    act.paper = paper
    return _run(act, letters)


def _run(act: _OfLetter, letters) -> Outcomes:
    given = [letters] if isinstance(letters, Letter) else list(letters)
    act.letters = {letter.application_id: letter for letter in given}
    return act.run([letter.application for letter in given])
