"""What the form's scripts do in a real browser: hide what isn't asked, add up what is typed."""

import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from measures.forms import Form
from tests.measures.definitions import EVERY_TYPE

FORM = Form(EVERY_TYPE)


@pytest.fixture
def form_page(page):
    """The form with these answers, on a page with nothing but its own two scripts."""

    def opened(**answers):
        form = FORM.django_form(initial=answers, draft=True)
        fields = "".join(render_to_string("components/field.html", {"field": field}) for field in form)
        slot = FORM.slots[1]
        block = (
            f'<div class="slot" id="slot-lease" data-when-field="{slot.when.field}"'
            f" data-when-is='{slot.when.as_json}'>{slot.label}</div>"
        )
        page.set_content(f"<!doctype html><form>{fields}</form>{block}")
        for script in ("js/money_grid.js", "js/conditional.js"):
            page.add_script_tag(path=finders.find(script))
        return page

    return opened


def shown(page, *keys) -> list[bool]:
    return [page.locator(f"#field-{key}").is_visible() for key in keys]


def test_fields_are_hidden_until_their_condition_is_met(form_page):
    page = form_page(premises="own")
    assert shown(page, "rent_until", "support_amount") == [False, False]
    assert not page.locator("#slot-lease").is_visible()
    page.get_by_label("租赁", exact=True).check()
    page.locator("#field-supported").get_by_label("是", exact=True).check()
    assert shown(page, "rent_until", "support_amount") == [True, True]
    assert page.locator("#slot-lease").is_visible()


def test_what_hangs_on_a_hidden_field_is_hidden_and_nothing_typed_is_lost(form_page):
    page = form_page(supported=True, support_kind="其他", support_other="人才补贴")
    assert shown(page, "support_kind", "support_other") == [True, True]
    page.locator("#field-supported").get_by_label("否", exact=True).check()
    assert shown(page, "support_kind", "support_other") == [False, False]
    page.locator("#field-supported").get_by_label("是", exact=True).check()
    assert page.locator("[name=support_other]").input_value() == "人才补贴"
    assert shown(page, "support_other") == [True]


def test_a_grid_adds_up_while_one_types_and_says_how_far_it_is_from_its_sum(form_page):
    page = form_page(investment="0.30")
    total, gap = page.locator("[data-grid-total]"), page.locator("[data-grid-gap]")
    page.locator("[name=by_category__equipment]").fill("０．１")
    assert (total.inner_text(), gap.inner_text()) == ("0.10", "比“项目总投资”少 0.20 元")
    page.locator("[name=by_category__software]").fill("0.2")
    assert (total.inner_text(), gap.inner_text()) == ("0.30", "与“项目总投资”一致")
    page.locator("[name=investment]").fill("3,200,000")
    assert gap.inner_text() == "比“项目总投资”少 3,199,999.70 元"
    page.locator("[name=by_category__software]").fill("2万")
    assert (total.inner_text(), gap.text_content()) == ("", "")
