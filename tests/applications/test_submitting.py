"""Submit: the number, what is frozen, what blocks."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import ProgrammingError, connection, transaction

from applications import workflow
from applications.models import Application, RuleCheck, Submission
from applications.states import State
from applications.verbs import Refused
from enterprises import workflow as enterprises
from enterprises.models import Enterprise, LegalForm, StatisticalInclusion
from foundation.clock import clock
from foundation.events import events
from foundation.files import files
from measures.eligibility import Answer
from measures.models import CallItem, FormVersion
from reviews import workflow as reviews
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import owner_of, pending_claim, registered_enterprise, verified_enterprise

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catalogue(db):
    cases.open_call_item()


def refusal(outcomes) -> Refused:
    with pytest.raises(Refused) as caught:
        outcomes.one()
    return caught.value


def test_a_number_says_year_item_call_and_sequence():
    first, second = cases.submitted(), cases.submitted()
    assert (first.number, second.number) == ("KJFW-2026-0801-1-000001", "KJFW-2026-0801-1-000002")
    other = cases.submitted(cases.open_call_item("03-10"))
    assert other.number == "KJFW-2026-0310-1-000001"


def test_a_refused_case_leaves_no_gap_among_the_numbers():
    ready, empty, again = cases.draft(), cases.empty_draft(), cases.draft()
    outcomes = workflow.submit([ready], ready.created_by)
    assert refusal(workflow.submit(empty, empty.created_by)).code == "invalid"
    outcomes += workflow.submit([again], again.created_by)
    assert [outcome.case.sequence for outcome in outcomes] == [1, 2]
    assert CallItem.objects.get(pk=ready.call_item_id).last_sequence == 2


def test_one_person_hands_in_several_drafts_at_once_and_only_one_of_each_unit_goes():
    person = people.user()
    here, there = (
        verified_enterprise(person, name="甲检测技术有限公司"),
        verified_enterprise(person, name="乙检测技术有限公司"),
    )
    drafts = [
        cases.draft(None, here, person),
        cases.draft(None, here, person),
        cases.draft(None, there, person),
    ]
    outcomes = workflow.submit(drafts, person)
    assert [outcome.case.pk for outcome in outcomes] == [case.pk for case in drafts]
    assert [outcome.refused and outcome.refused.code for outcome in outcomes] == [None, "invalid", None]
    assert [outcome.case.sequence for outcome in outcomes] == [1, None, 2]
    assert "限报 1 项，贵单位已提交：" + outcomes[0].case.number in outcomes[1].refused.message


def test_a_unit_may_submit_again_what_was_withdrawn():
    gone = cases.withdrawn()
    again = cases.submitted(enterprise=gone.enterprise)
    assert (again.state, again.sequence) == (State.SUBMITTED, 2)


def test_what_is_missing_stands_beside_its_field_and_its_slot():
    case = cases.draft(project_summary=None, declare_truth=False)
    workflow.detach(case, case.created_by, "report")
    wrong = refusal(workflow.submit(case, case.created_by))
    assert set(wrong.fields) == {"project_summary", "declare_truth", "report"}
    assert wrong.message == "还有 3 处需要填写或更正"
    case.refresh_from_db()
    assert (case.state, case.number, case.version) == (State.DRAFT, None, 0)


def test_an_unmet_condition_blocks_and_says_which():
    case = cases.draft(enterprise=verified_enterprise(legal_form=LegalForm.PARTNERSHIP))
    wrong = refusal(workflow.submit(case, case.created_by))
    assert wrong.code == "invalid"
    assert "具有独立法人资格" in wrong.message
    assert not RuleCheck.objects.filter(application=case).exists()


def test_an_unknown_condition_passes_and_is_kept_for_the_officer():
    enterprise = verified_enterprise(eligible=False)
    case = cases.submitted(enterprise=enterprise)
    assert case.eligible is None
    frozen = case.checks.get()
    unknown = {one["fact"] for one in frozen.answer["conditions"] if one["met"] is None}
    assert unknown == {"statistical_division", "clean_credit_years"}


def test_a_check_keeps_what_it_saw_whatever_becomes_known_later():
    case = cases.submitted()
    kept = case.checks.get()
    before = Answer.thaw(kept.answer)
    with clock.at(clock.now() + timedelta(days=1)):
        StatisticalInclusion.objects.create(
            enterprise=case.enterprise,
            first_period="2026-09-01",
            industry="I6510",
            source="区统计局更正",
            recorded_at=clock.now(),
        )
        wrong = refusal(reviews.recommend(cases.accepted(case), people.district_officer(), "for", "同意推荐"))
    assert "73、74、75" in wrong.message
    kept.refresh_from_db()
    now = Answer.thaw(kept.answer)
    assert now == before
    assert now.eligible is True
    assert next(c for c in now.conditions if c.fact == "statistical_division").actual_text.startswith("74")
    assert kept.inputs["declared_investment"] == "32000000.00"


@pytest.mark.parametrize("change", ["UPDATE {table} SET verb = 'x'", "DELETE FROM {table}"])
def test_a_frozen_check_is_not_changed(change):
    cases.submitted()
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format(table=RuleCheck._meta.db_table))


def test_what_was_submitted_stays_readable_after_the_forms_next_version():
    case = cases.submitted()
    old = case.form
    definition = {
        "sections": [{"title": "全新的表", "fields": [{"key": "other", "label": "别的", "type": "text"}]}],
        "documents": [],
    }
    new = FormVersion.objects.create(item=old.item, number=old.number + 1, definition=definition)
    CallItem.objects.filter(pk=case.call_item_id).update(form=new)
    copy = Submission.objects.get(application=case)
    assert (copy.form, copy.round) == (old, 1)
    assert copy.answers["project_name"] == "精密计量实验室扩建"
    assert {paper["slot"] for paper in copy.documents} == {"report", "licence", "premises_proof"}
    assert all(len(paper["sha256"]) == 64 for paper in copy.documents)
    assert Application.objects.get(pk=case.pk).form == old
    assert cases.accepted(Application.objects.get(pk=case.pk)).state == State.DISTRICT_REVIEW


def test_a_replaced_document_stays_with_what_was_submitted():
    case = cases.awaiting_correction()
    first = case.submissions.get().documents
    before = {paper["slot"]: paper for paper in first}
    workflow.attach(case, case.submitted_by, "report", cases.pdf("盖章报告.pdf", "the second one"))
    case = cases.resubmitted(case)
    kept, newer = case.submissions.order_by("round")
    assert kept.documents == first
    now = {paper["slot"]: paper for paper in newer.documents}
    assert now["report"]["sha256"] != before["report"]["sha256"]
    assert now["licence"] == before["licence"]
    document = case.papers.get(slot="report", removed_at__isnull=False).document
    assert str(document.pk) == before["report"]["document"]
    assert files.verify(document)


def test_a_changed_register_does_not_change_who_submitted():
    case = cases.submitted()
    Enterprise.objects.filter(pk=case.enterprise_id).update(name="改名之后的公司")
    case = cases.accepted(Application.objects.get(pk=case.pk))
    assert case.identity["name"] == "示例检测技术有限公司"
    assert events.timeline(case).last().facts["enterprise"] == "示例检测技术有限公司"


def test_only_a_verified_member_hands_in():
    enterprise = registered_enterprise()
    claim = pending_claim(enterprise=enterprise)
    case = cases.draft(None, enterprise, claim.user)
    wrong = refusal(workflow.submit(case, claim.user))
    assert wrong.code == "forbidden"
    assert "授权委托书" in wrong.message
    enterprises.verify_claim(claim, people.district_officer())
    assert workflow.submit(case, claim.user).one().number


def test_nobody_hands_in_the_draft_of_somebody_whose_claim_is_not_verified():
    enterprise = verified_enterprise()
    faker = pending_claim(enterprise=enterprise).user
    case = cases.draft(None, enterprise, faker)
    assert refusal(workflow.submit(case, owner_of(enterprise))).code == "forbidden"


@pytest.mark.parametrize("decide", [enterprises.suspend, enterprises.close])
def test_the_people_of_a_suspended_or_closed_enterprise_read_and_do_not_act(decide):
    case, waiting = cases.draft(), cases.submitted()
    for one in (case, waiting):
        enterprise = Enterprise.objects.get(pk=one.enterprise_id)
        decide(enterprise, people.district_head(), "涉嫌提供虚假材料")
    assert refusal(workflow.submit(case, case.created_by)).code == "forbidden"
    assert refusal(workflow.withdraw(waiting, waiting.submitted_by, "不报了")).code == "forbidden"
    assert cases.accepted(waiting).state == State.DISTRICT_REVIEW


def test_a_call_is_open_to_the_exact_hour():
    case = cases.draft()
    closes = case.call_item.call.closes_at
    with clock.at(closes):
        wrong = refusal(workflow.submit(case, case.created_by))
    assert (wrong.code, wrong.message) == ("state", f"申报已于 {clock.local(closes):%Y-%m-%d %H:%M} 截止")
    with clock.at(closes - timedelta(seconds=1)):
        assert workflow.submit(case, case.created_by).one().state == State.SUBMITTED


def test_a_document_is_judged_by_its_content():
    case = cases.empty_draft()
    fake = SimpleUploadedFile("报告.pdf", b"MZ\x90\x00 not a pdf", content_type="application/pdf")
    with pytest.raises(files.RefusedFile):
        workflow.attach(case, case.created_by, "report", fake)
    assert not case.papers.exists()


def test_a_branch_is_told_that_its_parent_applies():
    case = cases.draft(None, verified_enterprise(legal_form=LegalForm.BRANCH))
    with pytest.raises(Refused) as refusal:
        workflow.submit(case, case.created_by).one()
    (told,) = refusal.value.fields[""]
    assert told.startswith("具有独立法人资格（否）") and "请由上级法人申请" in told
