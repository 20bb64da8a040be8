"""Each component with nothing but what it needs: an absent optional parameter is never an error."""

import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django import forms
from django.template import engines

from applications.consortium import Share
from foundation.accounts.models import Office
from foundation.clock import clock
from tests.display import samples

pytestmark = pytest.mark.usefixtures("sample_pages")
AT = datetime(2026, 3, 25, 10, tzinfo=clock.SHANGHAI)
COMPONENTS = Path("templates/components")
# Parts of the frame: they read the page's own context and are seen on every sample page.
FRAME = {"header", "nav_items", "account_menu", "demo_bar", "footer", "messages", "key_help", "script_texts"}

NEEDED = {
    "state_chip": {"label": "草稿"},
    "due_chip": {"remaining": 3},
    "reasons": {"conditions": [{"met": None, "label": "注册地"}]},
    "amount": {"amount": None},
    "timeline": {"steps": [{"title": "已提交", "status": "done"}]},
    "key_value": {"rows": [{"label": "总投资", "value": 0}]},
    "figure": {"label": "拨付", "value": "1.24"},
    "empty_state": {"title": "还没有申请"},
    "breadcrumb": {"trail": [{"label": "首页", "url": "/"}, {"label": "本页"}]},
    "page_head": {"title": "有 2 项现在就能申请"},
    "section_head": {"title": "还差一步"},
    "tabs": {"tabs": [{"label": "全部", "url": "/", "active": True}]},
    "filter_bar": {"form": samples.QueueFilter()},
    "pagination": {"previous_url": "", "next_url": None},
    "kbd_hint": {"keys": [{"key": "J", "does": "下移"}]},
    "bars": {"rows": [{"label": "区级", "value": 2}]},
    "columns": {"rows": [{"label": "Q1", "value": 2}]},
    "tile_grid": {"districts": [{"name": "徐汇区", "value": 2}]},
    "progress": {"label": "正在汇总", "done": 0, "total": 0},
    "money_grid": {
        "id": "id_costs",
        "name": "costs",
        "unit": "元",
        "lines": [{"key": "equipment", "label": "设备", "value": "", "wrong": False}],
        "total": "",
        "sum_name": "",
        "disabled": False,
        "attributes": "",
    },
    "currency_amount": {
        "id": "id_total",
        "name": "total",
        "choices": [{"code": "CNY", "name": "人民币（CNY）", "chosen": True}],
        "amount": "",
        "day": "",
        "day_label": "合同签订日",
        "day_type": "date",
        "yuan": "",
        "foreign": "[]",
        "attributes": "",
        "of_inputs": "",
    },
    "consortium": {
        "shares": [Share("牵头", Decimal(70), None, is_lead=True), Share("参与", Decimal(30), None)]
    },
    "specialist": {
        "specialists": [{"specialist": {"get_full_name": "李敏"}, "office": Office(name="区科委")}]
    },
    "field": {"field": samples.SampleForm()["project"]},
    "fields": {"form": samples.ReasonForm()},
    "form_errors": {"form": samples.ReasonForm(data={})},
    "document_slot": {"name": "report", "title": "申报报告"},
    "issued": {"asks": [{"label": "受理通知书 PDF", "url": "/"}], "csrf_token": "x"},
    "afterwards": {
        "revocations": [
            {
                "get_state_display": "已通知",
                "notified_at": AT,
                "reason": "提供虚假材料",
                "due_on": AT.date(),
                "defended_at": None,
                "answer": "",
            }
        ],
        "changes": [],
        "checks": [],
        "document_url": "document",
        "case_pk": 1,
    },
    "letter": {
        "letter": {
            "get_kind_display": "不予受理通知书",
            "number": "沪科〔2026〕1号",
            "addressee": "示例检测有限公司",
            "body": [{"label": "理由", "text": "不在申报期内。"}],
            "office": {"name": "市科委"},
            "at": AT,
            "deliveries": {"all": []},
        }
    },
    "notification_settings": {
        "form": {"rows": [], "non_field_errors": [], "visible_fields": []},
        "phone_form": samples.ReasonForm(),
        "code_form": None,
        "pending_phone": "",
        "confirmed_phone": "",
        "settings_url": "/",
        "code_url": "/",
        "confirm_url": "/",
        "remove_url": "/",
        "csrf_token": "x",
    },
    "confirm": {"id": "go", "verb": "撤回", "consequence": "不能恢复。", "action": "/", "csrf_token": "x"},
}


def render(component, /, **values):
    template = engines["django"].from_string(
        f'{{% include "components/{component}.html" with {" ".join(f"{key}={key}" for key in values)} only %}}'
    )
    return template.render(values)


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_a_component_needs_no_more_than_it_says(name):
    assert render(name, **NEEDED[name]).strip()


def test_every_component_is_tried_here():
    assert {path.stem for path in COMPONENTS.glob("*.html")} - FRAME == set(NEEDED)


def test_every_component_explains_its_parameters_on_top():
    for path in COMPONENTS.glob("*.html"):
        assert "{% comment %}" in path.read_text()[:120], path


def test_no_template_or_tag_carries_inline_style_or_script():
    for path in Path("templates").rglob("*.html"):
        text = path.read_text()
        assert not re.search(r"\sstyle=|\son[a-z]+=\"|javascript:", text), path
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), path


def test_a_reason_says_its_sign_in_words_too():
    page = render("reasons", conditions=samples.CONDITIONS)
    for words in ("符合：", "不符合：", "尚不能判断：", "不低于 1,000 万元"):
        assert words in page


def test_an_amount_before_approval_is_only_an_upper_bound():
    page = render("amount", amount=samples.BOUND)
    assert "测算上限" in page
    assert "以核定和批复为准" in page
    assert "final" not in page


def test_an_approved_amount_is_the_big_figure_with_its_capitals():
    page = render("amount", amount=samples.BOUND, final=True)
    assert "叁佰贰拾万元整" in page
    assert "测算上限" not in page


def test_a_field_ties_label_help_remark_and_error_to_its_control():
    class Small(forms.Form):
        name = forms.CharField(label="名称", help_text="与备案一致")

    form = Small(data={"name": ""})
    page = render("field", field=form["name"], remark="请改为全称")
    assert '<label class="field-label" for="id_name">' in page
    assert 'aria-describedby="name-help name-remark name-error"' in page
    assert 'aria-invalid="true"' in page
    for part in ("help", "remark", "error"):
        assert f'id="name-{part}"' in page
    assert 'role="alert"' in page


def test_a_changed_value_shows_what_it_was():
    page = render("key_value", rows=[{"label": "总投资", "value": 32, "previous": 35, "source": "企业填写"}])
    assert '<span class="changed">32</span>' in page
    assert "上次提交 35" in page
    assert "企业填写" in page


def test_user_text_is_escaped_everywhere():
    evil = "<script>alert(1)</script>"
    for name, values in (
        ("state_chip", {"label": evil}),
        ("timeline", {"steps": [{"title": evil, "status": "done", "quote": evil, "detail": evil}]}),
        ("key_value", {"rows": [{"label": evil, "value": evil, "previous": "x", "source": evil}]}),
        ("reasons", {"conditions": [{"met": True, "label": evil, "actual": evil}]}),
        ("document_slot", {"name": "a", "title": evil, "errors": [evil], "remark": evil}),
    ):
        assert "<script" not in render(name, **values)
