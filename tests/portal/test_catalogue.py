"""The catalogue: ten measures, their entries, and what each asks and gives."""

import pytest
from django.urls import reverse

from foundation.clock import clock
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises import factories as enterprises
from tests.plugins.shipped import load_catalogue
from tests.portal.reading import heading_of, text_of

pytestmark = pytest.mark.django_db


def test_the_catalogue_lists_ten_measures_and_marks_what_is_open(client):
    cases.open_call_item()
    page = client.get(reverse("catalogue"))
    assert heading_of(page) == "10 条措施，其中 4 项正在申报"
    assert text_of(page).count("正在申报") == 1 + 4
    assert "市科委（推定）" in text_of(page)


def test_an_empty_catalogue_says_what_will_stand_there(client):
    assert "措施还没有发布" in text_of(client.get(reverse("catalogue")))


def test_a_measure_shows_its_units_and_term(client):
    cases.open_call_item()
    text = text_of(client.get(reverse("measure", args=[8])))
    assert "上海市财政局" in text and "有效期至 2027-10-09" in text
    assert client.get(reverse("measure", args=[11])).status_code == 404


def test_an_open_entry_says_everything_before_one_begins(client):
    cases.open_call_item()
    page = client.get(reverse("item", args=["08-01"]))
    text = text_of(page)
    for told in (
        "16:00 截止申报",
        "第（八）条",
        "牵头单位 市科委推定",
        "≤ 10%新增投资，上限 500 万元",
        "在上海注册",
        "登录并核验身份后，逐条显示是否符合",
        "项目申报报告",
        "不超过 20 MB",
        "所在区主管部门 · 10 个工作日内",
        "不少于 5 个工作日",
        "“重大”没有找到公开的最低投资额",
        "登录后申请",
    ):
        assert told in text, told


def test_the_rule_is_explained_for_this_enterprise(signed_in):
    cases.open_call_item()
    enterprise = enterprises.verified_enterprise()
    page = signed_in(enterprises.owner_of(enterprise)).get(reverse("item", args=["08-01"]))
    text = text_of(page)
    assert "示例检测技术有限公司没有不符合的条件，4 项尚不能判断" in text
    assert "现为 74 专业技术服务业" in text
    assert "请在申请表中填写“新增投资”" in text


def test_an_entry_whose_call_has_not_come_says_what_will_stand_there(client):
    load_catalogue(with_calls=False)
    text = text_of(client.get(reverse("item", args=["08-01"])))
    assert "现在没有申报通知；发布后本页会写明起止时间、条件和材料" in text and "登录后订阅" in text


def test_a_closed_call_is_named_with_its_hour(client):
    line = cases.open_call_item()
    with clock.at(line.call.closes_at):
        page = client.get(reverse("item", args=["08-01"]))
    assert heading_of(page).startswith("新增重大投资项目补助，上次申报到 ")
    assert heading_of(page).endswith("16:00 截止")
    assert "上次申报的条件" in text_of(page) and "登录后申请" not in text_of(page)


def test_an_entry_that_others_act_on_needs_no_application(client):
    cases.open_call_item()
    assert "由政府部门实施，企业不用申请" in text_of(client.get(reverse("item", args=["10-01"])))


def test_an_officer_reads_an_entry_but_cannot_apply(signed_in):
    cases.open_call_item()
    page = signed_in(people.municipal_officer()).get(reverse("item", args=["08-01"]))
    assert "申请由企业账号提出" in text_of(page)
    assert signed_in(people.municipal_officer()).post(reverse("apply", args=["08-01"])).status_code == 403


def test_an_unknown_entry_does_not_exist(client):
    load_catalogue(with_calls=False)
    assert client.get(reverse("item", args=["99-99"])).status_code == 404
