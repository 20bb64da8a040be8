"""The portal in a real browser: what scripts do, and that nothing scrolls sideways on a phone."""

import mimetypes
from contextvars import copy_context
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse

from applications.models import Application
from applications.states import State
from reviews.models import PublicNotice
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.enterprises import factories as enterprises
from tests.plugins.axe import violations
from tests.tracking import factories as tracked

pytestmark = pytest.mark.django_db
ORIGIN = "http://localhost"
PHONE, DESK = 360, 1280


@pytest.fixture
def browse(browser):
    """browse(user, width) gives a page of a real browser, answered by Django within the test's transaction.

    What its console or its security policy complains about is in page.complaints.
    """
    contexts = []

    def opened(user=None, width=DESK):
        client = Client(enforce_csrf_checks=True)
        if user is not None:
            client.force_login(user)
        context = browser.new_context(viewport={"width": width, "height": 800}, locale="zh-CN")
        # Patience for a machine that is busy with other tests.
        context.set_default_timeout(90_000)
        contexts.append(context)
        # The browser's callbacks run in a context of their own, with another connection: lend them ours.
        ours = copy_context()
        context.route("**/*", lambda route, request: _answer(ours, client, route, request))
        page = context.new_page()
        page.complaints = []
        page.on("console", lambda line: page.complaints.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()


def _answer(ours, client, route, request) -> None:
    address = urlsplit(request.url)
    if address.path.startswith("/static/"):
        found = finders.find(address.path.removeprefix("/static/"))
        if found is None:
            route.fulfill(status=404)
        else:
            kind = mimetypes.guess_type(found)[0] or "application/octet-stream"
            route.fulfill(path=found, content_type=kind)
        return
    response = ours.copy().run(
        client.generic,
        request.method,
        f"{address.path}?{address.query}" if address.query else address.path,
        request.post_data_buffer or b"",
        content_type=request.headers.get("content-type", "application/octet-stream"),
        HTTP_REFERER=request.headers.get("referer", ""),
    )
    headers = {name: value for name, value in response.items() if name.lower() != "content-length"}
    body = b"".join(response.streaming_content) if response.streaming else response.content
    route.fulfill(status=response.status_code, headers=headers, body=body)


def test_a_draft_saves_itself_and_says_what_is_missing(browse):
    case = cases.empty_draft()
    page = browse(case.created_by)
    page.goto(ORIGIN + reverse("draft", args=[case.pk]))
    assert page.locator("[data-missing-count]").inner_text() == "还差 18 项"
    page.get_by_label("项目名称").fill("精密计量实验室扩建")
    page.get_by_label("新增投资总额").fill("3200万")
    page.get_by_label("项目地址").fill("漕宝路 650 号")
    page.get_by_text("已保存").wait_for()
    assert page.locator("[data-missing-count]").inner_text() == "还差 16 项"
    assert "不要写“万元”" in page.locator("#field-declared_investment .field-error").inner_text()
    page.get_by_label("新增投资总额").fill("32000000")
    page.get_by_label("设备购置").fill("30000000")
    page.locator("#field-declared_investment .field-error").wait_for(state="detached")
    assert "叁仟贰佰万元整" in page.locator("#declared_investment-readback").inner_text()
    assert "少 2,000,000.00 元" in page.locator("[data-grid-gap]").first.inner_text()
    case = Application.objects.get(pk=case.pk)
    assert case.answers["declared_investment"] == "32000000.00"
    assert page.complaints == []


def test_a_conditional_field_shows_only_when_it_is_asked(browse):
    case = cases.empty_draft()
    page = browse(case.created_by)
    page.goto(ORIGIN + reverse("draft", args=[case.pk]))
    other = page.locator("#field-industry_focus_other")
    assert other.is_hidden()
    page.get_by_label("服务的重点产业领域").select_option("other")
    assert other.is_visible()
    page.get_by_label("服务的重点产业领域").select_option("biomedicine")
    assert other.is_hidden()


def test_another_tab_stops_the_saving(browse):
    case = cases.empty_draft()
    page = browse(case.created_by)
    page.goto(ORIGIN + reverse("draft", args=[case.pk]))
    cases.workflow.save_draft(case, case.created_by, {"project_name": "另一页"}, 0)
    page.get_by_label("项目名称").fill("这一页")
    page.get_by_text("在别处修改").wait_for()
    assert Application.objects.get(pk=case.pk).answers == {"project_name": "另一页"}


def test_from_the_first_page_to_the_number_by_hand(browse):
    cases.open_call_item()
    enterprise = enterprises.verified_enterprise()
    page = browse(enterprises.owner_of(enterprise))
    page.goto(ORIGIN)
    page.get_by_role("button", name="开始申请：新增重大投资项目补助").click()
    case = Application.objects.get()
    page.wait_for_url(f"**{reverse('draft', args=[case.pk])}")
    page.get_by_label("项目名称").fill("精密计量实验室扩建")
    page.get_by_label("服务的重点产业领域").select_option("advanced_manufacturing")
    page.get_by_label("项目内容").fill("新增两类计量能力。")
    page.get_by_label("项目地址").fill("漕宝路 650 号")
    page.get_by_label("租赁").check()
    year = case.call_item.call.year
    page.get_by_label("开始月份").fill(f"{year}-01")
    page.get_by_label("完成月份").fill(f"{year}-12")
    page.get_by_label("新增投资总额").fill("32,000,000")
    page.get_by_label("设备购置").fill("32000000")
    page.get_by_label("自有资金").fill("32000000")
    page.locator("#field-same_project_supported").get_by_label("否").check()
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_text("已保存").wait_for()
    for slot in ("report", "licence", "premises_proof"):
        file = enterprises.pdf(f"{slot}.pdf", slot)
        page.locator(f"#id_{slot}").set_input_files(
            {"name": file.name, "mimeType": "application/pdf", "buffer": file.read()}
        )
        page.locator(f"#field-{slot} button[type=submit]").click()
        page.locator(f"#field-{slot} .slot-file").wait_for()
    assert page.locator("[data-missing-count]").inner_text() == "已填写完整，可以核对提交"
    page.get_by_role("button", name="核对并提交").click()
    page.get_by_role("heading", name="核对无误后提交").wait_for()
    page.get_by_role("button", name="提交申请").click()
    page.get_by_text("已提交，申请编号").wait_for()
    assert Application.objects.get().state == State.SUBMITTED
    assert page.complaints == []


def test_withdrawing_asks_in_a_dialog_that_names_the_consequence(browse):
    case = cases.submitted()
    page = browse(case.created_by)
    page.goto(ORIGIN + reverse("case", args=[case.pk]))
    page.get_by_role("button", name="撤回申请").first.click()
    dialog = page.get_by_role("dialog")
    assert f"编号 {case.number} 不再使用" in dialog.inner_text()
    dialog.get_by_label("撤回理由").fill("改期再报")
    dialog.get_by_role("button", name="撤回申请").click()
    page.get_by_text("申请已撤回。").wait_for()
    assert Application.objects.get(pk=case.pk).state == State.WITHDRAWN


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_every_page_fits_its_width_is_accessible_and_keeps_the_security_policy(browse, width):
    case = cases.published()
    owner = case.created_by
    asked = cases.awaiting_correction()
    draft = cases.draft(declared_investment="3200万", enterprise=case.enterprise, by=owner)
    rejected = enterprises.rejected_claim()
    notice = PublicNotice.objects.get()
    referral = tracked.waiting(case.enterprise)
    tracked.action(figure=3, unit="场", url="https://example.test/notice")
    pages = {
        None: ["/", reverse("catalogue"), reverse("catalogue") + "?q=环评", reverse("item", args=["09-06"]),
               reverse("item", args=["02-01"]), reverse("item", args=["01-09"]), reverse("measure", args=[8]), reverse("item", args=["08-01"]),
               reverse("notices"), reverse("notice", args=[notice.number])],
        owner: ["/", reverse("item", args=["08-01"]), reverse("item", args=["01-03"]),
                reverse("item_ask", args=["01-03"]), reverse("referrals"),
                reverse("referral", args=[referral.pk]), reverse("my_cases"), reverse("case", args=[case.pk]),
                reverse("case_submission", args=[case.pk, 1]), reverse("draft", args=[draft.pk]),
                reverse("submit", args=[draft.pk]), reverse("messages"), reverse("enterprise"),
                reverse("enterprise_figure"), reverse("enterprise_account"), reverse("claims")],
        asked.created_by: [reverse("draft", args=[asked.pk]), reverse("case", args=[asked.pk])],
        rejected.user: [reverse("claims"), reverse("claim")],
        people.user(): ["/"],
    }  # fmt: skip
    faults = []
    for user, addresses in pages.items():
        page = browse(user, width)
        for address in addresses:
            answer = page.goto(ORIGIN + address)
            assert answer.status == 200, address
            assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, address
            assert page.locator("h1").count() == 1, address
            faults += [f"{address}: {one}" for one in violations(page)]
            assert page.locator(".btn-primary:visible").count() <= 1, address
        assert page.complaints == [], page.complaints
    assert faults == [], "\n".join(faults)
