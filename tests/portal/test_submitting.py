"""Handing an application in, and answering a correction."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from applications.models import Application, Submission
from applications.states import State
from foundation.clock import clock
from measures.forms import Form
from measures.models import Condition, RuleVersion
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises import factories as enterprises
from tests.portal.reading import error_beside, heading_of, text_of, value_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def calls():
    return cases.open_call_item()


def review(case) -> str:
    return reverse("submit", args=[case.pk])


def seen(case) -> dict:
    """What the review page carries."""
    return {"version": case.version, "revision": case.draft_revision}


def test_the_review_shows_everything_and_the_upper_bound(signed_in):
    case = cases.draft()
    page = signed_in(case.created_by).get(review(case))
    assert heading_of(page) == "核对无误后提交"
    text = text_of(page)
    for told in (
        "精密计量实验室扩建",
        "32,000,000.00",
        "项目申报报告.pdf",
        "测算上限 3,200,000元",
        "测算上限，以核定和批复为准",
        "依据：沪府办规〔2024〕14号 第（八）条",
        "符合： 有新增投资",
    ):
        assert told in text, told
    assert value_of(page, "revision") == str(case.draft_revision)
    assert not Submission.objects.exists()


def test_a_submitted_case_gets_its_number_and_its_page(signed_in):
    case = cases.draft()
    page = signed_in(case.created_by).post(review(case), seen(case), follow=True)
    case = Application.objects.get(pk=case.pk)
    assert case.state == State.SUBMITTED
    assert f"已提交，申请编号 {case.number}" in text_of(page)
    assert page.redirect_chain[-1][0] == reverse("case", args=[case.pk])


def test_what_is_missing_blocks_and_is_linked(signed_in):
    case = cases.draft(project_address=None)
    cases.workflow.detach(case, case.created_by, "report")
    browser = signed_in(case.created_by)
    page = browser.get(review(case))
    assert heading_of(page) == "还差 2 项，不能提交"
    assert f'href="{reverse("draft", args=[case.pk])}#field-project_address"' in page.content.decode()
    assert "提交申请" not in text_of(page)
    refused = browser.post(review(case), seen(case))
    assert refused.status_code == 422
    assert "请填写此项" in error_beside(refused, "project_address")
    assert "请上传此项材料" in error_beside(refused, "report")
    assert Application.objects.get(pk=case.pk).state == State.DRAFT


def test_sums_that_do_not_add_up_are_told_beside_the_table(signed_in):
    case = cases.draft(investment_lines={"equipment": "1000000.00"})
    refused = signed_in(case.created_by).post(review(case), seen(case))
    assert "相差 31,000,000.00 元" in error_beside(refused, "investment_lines")


def test_an_unmet_condition_blocks_and_says_which(signed_in):
    case = cases.draft(same_project_supported=True, other_support_details="区级技改 20 万元")
    browser = signed_in(case.created_by)
    page = browser.get(review(case))
    assert heading_of(page) == "有 1 项条件不符合，不能提交"
    refused = browser.post(review(case), seen(case))
    assert refused.status_code == 422
    assert "不符合申报条件：同一项目没有得到其他市级或区级财政资金支持" in text_of(refused)


def test_an_unknown_condition_passes(signed_in):
    enterprise = enterprises.verified_enterprise(eligible=False)
    case = cases.draft(enterprise=enterprise)
    page = signed_in(case.created_by).get(review(case))
    assert "请提供信用报告" in text_of(page)
    signed_in(case.created_by).post(review(case), seen(case))
    assert Application.objects.get(pk=case.pk).state == State.SUBMITTED


def test_a_changed_threshold_changes_explanation_and_submit_without_code(signed_in):
    case = cases.draft()
    browser = signed_in(case.created_by)
    old = RuleVersion.objects.get(call_item=case.call_item)
    rule = RuleVersion.objects.create(call_item=case.call_item, number=2, note="试")
    for row in old.conditions.all():
        Condition.objects.create(
            rule=rule,
            position=row.position,
            fact=row.fact,
            operator=row.operator,
            value="50000000" if row.fact == "investment" else row.value,
            label="新增投资高于 5,000 万元" if row.fact == "investment" else row.label,
        )
    for row in old.award_rows.all():
        rule.award_rows.create(
            position=row.position, kind=row.kind, base=row.base, rate=row.rate, amount=row.amount
        )
    RuleVersion.objects.filter(pk=rule.pk).update(
        approved_by=people.policy_administrator("2"), approved_at=clock.now()
    )
    assert "不符合： 新增投资高于 5,000 万元" in text_of(browser.get(review(case)))
    assert browser.post(review(case), seen(case)).status_code == 422


def test_who_is_not_verified_finds_no_button_and_is_refused(signed_in):
    claim = enterprises.pending_claim()
    case = cases.draft(enterprise=claim.enterprise, by=claim.user)
    browser = signed_in(claim.user)
    page = browser.get(review(case))
    assert heading_of(page) == "填写完整，身份核验后才能提交"
    assert "徐汇区核验授权委托书之后，这里会出现“提交”" in text_of(page)
    refused = browser.post(review(case), seen(case))
    assert refused.status_code == 403
    assert Application.objects.get(pk=case.pk).state == State.DRAFT


def test_after_the_last_hour_nothing_is_handed_in(signed_in):
    case = cases.draft()
    browser = signed_in(case.created_by)
    with clock.at(case.call_item.call.closes_at):
        page = browser.post(review(case), seen(case))
    assert page.status_code == 409
    assert "截止" in text_of(page)


def test_a_draft_changed_after_its_review_is_reviewed_again(signed_in):
    case = cases.draft()
    browser = signed_in(case.created_by)
    before = seen(case)
    cases.workflow.save_draft(case, case.created_by, {"project_name": "另一个"}, case.draft_revision)
    page = browser.post(review(case), before)
    assert page.status_code == 409
    assert "请重新核对后提交" in text_of(page)
    assert f'href="{review(case)}"' in page.content.decode()


def test_two_clicks_submit_once(signed_in):
    case = cases.draft()
    browser = signed_in(case.created_by)
    before = seen(case)
    browser.post(review(case), before)
    page = browser.post(review(case), before)
    assert page.status_code == 409
    assert "该申请刚刚已被他人办理" in text_of(page)
    assert Submission.objects.count() == 1


def test_a_second_application_of_the_same_unit_is_refused_with_the_reason(signed_in):
    enterprise = enterprises.verified_enterprise()
    cases.submitted(enterprise=enterprise)
    second = cases.draft(enterprise=enterprise)
    page = signed_in(second.created_by).post(review(second), seen(second))
    assert page.status_code == 422
    assert "每个单位在本次申报的“新增重大投资项目补助”中限报 1 项" in text_of(page)


@pytest.fixture
def asked() -> Application:
    return cases.awaiting_correction()


def test_a_correction_opens_only_what_was_named_with_the_remarks_beside(signed_in, asked):
    page = signed_in(asked.created_by).get(reverse("draft", args=[asked.pk]))
    assert heading_of(page).endswith("前补正 2 处")
    html, text = page.content.decode(), text_of(page)
    assert "补正要求请写明服务哪些客户。" in text.replace("补正要求 ", "补正要求")
    assert "报告缺少盖章页。" in text and "请一次补齐。" in text
    assert 'name="project_summary"' in html and 'name="project_name"' not in html
    assert 'name="report"' in html and 'name="licence"' not in html
    # The rest can be read.
    assert "精密计量实验室扩建" in text


def test_a_correction_writes_nothing_but_the_open_fields(signed_in, asked):
    before = dict(asked.answers)
    typed = {
        "version": asked.draft_revision,
        "project_summary": "服务汽车电子客户。",
        "project_name": "偷换",
        "declared_investment": "1",
        "go": "review",
    }
    page = signed_in(asked.created_by).post(reverse("draft", args=[asked.pk]), typed)
    assert page["Location"] == review(asked)
    asked.refresh_from_db()
    assert asked.answers == before | {"project_summary": "服务汽车电子客户。"}
    url = reverse("draft_upload", args=[asked.pk, "licence"])
    assert signed_in(asked.created_by).post(url, {"licence": enterprises.pdf("x.pdf")}).status_code == 409


def test_an_answered_correction_goes_back_to_who_asked(signed_in, asked):
    browser = signed_in(asked.created_by)
    page = browser.post(review(asked), seen(asked), follow=True)
    assert "补正已提交，由徐汇区科委继续办理" in text_of(page)
    assert Application.objects.get(pk=asked.pk).state == State.SUBMITTED
    assert Submission.objects.count() == 2


def test_a_declared_amount_never_rises_in_a_correction(signed_in):
    asked = cases.awaiting_correction(remarks={"declared_investment": "请核对总额。"})
    browser = signed_in(asked.created_by)
    browser.post(
        reverse("draft", args=[asked.pk]),
        {
            "version": asked.draft_revision,
            "declared_investment": "40000000",
            "investment_lines__equipment": "40000000",
            "funding_lines__own": "40000000",
        },
    )
    page = browser.get(reverse("draft", args=[asked.pk]))
    assert "补正时不得高于原申报的 32,000,000.00 元" in error_beside(page, "declared_investment")
    asked.refresh_from_db()
    assert browser.post(review(asked), seen(asked)).status_code == 422
    assert Application.objects.get(pk=asked.pk).declared_investment == Decimal("32000000.00")


def test_a_correction_after_its_day_comes_too_late(signed_in, asked):
    browser = signed_in(asked.created_by)
    with clock.at(asked.due_on + timedelta(days=1)):
        page = browser.post(review(asked), seen(asked))
    assert page.status_code == 409
    assert "补正期限已过" in text_of(page)


def test_every_slot_of_the_form_can_be_filled_through_the_page(signed_in):
    case = cases.empty_draft()
    browser = signed_in(case.created_by)
    for slot in Form(case.form.definition).slots:
        browser.post(
            reverse("draft_upload", args=[case.pk, slot.key]),
            {slot.key: enterprises.pdf(f"{slot.key}.pdf", slot.key)},
        )
    assert case.papers.filter(removed_at=None).count() == 3
