"""A definition that can't be filled in is refused, in Chinese, with the place where it is wrong."""

import pytest
from django.core.exceptions import ValidationError

from measures.forms import DefinitionError, Form, When
from measures.models import FormVersion
from tests.measures.definitions import EVERY_TYPE, every_type, one_field, two_fields

TEXT = {"key": "b", "label": "乙", "type": "text"}


def problems(definition) -> str:
    with pytest.raises(DefinitionError) as caught:
        Form(definition)
    return "\n".join(caught.value.messages)


def test_a_sound_definition_is_read_in_order():
    form = Form(EVERY_TYPE)
    assert [field.section for field in form.fields] == ["项目"] * 7 + ["投资"] * 6 + ["声明"]
    assert form.by_key["rent_until"].when == When("premises", ("rent",))
    assert form.by_key["premises"].options == (("own", "自有"), ("rent", "租赁"))
    assert form.by_key["support_kind"].options[0] == ("拨款", "拨款")
    assert form.by_key["investment"].unit == "元"
    assert form.by_key["truth"].required
    report, lease, photos = form.slots
    assert (report.types, report.max_bytes) == (("application/pdf",), 30 * 2**20)
    assert lease.types == ("application/pdf", "image/png", "image/jpeg")
    assert photos.types == ("image/jpeg", "image/png") and not photos.required


@pytest.mark.parametrize(
    ("definition", "hint"),
    [
        (None, "应为对象"),
        ([], "应为对象"),
        ({}, "至少要有一个字段"),
        ({"sections": {}}, "sections 应为列表"),
        ({"sections": [{"title": "一", "fields": []}]}, "第 1 部分：没有字段"),
        ({"sections": ["一"]}, "第 1 部分：应为对象"),
        (one_field(type="blob"), "未知类型 blob"),
        (one_field(type=None), "未知类型 None"),
        (one_field(type=["text"]), "未知类型"),
        (one_field(key=None), "key 应为小写英文"),
        (one_field(key="Name"), "key 应为小写英文"),
        (one_field(key="a__b"), "key 应为小写英文"),
        (one_field(key="a" * 41), "key 应为小写英文"),
        (one_field(label=None), "label 应为文字"),
        (one_field(label="长" * 101), "label 超过 100 字"),
        (one_field(requierd=True), "不认识的属性 requierd"),
        (one_field(required="yes"), "required 应为 true 或 false"),
        (one_field(options=["甲", "乙"]), "不认识的属性 options"),
        (one_field(max_length=0), "max_length 应为 1 至"),
        (one_field(max_length=True), "max_length 应为 1 至"),
        (one_field(type="choice"), "options 至少要有 2 项"),
        (one_field(type="choice", options=["甲"]), "options 至少要有 2 项"),
        (one_field(type="choice", options=["甲", "甲"]), "options 有重复项"),
        (one_field(type="choice", options=["甲", 3]), "options 第 2 项：应为对象"),
        (one_field(type="money", unit="万元"), "单位只能是元"),
        (one_field(type="money", min=0.5), "min 不对"),
        (one_field(type="money", min="2", max="1"), "min 大于 max"),
        (one_field(type="number", decimals=9), "decimals 应为 0 至 4"),
        (one_field(type="date", min="明天"), "min 不对"),
        (one_field(type="declaration", required=False), "声明必须勾选"),
        (one_field(type="table"), "rows 至少要有 1 项"),
        (one_field(type="table", rows=[{"key": "A", "label": "甲"}]), "rows 第 1 项：key 应为小写英文"),
        (
            one_field(type="table", rows=[{"key": "a", "label": "甲"}], sum_to="x"),
            "sum_to 应指向一个金额字段",
        ),
        (one_field(type="month", not_before="later"), "not_before 应指向另一个同类型的日期或月份字段"),
        (one_field(type="month", not_before="name"), "not_before 应指向另一个同类型的日期或月份字段"),
        (one_field(type="text", not_before="name"), "不认识的属性 not_before"),
        (two_fields({**TEXT, "key": "asked"}), "key asked 重复"),
        (two_fields({**TEXT, "when": {"field": "later", "is": True}}), "不存在或排在后面"),
        (two_fields({**TEXT, "when": {"field": "b", "is": True}}), "不存在或排在后面"),
        (two_fields({**TEXT, "when": {"field": "asked"}}), "when 应为"),
        (two_fields({**TEXT, "when": {"field": "asked", "is": "yes"}}), "不是 asked 的选项"),
        (two_fields({**TEXT, "when": {"field": "asked", "is": 1}}), "不是 asked 的选项"),
        (two_fields({**TEXT, "when": {"field": "asked", "is": []}}), "不是 asked 的选项"),
        (two_fields({**TEXT, "when": {"field": ["asked"], "is": True}}), "不存在或排在后面"),
        (
            two_fields({**TEXT, "when": {"field": "a", "is": "x"}}, {**TEXT, "key": "a"}),
            "只能引用单选、是否或声明",
        ),
        (
            two_fields({**TEXT, "type": "number", "fact": "f"}, {**TEXT, "key": "a", "fact": "f"}),
            "fact f 已由另一字段提供",
        ),
    ],
)
def test_what_is_wrong_with_a_definition_is_said(definition, hint):
    assert hint in problems(definition)


@pytest.mark.parametrize(
    ("slot", "hint"),
    [
        ("执照", "第 1 项材料：应为对象"),
        ({"key": "name", "label": "执照"}, "key name 重复"),
        ({"key": "a", "label": "执照", "types": ["exe"]}, "types 应为 pdf、png、jpeg"),
        ({"key": "a", "label": "执照", "types": []}, "types 应为 pdf、png、jpeg"),
        ({"key": "a", "label": "执照", "max_mb": 500}, "max_mb 应为 1 至 100"),
        ({"key": "a", "label": "执照", "when": {"field": "x", "is": True}}, "不存在或排在后面"),
    ],
)
def test_what_is_wrong_with_a_document_slot_is_said(slot, hint):
    assert hint in problems({**one_field(), "documents": [slot]})


def test_every_problem_is_listed_with_its_place():
    definition = every_type()
    definition["sections"][1]["fields"][0]["type"] = "euro"
    definition["sections"][0]["fields"][0]["colour"] = "red"
    found = problems(definition)
    assert "第 2 部分 · 第 1 个字段（investment）：未知类型 euro" in found
    assert "第 1 部分 · 第 1 个字段（project）：不认识的属性 colour" in found


def test_a_broken_definition_is_refused_by_the_model():
    with pytest.raises(ValidationError, match="未知类型"):
        FormVersion(number=1, definition=one_field(type="blob")).clean()
    with pytest.raises(ValidationError, match="未知类型"):
        FormVersion(number=1, definition=one_field(type="blob")).save()
    assert FormVersion(number=1, definition=EVERY_TYPE).form.fields
