"""The same facts give the same bytes; texts of people are never markup; nothing prints as a box."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings

from foundation.clock import clock
from foundation.documents.rendering import render
from tests.applications.conftest import MONDAY
from tests.documents.reading import reader, text


def slip(enterprise: str = "示例检测有限公司", **changes) -> dict:
    return {
        "document": {"title": "受理通知书", "author": "科服直达", "number": "KJ-1", "facts": "ab" * 32},
        "enterprise": enterprise,
        "item": "检验检测能力提升",
        "facts": [["申请编号", "KJ-1"]],
        "next": "由区审核。",
        "contact": "请咨询。",
        "remedies": "可以申请行政复议。",
        "office": "徐汇区科委",
        "moment": "2026 年 9 月 21 日",
        **changes,
    }


def test_the_same_facts_give_the_same_bytes_on_another_day_and_in_another_process():
    first = render("acceptance", slip(), MONDAY)
    with clock.at(MONDAY + timedelta(days=400)):
        assert render("acceptance", slip(), MONDAY) == first
    script = (
        "import django, sys; django.setup();"
        "from tests.documents.test_rendering import MONDAY, render, slip;"
        "sys.stdout.buffer.write(render('acceptance', slip(), MONDAY))"
    )
    environment = os.environ | {"TZ": "America/New_York", "SOURCE_DATE_EPOCH": "1"}
    other = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        cwd=settings.BASE_DIR,
        env=environment,
        check=True,
    )
    assert other.stdout == first
    assert render("acceptance", slip(), MONDAY + timedelta(days=1)) != first


@pytest.mark.parametrize(
    "evil",
    [
        "#panic(1)",
        "$x^2$",
        "*粗*_斜_",
        r"反\斜\n线",
        "@someone<label>",
        "`raw`",
        "= 标题",
        "// 注释 /* x */",
        "[a](b) \"引号\" 'q'",
        '#import "layout.typ": *',
        "{{ x }} {% y %}",
        "-- --- ... ~",
    ],
)
def test_what_people_wrote_is_shown_letter_by_letter(evil):
    assert evil.replace(" ", "") in text(render("acceptance", slip(evil, next=evil), MONDAY))


def test_long_words_stay_on_the_page():
    word = "a1" * 200
    content = render("acceptance", slip(word), MONDAY)
    assert word in text(content)
    pages = [page.extract_text().replace("\u200b", "") for page in reader(content).pages]
    lines = [line for page in pages for line in page.splitlines()]
    assert max(len(line.strip()) for line in lines if "a1a1" in line) < 110, "a line runs over the edge"


def test_a_character_that_the_font_lacks_is_named_and_controls_are_dropped():
    content = text(render("acceptance", slip("甲\u202e乙\x07😀丙"), MONDAY))
    assert "甲乙〔U+1F600〕丙" in content


def test_it_is_tagged_titled_and_says_its_language():
    document = reader(render("acceptance", slip(), MONDAY))
    root = document.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] is True or root["/MarkInfo"]["/Marked"].value is True
    assert str(root["/Lang"]).lower().startswith("zh")
    assert "/StructTreeRoot" in root
    assert document.metadata.title == "受理通知书"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    metadata = root["/Metadata"].get_data().decode()
    assert "pdfuaid:part" in metadata and "pdfaid:part" in metadata


def test_each_page_says_which_it_is_of_how_many_and_whose_number_it_bears():
    rows = [[f"项目 {n}", "内容"] for n in range(80)]
    content = render("acceptance", slip(facts=rows), MONDAY)
    pages = reader(content).pages
    assert len(pages) > 1
    for number, page in enumerate(pages, start=1):
        shown = page.extract_text().replace(" ", "")
        assert f"第{number}页，共{len(pages)}页" in shown
        assert "KJ-1" in shown and "本文件由系统生成，SHA-256登记在案" in shown
