"""The verbs from the screen: done, refused beside the field, refused as stale, refused to the wrong person."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from applications.models import Application, Correction
from applications.states import State
from foundation.clock import clock
from measures import funds
from reviews import workflow
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import pdf


def state_of(case) -> str:
    return Application.objects.get(pk=case.pk).state


def act(client, verb, case, prefix=None, **fields):
    """Post a verb's form as its page would."""
    prefix = prefix or verb.replace("_", "-")
    fields.setdefault("version", case.version)
    data = {f"{prefix}-{name}": value for name, value in fields.items()}
    return client.post(reverse(f"desk:{verb}", args=[case.pk]), data)


def test_the_whole_main_way_from_the_screen(as_user):
    case = cases.submitted()
    officer, head = as_user(people.district_officer()), as_user(people.district_head())
    first, second = as_user(people.municipal_officer()), as_user(people.municipal_head())

    def fresh():
        return Application.objects.get(pk=case.pk)

    assert act(officer, "accept", fresh()).status_code == 302
    assert act(officer, "recommend", fresh(), text="材料齐全，建议推荐").status_code == 302
    assert act(head, "endorse", fresh()).status_code == 302
    assert state_of(case) == State.MUNICIPAL_REVIEW
    done = act(first, "propose", fresh(), appraised="30,000,000", document=pdf("评估.pdf"), text="核定属实")
    assert done.status_code == 302
    assert fresh().proposed_amount == Decimal("3000000.00")
    assert act(second, "sign_off", fresh()).status_code == 302
    assert state_of(case) == State.SIGNED_OFF
    listed = first.post(
        f"{reverse('desk:notice_new')}?item={case.call_item_id}",
        {"title": "拟支持名单公示", "pick": f"{case.pk}-{fresh().version}"},
    )
    assert listed.status_code == 302
    early = act(second, "approve", fresh())
    assert early.status_code == 422
    assert "公示期未满" in early.content.decode()
    with clock.at(fresh().notice_closes_at + timedelta(hours=9)):
        assert act(second, "approve", fresh()).status_code == 302
    assert state_of(case) == State.APPROVED


def test_a_missing_opinion_is_said_beside_its_field_and_the_text_is_kept(as_user):
    case = cases.endorsed()
    response = act(
        as_user(people.municipal_officer()), "propose", case, appraised="三千万", text="意见已经写好"
    )
    assert response.status_code == 422
    page = response.content.decode()
    assert "请上传核定依据" in page
    assert "以元为单位" in page
    assert "意见已经写好" in page
    assert state_of(case) == State.MUNICIPAL_REVIEW


def test_an_uploaded_appraisal_survives_a_refused_try(as_user):
    case = cases.endorsed()
    client = as_user(people.municipal_officer())
    refused = act(
        client,
        "propose",
        case,
        appraised="30000000",
        amount="4000000",
        text="核定属实",
        document=pdf("评估报告.pdf"),
    )
    assert refused.status_code == 422
    assert "不超过规则算出的 3,000,000.00 元" in refused.content.decode()
    form = refused.context["panel"].primary
    assert form.document_on_file.name == "评估报告.pdf"
    kept = form["kept"].value()
    done = act(client, "propose", case, appraised="30000000", amount="2500000", text="核定属实", kept=kept)
    assert done.status_code == 302
    case = Application.objects.get(pk=case.pk)
    assert case.proposed_amount == Decimal("2500000.00")
    assert case.appraisal_document.name == "评估报告.pdf"
    assert case.award_lines[-1]["amount"] == "-500000.00"


def test_a_kept_appraisal_is_no_way_to_somebody_else_s_document(as_user):
    case, other = cases.endorsed(), cases.endorsed()
    client = as_user(people.municipal_officer())
    document = other.submissions.get().documents[0]["document"]
    for forged in (document, f'"{document}":x:y'):
        response = act(client, "propose", case, appraised="30000000", text="核定", kept=forged)
        assert response.status_code == 422
        assert "请上传核定依据" in response.content.decode()


def test_a_file_that_is_no_document_is_refused_with_the_reason(as_user):
    case = cases.endorsed()
    broken = pdf("评估.pdf")
    broken.file.seek(0)
    broken.file.truncate(20)
    broken.size = 20
    response = act(
        as_user(people.municipal_officer()),
        "propose",
        case,
        appraised="30000000",
        text="核定",
        document=broken,
    )
    assert response.status_code == 422
    assert "文件不完整" in response.content.decode()


def test_who_comes_second_gets_the_conflict_page(as_user):
    case = cases.submitted()
    client = as_user(people.district_officer())
    assert act(client, "accept", case).status_code == 302
    late = act(client, "accept", case)
    assert late.status_code == 409
    assert "已被他人办理" in late.content.decode()
    assert reverse("desk:case", args=[case.pk]) in late.content.decode()


def test_who_may_not_is_refused_and_nothing_changes(as_user):
    case = cases.recommended()
    officer = people.district_officer()
    assert act(as_user(officer), "endorse", case).status_code == 403
    officer.posts.create(office=case.office, role="district_head", since=clock.today())
    response = act(as_user(type(officer).objects.get(pk=officer.pk)), "endorse", case)
    assert response.status_code == 403
    assert "不能是同一人" in response.content.decode()
    assert state_of(case) == State.DISTRICT_ENDORSEMENT
    assert as_user(people.district_head()).get(reverse("desk:endorse", args=[case.pk])).status_code == 405


def test_recommending_against_leads_to_a_notice_that_the_head_words(as_user):
    case = cases.accepted()
    officer, head = as_user(people.district_officer()), as_user(people.district_head())
    page = officer.get(reverse("desk:case", args=[case.pk])).content.decode()
    assert "企业会收到拟不予支持的告知" in page
    assert act(officer, "recommend_against", case, text="不属于新增投资").status_code == 302
    case.refresh_from_db()
    empty = act(head, "endorse", case, text="")
    assert empty.status_code == 422
    assert "请写明告知企业的理由" in empty.content.decode()
    assert act(head, "endorse", case, text="项目于上年开工").status_code == 302
    case.refresh_from_db()
    assert case.state == State.DECLINE_NOTIFIED
    assert case.reason == "项目于上年开工"
    page = head.get(reverse("desk:case", args=[case.pk])).content.decode()
    assert "之后方可作出不予支持决定" in page
    assert 'id="act-decline"' not in page
    with clock.at(case.defence_due_on + timedelta(days=1)):
        assert 'id="act-decline"' in head.get(reverse("desk:case", args=[case.pk])).content.decode()
        assert act(head, "decline", case).status_code == 302
    assert state_of(case) == State.DECLINED


def test_a_head_may_have_a_notified_decline_reconsidered(as_user):
    case = cases.decline_notified()
    assert act(as_user(people.district_head()), "reconsider", case, text="申辩成立").status_code == 302
    assert state_of(case) == State.MUNICIPAL_REVIEW


def test_sending_back_releases_the_money(as_user):
    case = cases.proposed()
    head = as_user(people.municipal_head())
    page = head.get(reverse("desk:case", args=[case.pk])).content.decode()
    assert "拟支持 3,200,000 元（核定投资额 32,000,000 元）" in page
    assert "已预占的资金立即释放" in page
    assert act(head, "send_back", case, text="评估报告缺附件").status_code == 302
    assert state_of(case) == State.MUNICIPAL_REVIEW
    assert funds.held([case.pk])[case.pk].set_aside == 0
    again = as_user(people.municipal_officer()).get(reverse("desk:case", args=[case.pk])).content.decode()
    assert "不再上传即沿用" in again


def test_declining_at_the_commission_is_worded_and_signed(as_user):
    case = cases.endorsed()
    officer, head = as_user(people.municipal_officer()), as_user(people.municipal_head())
    assert act(officer, "propose_decline", case, text="示范带动作用不足").status_code == 302
    case.refresh_from_db()
    page = head.get(reverse("desk:case", args=[case.pk])).content.decode()
    assert "示范带动作用不足" in page
    assert "签发，告知企业" in page
    assert act(head, "sign_off", case).status_code == 302
    assert state_of(case) == State.DECLINE_NOTIFIED


def test_reopening_from_the_notice_takes_the_line_out_of_it(as_user):
    case = cases.published()
    head = as_user(people.municipal_head())
    assert act(head, "reopen", case, text="异议成立").status_code == 302
    assert state_of(case) == State.MUNICIPAL_REVIEW
    notice = head.get(reverse("desk:notice", args=[case.notice_lines.get().notice_id])).content.decode()
    assert "此条失效" in notice


def test_a_referred_case_is_concluded_with_a_result_or_returned(as_user):
    case = cases.referred()
    client = as_user(people.municipal_officer())
    assert "请填写办理结果" in act(client, "conclude", case, result=" ").content.decode()
    assert act(client, "conclude", case, result="已纳入服务机构库").status_code == 302
    assert state_of(case) == State.CONCLUDED
    other = cases.referred()
    assert act(client, "return_referral", other, text="不属于本单位").status_code == 302
    assert state_of(other) == State.SUBMITTED


def test_a_correction_is_asked_beside_the_answers(as_user):
    case = cases.accepted()
    client = as_user(people.district_officer())
    url = reverse("desk:request_correction", args=[case.pk])
    page = client.get(url).content.decode()
    assert "精密计量实验室扩建" in page
    assert 'name="request-correction-remark_report"' in page
    # Asked only under another answer: not visible, so not to be asked about.
    assert "remark_industry_focus_other" not in page
    empty = act(client, "request_correction", case)
    assert empty.status_code == 422
    assert "请至少对一项写明" in empty.content.decode()
    done = act(
        client,
        "request_correction",
        case,
        note="请一次补齐",
        remark_report="缺少盖章页",
        remark_project_summary="请写明服务对象",
    )
    assert done.status_code == 302
    asked = Correction.objects.get(application=case)
    assert asked.remarks == {"report": "缺少盖章页", "project_summary": "请写明服务对象"}
    assert state_of(case) == State.AWAITING_CORRECTION
    assert client.get(url, follow=True).redirect_chain
    shown = client.get(reverse("desk:case", args=[case.pk])).content.decode()
    assert "缺少盖章页" in shown
    assert "等待企业补正" in shown


def test_a_second_correction_in_the_same_stage_is_not_offered(as_user):
    case = cases.resubmitted()
    page = as_user(people.district_officer()).get(reverse("desk:case", args=[case.pk])).content.decode()
    assert "要求补正<kbd" not in page


@pytest.mark.parametrize("version", ["", "x", "-1", "999999"])
def test_a_form_without_a_true_version_changes_nothing(as_user, version):
    case = cases.submitted()
    response = act(as_user(people.district_officer()), "accept", case, version=version)
    assert response.status_code in {409, 422}
    assert state_of(case) == State.SUBMITTED


def test_an_opinion_that_is_too_long_is_refused_beside_its_field(as_user):
    case = cases.accepted()
    response = act(as_user(people.district_officer()), "recommend", case, text="长" * 4001)
    assert response.status_code == 422
    assert state_of(case) == State.DISTRICT_REVIEW


def test_an_unmet_rule_keeps_the_recommendation_back_with_the_reason(as_user):
    case = cases.accepted()
    case.enterprise.credit_checks.create(
        as_of=clock.today(), listed=True, source="平台", recorded_at=clock.now()
    )
    response = act(as_user(people.district_officer()), "recommend", case, text="推荐")
    assert response.status_code == 422
    assert "规则核对不符合" in response.content.decode()
    assert state_of(case) == State.DISTRICT_REVIEW


def test_an_unknown_condition_asks_how_it_was_settled(as_user):
    case = cases.submitted(enterprise=cases.verified_enterprise(eligible=False))
    case = cases.endorsed(cases.recommended(cases.accepted(case)))
    client = as_user(people.municipal_officer())
    fields = {"appraised": "30000000", "text": "核定", "document": pdf("评估.pdf")}
    asked = act(client, "propose", case, **fields)
    assert asked.status_code == 422
    assert "请写明待核事项如何核实" in asked.content.decode()
    fields["document"] = pdf("评估.pdf")
    assert act(client, "propose", case, unknown_note="已向统计部门核实", **fields).status_code == 302
    opinion = case.opinions.get(verdict="support")
    assert "已向统计部门核实" in opinion.text


def test_the_state_that_the_verb_needs_is_named_where_the_page_is_fresh(as_user):
    case = cases.accepted()
    response = act(as_user(people.district_officer()), "accept", case)
    assert response.status_code == 422
    assert "不能受理" in response.content.decode()
    assert (
        workflow.recommend(case, people.district_officer(), "for", "可").one().state
        == State.DISTRICT_ENDORSEMENT
    )
