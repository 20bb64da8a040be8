"""征求意见: another office reads the question and what was released, nothing else, and answers by the day."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from applications import access
from applications.verbs import Refused
from foundation.accounts.models import Office
from foundation.clock import clock
from foundation.events.models import Event, Notification
from foundation.files import files
from reviews import access as duties
from reviews import workflow
from reviews.models import Consultation
from reviews.workflow import Question
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import pdf

pytestmark = pytest.mark.django_db


def refused(verb, *args, **given) -> Refused:
    before = Event.objects.count()
    with pytest.raises(Refused) as caught:
        verb(*args, **given)
    assert Event.objects.count() == before
    return caught.value


def question(**changes) -> Question:
    given = {
        "office": Office.objects.get(code="jxw"),
        "text": "该项目是否已获技术改造支持？",
        "due_on": clock.today() + timedelta(days=10),
        "released": ["project_summary"],
    } | changes
    return Question(**given)


def test_an_office_is_asked_and_answers_and_the_asking_office_is_told():
    case = cases.endorsed()
    officer, unit = people.municipal_officer(), people.consulted_unit()
    asked = workflow.consult(case, officer, question())
    assert case.state == "municipal_review"
    assert set(
        Notification.objects.filter(event__verb="ask_opinion").values_list("audience_kind", "audience_id")
    ) == {("consulted", asked.office_id)}
    assert case.number not in str(Event.objects.get(verb="ask_opinion").facts)
    # The asked office sees the question, and no case.
    assert duties.consultations(unit).get() == asked
    assert not access.on_desk(unit).exists()
    assert not duties.consultations(people.consulted_unit("sww")).exists()
    assert duties.consultations(officer).get() == asked
    answer = {"stance": "disagree", "answer": "", "document": None}
    assert "answer" in refused(workflow.answer_consultation, asked, unit, **answer).fields
    assert "stance" in refused(workflow.answer_consultation, asked, unit, **answer | {"stance": "?"}).fields
    for other in (officer, people.consulted_unit("sww"), people.auditor()):
        assert (
            refused(workflow.answer_consultation, asked, other, **answer | {"answer": "已支持"}).code
            == "forbidden"
        )
    paper = files.store(pdf("复函.pdf", "reply"), unit)
    answer |= {"answer": "同一设备 2025 年已获支持", "document": paper}
    row = workflow.answer_consultation(asked, unit, **answer)
    assert row.state == "answered" and row.document == paper
    told = Notification.objects.filter(event__verb="answer_consultation")
    assert set(told.values_list("audience_kind", "audience_id")) == {("office", case.office_id)}
    assert refused(workflow.answer_consultation, asked, unit, **answer).code == "stale"
    assert refused(workflow.answer_consultation, row, unit, **answer).code == "state"
    assert refused(workflow.recall_consultation, row, officer, "不需要了").code == "state"
    with transaction.atomic(), pytest.raises(IntegrityError), transaction.atomic():
        Consultation.objects.filter(pk=row.pk).update(answer="")


def test_what_can_not_be_asked():
    case, officer = cases.endorsed(), people.municipal_officer()
    assert "office" in refused(workflow.consult, case, officer, question()).fields
    people.consulted_unit()
    assert "text" in refused(workflow.consult, case, officer, question(text=" ")).fields
    for days in (0, 61):
        late = question(due_on=clock.today() + timedelta(days=days))
        assert "due_on" in refused(workflow.consult, case, officer, late).fields
    assert "released" in refused(workflow.consult, case, officer, question(released=["bank_account"])).fields
    assert "released" in refused(workflow.consult, case, officer, question(released=["declare_truth"])).fields
    people.consulted_unit("kw")
    own = question(office=case.office)
    assert "office" in refused(workflow.consult, case, officer, own).fields
    for other in (people.municipal_head(), people.district_officer(), people.consulted_unit()):
        assert refused(workflow.consult, case, other, question()).code == "forbidden"
    workflow.consult(case, officer, question())
    assert refused(workflow.consult, case, officer, question()).code == "state"
    assert refused(workflow.consult, cases.accepted(), officer, question()).code == "state"


def test_a_question_is_recalled_and_void_once_the_case_has_moved_on():
    case, officer, unit = cases.endorsed(), people.municipal_officer(), people.consulted_unit()
    asked = workflow.consult(case, officer, question())
    assert refused(workflow.recall_consultation, asked, unit, "-").code == "forbidden"
    assert "because" in refused(workflow.recall_consultation, asked, officer, "").fields
    row = workflow.recall_consultation(asked, officer, "已从其他途径核实")
    assert row.state == "recalled" and not Consultation.objects.waiting().exists()
    again = workflow.consult(case, officer, question())
    with clock.at(clock.now() + timedelta(days=11)):
        again.refresh_from_db()
        assert again.is_overdue
    cases.proposed(case=case)
    again = Consultation.objects.select_related("application").get(pk=again.pk)
    assert not again.is_waiting and not Consultation.objects.waiting().exists()
    assert (
        refused(workflow.answer_consultation, again, unit, stance="agree", answer="", document=None).code
        == "state"
    )
    # Who keeps out of the case doesn't see what others said of it.
    workflow.keep_out(officer, case, "利害关系")
    assert not duties.consultations(officer).exists()


def test_who_keeps_out_of_the_case_recalls_nothing():
    case, officer = cases.endorsed(), people.municipal_officer()
    people.consulted_unit()
    asked = workflow.consult(case, officer, question())
    workflow.keep_out(officer, case, "利害关系")
    assert refused(workflow.recall_consultation, asked, officer, "不需要了").code == "forbidden"
    assert workflow.recall_consultation(asked, people.municipal_officer("b"), "不需要了").state == "recalled"
