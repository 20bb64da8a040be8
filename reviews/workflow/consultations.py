"""征求意见: the commission's officer asks another office; it answers by the day, or the officer recalls it.

The answer binds nobody: it stands in the dossier beside the officer's own opinion. The case does not wait; its officer is
warned while an answer is open.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications.models import Application, Submission
from applications.verbs import Beside, Refused, kept_out, refuse_kept_out
from foundation.accounts.models import Office, User
from foundation.accounts.roles import Permission
from foundation.clock import clock
from foundation.events import events
from foundation.events.events import Audience
from foundation.files.models import Document
from measures.forms import Form
from reviews.audiences import CONSULTED, consulted_posts
from reviews.models import Consultation
from reviews.models.consultations import ASKABLE
from reviews.workflow.opinions import required

# Calendar days within which an answer may be asked for at most.
LONGEST_TERM = 60
LONGEST_REASON = 300
# Keys of fields that name a person or how to reach one.
_PERSONAL = re.compile(r"(^|_)(contact|phone|mobile|e?mail|person)(_|$)")


@dataclass(frozen=True)
class Question:
    """office: who is asked; released: keys of the form's fields and document slots that it may read."""

    office: Office
    text: str
    due_on: date
    released: Sequence[str] = ()


class Consult(Beside):
    question: Question

    verb = "consult"
    called = gettext_lazy("征求意见")
    states = frozenset(ASKABLE)
    permission = Permission.CONSULT

    def prepare(self, cases):
        self.open = set(
            Consultation.objects.filter(
                application__in=cases, office=self.question.office, state=Consultation.State.OPEN
            )
            .order_by("pk")
            .values_list("application_id", flat=True)
        )
        self.latest = {
            row.application_id: row
            for row in Submission.objects.filter(application__in=cases)
            .select_related("form")
            .order_by("application", "round")
        }
        self.answers = consulted_posts().filter(office=self.question.office).exists()

    def apply(self, case):
        asked = self.question
        if asked.office.pk == case.office_id:
            _wrong("office", _("不必征求本单位的意见"))
        if not self.answers:
            _wrong("office", _("该单位还没有答复意见的人员，请先由系统管理员开通"))
        if case.pk in self.open:
            raise Refused("state", _("已向该单位征求意见，尚未答复"))
        if not clock.today() < asked.due_on <= clock.today() + timedelta(days=LONGEST_TERM):
            _wrong("due_on", _("答复期限应在明天以后、%d 天之内") % LONGEST_TERM)
        known = {key for key, _label in releasable(Form(self.latest[case.pk].form.definition))}
        if unknown := set(asked.released) - known:
            _wrong("released", _("这些项目不能提供：%s") % "、".join(sorted(unknown)))

    def finish(self, cases):
        asked = self.question
        rows = Consultation.objects.bulk_create(
            Consultation(
                application=case,
                office=asked.office,
                submission=self.latest[case.pk],
                question=asked.text,
                released=sorted(set(asked.released)),
                asked_by=self.by,
                asked_from=case.office,
                asked_at=self.at,
                due_on=asked.due_on,
            )
            for case in cases
        )
        self.rows = {row.application_id: row for row in rows}
        # What the asked office is told names the consultation, not the case.
        events.record_many(
            "ask_opinion",
            [
                events.Entry(row, _told(row, case), [Audience(CONSULTED, asked.office.pk)])
                for case, row in ((case, self.rows[case.pk]) for case in cases)
            ],
            self.by,
        )

    def facts(self, case):
        row = self.rows[case.pk]
        return {
            "consultation": row.pk,
            "asked": str(row.office),
            "question": row.question,
            "released": row.released,
            "answer_by": row.due_on,
        }

    def tell(self, case):
        return []


def releasable(form: Form) -> list[tuple[str, str]]:
    """What another office may read of a submission, (key, label): fields and documents, never who to call, nor the
    declarations."""
    fields = [
        (one.key, one.label)
        for one in form.fields
        if one.type != "declaration" and not _PERSONAL.search(one.key)
    ]
    return [*fields, *((one.key, _("材料：%s") % one.label) for one in form.slots)]


def consult(case: Application, by: User, question: Question) -> Consultation:
    """征求 an office's opinion on a case under the commission's review. Raises Refused."""
    act = Consult(by)
    text = required(question.text, "text", _("请写明征求意见的问题"))
    act.question = Question(question.office, text, question.due_on, question.released)
    act.run(case).one()
    return act.rows[case.pk]


def answer_consultation(
    consultation: Consultation, by: User, *, stance: str, answer: str, document: Document | None = None
) -> Consultation:
    """答复, by a person of the asked office; a disagreement says why. The asking office is told. Raises Refused."""
    answer = (answer or "").strip()
    if stance not in Consultation.Stance.values:
        _wrong("stance", _("请选择意见"))
    if stance == Consultation.Stance.DISAGREE:
        answer = required(answer, "answer", _("不同意的，请写明理由"))
    elif answer:
        answer = required(answer, "answer", "")
    with transaction.atomic():
        row, case = _locked(consultation)
        if not by.may(Permission.ANSWER_CONSULTATION, row.office_id):
            raise Refused("forbidden", _("您没有办理此事的权限"))
        refuse_kept_out(case, kept_out(by, [case]))
        _standing(row, consultation)
        row.give(by=by, at=clock.now(), stance=stance, answer=answer, document=document)
        row.version += 1
        row.save()
        facts = {
            "stance": str(row.get_stance_display()),
            "document_sha256": document.sha256 if document else None,
        }
        events.record_many(
            "answer_consultation",
            [
                events.Entry(row, facts),
                events.Entry(
                    case,
                    facts
                    | {
                        "consultation": row.pk,
                        "asked": str(row.office),
                        "number": case.number,
                        "title": case.title or case.call_item.item.name,
                        "enterprise": case.identity["name"],
                    },
                    [Audience("office", row.asked_from_id)],
                ),
            ],
            by,
        )
        return row


def recall_consultation(consultation: Consultation, by: User, because: str) -> Consultation:
    """撤回征求, by an officer of the office that asked, with the reason; the asked office is told. Raises Refused."""
    because = required(because, "because", _("请写明撤回的理由"), LONGEST_REASON)
    with transaction.atomic():
        row, case = _locked(consultation)
        if not by.may(Permission.CONSULT, row.asked_from_id):
            raise Refused("forbidden", _("您没有办理此事的权限"))
        refuse_kept_out(case, kept_out(by, [case]))
        _standing(row, consultation)
        row.recall(at=clock.now(), because=because)
        row.version += 1
        row.save()
        events.record(
            "recall_consultation",
            row,
            by,
            tell=[Audience(CONSULTED, row.office_id)],
            **_told(row, case),
            because=because,
        )
        return row


def _locked(consultation: Consultation) -> tuple[Consultation, Application]:
    """The case first, as everywhere, then what hangs on it."""
    case = (
        Application.objects.select_for_update(of=("self",), no_key=True)
        .select_related("call_item__item")
        .get(pk=consultation.application_id)
    )
    row = (
        Consultation.objects.select_for_update(of=("self",), no_key=True)
        .select_related("office", "asked_from")
        .get(pk=consultation.pk)
    )
    row.application = case
    return row, case


def _standing(row: Consultation, asked: Consultation) -> None:
    if row.version != asked.version:
        raise Refused("stale", _("刚刚已被他人办理，请刷新后再看"))
    if row.state != Consultation.State.OPEN:
        raise Refused("state", _("这件征求意见已经办结"))
    if not row.is_waiting:
        raise Refused("state", _("该申请已不在审核中，不必再答复"))


def _told(row: Consultation, case: Application) -> dict:
    return {
        "item": case.call_item.item.name,
        "enterprise": case.identity["name"],
        "asked_from": str(row.asked_from),
        "answer_by": row.due_on,
    }


def _wrong(name: str, message: str):
    raise Refused("invalid", message, {name: [message]})
