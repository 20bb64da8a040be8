"""The form as HTML: what the widgets carry, and what comes back from them."""

import re
from decimal import Decimal

from django.template.loader import render_to_string

from measures.forms import Form
from tests.measures.definitions import COMPLETE, EVERY_TYPE, one_field

FORM = Form(EVERY_TYPE)


def posted(**changes) -> dict:
    """COMPLETE as a browser sends it."""
    data = {key: value for key, value in COMPLETE.items() if not isinstance(value, bool | dict)}
    data |= {f"by_category__{row}": amount for row, amount in COMPLETE["by_category"].items()}
    data |= {"supported": "false", "truth": "on"}
    return data | changes


def drawn(form, key, **context) -> str:
    return render_to_string("components/field.html", {"field": form[key], **context})


def test_a_complete_form_is_valid_and_gives_answers_to_store():
    form = FORM.django_form(posted(), draft=False)
    assert form.is_valid(), form.errors
    assert form.answers == COMPLETE


def test_a_draft_keeps_what_is_wrong_and_reports_it_beside_the_field():
    form = FORM.django_form({"investment": "三千万", "project": "甲"}, draft=True)
    assert not form.is_valid()
    assert form.answers == {"investment": "三千万", "project": "甲"}
    assert form.cleaned_data == {"project": "甲"}
    html = drawn(form, "investment")
    assert 'value="三千万"' in html and "不要写“万元”" in html and 'id="field-investment"' in html


def test_an_empty_draft_is_valid():
    form = FORM.django_form({}, draft=True)
    assert form.is_valid() and form.answers == {}


def test_a_submission_reports_what_is_missing_beside_the_fields():
    form = FORM.django_form(posted(project="", truth=""), draft=False)
    assert set(form.errors) == {"project", "truth"}
    assert "请填写此项" in drawn(form, "project")


def test_amounts_are_shown_with_separators_and_carry_their_marks():
    html = drawn(FORM.django_form(initial=COMPLETE, draft=True), "investment")
    assert 'value="32,000,000.00"' in html
    for mark in ("data-money", 'inputmode="decimal"', 'autocomplete="off"', 'maxlength="20"'):
        assert mark in html
    assert "叁仟贰佰万元整" in html
    assert "选填" not in html
    assert "选填" in drawn(FORM.django_form(draft=True), "summary")


def test_conditional_fields_say_when_they_are_asked():
    form = FORM.django_form(draft=True, prefix="answer")
    date = drawn(form, "rent_until")
    assert 'data-when-field="answer-premises"' in date
    assert 'data-when-is="[&quot;rent&quot;]"' in date
    assert 'type="date"' in date and 'min="2024-01-01"' in date
    assert 'data-when-is="[true]"' in drawn(form, "support_amount")


def test_a_date_that_is_none_is_shown_as_it_was_typed():
    form = FORM.django_form({"rent_until": "后年", "premises": "rent"}, draft=True)
    html = drawn(form, "rent_until")
    assert 'value="后年"' in html and 'type="text"' in html
    assert 'type="month"' in drawn(FORM.django_form(initial=COMPLETE, draft=True), "started")


def test_few_options_are_radios_and_many_are_a_list():
    form = FORM.django_form(initial={"premises": "rent", "supported": True}, draft=True)
    assert re.search(r'value="rent"[^>]*checked', drawn(form, "premises"))
    assert re.search(r'value="true"[^>]*checked', drawn(form, "supported"))
    assert "<select" in drawn(form, "support_kind") and "请选择" in drawn(form, "support_kind")


def test_a_grid_shows_each_amount_and_their_sum():
    html = drawn(FORM.django_form(initial=COMPLETE, draft=True), "by_category")
    assert '<legend class="field-label">投资构成' in html
    assert 'name="by_category__equipment" id="id_by_category__equipment" value="30,000,000.00"' in html
    assert "32,000,000.00</output>" in html
    assert 'data-sum-field="investment"' in html and "比“项目总投资”少 GAP 元" in html


def test_a_wrong_row_of_a_grid_is_marked_and_kept():
    form = FORM.django_form({"by_category__software": "2万", "by_category__equipment": "1"}, draft=True)
    html = drawn(form, "by_category")
    assert re.search(r'name="by_category__software"[^>]*value="2万"[^>]*aria-invalid="true"', html)
    assert not re.search(r'name="by_category__equipment"[^>]*aria-invalid', html)
    assert "data-grid-total></output>" in html


def test_closed_fields_of_a_correction_are_disabled_and_keep_their_answer():
    form = FORM.django_form(
        posted(project="改名", investment="1", by_category__equipment="1", supported="true"),
        initial=COMPLETE,
        draft=False,
        only={"project"},
    )
    assert form.is_valid(), form.errors
    assert form.answers == COMPLETE | {"project": "改名"}
    assert form.changed_data == ["project"]
    assert "disabled" not in drawn(form, "project")
    for key in ("investment", "supported", "by_category", "truth"):
        assert "disabled" in drawn(form, key)


def test_a_ceiling_is_reported_beside_the_amount():
    form = FORM.django_form(
        posted(investment="40000000", by_category__equipment="38000000"),
        initial=COMPLETE,
        draft=False,
        only={"investment"},
        ceilings={"investment": Decimal("32000000.00")},
    )
    assert form.errors == {"investment": ["补正时不得高于原申报的 32,000,000.00 元"]}


def test_sections_group_the_bound_fields():
    sections = FORM.django_form(draft=True).sections
    assert [section.title for section in sections] == ["项目", "投资", "声明"]
    assert [field.name for field in sections[2].fields] == ["truth"]


def test_help_and_labels_are_escaped():
    form = Form(one_field(label="<b>名称</b>", help="<script>1</script>")).django_form(draft=True)
    html = drawn(form, "name")
    assert "<b>" not in html and "<script>" not in html
