"""What officials do about an offer that isn't confirmed: reach the enterprise, and end it once its money or term is over."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import checks, deadlines
from applications.models import Application
from applications.states import State
from applications.verbs import Beside, Outcomes, Refused
from foundation.accounts.models import Office
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events.events import Audience
from measures import eligibility
from reviews import remedies
from reviews.models import OfferContact, Opinion
from reviews.workflow.opinions import required
from reviews.workflow.turning import Releasing

LONGEST_NOTE = OfferContact._meta.get_field("note").max_length
LONGEST_PERSON = 40


@dataclass(frozen=True)
class Contact:
    """How, when and with whom one spoke, and what came of it."""

    method: str
    on: date
    result: str
    person: str = ""
    note: str = ""


class RecordContact(Beside):
    verb = "record_contact"
    called = gettext_lazy("登记联系")
    states = frozenset({State.OFFERED})
    contact: Contact

    def check(self, case):
        self.offices = getattr(self, "offices", {})
        for office in (case.district_office, case.municipal_office):
            if office is not None and self.by.may(Permission.CHASE_OFFER, office.pk):
                self.offices[case.pk] = office
                return
        raise Refused("forbidden", _("您没有办理此事的权限"))

    def apply(self, case):
        said, wrong = self.contact, {}
        if said.method not in OfferContact.Method.values:
            wrong["method"] = [_("请选择联系方式")]
        if said.result not in OfferContact.Result.values:
            wrong["result"] = [_("请选择联系结果")]
        if not deadlines.day_of(case.offered_at) <= said.on <= clock.today():
            wrong["on"] = [_("联系日期应在列入名单之日和今天之间")]
        if said.result != OfferContact.Result.UNREACHED and not said.person.strip():
            wrong["person"] = [_("请填写联系到的人")]
        if len(said.person.strip()) > LONGEST_PERSON:
            wrong["person"] = [_("不能超过 %d 个字") % LONGEST_PERSON]
        if len(said.note.strip()) > LONGEST_NOTE:
            wrong["note"] = [_("不能超过 %d 个字") % LONGEST_NOTE]
        if wrong:
            raise Refused("invalid", _("请更正后再登记"), wrong)

    def finish(self, cases):
        OfferContact.objects.bulk_create(
            OfferContact(
                application=case,
                method=self.contact.method,
                person=self.contact.person.strip(),
                on=self.contact.on,
                result=self.contact.result,
                note=self.contact.note.strip(),
                at=self.at,
                by=self.by,
                office=self.offices[case.pk],
            )
            for case in cases
        )

    def facts(self, case):
        # Nobody's name: an event is read by many.
        return {
            "method": self.contact.method,
            "on": self.contact.on,
            "result": self.contact.result,
            "note": self.contact.note.strip(),
        }

    def tell(self, case):
        return []


class EndOffer(Releasing):
    verb = "end_offer"
    permission = Permission.LAPSE
    verdict = Opinion.Verdict.LAPSED
    note = gettext_lazy("终止确认，释放预占")

    def prepare(self, cases):
        super().prepare(cases)
        self.answers = checks.check(cases, self.verb, self.at)

    def apply(self, case):
        if not ground_to_end(case, self.answers[case.pk].answer):
            raise Refused(
                "state",
                _("政策和资金都在期限内，条件也仍然符合：企业没有确认不等于放弃，请继续联系"),
            )
        case.end_offer(at=self.at, reason=self.text)

    def facts(self, case):
        return super().facts(case) | {
            "reason": case.reason,
            "ground": ground_to_end(case, self.answers[case.pk].answer),
            "remedies": remedies.against_decision(case.office),
        }

    def tell(self, case):
        told: list[Office | None] = [case.office, case.district_office]
        return [
            Audience("enterprise", case.enterprise_id),
            *(Audience("office", office.pk) for office in told if office is not None),
        ]


def ground_to_end(case: Application, answer: eligibility.Answer | None = None) -> str:
    """Why this offer may be ended, in words: its term or its money's year is over, or the rule says no; "" otherwise.

    `case` with call_item__item__measure, call_item__fund.
    """
    line = case.call_item
    today = clock.today()
    if line.item.measure.in_force_to < today:
        return _("政策有效期已于 %s 届满") % line.item.measure.in_force_to
    if line.fund.year < today.year:
        return _("%d 年度专项资金的年度已经结束") % line.fund.year
    if answer is None:
        answer = eligibility.explain(line, case.enterprise)
    if answer.eligible is False:
        unmet = "；".join(f"{one.label}（{one.actual_text}）" for one in answer.unmet)
        return _("按现在的数据核对不符合：%s") % unmet
    return ""


def record_contact(cases, by, contact: Contact) -> Outcomes:
    """登记联系, by the district or the commission: when, how and with whom, and what came of it."""
    act = RecordContact(by)
    act.contact = contact
    return act.run(cases)


def end_offer(cases, by, text: str) -> Outcomes:
    """终止确认 with a reason, by the municipal officer: never for silence alone (see ground_to_end)."""
    act = EndOffer(by)
    act.text = required(text, "text", _("请写明终止的理由，企业会原样读到"))
    return act.run(cases)
