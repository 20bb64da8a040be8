"""Writing an application."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from applications.models import Application
from applications.states import State
from foundation.clock import clock
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises import factories as enterprises
from tests.portal.reading import error_beside, heading_of, text_of, value_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> Application:
    return cases.empty_draft()


@pytest.fixture
def browser(draft, signed_in):
    return signed_in(draft.created_by)


def edit(case) -> str:
    return reverse("draft", args=[case.pk])


def test_a_member_begins_and_finds_what_the_register_knows_with_its_source(signed_in):
    line = cases.open_call_item()
    enterprise = enterprises.verified_enterprise()
    page = signed_in(enterprises.owner_of(enterprise)).post(
        reverse("apply", args=["08-01"]), {"line": line.pk}, follow=True
    )
    case = Application.objects.get()
    assert case.answers == {"project_district": people.XUHUI}
    assert heading_of(page) == "新增重大投资项目补助：还差 17 项"
    text = text_of(page)
    assert "来源：市场监管局法人库" in text
    assert enterprise.uscc in text


def test_a_claimant_begins_without_a_word_of_the_register(signed_in):
    line = cases.open_call_item()
    claim = enterprises.pending_claim(enterprise=enterprises.registered_enterprise(name="登记名称有限公司"))
    browser = signed_in(claim.user)
    page = browser.post(reverse("apply", args=["08-01"]), {"line": line.pk}, follow=True)
    assert Application.objects.get().answers == {}
    assert "身份核验后才能提交" in text_of(page)
    assert "市场监管局法人库" not in text_of(page)
    review = browser.get(reverse("submit", args=[Application.objects.get().pk]))
    assert "是否符合，身份核验后显示" in text_of(review)


def test_who_has_no_enterprise_yet_registers_first(signed_in):
    line = cases.open_call_item()
    answer = signed_in(people.user()).post(reverse("apply", args=["08-01"]), {"line": line.pk})
    assert answer["Location"] == reverse("claim")


def test_a_closed_call_refuses_a_start_with_a_page_that_says_so(signed_in):
    line = cases.open_call_item()
    enterprise = enterprises.verified_enterprise()
    browser = signed_in(enterprises.owner_of(enterprise))
    with clock.at(line.call.closes_at):
        page = browser.post(reverse("apply", args=["08-01"]), {"line": line.pk})
    assert page.status_code == 409
    assert "截止" in text_of(page)
    assert browser.post(reverse("apply", args=["08-01"]), {"line": "x"}).status_code == 404


def test_what_is_saved_stays_also_where_it_is_wrong_and_says_why(browser, draft):
    typed = {
        "version": 0,
        "project_name": " 精密计量实验室 ",
        "declared_investment": "3200万",
        "investment_lines__equipment": "30,000,000",
        "go": "save",
    }
    page = browser.post(edit(draft), typed, follow=True)
    draft.refresh_from_db()
    assert draft.title == draft.answers["project_name"] == "精密计量实验室"
    assert draft.answers["declared_investment"] == "3200万"
    assert "不要写“万元”" in error_beside(page, "declared_investment")
    assert value_of(page, "investment_lines__equipment") == "30,000,000.00"
    assert value_of(page, "version") == "1"


def test_an_emptied_field_is_emptied(browser, draft):
    browser.post(edit(draft), {"version": 0, "project_name": "甲", "declare_truth": "on"})
    browser.post(edit(draft), {"version": 1, "project_name": ""})
    draft.refresh_from_db()
    assert draft.answers == {}
    assert draft.title == ""


def test_money_is_read_back_in_words(browser, draft):
    page = browser.post(edit(draft), {"version": 0, "declared_investment": "32000000.50"}, follow=True)
    assert "叁仟贰佰万元伍角" in text_of(page)


def test_a_field_under_a_condition_carries_it_for_the_script(browser, draft):
    html = browser.get(edit(draft)).content.decode()
    assert 'data-when-field="industry_focus"' in html


def test_autosave_answers_with_the_revision_and_what_is_missing(browser, draft):
    url = reverse("draft_autosave", args=[draft.pk])
    answer = browser.post(url, {"version": 0, "project_name": "甲项目", "declared_investment": "-1"}).json()
    assert answer["revision"] == answer["version"] == 1
    assert answer["saved_at"] == f"{clock.local(clock.now()):%H:%M}"
    assert answer["errors"] == {"declared_investment": ["金额不能为负数"]}
    missing = [one["key"] for one in answer["missing"]]
    assert "project_name" not in missing and "report" in missing
    assert "industry_focus_other" not in missing
    draft.refresh_from_db()
    assert draft.answers["project_name"] == "甲项目"


def test_another_tabs_newer_text_is_never_overwritten(browser, draft):
    url = reverse("draft_autosave", args=[draft.pk])
    browser.post(url, {"version": 0, "project_name": "先"})
    assert browser.post(url, {"version": 0, "project_name": "后"}).status_code == 409
    assert browser.post(edit(draft), {"version": 0, "project_name": "后"}).status_code == 409
    assert browser.post(edit(draft), {"project_name": "后"}).status_code == 409
    draft.refresh_from_db()
    assert draft.answers == {"project_name": "先"}


def test_a_document_is_put_into_its_slot_replaced_and_taken_out(browser, draft):
    url = reverse("draft_upload", args=[draft.pk, "report"])
    page = browser.post(url, {"report": enterprises.pdf("申报报告.pdf")}, follow=True)
    assert "“申报报告.pdf”已上传" in text_of(page)
    assert page.redirect_chain[-1][0].endswith("#field-report")
    first = draft.papers.get(removed_at=None).document_id
    browser.post(url, {"report": enterprises.pdf("申报报告.pdf", "second")})
    assert draft.papers.count() == 2
    # What was replaced stays readable to its owner.
    old = browser.get(reverse("case_document", args=[draft.pk, first]))
    assert b"%PDF" in b"".join(old.streaming_content)
    browser.post(reverse("draft_remove", args=[draft.pk, "report"]))
    assert not draft.papers.filter(removed_at=None).exists()


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (SimpleUploadedFile("报告.pdf", b"\x89PNG\r\n\x1a\n....IEND\xaeB`\x82"), "这里只接受 PDF 文件"),
        (SimpleUploadedFile("报告.pdf", b"%PDF-1.4 cut off"), "文件不完整或已损坏"),
        (None, "请先选择文件"),
    ],
)
def test_a_wrong_document_is_refused_beside_its_slot(browser, draft, file, told):
    page = browser.post(reverse("draft_upload", args=[draft.pk, "report"]), {"report": file} if file else {})
    assert page.status_code == 422
    assert told in error_beside(page, "report")
    assert not draft.papers.exists()


def test_a_slot_that_the_form_does_not_have_takes_nothing(browser, draft):
    url = reverse("draft_upload", args=[draft.pk, "nothing"])
    assert browser.post(url, {}).status_code == 404
    assert browser.post(url, {"nothing": enterprises.pdf()}).status_code in {404, 409}
    assert not draft.papers.exists()


def test_a_draft_is_thrown_away_by_its_writer_only(signed_in, draft):
    colleague = people.user()
    enterprises.verified_claim(colleague, draft.enterprise)
    url = reverse("draft_discard", args=[draft.pk])
    assert signed_in(colleague).post(url, {"version": 0}).status_code == 403
    assert "废弃草稿" not in text_of(signed_in(colleague).get(edit(draft)))
    page = signed_in(draft.created_by).post(url, {"version": 0}, follow=True)
    assert "草稿已废弃" in text_of(page)
    draft = Application.objects.get(pk=draft.pk)
    assert draft.state == State.DISCARDED
    assert signed_in(draft.created_by).get(edit(draft)).status_code == 404


@pytest.mark.parametrize("name", ["draft", "submit", "case"])
def test_the_draft_of_another_enterprise_does_not_exist(signed_in, draft, name):
    stranger = enterprises.owner_of(enterprises.verified_enterprise())
    browser = signed_in(stranger)
    assert browser.get(reverse(name, args=[draft.pk])).status_code == 404
    for post in ("draft_autosave", "draft_discard", "draft", "submit", "case_withdraw"):
        assert browser.post(reverse(post, args=[draft.pk]), {"version": 0}).status_code == 404
    for post in ("draft_upload", "draft_remove"):
        assert browser.post(reverse(post, args=[draft.pk, "report"])).status_code == 404


def test_a_claimant_of_the_same_code_does_not_see_it_either(signed_in, draft):
    claim = enterprises.pending_claim(enterprise=draft.enterprise)
    assert signed_in(claim.user).get(edit(draft)).status_code == 404


def test_an_officer_never_sees_a_draft_of_an_enterprise(signed_in, draft):
    # Their own at the counter they do.
    assert signed_in(people.district_officer()).get(edit(draft)).status_code == 404
    assert signed_in(people.finance_maker()).get(edit(draft)).status_code == 403


def test_what_was_submitted_is_no_longer_written_on(signed_in):
    case = cases.submitted()
    browser = signed_in(case.created_by)
    assert browser.get(edit(case))["Location"] == reverse("case", args=[case.pk])
    page = browser.post(edit(case), {"version": case.draft_revision, "project_name": "改"})
    assert page.status_code == 409
    assert "申请已提交，不能再修改" in text_of(page)
