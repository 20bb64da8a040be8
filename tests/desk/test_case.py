"""One case on one screen: what was submitted, what the rule says, the documents, the history, who may see it."""

from decimal import Decimal

import pytest
from django.urls import reverse

from applications import workflow
from applications.models import Application
from enterprises.models import CreditCheck
from foundation.clock import clock
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import owner_of, pdf, verified_enterprise


def page_of(case, client, **query) -> str:
    response = client.get(reverse("desk:case", args=[case.pk]), query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_screen_shows_answers_rule_documents_and_the_one_primary_button(as_user):
    case = cases.accepted()
    page = page_of(case, as_user(people.district_officer()))
    assert "精密计量实验室扩建" in page
    assert "32,000,000.00" in page
    assert "设备购置" in page
    assert "全部符合" in page
    assert "3,200,000" in page
    assert "项目申报报告" in page
    assert page.count("btn-primary") == 1
    assert 'data-key="r"' in page
    assert "剩 10 个工作日" in page


def test_what_is_being_corrected_stays_unseen_until_it_is_submitted(as_user):
    case = cases.awaiting_correction()
    owner = owner_of(case.enterprise)
    workflow.save_draft(case, owner, {"project_summary": "改到一半的草稿"}, case.draft_revision)
    paper = workflow.attach(case, owner, "report", pdf("报告.pdf", "half done"))
    client = as_user(people.district_officer())
    assert "改到一半" not in page_of(case, client)
    url = reverse("desk:document", args=[case.pk, paper.document_id])
    assert client.get(url).status_code == 404
    case.refresh_from_db()
    workflow.save_draft(case, owner, {"project_summary": "服务三十家企业"}, case.draft_revision)
    case.refresh_from_db()
    case = workflow.resubmit(case, owner).one()
    page = page_of(case, client)
    assert "服务三十家企业" in page
    assert "上次提交" in page
    assert "请写明服务哪些客户" in page
    assert "本次更换" in page
    assert client.get(url).status_code == 200
    earlier = page_of(case, client, round="1")
    assert "服务三十家企业" not in earlier
    assert "这是较早的一次提交" in earlier
    assert "btn-primary" not in earlier
    assert client.get(reverse("desk:case", args=[case.pk]), {"round": "9"}).status_code == 404


def test_a_document_is_served_to_those_who_reach_its_case_alone(as_user):
    case = cases.accepted()
    other = cases.accepted(cases.submitted(enterprise=verified_enterprise(district=people.PUDONG)))
    document = case.submissions.get().documents[0]["document"]
    url = reverse("desk:document", args=[case.pk, document])
    response = as_user(people.district_officer()).get(url)
    assert response.status_code == 200
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"].startswith("inline")
    download = as_user(people.auditor()).get(url, {"download": "1"})
    assert download["Content-Disposition"].startswith("attachment")
    assert as_user(people.district_officer(people.PUDONG)).get(url).status_code == 404
    assert as_user(people.finance_maker()).get(url).status_code == 404
    assert as_user(owner_of(case.enterprise)).get(url).status_code == 403
    mixed = reverse("desk:document", args=[other.pk, document])
    assert as_user(people.district_officer(people.PUDONG)).get(mixed).status_code == 404


def test_another_district_s_case_does_not_exist(as_user):
    case = cases.accepted()
    other = as_user(people.district_officer(people.PUDONG))
    assert other.get(reverse("desk:case", args=[case.pk])).status_code == 404
    post = {"recommend-version": case.version, "recommend-text": "同意"}
    assert other.post(reverse("desk:recommend", args=[case.pk]), post).status_code == 404
    draft = cases.draft()
    assert as_user(people.auditor()).get(reverse("desk:case", args=[draft.pk])).status_code == 404


def test_what_changed_since_the_last_check_is_told(as_user):
    case = cases.accepted()
    CreditCheck.objects.create(
        enterprise=case.enterprise,
        as_of=clock.today(),
        clean_since=clock.today(),
        listed=True,
        source="市公共信用信息平台",
        recorded_at=clock.now(),
    )
    page = page_of(case, as_user(people.district_officer()))
    assert "与上次核对" in page
    assert "不符合" in page
    assert "规则核对不符合，不能推荐" in page


def test_a_decided_case_shows_the_check_as_it_was_decided(as_user):
    case = cases.approved()
    CreditCheck.objects.create(
        enterprise=case.enterprise,
        as_of=clock.today(),
        listed=True,
        source="市公共信用信息平台",
        recorded_at=clock.now(),
    )
    page = page_of(case, as_user(people.municipal_officer()))
    assert "决定时的核对结果" in page
    assert "规则：全部符合" in page
    assert "批复金额" in page
    assert "叁佰贰拾万元整" in page


def test_the_same_document_in_another_case_is_hinted_at(as_user):
    first = cases.submitted()
    second = cases.draft()
    copied = pdf("报告.pdf", f"{first.pk} report")
    workflow.attach(second, second.created_by, "report", copied)
    second = workflow.submit(second, second.created_by).one()
    page = page_of(second, as_user(people.district_officer()))
    assert f"与 {first.number} 的材料完全相同" in page
    assert reverse("desk:case", args=[first.pk]) in page


def test_the_history_tells_who_when_how_long_and_what_comes_next(as_user):
    case = cases.endorsed()
    response = as_user(people.municipal_officer()).get(reverse("desk:case", args=[case.pk]))
    steps = response.context["steps"]
    assert [step["title"] for step in steps] == [
        "提交", "受理", "区级推荐", "区级复核", "市级审核", "签发", "公示", "批复", "拨付",
    ]  # fmt: skip
    assert steps[2]["quote"] == "场地与设备合同均已核对"
    assert "用时 0 个工作日" in steps[1]["detail"]
    assert "已通知企业" in steps[1]["detail"]
    assert steps[4]["status"] == "current"


@pytest.mark.parametrize("state", ["declined", "withdrawn", "lapsed"])
def test_an_ended_case_ends_its_history(as_user, state):
    case = getattr(cases, state)()
    response = as_user(people.auditor()).get(reverse("desk:case", args=[case.pk]))
    assert response.context["steps"][-1]["status"] == "stopped"
    assert response.context["panel"].is_empty


@pytest.mark.parametrize(
    "state",
    [
        "referred",
        "concluded",
        "decline_notified",
        "proposed",
        "signed_off",
        "published",
        "paid",
        "resubmitted",
    ],
)
def test_every_state_has_its_screen(as_user, state):
    case = getattr(cases, state)()
    for person in (people.municipal_officer(), people.municipal_head(), people.auditor()):
        response = as_user(person).get(reverse("desk:case", args=[case.pk]))
        assert response.status_code in {200, 404}
    assert as_user(people.auditor()).get(reverse("desk:case", args=[case.pk])).status_code == 200


def test_the_page_takes_the_same_queries_however_much_happened(as_user, counted):
    short = cases.accepted()
    client = as_user(people.district_officer())
    client.get(reverse("desk:case", args=[short.pk]))
    with counted() as few:
        client.get(reverse("desk:case", args=[short.pk]))
    long = cases.recommended(cases.accepted(cases.resubmitted()))
    with counted() as many:
        client.get(reverse("desk:case", args=[long.pk]))
    # The form version of the second submission is one more at most.
    assert abs(len(many) - len(few)) <= 2


def test_nothing_is_written_by_looking(as_user, counted):
    case = cases.endorsed()
    client = as_user(people.municipal_officer())
    with counted() as queries:
        client.get(reverse("desk:case", args=[case.pk]))
        client.get(reverse("desk:estimate", args=[case.pk]), {"appraised": "1000000"})
    written = [q["sql"] for q in queries if q["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
    assert written == []


def test_the_estimate_follows_the_appraised_investment(as_user):
    case = cases.endorsed()
    client = as_user(people.municipal_officer())
    url = reverse("desk:estimate", args=[case.pk])
    assert "2,800,000" in client.get(url, {"appraised": "28,000,000"}).content.decode()
    assert "5,000,000" in client.get(url, {"appraised": "９９,000,000.00"}).content.decode()
    wrong = client.get(url, {"appraised": "3200 万元"})
    assert wrong.status_code == 422
    assert "以元为单位" in wrong.content.decode()
    typed = {
        "propose-version": case.version,
        "propose-appraised": "28000000",
        "propose-text": "还没写完",
    }
    page = client.post(reverse("desk:propose_preview", args=[case.pk]), typed).content.decode()
    assert "2,800,000" in page
    assert "还没写完" in page
    assert Application.objects.get(pk=case.pk).appraised_investment is None
    assert Decimal("2800000") < case.estimate
