"""The desk in a real browser: keys, the live estimate, confirmations; at 360 px; without script."""

import pytest
from django.urls import reverse

from applications.models import Application
from applications.states import State
from tests.accounts import factories as people
from tests.applications import factories as cases
from tests.plugins.axe import violations

pytestmark = pytest.mark.django_db(transaction=True)


def settled(page) -> None:
    page.wait_for_load_state("networkidle")


def test_the_queue_is_walked_and_opened_by_keys_which_are_silent_while_one_types(browse):
    first, second = cases.submitted(), cases.submitted()
    page = browse(people.district_officer(), reverse("desk:queue"))
    page.keyboard.press("j")
    page.keyboard.press("j")
    assert second.number in page.locator("tr.is-current").inner_text()
    page.keyboard.press("k")
    page.keyboard.press("/")
    page.keyboard.type("jk")
    assert page.input_value("input[name=q]") == "jk"
    assert first.number in page.locator("tr.is-current").inner_text()
    page.locator("tr.is-current a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{reverse('desk:case', args=[first.pk])}")
    assert page.complaints == []


def test_a_signature_takes_its_letter_and_then_enter(browse):
    case = cases.recommended()
    page = browse(people.district_head(), reverse("desk:case", args=[case.pk]))
    page.keyboard.press("e")
    assert "同意推荐" in page.evaluate("document.activeElement.innerText")
    assert Application.objects.get(pk=case.pk).state == State.DISTRICT_ENDORSEMENT
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert Application.objects.get(pk=case.pk).state == State.MUNICIPAL_REVIEW


def test_the_estimate_follows_what_is_typed_and_a_confirmation_names_the_consequence(browse):
    case = cases.endorsed()
    page = browse(people.municipal_officer(), reverse("desk:case", args=[case.pk]))
    page.fill("input[name=propose-appraised]", "28,000,000")
    page.keyboard.press("Tab")
    page.locator("[data-estimate-shown]").get_by_text("2,800,000", exact=True).wait_for()
    page.fill("textarea[name=propose-text]", "示范带动作用不足")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("d")
    dialog = page.locator("dialog[open]")
    assert "企业会收到告知和理由" in dialog.inner_text()
    assert dialog.locator("textarea").input_value() == "示范带动作用不足"
    with page.expect_navigation():
        dialog.locator("button.btn-danger").click()
    case.refresh_from_db()
    assert case.proposal == Application.Proposal.DECLINE
    assert page.complaints == []


def test_everything_can_be_done_without_script(browse):
    case = cases.accepted()
    page = browse(people.district_officer(), reverse("desk:case", args=[case.pk]), scripts=False)
    page.locator("details[data-confirm] > summary").click()
    page.fill("textarea[name=recommend-against-text]", "不属于新增投资")
    with page.expect_navigation():
        page.locator("details[data-confirm] button.btn-danger").click()
    case.refresh_from_db()
    assert case.recommendation == Application.Recommendation.AGAINST


@pytest.mark.parametrize("width", [1280, 360])
def test_the_case_is_accessible_and_fits(browse, width):
    case = cases.proposed()
    page = browse(people.municipal_head(), reverse("desk:case", args=[case.pk]), width)
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert violations(page, {"exclude": [["iframe"]]}) == []
    assert page.complaints == []


@pytest.mark.parametrize("width", [1280, 360])
def test_lists_are_accessible_and_fit(browse, width):
    cases.submitted()
    case = cases.approved()
    for person, name, args in [
        (people.district_officer(), "desk:queue", []),
        (people.municipal_officer(), "desk:notices", []),
        (people.municipal_officer(), "desk:fund", [case.call_item.fund_id]),
        (people.finance_maker(), "desk:payments", []),
        (people.district_officer(), "desk:messages", []),
        (people.district_officer(), "desk:enterprise", [case.enterprise_id]),
    ]:
        page = browse(person, reverse(name, args=args), width)
        assert page.evaluate("document.documentElement.scrollWidth") == width, name
        assert violations(page) == [], name
        assert page.complaints == [], name


def test_a_document_that_opens_takes_the_keys_from_nobody(browse):
    case = cases.endorsed()
    page = browse(people.municipal_officer(), reverse("desk:case", args=[case.pk]))
    focused = "name => document.activeElement.name === name"
    taken = "document.querySelector('iframe.document-view').focus()"
    # The viewer of the browser focuses itself as soon as it shows the file.
    page.locator("textarea[name=propose-text]").focus()
    page.evaluate("{ const frame = document.querySelector('iframe.document-view'); frame.src = frame.src }")
    page.keyboard.type("示范带动作用不足" * 4, delay=50)
    assert page.input_value("textarea[name=propose-text]") == "示范带动作用不足" * 4
    page.evaluate(taken)
    page.wait_for_function(focused, arg="propose-text")
    page.evaluate("document.activeElement.blur()")
    page.evaluate(taken)
    page.wait_for_function("document.activeElement === document.body")
    page.keyboard.press("?")
    page.locator("#key-help[open]").wait_for()
    page.keyboard.press("Escape")
    # Who goes there by Tab or points at it is let in.
    page.locator("[data-document]").last.focus()
    for _stop in range(6):
        page.keyboard.press("Tab")
        if page.evaluate(focused, "document"):
            break
    assert page.evaluate(focused, "document")
    page.evaluate("document.activeElement.blur()")
    page.locator("iframe.document-view").hover()
    page.evaluate(taken)
    assert page.evaluate(focused, "document")
    assert page.complaints == []
