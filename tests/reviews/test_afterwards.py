"""After the decision: the completion check (验收) and the change that the enterprise asks for (变更)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications.models import Application
from applications.states import State
from applications.verbs import Refused
from foundation.clock import clock
from foundation.events import events
from foundation.events.models import Notification
from foundation.files import files
from reviews import access, workflow
from reviews.models import ChangeRequest, CompletionCheck
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import owner_of, pdf, verified_enterprise

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
WISH = {"kind": "term", "before": "到 2026 年 12 月", "after": "到 2027 年 3 月", "reason": "设备到货推迟"}


def refused(verb, *args) -> Refused:
    with pytest.raises(Refused) as caught:
        verb(*args).one()
    return caught.value


@pytest.fixture
def paid():
    case = cases.paid()
    with clock.at(case.paid_at + timedelta(hours=1)):
        yield case


def test_not_passed_it_stays_paid_and_is_mended_by_a_day(paid):
    officer, day = people.municipal_officer(), clock.today() + timedelta(days=30)
    failed = workflow.Check(False, clock.today(), "两台设备未到", day)
    done = workflow.check_completion(paid, officer, failed).one()
    assert done.state == State.PAID
    told = Notification.objects.get(event__verb="fail_completion")
    assert "两台设备未到" in events.render(told).body
    passed = workflow.Check(True, clock.today(), "已补齐")
    assert workflow.check_completion(done, officer, passed).one().state == State.COMPLETED
    assert [row.passed for row in CompletionCheck.objects.order_by("pk")] == [False, True]


@pytest.mark.parametrize(
    ("passed", "days", "text", "mend", "field"),
    [
        (True, 1, "通过", None, "checked_on"),
        (True, -9, "通过", None, "checked_on"),
        (True, 0, " ", None, "text"),
        (True, 0, "通过", 9, "mend_by"),
        (False, 0, "未通过", None, "mend_by"),
        (False, 0, "未通过", 0, "mend_by"),
    ],
)
def test_a_check_that_cannot_be_is_refused_beside_its_field(paid, passed, days, text, mend, field):
    today = clock.today()
    mend_by = None if mend is None else today + timedelta(days=mend)
    found = workflow.Check(passed, today + timedelta(days=days), text, mend_by)
    assert field in refused(workflow.check_completion, paid, people.municipal_officer(), found).fields


def test_a_check_is_entered_with_its_documents_on_its_page(paid, client):
    client.force_login(people.municipal_officer())
    url = reverse("desk:check_completion", args=[paid.pk])
    assert "验收结果" in client.get(url).content.decode()
    data = {"version": paid.version, "result": "failed", "checked_on": f"{clock.today()}", "text": "缺两台"}
    assert client.post(url, data).status_code == 422
    data |= {"mend_by": f"{clock.today() + timedelta(days=20)}", "documents": [pdf("验收报告.pdf")]}
    assert client.post(url, data).status_code == 302
    row = CompletionCheck.objects.get()
    paper = row.documents.get()
    assert client.get(reverse("desk:document", args=[paid.pk, paper.pk])).status_code == 200
    assert "缺两台" in client.get(reverse("desk:case", args=[paid.pk])).content.decode()
    client.force_login(paid.submitted_by)
    page = client.get(reverse("case", args=[paid.pk])).content.decode()
    assert "前整改" in page
    assert client.get(reverse("case_document", args=[paid.pk, paper.pk])).status_code == 200


def test_a_change_is_asked_one_at_a_time_and_never_touches_the_award():
    case = cases.approved()
    officer = people.municipal_officer()
    with clock.at(case.approved_at + timedelta(hours=1)):
        wish = workflow.Wish(**WISH | {"kind": "budget", "after": "总投资 4000 万元"})
        workflow.request_change(case, case.submitted_by, wish).one()
        assert refused(workflow.request_change, case, case.submitted_by, wish).code == "state"
        assert access.awaiting(officer).filter(pk=case.pk).exists()
        told = Notification.objects.get(event__verb="request_change")
        assert told.audience_id == case.municipal_office_id
        assert "text" in refused(workflow.approve_change, case, officer, " ").fields
        workflow.approve_change(case, officer, "同意").one()
        assert not access.awaiting(officer).filter(pk=case.pk).exists()
        assert refused(workflow.refuse_change, case, officer, "不同意").code == "state"
    row = ChangeRequest.objects.get()
    assert (row.state, row.answer) == ("approved", "同意")
    after = Application.objects.get(pk=case.pk)
    assert (after.approved_amount, after.award_lines, after.version) == (
        case.approved_amount,
        case.award_lines,
        case.version,
    )


def test_who_asks_and_what_is_missing(paid):
    stranger = owner_of(verified_enterprise())
    assert refused(workflow.request_change, paid, stranger, workflow.Wish(**WISH)).code == "forbidden"
    for field in WISH:
        wish = workflow.Wish(**WISH | {field: ""})
        assert field in refused(workflow.request_change, paid, paid.submitted_by, wish).fields


def test_a_change_is_asked_and_refused_on_the_pages(paid, client):
    client.force_login(paid.submitted_by)
    url = reverse("case_change", args=[paid.pk])
    assert url in client.get(reverse("case", args=[paid.pk])).content.decode()
    assert "变更不增加批复金额" in client.get(url).content.decode()
    assert client.post(url, WISH | {"version": paid.version, "reason": ""}).status_code == 422
    assert client.post(url, WISH | {"version": paid.version}).status_code == 302
    assert client.get(url).status_code == 302
    client.force_login(people.municipal_officer())
    page = client.get(reverse("desk:case", args=[paid.pk])).content.decode()
    assert "企业申请变更实施期限" in page
    decide = reverse("desk:decide_change", args=[paid.pk])
    data = {"decide-change-version": paid.version, "decide-change-text": "理由不足"}
    assert client.post(decide, data).status_code == 422
    assert client.post(decide, data | {"decide-change-decision": "no"}).status_code == 302
    client.force_login(paid.submitted_by)
    page = client.get(reverse("case", args=[paid.pk])).content.decode()
    assert "不同意变更" in page
    assert "理由不足" in page


def test_the_database_takes_no_decision_without_its_facts_and_no_failure_without_a_day(paid):
    workflow.request_change(paid, paid.submitted_by, workflow.Wish(**WISH)).one()
    with pytest.raises(IntegrityError), transaction.atomic():
        ChangeRequest.objects.update(state="approved")
    paper = files.store(pdf(), people.municipal_officer())
    assert paper.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        CompletionCheck.objects.create(
            application=paid,
            checked_on=clock.today(),
            passed=False,
            text="未通过",
            by=people.municipal_officer(),
        )
