"""A correction in a real browser: asked for place by place, only there answered, compared, and gone on with."""

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from applications.models import Application
from foundation.events import verification
from foundation.events.models import Notification
from foundation.events.tasks import deliver
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.journeys.people import upload

pytestmark = pytest.mark.django_db(transaction=True)

ASKED = "请写明服务哪些先进制造企业。"
TOO_HIGH = "合同合计 3100 万元，请核对投资总额和明细。"
REPORT = "报告缺少盖章页，请重新上传。"


def declare(page, total: str) -> None:
    """The total, and the lines that must add up to it: they open with it."""
    page.get_by_label("新增投资总额").fill(total)
    page.get_by_label("设备购置").fill(f"{int(total.replace(',', '')) - 2_000_000:,}")
    page.get_by_label("自有资金").fill(total)


def test_a_case_is_corrected_only_where_it_was_asked_and_goes_on(visit, settings, mailoutbox):
    settings.DEMO = True
    case = cases.submitted()
    first = case.submissions.get()
    owner, officer = case.submitted_by, people.district_officer()
    owner.email = "founder@example.test"
    owner.save(update_fields=["email"])

    # The officer says what is wrong beside each answer, once for all.
    desk = visit(officer.username)
    desk.go(f"/desk/cases/{case.pk}/")
    desk.follow("要求补正")
    page = desk.page
    desk.press("发出补正要求")
    expect(page.get_by_role("alert").first).to_be_visible()
    page.get_by_label("对“项目内容”的补正要求").fill(ASKED)
    page.get_by_label("对“新增投资总额").fill(TOO_HIGH)
    page.locator("[name$=remark_report]").fill(REPORT)
    page.get_by_label("总体说明").fill("请一次补齐。")
    desk.look("desk-ask-correction")
    desk.press("发出补正要求")
    expect(page.get_by_text("等待企业补正").first).to_be_visible()
    desk.look("desk-awaiting-correction")
    case.refresh_from_db()
    assert case.state == "awaiting_correction"

    # The founder learns by mail and on the first page what is asked and until when.
    deliver(list(Notification.objects.order_by("pk").values_list("pk", flat=True)))
    mail = next(one for one in mailoutbox if one.to == [owner.email] and "补正" in one.subject)
    assert ASKED in mail.body
    founder = visit(owner.username)
    mine = founder.go("/home/")
    founder.look("home-correction")
    founder.go(f"/applications/{case.pk}/")
    expect(mine.get_by_text(ASKED).first).to_be_visible()
    founder.look("case-correction")
    founder.follow("去补正")

    # Only what was asked about can be written; an amount never rises.
    expect(mine.get_by_role("heading", level=1)).to_contain_text("补正 3 处")
    expect(mine.get_by_label("项目名称")).to_have_count(0)
    founder.look("correction")
    mine.get_by_label("项目内容").fill("服务汽车、航空两个行业的 40 家先进制造企业。")
    declare(mine, "33,000,000")
    founder.press("核对并提交补正")
    expect(mine.get_by_text("补正时不得高于原申报的 32,000,000.00 元").first).to_be_visible()
    founder.look("correction-too-high")
    founder.follow("回去填写")
    declare(mine, "31,000,000")
    founder.press("保存")
    mine.locator("input[type=file][name=report]").set_input_files(upload("盖章报告.pdf"))
    with mine.expect_navigation():
        mine.locator("form:has(input[name=report]) button[type=submit]").click()
    founder.press("核对并提交补正")
    founder.look("correction-review")
    founder.press("提交补正")
    case = Application.objects.get(pk=case.pk)
    assert case.state == "submitted"

    # Both papers stay, and the officer sees at a glance what is new.
    assert case.submissions.count() == 2
    last = case.submissions.order_by("round").last()
    assert Decimal(last.answers["declared_investment"]) == 31_000_000
    assert last.answers["project_name"] == first.answers["project_name"]
    desk.go(f"/desk/cases/{case.pk}/")
    expect(page.get_by_text("40 家先进制造企业").first).to_be_visible()
    desk.look("desk-corrected")
    desk.press("受理")
    case.refresh_from_db()
    assert case.state == "district_review"
    founder.go(f"/applications/{case.pk}/submissions/1/")
    expect(mine.get_by_text("32,000,000").first).to_be_visible()
    founder.look("first-submission")
    verification.verify()
