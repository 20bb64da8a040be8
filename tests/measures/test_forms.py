"""The form engine: what answers mean, what is wrong with them, what is shown and what is missing."""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measures.forms import Form
from tests.measures.definitions import COMPLETE, EVERY_TYPE, every_type, one_field, two_fields

FORM = Form(EVERY_TYPE)
FIELD_KEYS = [field.key for field in FORM.fields]


def cleaned_one(raw, **attributes):
    cleaned = Form(one_field(**attributes)).clean({"name": raw})
    return cleaned.values.get("name"), cleaned.errors.get("name", [])


# --- typed values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("3200", "3200.00"),
        (" 3,200.00 ", "3200.00"),
        ("３，２００．５０", "3200.50"),
        ("32000000.1", "32000000.10"),
        ("0", "0.00"),
        ("9,999,999,999,999.99", "9999999999999.99"),
        (Decimal("12.30"), "12.30"),
        (7, "7.00"),
    ],
)
def test_money_is_stored_in_yuan_with_two_places(typed, stored):
    assert cleaned_one(typed, type="money") == (stored, [])


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("3200万元", "不要写“万元”"),
        ("三千二百", "不要写“万元”"),
        ("-1", "不能为负数"),
        ("1.234", "两位小数"),
        ("10,000,000,000,000", "过大"),
        ("32,00", "只填数字"),
        ("10²", "只填数字"),
        ("1e5", "只填数字"),
        ("NaN", "只填数字"),
        ("3 200", "只填数字"),
        ("٣٢", "只填数字"),
        ("0" * 500 + "1", "只填数字"),
    ],
)
def test_money_that_cannot_be_read_stays_as_typed_and_says_what_to_do(typed, hint):
    stored, errors = cleaned_one(typed, type="money")
    assert stored == typed[:200]
    assert len(errors) == 1 and hint in errors[0]


def test_a_float_is_never_taken_for_money():
    assert cleaned_one(0.1, type="money") == (None, [])


def test_bounds_of_money_are_named_in_yuan():
    assert cleaned_one("99", type="money", min="100.00")[1] == ["不得低于 100.00 元"]
    assert cleaned_one("5000001", type="money", max="5000000.00")[1] == ["不得高于 5,000,000.00 元"]


@pytest.mark.parametrize(
    ("typed", "decimals", "stored"),
    [("1,200", 0, "1200"), ("１２", 0, "12"), ("12.50", 2, "12.5"), ("100", 2, "100"), ("-0", 0, "0")],
)
def test_numbers_are_stored_without_trailing_zeros(typed, decimals, stored):
    assert cleaned_one(typed, type="number", decimals=decimals) == (stored, [])


@pytest.mark.parametrize(
    ("typed", "attributes", "hint"),
    [
        ("12.5", {}, "请填写整数"),
        ("1.234", {"decimals": 2}, "2 位小数"),
        ("-3", {}, "不能为负数"),
        ("十二", {}, "只填数字"),
        ("21", {"max": "20", "unit": "人"}, "不得高于 20 人"),
        ("-6", {"min": "-5"}, "不得低于 -5"),
    ],
)
def test_wrong_numbers_say_what_to_do(typed, attributes, hint):
    assert hint in cleaned_one(typed, type="number", **attributes)[1][0]


@pytest.mark.parametrize(
    "typed", ["2026-03-01", "2026/3/1", "2026.3.1", "2026年3月1日", "２０２６－０３－０１"]
)
def test_days_are_stored_as_iso(typed):
    assert cleaned_one(typed, type="date") == ("2026-03-01", [])


@pytest.mark.parametrize("typed", ["2026-02-30", "1026-01-01", "03-01", "2026-3/1", "昨天"])
def test_days_that_do_not_exist_stay_as_typed(typed):
    stored, errors = cleaned_one(typed, type="date")
    assert stored == typed and len(errors) == 1


def test_days_outside_their_bounds_are_refused():
    assert cleaned_one("2023-12-31", type="date", min="2024-01-01")[1] == ["不得早于 2024 年 1 月 1 日"]
    assert cleaned_one("2026-02", type="month", max="2026-01")[1] == ["不得晚于 2026 年 1 月"]


def test_months_are_stored_as_year_and_month():
    assert cleaned_one("2026年1月", type="month") == ("2026-01", [])
    assert cleaned_one("2026/13", type="month")[0] == "2026/13"


def test_control_and_direction_characters_are_stripped_from_text():
    assert cleaned_one(" 甲\x00乙\u202e丙\u200b\r\n丁\ud800 ") == ("甲乙丙 丁", [])
    assert cleaned_one("一\r\n二\t三\x0b四", type="paragraph") == ("一\n二\t三\n四", [])


def test_text_keeps_its_full_width_characters():
    assert cleaned_one("Ａ（甲）１２３")[0] == "Ａ（甲）１２３"


def test_text_that_is_too_long_is_kept_and_says_by_how_much():
    stored, errors = cleaned_one("长" * 201)
    assert stored == "长" * 201
    assert errors == ["最多 200 字，现在有 201 字"]
    assert len(cleaned_one("长" * 100_000, type="paragraph")[0]) == 20_000


def test_a_choice_outside_of_the_options_is_reported():
    options = ["甲", "乙"]
    assert cleaned_one("甲", type="choice", options=options) == ("甲", [])
    assert cleaned_one("丙", type="choice", options=options)[1] == ["请从所列选项中选择一项"]


@pytest.mark.parametrize(("typed", "stored"), [("true", True), (False, False), ("否", False), ("", None)])
def test_yes_and_no_are_stored_as_booleans(typed, stored):
    assert cleaned_one(typed, type="yes_no") == (stored, [])


def test_an_unticked_declaration_is_no_answer():
    assert cleaned_one("on", type="declaration") == (True, [])
    assert cleaned_one(False, type="declaration") == (None, [])


def test_unknown_keys_and_unknown_rows_are_dropped():
    cleaned = FORM.clean({"evil": 1, "by_category": {"equipment": "1", "evil": "2"}, "project": ["x"]})
    assert cleaned.values == {"by_category": {"equipment": "1.00"}}


# --- tables ---------------------------------------------------------------------------------------------


def test_a_row_that_cannot_be_read_is_named():
    cleaned = FORM.clean({"by_category": {"equipment": "3万", "software": "1"}})
    assert cleaned.values["by_category"] == {"equipment": "3万", "software": "1.00"}
    assert cleaned.errors["by_category"][0].startswith("设备购置：")


def test_a_sum_that_differs_from_its_field_names_both_figures():
    answers = COMPLETE | {"by_category": {"equipment": "30000000"}}
    message = FORM.clean(answers, draft=False).errors["by_category"][0]
    assert "30,000,000.00" in message and "32,000,000.00" in message and "2,000,000.00" in message
    assert "项目总投资" in message


def test_a_table_still_being_filled_in_is_not_wrong_yet_but_one_above_its_sum_is():
    assert FORM.clean({"investment": "100", "by_category": {"equipment": "60"}}).errors == {}
    assert FORM.clean({"investment": "100", "by_category": {"equipment": "160"}}).errors.keys() == {
        "by_category"
    }
    full = {"equipment": "60", "software": "0", "building": "0"}
    assert FORM.clean({"investment": "100", "by_category": full}).errors.keys() == {"by_category"}


# --- conditions -----------------------------------------------------------------------------------------


def test_what_hangs_on_an_unmet_condition_is_hidden_and_so_is_what_hangs_on_that():
    answers = {"supported": True, "support_kind": "其他"}
    assert {"support_amount", "support_kind", "support_other"} <= FORM.visible(answers)
    answers["supported"] = False
    assert not {"support_amount", "support_kind", "support_other"} & FORM.visible(answers)


def test_document_slots_follow_conditions_too():
    assert "lease" not in FORM.visible({"premises": "own"})
    assert "lease" in FORM.visible({"premises": "rent"})


def test_a_draft_keeps_hidden_answers_and_a_submission_drops_them():
    answers = COMPLETE | {"rent_until": "2030-01-01", "support_amount": "abc"}
    assert FORM.clean(answers).values["rent_until"] == "2030-01-01"
    assert FORM.clean(answers).errors == {}
    submitted = FORM.clean(answers, draft=False)
    assert "rent_until" not in submitted.values and "support_amount" not in submitted.values
    assert submitted.errors == {}


def test_nothing_is_required_of_a_draft():
    assert FORM.clean({}).errors == {}


def test_a_submission_requires_what_is_shown_and_required():
    errors = FORM.clean({"supported": True, "premises": "rent"}, draft=False).errors
    assert set(errors) == {"project", "rent_until", "investment", "by_category", "support_amount", "truth"}
    assert errors["truth"] == ["请勾选此项声明，否则不能提交"]


# --- missing, inputs, rows ------------------------------------------------------------------------------


def test_a_complete_application_misses_nothing():
    assert FORM.missing(COMPLETE, {"report"}) == []


def test_missing_lists_fields_declarations_wrong_answers_and_documents_in_order():
    answers = {
        "premises": "rent",
        "rent_until": "后年",
        "investment": "10",
        "by_category": {"software": "10"},
    }
    found = [(one.key, one.kind) for one in FORM.missing(answers, {"photos"})]
    assert found == [
        ("project", "field"),
        ("rent_until", "wrong"),
        ("supported", "field"),
        ("truth", "declaration"),
        ("report", "document"),
        ("lease", "document"),
    ]


def test_inputs_are_python_values_by_fact():
    answers = COMPLETE | {"supported": "true", "support_amount": "5,000"}
    assert FORM.inputs(answers) == {
        "project_start": date(2026, 1, 1),
        "staff": Decimal(12),
        "declared_investment": Decimal("32000000.00"),
        "itemised_investment": Decimal("32000000.00"),
        "same_project_supported": True,
        "support_received": Decimal("5000.00"),
        "declared_true": True,
    }


def test_what_is_unanswered_wrong_or_hidden_is_unknown_to_the_rules():
    inputs = FORM.inputs({"supported": False, "support_amount": "5", "investment": "很多", "staff": "9999"})
    assert inputs["same_project_supported"] is False
    assert [
        inputs[fact] for fact in ("support_received", "declared_investment", "staff", "declared_true")
    ] == [None] * 4


def row_of(sections, key):
    return next(row for section in sections for row in section.rows if row.key == key)


def test_rows_read_as_people_read_them():
    sections = FORM.rows(COMPLETE | {"started": "2026-01", "area": "1234.5"})
    assert [section.title for section in sections] == ["项目", "投资", "声明"]
    assert row_of(sections, "investment").text == "32,000,000.00"
    assert row_of(sections, "investment").unit == "元"
    assert row_of(sections, "by_category.equipment").text == "30,000,000.00"
    assert row_of(sections, "by_category.building").text == "未填写"
    assert row_of(sections, "by_category").text == "32,000,000.00"
    assert row_of(sections, "started").text == "2026 年 1 月"
    assert row_of(sections, "premises").text == "自有"
    assert row_of(sections, "supported").text == "否"
    assert row_of(sections, "truth").text == "已声明"
    assert row_of(sections, "summary").text == "未填写" and not row_of(sections, "summary").answered
    assert not any(row.key == "rent_until" for section in sections for row in section.rows)


def test_rows_mark_what_changed_since_the_last_submission_and_carry_the_remarks():
    now = COMPLETE | {"investment": "31000000.00", "supported": True, "support_amount": "1.00"}
    sections = FORM.rows(now, COMPLETE, {"investment": "请核对发票"})
    changed = row_of(sections, "investment")
    assert (changed.previous_text, changed.changed, changed.remark) == ("32,000,000.00", True, "请核对发票")
    assert row_of(sections, "project").changed is False
    assert row_of(sections, "support_amount").previous_text == "不适用"
    back = FORM.rows(COMPLETE, now)
    assert (row_of(back, "support_amount").text, row_of(back, "support_amount").previous_text) == (
        "不适用",
        "1.00",
    )


# --- corrections ----------------------------------------------------------------------------------------


def test_only_the_named_fields_are_open_in_a_correction():
    cleaned = FORM.clean(
        {"project": "改名", "investment": "1"}, draft=False, only={"project"}, initial=COMPLETE
    )
    assert cleaned.errors == {}
    assert cleaned.values == COMPLETE | {"project": "改名"}


def test_opening_a_field_opens_what_hangs_on_it_and_the_table_that_must_add_up_to_it():
    assert FORM.opened({"supported"}) == {"supported", "support_amount", "support_kind", "support_other"}
    assert FORM.opened({"investment"}) == {"investment", "by_category"}
    assert FORM.opened({"premises", "nothing"}) == {"premises", "rent_until", "lease"}


def test_a_declared_amount_may_fall_but_never_rise_in_a_correction():
    ceilings = {"investment": Decimal("32000000.00")}

    def corrected(investment, table):
        answers = COMPLETE | {"investment": investment, "by_category": {"equipment": table}}
        return FORM.clean(
            answers, draft=False, only={"investment"}, initial=COMPLETE, ceilings=ceilings
        ).errors

    assert corrected("31000000", "31000000") == {}
    assert corrected("32000000", "32000000") == {}
    assert corrected("33000000", "33000000") == {"investment": ["补正时不得高于原申报的 32,000,000.00 元"]}


# --- properties -----------------------------------------------------------------------------------------

texts = st.one_of(
    st.text(max_size=40),
    st.text("0123456789,.０１２，．-年月日/ 　²", max_size=24),
    st.dates(date(1890, 1, 1), date(2110, 1, 1)).map(str),
    st.decimals(-10, 10**14, places=2).map("{:,.2f}".format),
    st.sampled_from(["true", "false", "是", "否", "on", "own", "rent", "其他", "2026-01", "1" * 300]),
)
scalars = st.one_of(texts, st.none(), st.booleans(), st.integers(), st.floats(), st.decimals(), st.dates())
anything = st.one_of(
    scalars,
    st.lists(scalars, max_size=2),
    st.dictionaries(st.sampled_from(["equipment", "software", "building", "x"]), scalars, max_size=4),
)
raw_answers = st.dictionaries(st.sampled_from([*FIELD_KEYS, "x"]), anything, max_size=len(FIELD_KEYS))


@given(raw_answers, st.booleans())
@settings(deadline=None)
def test_cleaning_twice_changes_nothing_and_answers_survive_json(raw, draft):
    once = FORM.clean(raw, draft=draft)
    again = FORM.clean(json.loads(json.dumps(once.values)), draft=draft)
    assert again == once


@given(raw_answers)
@settings(deadline=None)
def test_whatever_was_typed_can_be_shown_asked_about_and_drawn(raw):
    stored = FORM.clean(raw).values
    assert FORM.visible(stored) == FORM.visible(raw)
    assert FORM.inputs(stored) == FORM.inputs(raw)
    FORM.rows(stored, raw, {})
    submitted = FORM.clean(stored, draft=False)
    assert {one.key for one in FORM.missing(stored, {"report", "lease"})} == set(submitted.errors)
    if not submitted.errors:
        assert all(
            value is not None
            for fact, value in FORM.inputs(submitted.values).items()
            if fact == "declared_true"
        )


@given(raw_answers)
@settings(deadline=None, max_examples=30)
def test_the_html_form_gives_back_what_it_showed(raw):
    answers = FORM.clean(raw).values
    unbound = FORM.django_form(initial=answers, draft=True)
    posted = {}
    for bound in unbound:
        value = bound.value()
        if isinstance(value, dict):
            posted |= {f"{bound.html_name}__{row}": typed for row, typed in value.items()}
        elif value is True:
            posted[bound.html_name] = "on"
        elif value not in (None, False):
            posted[bound.html_name] = value
    assert FORM.django_form(posted, initial=answers, draft=True).answers == answers


def test_the_definition_that_was_read_is_left_as_it_was():
    assert every_type() == EVERY_TYPE
    assert Form(two_fields({"key": "b", "label": "乙", "type": "text"})).visible({}) == {"asked", "b"}


# --- one field not before another -----------------------------------------------------------------------
TERM = Form(
    {
        "sections": [
            {
                "title": "时间",
                "fields": [
                    {"key": "start", "label": "开始月份", "type": "month", "required": True},
                    {"key": "end", "label": "完成月份", "type": "month", "not_before": "start"},
                ],
            }
        ]
    }
)


@pytest.mark.parametrize(
    ("start", "end", "errors"),
    [
        ("2026-03", "2026-02", {"end": ["不能早于“开始月份”，请核对"]}),
        ("2026-03", "2026-03", {}),
        ("2025-12", "2026-01", {}),
        ("", "2026-01", {}),
        ("2026-03", "", {}),
    ],
)
def test_an_end_may_not_lie_before_its_start(start, end, errors):
    assert TERM.clean({"start": start, "end": end}).errors == errors


def test_a_wrong_start_says_so_itself_and_a_correction_of_the_start_opens_the_end():
    assert TERM.clean({"start": "三月", "end": "2026-01"}).errors.keys() == {"start"}
    assert TERM.opened({"start"}) == {"start", "end"}
