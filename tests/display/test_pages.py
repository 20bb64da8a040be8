"""The sample pages in a real browser: wide, narrow, on paper, without script, without a mouse."""

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from tests.display import samples
from tests.plugins.axe import violations

ADDRESSES = [
    f"/desk/samples/{name}/" if name in {"queue", "review"} else f"/samples/{name}/" for name in samples.PAGES
]
PUBLIC = [
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/refused/404/",
    "/refused/409/",
]
# WCAG 2.2 AA and the checks that go with it


def quiet(page):
    """Without the browser's own line about a page that was answered with an error status on purpose."""
    return [line for line in page.complaints if "Failed to load resource" not in line]


@pytest.mark.parametrize("path", [*ADDRESSES, *PUBLIC])
@pytest.mark.parametrize("width", [1280, 360])
def test_a_page_is_accessible_fits_its_width_and_keeps_the_security_policy(look, path, width):
    page = look(path, width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert violations(page) == []
    assert quiet(page) == []


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_finger_finds_every_target(look, path):
    """44 px in one direction at least and 24 in the other for what stands alone; text links are exempt."""
    page = look(path, 360, has_touch=True, is_mobile=True)
    small = page.evaluate(
        """() => Array.from(document.querySelectorAll("button, .btn, summary, .form-control, .form-select, .tabs a"))
            .filter((e) => e.offsetParent !== null)
            .map((e) => [e, e.getBoundingClientRect()])
            .filter(([e, box]) => box.width && box.height && box.height < 43.5 && !e.closest(".figure-card"))
            .map(([e, box]) => e.outerHTML.slice(0, 90) + " " + box.height)"""
    )
    assert small == []


def test_the_menu_opens_without_script(look):
    page = look("/samples/portal/", 360, java_script_enabled=False)
    page.get_by_text("菜单").click()
    assert page.get_by_role("link", name="我的申请").is_visible()
    assert page.get_by_role("button", name="退出登录").is_visible()


def test_a_visitor_without_an_account_finds_the_menu_on_a_phone_too(look):
    page = look("/", 360)
    assert page.get_by_role("link", name="登录").is_visible()
    page.get_by_text("菜单").click()
    assert page.get_by_role("link", name="我的申请").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_menu_closes_with_escape_and_gives_the_focus_back(look):
    page = look("/samples/portal/")
    page.get_by_text("示例检测 · 经办人").first.click()
    assert page.get_by_role("link", name="修改密码").is_visible()
    page.keyboard.press("Escape")
    assert not page.get_by_role("link", name="修改密码").is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_the_first_tab_leads_past_the_header(look):
    page = look("/samples/portal/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "跳到正文"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_a_dangerous_verb_unfolds_in_place_without_script(look):
    page = look("/samples/case/", java_script_enabled=False)
    page.locator("#withdraw summary").click()
    assert page.get_by_text("撤回后本次申请终止").is_visible()
    assert page.locator("#withdraw form[method=post] button[type=submit]").is_visible()


def test_a_dangerous_verb_asks_in_a_dialog_that_names_the_consequence(look):
    page = look("/samples/case/")
    page.locator("#withdraw summary").click()
    dialog = page.get_by_role("dialog", name="撤回申请")
    assert "撤回后本次申请终止" in dialog.inner_text()
    assert violations(page) == []
    dialog.get_by_role("button", name="取消").click()
    assert not dialog.is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_the_demo_clock_stands_on_every_page_where_there_is_one(look, settings):
    settings.DEMO = True
    page = look("/samples/portal/")
    assert page.get_by_text("3 月 25 日 09:00").is_visible()
    assert page.get_by_role("button", name="下一个工作日").is_visible()
    settings.DEMO = False
    assert look("/samples/portal/").locator(".demo-bar").count() == 0


def test_paper_shows_no_navigation(look):
    page = look("/desk/samples/queue/")
    page.emulate_media(media="print")
    assert not page.locator(".top").is_visible()
    assert not page.locator(".filters").is_visible()
    assert page.locator(".list").is_visible()
    assert page.locator(".list thead").evaluate("e => getComputedStyle(e).display") == "table-header-group"


def test_nothing_moves_for_those_who_ask_for_calm(look):
    page = look("/samples/report/", reduced_motion="reduce")
    assert (
        page.locator(".skeleton").evaluate("e => parseFloat(getComputedStyle(e).animationDuration)") < 0.001
    )


@pytest.mark.parametrize(
    "name",
    [
        "account_login",
        "account_signup",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key_done",
        "account_inactive",
        "account_email_verification_sent",
    ],
)
def test_the_account_pages_stand_in_our_frame_in_chinese(sample_pages, client, name):
    page = client.get(reverse(name)).content.decode()
    assert 'class="product"' in page
    assert 'lang="zh-Hans"' in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["account_logout", "account_change_password", "account_email", "account_reauthenticate"]
)
def test_the_account_pages_of_a_signed_in_person_stand_in_our_frame(
    sample_pages, client, django_user_model, name
):
    user = django_user_model.objects.create_user("shi-li", "shi@example.com", "a long passphrase")
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    client.force_login(user)
    answer = client.get(reverse(name))
    assert answer.status_code == 200
    assert 'class="product"' in answer.content.decode()


@pytest.mark.django_db
def test_signing_up_in_vain_says_what_to_do_beside_the_field(sample_pages, client):
    page = client.post(
        reverse("account_signup"), {"email": "x", "username": "", "password1": "1"}
    ).content.decode()
    assert 'class="error-summary"' in page
    assert 'href="#field-email"' in page
    assert 'id="email-error" role="alert"' in page


@pytest.mark.django_db
def test_the_mail_that_resets_a_password_is_ours_and_in_chinese(
    sample_pages, client, django_user_model, mailoutbox
):
    django_user_model.objects.create_user("shi-li", "shi@example.com", "a long passphrase")
    answer = client.post(reverse("account_reset_password"), {"email": "shi@example.com"})
    assert answer.status_code == 302
    assert "重设密码" in mailoutbox[0].subject
    assert "点击下面的链接设置新密码" in mailoutbox[0].body
