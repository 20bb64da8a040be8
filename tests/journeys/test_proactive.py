"""免申即享 in a real browser: from the screening to the payment, and somebody who was left out."""

import pytest
from playwright.sync_api import expect

from applications.models import Application
from foundation.clock import clock
from foundation.events import verification
from foundation.jobs import running
from foundation.jobs.models import Job
from measures import funds
from reviews.models import ListingRequest, ProactiveList
from tests.accounts import factories as people
from tests.enterprises.factories import verified_enterprise
from tests.reviews import offered

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def today(settings):
    """The browser's people live on the demo's clock, which moves."""
    settings.DEMO = True
    yield
    clock.forget_offset()


def open_link(visitor, path: str, name: str) -> None:
    visitor.go(path)
    visitor.follow(name)


def test_from_the_screening_to_the_payment(visit):
    line = offered.call_item()
    founder, omitted = people.user("founder"), people.user("omitted")
    enterprise = offered.qualified(founder, name="示例升规检测有限公司")
    alone = offered.unclaimed(people.PUDONG, name="示例无人计量有限公司")
    verified_enterprise(omitted, name="示例遗漏咨询有限公司")
    officer, head = people.municipal_officer(), people.municipal_head()

    # Nobody applies for it: the pages say so.
    asking = visit("omitted")
    asking.go("/items/09-03/")
    expect(asking.page.get_by_text("无需申报：名单由").first).to_be_visible()
    expect(asking.page.get_by_role("button", name="开始申请")).to_have_count(0)
    asking.look("proactive-item")

    # Drawn from a screening by the officer.
    commission = visit(officer.username)
    commission.go("/desk/screenings/")
    row = commission.page.locator("tr", has_text=line.code)
    with commission.page.expect_navigation():
        row.get_by_role("button", name="筛选").click()
    running.run(Job.objects.get().pk)
    commission.page.reload()
    commission.follow("查看名单")
    commission.press("拟定免申即享名单")
    drawn = ProactiveList.objects.get()
    expect(commission.page.get_by_text("2 家待复核").first).to_be_visible()
    expect(
        commission.page.get_by_text("需由另一人复核")
        .or_(commission.page.get_by_text("由市级负责人复核"))
        .first
    ).to_be_visible()
    commission.look("proactive-list")
    commission.follow(enterprise.name)
    commission.look("proactive-list-row")

    # Checked by the head, another person.
    chief = visit(head.username)
    chief.go("/desk/queue/")
    chief.follow("有 1 份免申即享名单待您复核")
    chief.look("proactive-lists")
    chief.follow(drawn.number)
    chief.press("复核通过，请企业确认")
    expect(chief.page.get_by_text("列入 2 家，2 家待企业确认").first).to_be_visible()
    assert funds.balance(line.fund).set_aside == 400_000

    # The enterprise finds it as the first thing to do, confirms, and nothing else is asked.
    owner = visit("founder")
    owner.go("/")
    expect(owner.page.get_by_text("请您确认：").first).to_be_visible()
    owner.look("proactive-home")
    owner.follow("核对并确认")
    owner.look("proactive-offer")
    owner.press("确认，接受支持")
    expect(owner.page.get_by_role("alert").first).to_be_visible()
    owner.look()
    page = owner.page
    page.locator("[name=same_project_supported][value=false]").check()
    for declaration in page.locator("[name^=declare_][type=checkbox]").all():
        declaration.check()
    owner.press("确认，接受支持")
    case = Application.objects.get(enterprise=enterprise)
    assert case.state == "signed_off"
    expect(page.get_by_text("已确认，由").first).to_be_visible()
    owner.look("proactive-case")

    # The one for whom nobody acts is reached by its district.
    district = visit(people.district_officer(people.PUDONG).username)
    district.go("/desk/proactive/")
    expect(district.page.get_by_text("有 1 家企业需要联系")).to_be_visible()
    district.look("proactive-offers")
    district.follow(alone.name)
    district.page.get_by_label("结果").select_option("help")
    district.page.get_by_label("联系到的人").fill("王经理")
    district.press("登记")
    expect(district.page.get_by_text("王**").first).to_be_visible()
    district.look("proactive-chased")

    # The omitted asks; the officer sees why it isn't on the list, and says so.
    asking.go("/items/09-03/")
    asking.follow("申请列入名单")
    asking.page.get_by_label("应当列入名单的理由").fill("纳统首次报告期登记有误。")
    asking.look("proactive-ask")
    asking.press("提出申请")
    request = ListingRequest.objects.get()
    open_link(commission, "/desk/listing-requests/", request.enterprise.name)
    commission.look("proactive-request")
    commission.page.get_by_text("不予列入", exact=False).first.click()
    commission.page.get_by_label("不予列入的理由").fill("统计部门确认的首次报告期不在上一年度。")
    commission.page.locator("[data-confirm][open], dialog[open]").get_by_role(
        "button", name="不予列入"
    ).click()
    expect(commission.page.get_by_text("已告知企业").first).to_be_visible()
    asking.go("/items/09-03/")
    expect(asking.page.get_by_text("不在上一年度").first).to_be_visible()
    asking.look("proactive-refused")

    # Notice, approval and payment as for every case.
    commission.go(f"/desk/notices/new/?item={line.pk}")
    commission.press("发布公示")
    for _day in range(6):
        chief.press("下一个工作日")
    chief.go("/desk/queue/")
    chief.follow(case.number)
    chief.look("proactive-approve")
    chief.press("批复")
    paying, checking = visit(people.finance_maker().username), visit(people.finance_checker().username)
    paying.go("/desk/payments/")
    paying.follow("待提出")
    paying.page.locator("[data-pick]").first.check()
    paying.press("提出")
    open_link(checking, "/desk/payments/", f"BF-{case.number}-1")
    checking.press("复核通过")
    paying.go("/desk/payments/")
    paying.follow("支付中")
    paying.follow(f"BF-{case.number}-1")
    paying.page.get_by_label("支付凭证号").fill("GK20261127001")
    paying.page.get_by_label("实付金额").fill("200,000.00")
    clock.forget_offset()
    paying.page.get_by_label("支付日期").fill(clock.today().isoformat())
    paying.press("登记")
    case.refresh_from_db()
    assert case.state == "paid"
    balance = funds.balance(line.fund)
    assert (balance.spent, balance.set_aside) == (200_000, 200_000)
    verification.verify()
