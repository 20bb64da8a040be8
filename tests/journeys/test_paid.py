"""The whole way of one case in a real browser: from sign-up to the payment, and into the report."""

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from applications.models import Application
from enterprises.models import SupportRecord
from foundation.clock import clock
from foundation.events import verification
from foundation.events.models import Notification
from foundation.events.tasks import deliver
from measures import funds
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises.factories import clean_credit, included, registered_enterprise
from tests.journeys.people import upload

pytestmark = pytest.mark.django_db(transaction=True)

INVESTMENT = "32,000,000"
APPRAISED = Decimal("30000000.00")


def open_case(visitor, number: str) -> None:
    """From one's own queue to the case."""
    visitor.go("/desk/")
    visitor.follow(number)
    expect(visitor.page.get_by_role("heading", level=1)).to_contain_text("新增重大投资项目")


def test_a_case_goes_from_sign_up_to_paid_and_into_the_report(visit, settings, mailoutbox):
    settings.DEMO = True
    call_item = cases.open_call_item()
    enterprise = registered_enterprise(name="上海启澄检测技术有限公司")
    included(enterprise)
    clean_credit(enterprise)
    officer, head = people.district_officer(), people.district_head()
    municipal, municipal_head = people.municipal_officer(), people.municipal_head()
    maker, checker = people.finance_maker(), people.finance_checker()

    # A founder comes, sees what is open, and signs up.
    founder = visit()
    page = founder.go("/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("4 项")
    founder.look("home")
    page = founder.go("/accounts/signup/")
    founder.look()
    page.fill("[name=email]", "founder@example.test")
    page.fill("[name=username]", "founder")
    page.fill("[name=password1]", people.PASSWORD)
    page.fill("[name=password2]", people.PASSWORD)
    with page.expect_navigation():
        page.locator("main button[type=submit]").click()

    # The claim: a wrong code is explained beside its field, full-width digits are fine.
    page.wait_for_url("**/claim/")
    wrong = enterprise.uscc[:-1] + ("A" if enterprise.uscc[-1] != "A" else "B")
    page.get_by_label("统一社会信用代码").fill(wrong)
    page.get_by_label("企业名称").fill(enterprise.name)
    page.get_by_label("注册区").select_option(people.XUHUI)
    founder.press("登记")
    expect(page.get_by_text("校验位不对").first).to_be_visible()
    full_width = "".join(chr(ord(c) + 0xFEE0) for c in enterprise.uscc.lower())
    page.get_by_label("统一社会信用代码").fill(full_width)
    page.get_by_label("授权委托书").set_input_files(upload("授权委托书.pdf"))
    founder.look("claim")
    founder.press("登记")
    expect(page.get_by_text("待核验").first).to_be_visible()
    founder.look("claims")
    # Nothing of the register is shown to somebody who has proved nothing.
    founder.go("/items/08-01/")
    expect(page.get_by_text("74 专业技术服务业")).to_have_count(0)

    # The district's officer compares and verifies.
    desk = visit(officer.username)
    desk.go("/desk/claims/")
    desk.look("desk-claims")
    desk.follow(enterprise.name)
    desk.look("desk-claim")
    desk.press("通过")
    expect(desk.page.get_by_text("身份核验").first).to_be_visible()

    # The founder sees why it fits, fills in, and submits.
    founder.go("/items/08-01/")
    expect(page.get_by_text("74 专业技术服务业").first).to_be_visible()
    founder.look("item")
    founder.press("开始申请")
    page.wait_for_url("**/edit/")
    answers = cases.answers(call_item, enterprise.district)
    page.get_by_label("项目名称").fill(answers["project_name"])
    page.get_by_label("服务的重点产业领域").select_option(label="先进制造")
    page.get_by_label("项目内容").fill(answers["project_summary"])
    page.get_by_label("项目所在区").select_option(people.XUHUI)
    page.get_by_label("项目地址").fill(answers["project_address"])
    page.get_by_label("租赁").check()
    page.locator("[name=start_month]").fill(answers["start_month"])
    page.locator("[name=end_month]").fill(answers["end_month"])
    page.get_by_label("新增投资总额").fill(INVESTMENT)
    expect(page.get_by_text("叁仟贰佰万元整").first).to_be_visible()
    page.get_by_label("设备购置").fill("30,000,000")
    page.get_by_label("软件购置与开发").fill("2,000,000")
    page.get_by_label("自有资金").fill(INVESTMENT)
    page.locator("[name=same_project_supported][value=false]").check()
    for declaration in page.locator("[name^=declare_][type=checkbox]").all():
        declaration.check()
    founder.press("保存")
    for slot in ("report", "licence", "premises_proof"):
        page.locator(f"input[type=file][name={slot}]").set_input_files(upload(f"{slot}.pdf"))
        with page.expect_navigation():
            page.locator(f"form:has(input[name={slot}]) button[type=submit]").click()
        expect(page.get_by_role("link", name=f"{slot}.pdf")).to_be_visible()
    founder.look("draft")
    founder.press("核对并提交")
    expect(page.get_by_role("button", name="提交申请")).to_be_visible()
    founder.look("submit")
    founder.press("提交申请")
    case = Application.objects.get()
    number = f"KJFW-{call_item.code}-000001"
    assert (case.state, case.number) == ("submitted", number)
    founder.go(f"/applications/{case.pk}/")
    expect(page.get_by_text(number).first).to_be_visible()
    founder.look("case")

    # The district: accepted, recommended, endorsed by another person.
    open_case(desk, number)
    desk.look("desk-case")
    desk.press("受理")
    expect(desk.page.get_by_text("区级审核").first).to_be_visible()
    open_case(desk, number)
    desk.page.locator("#act-panel, main").get_by_label("审核意见").first.fill(
        "场地与设备合同均已核对，建议推荐。"
    )
    desk.press("推荐，交负责人复核")
    second = visit(head.username)
    open_case(second, number)
    second.press("同意推荐")

    # The commission: the appraised investment pays, not the declared one.
    commission = visit(municipal.username)
    commission.go("/desk/")
    commission.look("queue")
    open_case(commission, number)
    commission.page.get_by_label("核定投资额").first.fill("30,000,000")
    commission.page.get_by_label("核定依据").first.set_input_files(upload("核定报告.pdf"))
    commission.page.get_by_label("审核意见和理由").first.fill("第三方核定属实，拟支持。")
    commission.look("desk-propose")
    commission.press("拟支持，交负责人签发")
    case.refresh_from_db()
    assert (case.state, case.proposed_amount) == ("proposed", APPRAISED / 10)
    assert funds.balance(call_item.fund).set_aside == APPRAISED / 10
    chief = visit(municipal_head.username)
    open_case(chief, number)
    chief.press("签发，进入公示")

    # The list is public for five working days; the demo clock lets them pass.
    commission.go(f"/desk/notices/new/?item={call_item.pk}")
    commission.look("desk-notice-new")
    commission.press("发布公示")
    commission.go("/desk/notices/")
    commission.look("desk-notices")
    neighbour = visit()
    neighbour.go("/notices/")
    neighbour.look("notices")
    neighbour.go(f"/notices/GS-{call_item.code}-01/")
    expect(neighbour.page.get_by_text(enterprise.name)).to_be_visible()
    expect(neighbour.page.get_by_text("founder")).to_have_count(0)
    neighbour.look("notice")
    case.refresh_from_db()
    for _day in range(6):
        chief.press("下一个工作日")
    open_case(chief, number)
    chief.press("批复")
    case.refresh_from_db()
    assert (case.state, case.approved_amount) == ("approved", APPRAISED / 10)

    # The enterprise says where to pay to; two people of finance pay.
    founder.go("/enterprise/account/")
    page.get_by_label("开户银行").fill("演示银行上海分行营业部")
    page.get_by_label("银行账号").fill("6222 0202 0011 2238 821")
    founder.look()
    founder.press("保存")
    paying = visit(maker.username)
    paying.go("/desk/payments/")
    paying.look("desk-payments")
    paying.follow("待提出")
    paying.page.locator("[data-pick]").first.check()
    paying.press("提出")
    checking = visit(checker.username)
    checking.go("/desk/payments/")
    checking.follow(f"BF-{number}-1")
    checking.look("desk-payment")
    checking.press("复核通过")
    paying.go("/desk/payments/")
    paying.follow("支付中")
    paying.follow(f"BF-{number}-1")
    paying.page.get_by_label("支付凭证号").fill("GK20261124001")
    paying.page.get_by_label("实付金额").fill("3,000,000.00")
    clock.forget_offset()
    paying.page.get_by_label("支付日期").fill(clock.today().isoformat())
    paying.press("登记")
    case.refresh_from_db()
    assert case.state == "paid"
    assert funds.balance(call_item.fund).spent == APPRAISED / 10
    assert SupportRecord.objects.get().amount == APPRAISED / 10
    founder.go(f"/applications/{case.pk}/")
    expect(page.get_by_text("已拨付").first).to_be_visible()
    founder.look("case-paid")

    # The quarter's report counts it.
    commission.go("/desk/report/")
    commission.press("编制")
    expect(commission.page.get_by_text("300 万元").first).to_be_visible()
    commission.look("report")

    # Everyone concerned was told at each step, in the inbox and by mail; nothing was tampered with.
    founder.go("/messages/")
    for told in ("受理", "公示", "批复", "拨付"):
        expect(page.get_by_text(told).first).to_be_visible()
    founder.look("messages")
    deliver(list(Notification.objects.order_by("pk").values_list("pk", flat=True)))
    assert any("拨付" in mail.subject for mail in mailoutbox if mail.to == ["founder@example.test"])
    verification.verify()
