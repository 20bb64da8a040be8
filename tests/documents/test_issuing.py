"""Issued once for each state of facts, kept with its hash, served from the store to those who may."""

import hashlib
from threading import Barrier, Thread

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from applications import documents as of_cases
from applications.verbs import Refused
from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.documents import documents
from foundation.documents.models import IssuedDocument
from foundation.events import events
from foundation.files import files
from reviews.documents import issue_notice
from reviews.models import PublicNotice
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.applications.conftest import monday
from tests.documents.reading import text
from tests.enterprises.factories import owner_of, verified_enterprise
from tracking import workflow as tracking
from tracking.documents import issue_report
from tracking.quarters import Quarter
from tracking.workflow import ReportRefused

__all__ = ["monday"]
pytestmark = pytest.mark.django_db


def content(issued: IssuedDocument) -> bytes:
    return files.path(issued.document).read_bytes()


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_application_says_every_answer_the_amount_in_capitals_and_each_document_with_its_hash():
    case = cases.submitted()
    submission = case.submissions.get()
    said = text(content(of_cases.issue_application(submission, case.submitted_by)))
    for section in submission.form.form.rows(submission.answers):
        assert section.title in said
        for row in section.rows:
            assert row.label.replace(" ", "") in said
            assert row.text.replace(" ", "").replace("\n", "") in said
    assert "叁仟贰佰万元整" in said
    assert case.number in said and case.identity["name"] in said and case.identity["uscc"] in said
    assert submission.documents
    for paper in submission.documents:
        assert paper["sha256"] in said and paper["name"] in said


def test_the_acceptance_slip_says_who_when_by_which_day_and_where_to_turn():
    case = cases.accepted()
    said = text(content(of_cases.issue_acceptance(case, case.submitted_by)))
    due = f"{case.due_on.year}年{case.due_on.month}月{case.due_on.day}日"
    for part in (
        case.number,
        case.accepted_by.actor_label.replace(" ", ""),
        "2026年9月21日10:00",
        due,
        "行政复议",
        "公示",
    ):
        assert part in said


def test_a_case_that_was_not_accepted_has_no_slip():
    case = cases.submitted()
    with pytest.raises(Refused, match="尚未受理"):
        of_cases.issue_acceptance(case, case.submitted_by)
    answer = signed_in(case.submitted_by).post(reverse("case_issue_acceptance", args=[case.pk]))
    assert answer.status_code == 409
    assert not IssuedDocument.objects.exists()


def test_it_is_issued_once_for_the_same_facts_with_one_event_and_again_for_others():
    case = cases.accepted()
    first = of_cases.issue_acceptance(case, case.submitted_by)
    assert of_cases.issue_acceptance(case, case.accepted_by) == first
    told = events.timeline(case).get(verb="issue_document")
    assert told.facts["sha256"] == first.document.sha256 == hashlib.sha256(content(first)).hexdigest()
    office = case.office
    office.phone = "021-00000000"
    office.save()
    case.refresh_from_db()
    again = of_cases.issue_acceptance(case, case.submitted_by)
    assert again != first and "021-00000000" in text(content(again))
    assert list(documents.issued(case)) == [again, first]
    call_command("verify_events", verbosity=0)


def test_what_was_issued_is_served_from_the_store_and_never_changed():
    case = cases.accepted()
    issued = of_cases.issue_acceptance(case, case.submitted_by)
    answer = signed_in(case.submitted_by).get(reverse("case_issued", args=[case.pk, issued.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert b"".join(answer.streaming_content) == content(issued)
    for change in (lambda rows: rows.update(title="x"), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change(IssuedDocument.objects.filter(pk=issued.pk))


def test_the_page_leads_to_it_and_another_case_does_not_hold_it():
    case = cases.accepted()
    client = signed_in(case.submitted_by)
    answer = client.post(reverse("case_issue_submission", args=[case.pk, 1]))
    issued = IssuedDocument.objects.get()
    assert answer.url == reverse("case_issued", args=[case.pk, issued.pk])
    assert answer.url in client.get(reverse("case", args=[case.pk])).content.decode()
    other = cases.submitted(enterprise=verified_enterprise())
    stranger = signed_in(other.submitted_by)
    assert stranger.get(answer.url).status_code == 404
    assert stranger.get(reverse("case_issued", args=[other.pk, issued.pk])).status_code == 404


def test_only_those_who_handle_a_case_have_documents_issued():
    case = cases.accepted()
    for nobody in (people.auditor(), people.finance_maker(), owner_of(verified_enterprise())):
        with pytest.raises(Refused, match="权限"):
            of_cases.issue_acceptance(case, nobody)


def test_the_notice_lists_what_stands_and_carries_no_personal_data():
    case = cases.published()
    notice = PublicNotice.objects.get()
    first = issue_notice(notice, SYSTEM)
    said = text(content(first))
    assert case.identity["name"] in said and f"{case.proposed_amount:,.2f}" in said
    for private in (case.submitted_by.actor_label, case.created_by.email, case.identity["uscc"]):
        assert private not in said
    cases.withdrawn(case)
    again = issue_notice(notice, SYSTEM)
    assert again != first and "已退出公示" in text(content(again))
    public = Client()
    assert public.get(reverse("notice_issued", args=[notice.number, first.pk])).status_code == 404
    assert public.get(reverse("notice_issued", args=[notice.number, again.pk])).status_code == 200


def test_after_the_notice_closed_the_public_gets_nothing():
    cases.published()
    notice = PublicNotice.objects.get()
    issued = issue_notice(notice, SYSTEM)
    with clock.at(notice.closes_at):
        public = Client()
        assert public.post(reverse("notice_issue", args=[notice.number])).status_code == 410
        assert public.get(reverse("notice_issued", args=[notice.number, issued.pk])).status_code == 410
        with pytest.raises(Refused, match="已满"):
            issue_notice(notice, SYSTEM)


def test_the_report_has_the_figures_of_the_page_and_a_district_only_its_own():
    cases.open_call_item()
    cases.submitted(enterprise=verified_enterprise(district=people.PUDONG))
    case = cases.approved()
    head = people.municipal_head()
    with clock.at(case.approved_at):
        report = tracking.compile_report(Quarter(2026, 3), head)
    said = text(content(issue_report(report, head)))
    assert "提交申请2件" in said and "批复1件" in said and "浦东" in said
    officer = people.district_officer()
    own = issue_report(report, officer)
    assert own.part == people.XUHUI
    assert "提交申请1件" in text(content(own)) and "浦东" not in text(content(own))
    with pytest.raises(ReportRefused):
        issue_report(report, people.auditor())
    other = signed_in(people.district_officer(people.PUDONG))
    url = reverse("desk:report_issued", args=[report.year, report.quarter, own.pk])
    assert other.get(url).status_code == 404
    assert signed_in(officer).get(url).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_at_once_get_the_same_document():
    case = cases.accepted()
    start, got = Barrier(2), []

    def ask():
        with clock.at(case.accepted_at):
            start.wait()
            got.append(of_cases.issue_acceptance(case, case.submitted_by).pk)
        connection.close()

    threads = [Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 2 and len(set(got)) == 1
    assert events.timeline(case).filter(verb="issue_document").count() == 1
