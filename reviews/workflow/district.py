"""Receiving and the district: accept, request a correction, recommend, endorse."""

from django.utils.translation import gettext as _

from applications import deadlines
from applications.models import Application, Correction
from applications.states import State
from applications.verbs import Act, Outcomes, Refused
from foundation.accounts.roles import Permission
from foundation.display import dates
from foundation.events.events import Audience
from measures.forms import Form
from measures.models import CallItem
from reviews import remedies
from reviews.models import Letter, Opinion
from reviews.workflow import letters
from reviews.workflow.opinions import Opined, required


class Accept(Opined):
    verb = "accept"
    permission = Permission.ACCEPT
    verdict = Opinion.Verdict.ACCEPT

    def apply(self, case):
        route = case.call_item.route
        to, office = {
            CallItem.Route.FULL: (State.DISTRICT_REVIEW, case.district_office),
            CallItem.Route.MUNICIPAL: (State.MUNICIPAL_REVIEW, case.municipal_office),
            CallItem.Route.REFER: (State.REFERRED, case.call_item.decided_by),
        }[route]
        case.accept(by=self.by, at=self.at, to=to, office=office)

    def tell(self, case):
        told = super().tell(case)
        # Whoever accepted goes on with it: an office is told only where the case came to another one.
        same = case.office_id == self._stage[case.pk][1].pk
        return told[:1] if same else told


class RequestCorrection(Act):
    remarks: dict[str, str]
    note = ""

    verb = "request_correction"
    permission = Permission.REQUEST_CORRECTION

    def prepare(self, cases):
        self.asked = set(
            Correction.objects.filter(application__in=cases)
            .order_by("pk")
            .values_list("application_id", "stage")
        )
        self.rows = []

    def apply(self, case):
        if (case.pk, case.state) in self.asked:
            raise Refused("state", _("本环节已要求补正过一次，不能再次要求"))
        known = {one.key for one in asked_of(case.form.definition)}
        remarks = {key: text.strip() for key, text in self.remarks.items() if text and text.strip()}
        if not remarks:
            message = _("请至少对一项写明需要补正的内容")
            raise Refused("invalid", message, {"remarks": [message]})
        if unknown := remarks.keys() - known:
            raise Refused("invalid", _("申报表没有这些项目：%s") % "、".join(sorted(unknown)))
        stage = case.state
        case.request_correction()
        case.due_on = deadlines.correction_due(case, self.at)
        self.rows.append(
            Correction(
                application=case,
                stage=stage,
                remarks=remarks,
                note=self.note.strip(),
                asked_by=self.by,
                asked_at=self.at,
                due_on=case.due_on,
            )
        )

    def finish(self, cases):
        Correction.objects.bulk_create(self.rows)
        self.letters = letters.issue(
            [letters.Draft(case, Letter.Kind.CORRECTION, case.office, self._says(case)) for case in cases],
            self.by,
            self.at,
        )

    def _row(self, case) -> Correction:
        return next(row for row in self.rows if row.application_id == case.pk)

    def _remarks(self, case) -> list[dict]:
        # As a list: a form may well have a field whose key is a name that facts must not have as theirs.
        row = self._row(case)
        return [
            {"field": one.key, "label": str(one.label), "text": row.remarks[one.key]}
            for one in asked_of(case.form.definition)
            if one.key in row.remarks
        ]

    def _says(self, case):
        return [
            *((one["label"], one["text"]) for one in self._remarks(case)),
            (_("总体说明"), self._row(case).note),
            (_("补正期限"), remedies.correction(dates.full(case.due_on))),
        ]

    def facts(self, case):
        row = self._row(case)
        return {
            "remarks": self._remarks(case),
            "note": row.note,
            "stage": row.stage,
            "letter": self.letters[case.pk].number,
        }

    def tell(self, case):
        return [Audience("enterprise", case.enterprise_id)]


def asked_of(definition: dict) -> list:
    """What a form asks for, in its order: fields, then document slots."""
    form = Form(definition)
    return [*form.fields, *form.slots]


class Recommend(Opined):
    verb = "recommend"
    permission = Permission.RECOMMEND
    rechecks = True

    def apply(self, case):
        self.note_check(case)
        if self.verdict == Opinion.Verdict.FOR:
            self.refuse_unmet(case)
        case.recommend(
            by=self.by, at=self.at, recommendation=self.verdict, in_place_of=self.in_place_of(case)
        )


class Endorse(Opined):
    verb = "endorse"
    permission = Permission.ENDORSE
    verdict = Opinion.Verdict.ENDORSE

    def check(self, case):
        super().check(case)
        self.refuse_same(
            case, _("推荐人与复核人不能是同一人"), case.recommended_by_id, case.recommended_for_id
        )

    def apply(self, case):
        if case.recommendation == Application.Recommendation.FOR:
            case.endorse(
                by=self.by,
                at=self.at,
                to=State.MUNICIPAL_REVIEW,
                office=case.municipal_office,
                in_place_of=self.in_place_of(case),
            )
            return
        reason = required(self.text, "text", _("复核不推荐意见时，须写明告知企业的理由"))
        case.endorse(
            by=self.by,
            at=self.at,
            to=State.DECLINE_NOTIFIED,
            office=case.office,
            reason=reason,
            defence_due_on=deadlines.defence_due(case, self.at),
            in_place_of=self.in_place_of(case),
        )

    def finish(self, cases):
        super().finish(cases)
        notified = [case for case in cases if case.state == State.DECLINE_NOTIFIED]
        self.letters = letters.issue(
            [letters.decline_notice(case, case.office) for case in notified], self.by, self.at
        )

    def facts(self, case):
        facts = super().facts(case)
        if case.state == State.DECLINE_NOTIFIED:
            facts |= {
                "reason": case.reason,
                "defence_due_on": case.defence_due_on,
                "letter": self.letters[case.pk].number,
            }
        return facts


def accept(cases, by, text: str = "") -> Outcomes:
    """受理: the case goes where its route leads (district, commission, or the deciding unit)."""
    act = Accept(by)
    act.text = text.strip()
    return act.run(cases)


def request_correction(cases, by, remarks: dict[str, str], note: str = "") -> Outcomes:
    """Ask once per stage for a correction: `remarks` names each field or slot with what is wrong."""
    act = RequestCorrection(by)
    act.remarks, act.note = remarks, note
    return act.run(cases)


def recommend(cases, by, recommendation: str, text: str) -> Outcomes:
    """初审意见: "for" or "against", with a text; the rule is checked again and must not be unmet for "for"."""
    if recommendation not in Application.Recommendation.values:
        raise ValueError(recommendation)
    act = Recommend(by)
    act.verdict = recommendation
    act.text = required(text, "text", _("请写明审核意见"))
    return act.run(cases)


def endorse(cases, by, text: str = "") -> Outcomes:
    """复核 by another person: on to the commission, or, if the recommendation is against, notice to decline."""
    act = Endorse(by)
    act.text = text.strip()
    return act.run(cases)
