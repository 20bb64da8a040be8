"""The first page answers what one can get, and shows nobody what is not theirs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import Application
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises import factories as enterprises
from tests.portal.reading import heading_of, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def calls():
    return cases.open_call_item()


def test_a_stranger_sees_what_is_open_until_which_hour_and_the_ten_measures(client, calls):
    page = client.get("/")
    assert heading_of(page) == "科技服务业十条措施，现在有 4 项开放申报"
    text = text_of(page)
    assert "≤ 10%新增投资，上限 500 万元" in text.replace("10% 新", "10%新")
    assert "16:00 截止" in text
    assert text.count("其中企业可申请") == 10


def test_an_officer_is_sent_to_the_desk(signed_in):
    answer = signed_in(people.district_officer()).get("/")
    assert (answer.status_code, answer["Location"]) == (302, reverse("desk:home"))


def test_a_newcomer_is_told_to_register_first(signed_in):
    page = signed_in(people.user()).get("/")
    assert heading_of(page) == "先登记您代表的企业，再看能享受什么"


def test_a_verified_member_sees_each_reason(signed_in):
    enterprise = enterprises.verified_enterprise()
    page = signed_in(enterprises.owner_of(enterprise)).get("/")
    assert heading_of(page) == "示例检测技术有限公司，有 2 项现在就能申请"
    text = text_of(page)
    assert "符合： 近三年没有严重失信和重大行政处罚" in text
    assert "尚不能判断： 另有 4 项看申请中填写的内容" in text


def test_what_is_unmet_is_not_counted_and_says_why(signed_in):
    enterprise = enterprises.verified_enterprise()
    enterprises.included(enterprise, "C2710")
    page = signed_in(enterprises.owner_of(enterprise)).get("/")
    assert heading_of(page) == "示例检测技术有限公司，有 1 项补齐数据后就能判断"
    assert "现为 27 医药制造业" in text_of(page)
    assert "开始申请" not in text_of(page)


def test_a_claimant_who_is_not_verified_sees_nothing_of_the_register(signed_in):
    enterprise = enterprises.registered_enterprise(name="登记名称有限公司", address="秘密路 1 号")
    enterprises.included(enterprise, "C2710")
    claim = enterprises.pending_claim(enterprise=enterprise)
    claim.declared_name = "我填的名称有限公司"
    claim.save(update_fields=["declared_name"])
    browser = signed_in(claim.user)
    for url in ["/", "/items/08-01/", "/claims/", "/claim/", "/applications/", "/measures/"]:
        text = text_of(browser.get(url))
        for secret in ("登记名称有限公司", "秘密路", "医药", "C2710", "不符合："):
            assert secret not in text, (url, secret)
    assert heading_of(browser.get("/")) == "我填的名称有限公司，有 4 项开放申报，可以先起草"
    assert "身份核验后显示" in text_of(browser.get("/items/08-01/"))
    assert browser.get("/enterprise/")["Location"] == "/claims/"


def test_a_begun_draft_is_continued_and_a_standing_case_is_shown(signed_in):
    enterprise = enterprises.verified_enterprise()
    draft = cases.draft(enterprise=enterprise)
    browser = signed_in(enterprises.owner_of(enterprise))
    text = text_of(browser.get("/"))
    assert "继续填写" in text and "草稿：精密计量实验室扩建" in text
    cases.workflow.submit(draft, draft.created_by).one()
    page = browser.get("/")
    assert heading_of(page) == "示例检测技术有限公司，有 1 项现在就能申请"
    assert "现在等待徐汇区科委受理" in text_of(page)


def test_an_amount_can_be_tried_and_nothing_is_kept(signed_in):
    enterprise = enterprises.verified_enterprise()
    browser = signed_in(enterprises.owner_of(enterprise))
    assert "测算上限 3,200,000元" in text_of(browser.get("/", {"investment": "32,000,000"}))
    assert "测算上限 5,000,000元" in text_of(browser.get("/", {"investment": "80000000"}))
    assert "请只填数字" in text_of(browser.get("/", {"investment": "三千万"}))


def test_another_of_ones_enterprises_is_put_into_view(signed_in):
    person = people.user()
    first = enterprises.verified_enterprise(person, name="第一检测技术有限公司")
    second = enterprises.verified_enterprise(person, name="第二检测技术有限公司")
    browser = signed_in(person)
    assert heading_of(browser.get("/")).startswith(first.name)
    browser.post(reverse("enterprise_choose"), {"enterprise": second.pk})
    assert heading_of(browser.get("/")).startswith(second.name)
    strange = enterprises.verified_enterprise()
    assert browser.post(reverse("enterprise_choose"), {"enterprise": strange.pk}).status_code == 403
    assert heading_of(browser.get("/")).startswith(second.name)


def test_a_suspended_enterprise_reads_why_it_cannot_submit(signed_in):
    enterprise = enterprises.verified_enterprise()
    enterprises.workflow.suspend(enterprise, people.district_head(), "年报逾期")
    text = text_of(signed_in(enterprises.owner_of(enterprise)).get("/"))
    assert "企业账户现在是“已暂停”，可以查看，不能办理。" in text and "年报逾期" in text
    assert "现在就能申请" not in text and "开始申请" not in text


def test_who_can_do_nothing_now_is_told_so_on_every_page_and_begins_nothing(signed_in):
    line = cases.open_call_item()
    draft = cases.empty_draft(line)
    enterprise, owner = draft.enterprise, draft.created_by
    enterprises.workflow.suspend(enterprise, people.district_head(), "年报逾期")
    browser, why = signed_in(owner), "企业账户现在是“已暂停”，可以查看，不能办理。"
    for name, args in [
        ("item", ["08-01"]),
        ("my_cases", []),
        ("enterprise_account", []),
        ("submit", [draft.pk]),
    ]:
        page = browser.get(reverse(name, args=args))
        assert why in text_of(page), name
    assert b'name="bank_account"' not in browser.get(reverse("enterprise_account")).content
    assert "开始申请" not in text_of(browser.get(reverse("item", args=["08-01"])))
    review = browser.get(reverse("draft", args=[draft.pk]), follow=True)
    assert heading_of(review) == "现在不能提交" and "回去填写" not in text_of(review)
    assert browser.post(reverse("apply", args=["08-01"]), {"line": line.pk}).status_code == 403
    assert Application.objects.get() == draft


def test_the_page_asks_the_same_number_of_queries_for_many_cases(signed_in, calls):
    enterprise = enterprises.verified_enterprise()
    browser = signed_in(enterprises.owner_of(enterprise))

    def queries():
        with CaptureQueriesContext(connection) as seen:
            browser.get("/")
        return len(seen)

    cases.submitted(calls, enterprise)
    few = queries()
    for _ in range(4):
        cases.draft(cases.open_call_item("03-10"), enterprise)
    assert queries() == few
