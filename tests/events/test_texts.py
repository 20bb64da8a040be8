"""Edited words: named facts and nothing else, never code, never a link, never less than people must know."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.accounts.roles import SYSTEM
from foundation.clock import clock
from foundation.events import events, texts
from foundation.events.models import MessageText
from tests.events.factories import person, subject

ASKED = "trial.asked"
GOOD = ("补正 {number}", "请在 {due_on}前补正 {title}。\n说明：{note}\n{remarks}")
FACTS = {
    "number": "KJFW-1",
    "due_on": "2026-03-09",
    "item": "检测",
    "note": "请寄原件",
    "remarks": [{"label": "名称", "text": "写全称"}, {"label": "金额", "text": "核对"}],
}


def wrong(subject=GOOD[0], body=GOOD[1], verb=ASKED) -> dict:
    return texts.check(verb, subject, body)


@pytest.mark.parametrize("verb", texts.editable())
def test_the_shipped_words_are_good_words_themselves(verb):
    assert texts.check(verb, *texts.Shipped(verb).draft()) == {}


def test_facts_are_shown_as_the_shipped_words_show_them():
    assert wrong() == {}
    assert texts.fill(ASKED, GOOD[1], FACTS) == (
        "请在 3 月 9 日前补正 检测。\n说明：请寄原件\n1. 名称：写全称\n2. 金额：核对"
    )


def test_a_line_is_left_out_where_its_optional_fact_is_missing():
    without = {name: value for name, value in FACTS.items() if name != "note"}
    assert "说明" not in texts.fill(ASKED, GOOD[1], without)


def test_a_missing_fact_that_is_not_optional_is_told():
    with pytest.raises(texts.FactMissing):
        texts.fill(ASKED, GOOD[1], {"number": "1", "item": "检测"})


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("body", "请在 {due_on}前补正 {number}，找 {officer}。", "没有名为 {officer}"),
        ("body", "请补正 {number}。", r"必须写明 {due_on}"),
        ("body", "{{ facts.number }} {due_on}", "花括号"),
        ("body", "{% load x %}{number}{due_on}", "花括号"),
        ("body", "{number.__class__} {due_on}", "花括号"),
        ("body", "{number!r} {due_on}", "花括号"),
        ("body", "{number} {due_on} 详见 https://evil.example/", "网址"),
        ("body", "{number} {due_on} 详见 www.kefu.cn", "网址"),
        ("body", "{number} {due_on} kefu-sh.com", "网址"),
        ("body", "{number} {due_on}\x07", "不能显示"),
        ("body", "", "请填写"),
        ("body", "{number}{due_on}" + "长" * 3001, "最多 3000"),
        ("subject", "", "请填写"),
        ("subject", "两行\n{number}", "一行"),
        ("subject", "补正 {note}", "不是每条消息都有"),
        ("subject", "长" * 121, "最多 120"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(field, typed, message):
    found = wrong(**{field: typed})
    assert any(message in one for one in found[field]), found


def test_what_must_be_known_does_not_hang_on_what_may_be_missing():
    found = wrong(subject="补正", body="编号 {number}，{note}\n期限 {due_on}")
    assert any("必须写明 {number}" in one for one in found["body"])


@given(st.text(max_size=80))
def test_words_that_pass_never_fail_to_fill_and_leave_no_brace(typed):
    body = f"{typed}\n{{number}} {{due_on}}"
    if texts.check(ASKED, "补正", body) == {}:
        filled = texts.fill(ASKED, body, FACTS)
        assert not set("{}") & set(filled)
        assert "KJFW-1 3 月 9 日" in filled


def put(version, subject, body, at):
    MessageText.objects.create(
        verb=ASKED, version=version, subject=subject, body=body, entered_by=person(), entered_at=at
    )


@pytest.mark.django_db
def test_words_hold_from_their_moment_on_and_what_was_told_stays():
    day = clock.moment_of(date(2026, 3, 2))

    def told(at, **facts):
        with clock.at(at):
            tell = [events.Audience("user", person().pk)]
            return events.record(ASKED, subject(), by=SYSTEM, tell=tell, **facts).notifications.get()

    before = told(day, **FACTS)
    put(1, "补正通知 {number}", GOOD[1], day + timedelta(days=1))
    during = told(day + timedelta(days=2), **FACTS)
    poorer = told(day + timedelta(days=2), number="KJFW-2", due_on="2026-03-09", item="检测")
    put(2, "", "", day + timedelta(days=3))
    after = told(day + timedelta(days=4), **FACTS)
    subjects = [message.subject for message in events.render_many([before, during, poorer, after])]
    assert subjects == [
        "请在 3 月 9 日前补正 KJFW-1",
        "补正通知 KJFW-1",
        "请在 3 月 9 日前补正 KJFW-2",
        "请在 3 月 9 日前补正 KJFW-1",
    ]
