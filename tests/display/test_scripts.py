"""What the scripts add: keys, saving by itself, reading back, checks before an upload."""

import pytest


@pytest.fixture
def queue(look):
    return look("/desk/samples/queue/")


def current(page):
    return page.locator("tr.is-current th").all_inner_texts()


def test_j_and_k_move_along_the_rows_and_stay_within_them(queue):
    queue.evaluate(
        "document.querySelectorAll('.is-current').forEach((row) => row.classList.remove('is-current'))"
    )
    queue.keyboard.press("j")
    assert current(queue) == ["KJFW-2026-0903-1-000871"]
    queue.keyboard.press("j")
    assert current(queue) == ["KJFW-2026-0801-1-000123"]
    for _ in range(3):
        queue.keyboard.press("k")
    assert current(queue) == ["KJFW-2026-0903-1-000871"]
    assert queue.evaluate("document.activeElement.textContent") == "KJFW-2026-0903-1-000871"


def test_a_slash_leads_to_the_search_and_there_the_keys_are_silent(queue):
    queue.keyboard.press("/")
    assert queue.evaluate("document.activeElement.name") == "q"
    queue.keyboard.type("jk?")
    assert queue.locator("input[name=q]").input_value() == "jk?"
    assert not queue.locator("#key-help").is_visible()


def test_a_question_mark_lists_the_keys_of_this_page(look):
    page = look("/desk/samples/review/")
    page.keyboard.press("?")
    help_text = page.locator("#key-help").inner_text()
    assert "下一行、上一行" in help_text
    assert "退回补正" in help_text
    page.keyboard.press("Escape")
    assert not page.locator("#key-help").is_visible()


def test_a_letter_opens_its_verb_and_is_silent_while_one_types(look):
    page = look("/desk/samples/review/")
    page.locator("textarea[name=summary]").press("d")
    assert page.locator("dialog[open]").count() == 0
    page.locator("h1").click()
    page.keyboard.press("d")
    assert page.get_by_role("dialog", name="不予推荐").is_visible()


def test_choosing_a_filter_takes_effect_at_once_and_leaves_empty_ones_out(queue):
    with queue.expect_navigation():
        queue.locator("select[name=item]").select_option("0801")
    assert queue.url.endswith("?item=0801&step=d")


def test_ticking_all_ticks_every_row(queue):
    queue.get_by_label("全选").check()
    assert queue.locator("[data-pick]:checked").count() == 6


def test_typed_money_is_read_back_while_typing(look):
    page = look("/samples/portal/")
    page.locator("input[name=investment]").fill("3200000.5")
    assert page.locator("#investment-readback").inner_text() == "3,200,000.50 元 · 叁佰贰拾万元伍角"
    page.locator("input[name=investment]").fill("三百万")
    assert "请填写金额" in page.locator("#investment-readback").inner_text()


def test_a_draft_saves_itself_and_says_when(look):
    page = look("/samples/form/")
    page.locator("input[name=place]").fill("徐汇区漕河泾")
    page.get_by_text("已保存 10:24").wait_for()
    assert page.locator("input[name=version]").input_value() == "2"


def test_a_draft_changed_elsewhere_stops_saving_and_says_so(look):
    page = look("/samples/form/")
    page.locator("input[name=project]").fill("冲突")
    page.get_by_text("此草稿已在别处修改").wait_for()
    page.locator("input[name=project]").fill("再改")
    page.wait_for_function("!document.querySelector('[data-save-state]').textContent.includes('正在保存')")
    assert "刷新后继续" in page.locator("[data-save-state]").inner_text()


def test_a_file_too_large_is_told_before_it_travels(look):
    page = look("/samples/form/")
    page.locator("input[name=licence]").set_input_files(
        {"name": "营业执照.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-" + b"0" * 4000}
    )
    said = page.locator("#licence-check").inner_text()
    assert "超过 1 KB 的上限" in said
    page.locator("input[name=report]").set_input_files(
        {"name": "报告.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    )
    assert page.locator("#report-check").inner_text() == "报告.pdf · 8 B"


def test_a_refused_form_puts_the_focus_on_its_summary(look):
    page = look("/samples/form/")
    assert page.evaluate("document.activeElement.className") == "error-summary"
