"""窗口代填: an officer fills in for who came with the paper, marked as such, and never reviews what they filled in."""

import pytest
from django.db import IntegrityError, connection, transaction

from applications import access, workflow
from applications.documents import issue_application
from applications.models import Application
from applications.verbs import Refused
from enterprises import workflow as enterprises_workflow
from foundation.accounts.roles import SYSTEM
from foundation.events import events
from foundation.events.models import Notification
from foundation.files import files
from reviews import access as duties
from reviews import covering
from reviews import workflow as reviews
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.documents.reading import text
from tests.enterprises import factories as enterprises
from tests.enterprises.factories import owner_of, pdf

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catalogue(db):
    cases.open_call_item()


def begin(by, enterprise, **changes):
    given = {"requester": "王建国", "identity_shown": "居民身份证原件", "scan": pdf("书面申请.pdf")} | changes
    return workflow.begin_at_counter(cases.open_call_item(), enterprise, by, **given)


def test_a_case_filled_in_at_the_counter_is_marked_and_reviewed_by_others():
    case = cases.filed_at_counter()
    officer = case.filed_by
    paper = case.counter_filing
    assert (paper.office, paper.by, paper.requester) == (case.district_office, officer, "王建国")
    submitted = events.timeline(case).get(verb="submit")
    assert submitted.facts["at_counter"] is True and "区级审核员" in submitted.actor_label
    assert events.timeline(case).first().verb == "begin_at_counter"
    with connection.cursor() as cursor:
        cursor.execute("SELECT requester FROM applications_counterfiling")
        assert "王建国" not in cursor.fetchone()[0]
    for act in (
        lambda: reviews.accept(case, officer).one(),
        lambda: reviews.request_correction(case, officer, {"project_summary": "请补"}, "").one(),
    ):
        with pytest.raises(Refused, match="不能参与审核") as refused:
            act()
        assert refused.value.code == "forbidden"
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.filter(pk=case.pk).update(accepted_by=officer)
    # It isn't in their queue, its page says why, and while there is nobody else that is noticed.
    assert not duties.awaiting(officer).exists() and duties.verbs(officer, case) == []
    assert duties.filled_in(officer, case)
    assert covering.able([case]) == {case.pk: set()}
    assert [(one.office, one.count) for one in covering.uncovered()] == [(case.office, 1)]
    other = people.district_officer(mark="2")
    assert duties.awaiting(other).get() == case and not duties.filled_in(other, case)
    assert covering.able([case]) == {case.pk: {other.pk}} and not list(covering.uncovered())
    case = reviews.accept(case, other).one()
    told = Notification.objects.filter(event__verb="accept", audience_kind="user")
    assert told.get().audience_id == officer.pk
    case = reviews.request_correction(case, other, {"project_summary": "请写明客户。"}, "").one()
    case = workflow.save_draft(
        case, officer, case.answers | {"project_summary": "服务汽车企业。"}, case.draft_revision
    )
    assert workflow.resubmit(case, officer).one().state == "district_review"
    issued = issue_application(case.submissions.order_by("round").last(), SYSTEM)
    assert "窗口代填" in text(files.path(issued.document).read_bytes())


def test_only_the_own_counter_fills_in_and_what_is_missing_is_said():
    enterprise = enterprises.registered_enterprise()
    for by in (
        people.district_officer(people.PUDONG),
        people.district_head(),
        people.auditor(),
        people.user(),
    ):
        with pytest.raises(Refused) as refused:
            begin(by, enterprise)
        assert refused.value.code == "forbidden"
    with pytest.raises(Refused) as refused:
        begin(people.district_officer(), enterprise, requester=" ", identity_shown="")
    assert set(refused.value.fields) == {"requester", "identity_shown"}
    closed = enterprises_workflow.close(enterprise, people.district_head(), "已注销登记")
    with pytest.raises(Refused, match="已注销"):
        begin(people.district_officer(), closed)
    assert not Application.objects.exists()


def test_the_enterprises_people_are_told_and_go_on_with_the_draft():
    enterprise = enterprises.verified_enterprise()
    owner, officer = owner_of(enterprise), people.district_officer()
    case = begin(officer, enterprise)
    told = Notification.objects.get(event__verb="begin_at_counter")
    assert (told.audience_kind, told.audience_id) == ("enterprise", enterprise.pk)
    assert "窗口" in events.render(told).body
    assert case in access.own(owner) and case in access.own(officer)
    workflow.save_draft(case, owner, {"project_name": "计量实验室"}, case.draft_revision)
    with pytest.raises(Refused):
        workflow.save_draft(case, enterprises.viewer(enterprise), {}, case.draft_revision + 1)
    officer.posts.update(until=officer.posts.get().since)
    officer = type(officer).objects.get(pk=officer.pk)
    with pytest.raises(Refused):
        workflow.save_draft(case, officer, {}, case.draft_revision + 1)
