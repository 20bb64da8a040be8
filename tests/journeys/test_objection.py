"""Objections in a real browser: one that is not upheld lets the case go on, one that is upheld turns it back."""

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from foundation.clock import clock
from foundation.events import verification
from measures import funds
from reviews.models import Lead, Objection, PublicNotice
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.journeys.people import upload

pytestmark = pytest.mark.django_db(transaction=True)


def object_to(visitor, notice: PublicNotice, name: str, text: str, picture: str = "") -> None:
    """From the public notice to the receipt, by name."""
    page = visitor.go(f"/notices/{notice.number}/")
    visitor.follow("提出异议")
    page.get_by_label("对哪一个项目").select_option("1")
    page.get_by_label("个人，实名提出异议").check()
    page.get_by_label("事实和理由").fill(text)
    visitor.press("提交")
    expect(page.get_by_text("请填写真实姓名或者单位全称").first).to_be_visible()
    page.get_by_label("姓名或者单位名称").fill(name)
    page.get_by_label("联系电话").fill("138 1234 5678")
    page.locator("input[type=file]").first.set_input_files(upload("证明.pdf"))
    if picture:
        visitor.look(picture)
    visitor.press("提交")
    expect(page.get_by_text(f"YY-{notice.number}").first).to_be_visible()
    expect(page.get_by_text(name)).to_have_count(0)
    if picture:
        visitor.look(f"{picture}-receipt")


def answer(visitor, row: Objection, upheld: str, text: str) -> None:
    """The officer's answer, told by telephone today."""
    page = visitor.go("/desk/objections/")
    visitor.follow(row.number)
    page.get_by_label(upheld).check()
    page.get_by_label("答复和理由").fill(text)
    page.get_by_label("电话").check()
    clock.forget_offset()
    page.get_by_label("告知日期").fill(clock.today().isoformat())
    visitor.press("登记答复")


def test_objections_hold_the_approval_are_answered_and_one_turns_the_case_back(visit, settings):
    settings.DEMO = True
    case = cases.published()
    notice = PublicNotice.objects.get(lines__application=case)
    fund, amount = case.call_item.fund, case.proposed_amount
    owner = case.submitted_by
    officer, head = people.municipal_officer(), people.municipal_head()

    # A neighbour objects by name; another one leaves a hint without a name.
    neighbour = visit()
    object_to(neighbour, notice, "王建国", "该项目的设备去年已由别的专项支持。", "objection")
    passer = visit()
    page = passer.go(f"/notices/{notice.number}/objection/")
    page.get_by_label("对哪一个项目").select_option("1")
    page.get_by_label("不留姓名，只提供线索").check()
    page.get_by_label("事实和理由").fill("厂房里还没有设备。")
    passer.press("提交")
    expect(page.get_by_text("线索已收到").first).to_be_visible()
    assert Lead.objects.count() == Objection.objects.count() == 1

    # The approval waits for the answer, also when the days of the notice have passed; everyone sees why.
    chief = visit(head.username)
    chief.go(f"/desk/cases/{case.pk}/")
    for _day in range(6):
        chief.press("下一个工作日")
    expect(chief.page.get_by_text("有 1 件异议").first).to_be_visible()
    expect(chief.page.get_by_role("button", name="批复")).to_have_count(0)
    founder = visit(owner.username)
    mine = founder.go(f"/applications/{case.pk}/")
    expect(mine.get_by_text("异议").first).to_be_visible()
    expect(mine.get_by_text("王")).to_have_count(0)
    founder.look("case-objected")

    # The officer looks at who objected (recorded), answers; the case goes on.
    desk = visit(officer.username)
    first = Objection.objects.get()
    desk.go("/desk/objections/")
    desk.look("desk-objections")
    desk.follow(first.number)
    expect(desk.page.get_by_text("王建国")).to_have_count(0)
    desk.press("查看联系方式")
    expect(desk.page.get_by_text("王建国").first).to_be_visible()
    desk.look("desk-objection")
    answer(desk, first, "不成立，维持公示", "经核对，去年支持的是另一项目。")
    first.refresh_from_db()
    assert first.state == "not_upheld"
    chief.go(f"/desk/cases/{case.pk}/")
    chief.press("批复")
    case.refresh_from_db()
    assert (case.state, funds.balance(fund).committed) == ("approved", amount)

    # Another case of another notice: the objection is upheld, the money is free again, the enterprise is told why.
    other = cases.published()
    again = PublicNotice.objects.get(lines__application=other)
    before = funds.balance(fund).set_aside
    assert before == other.proposed_amount
    object_to(neighbour, again, "李秀英", "投资额里含有二手设备。")
    second = Objection.objects.get(notice=again)
    answer(desk, second, "成立，申请退回市级审核", "经核查，投资额中含有二手设备，须重新核定。")
    other.refresh_from_db()
    assert (other.state, funds.balance(fund).set_aside) == ("municipal_review", Decimal(0))
    theirs = visit(other.submitted_by.username)
    theirs.go(f"/applications/{other.pk}/")
    expect(theirs.page.get_by_text("须重新核定").first).to_be_visible()
    expect(theirs.page.get_by_text("李秀英")).to_have_count(0)
    theirs.look("case-turned-back")
    anybody = neighbour.go(f"/notices/{again.number}/")
    expect(anybody.get_by_text("李秀英")).to_have_count(0)
    neighbour.look("notice-after-objection")
    verification.verify()
