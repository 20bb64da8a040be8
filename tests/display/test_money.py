"""Amounts as text: exact to the fen, never through a float, and the browser says the same as the server."""

import random
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.display import money

DIGITS = {word: value for value, word in enumerate("零壹贰叁肆伍陆柒捌玖")}
PLACES = {"拾": 10, "佰": 100, "仟": 1000}
amounts = st.decimals(min_value=0, max_value=Decimal("99999999999999.99"), places=2)


def read_capitals(words: str) -> Decimal:
    """The amount that 大写 names, read word by word: the reference that knows nothing of how it was made."""
    whole, _yuan, fraction = words.partition("元") if "元" in words else ("", "", words)
    fen = 0
    for word, unit in re.findall(r"([壹贰叁肆伍陆柒捌玖])([角分])", fraction):
        fen += DIGITS[word] * (10 if unit == "角" else 1)
    total = section = digit = 0
    for word in whole:
        if word in DIGITS:
            digit = DIGITS[word]
        elif word in PLACES:
            section += (digit or 0) * PLACES[word]
            digit = 0
        else:
            size = 10_000 if word == "万" else 100_000_000
            total = (
                (total + section + digit) * size if size == 100_000_000 else total + (section + digit) * size
            )
            section = digit = 0
    return Decimal(total + section + digit) + Decimal(fen) / 100


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        # the examples of the central bank's rules for filling in payment vouchers
        ("1409.50", "壹仟肆佰零玖元伍角"),
        ("6007.14", "陆仟零柒元壹角肆分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("107000.53", "壹拾万柒仟元伍角叁分"),
        ("3200000", "叁佰贰拾万元整"),
        ("32000000.00", "叁仟贰佰万元整"),
        ("5000000.50", "伍佰万元伍角"),
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角"),
        ("10.00", "壹拾元整"),
        ("100000000", "壹亿元整"),
        ("100010000", "壹亿零壹万元整"),
        ("10000001000", "壹佰亿零壹仟元整"),
        ("1000000010000", "壹万亿零壹万元整"),
        ("99999999999999.99", "玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
        ("-200000", "负贰拾万元整"),
    ],
)
def test_an_amount_reads_as_the_rules_write_it(amount, words):
    assert money.in_capitals(Decimal(amount)) == words


@given(amounts)
def test_every_amount_reads_back_to_itself(amount):
    assert read_capitals(money.in_capitals(amount)) == amount


@given(amounts)
def test_a_gap_is_never_silent_across_groups_of_four(amount):
    """A group of four that does not fill its 仟 is joined to the one before it by 零."""
    words = money.in_capitals(amount)
    high, low = divmod(int(amount), 10**8)
    if high and 0 < low < 10**7:
        assert "亿零" in words
    ten_thousands, ones = divmod(low, 10_000)
    if ten_thousands and 0 < ones < 1000:
        assert "万零" in words
    assert "零零" not in words


@pytest.mark.parametrize("refused", [1.5, 0.1])
def test_a_float_is_refused_because_the_fen_is_already_lost(refused):
    with pytest.raises(TypeError):
        money.in_capitals(refused)


@pytest.mark.parametrize("refused", ["0.005", "100000000000000", "NaN", "十万"])
def test_what_cannot_stand_on_a_payment_order_is_refused(refused):
    with pytest.raises(ValueError, match=r"fen|wider|amount"):
        money.in_capitals(refused)


@pytest.mark.parametrize(
    ("amount", "plain", "two"),
    [
        ("3200000", "3,200,000", "3,200,000.00"),
        ("3200000.5", "3,200,000.50", "3,200,000.50"),
        ("0", "0", "0.00"),
        ("-1234.56", "-1,234.56", "-1,234.56"),
        ("99999999999999.99", "99,999,999,999,999.99", "99,999,999,999,999.99"),
    ],
)
def test_separators_stand_always_and_fen_only_where_there_are_any(amount, plain, two):
    assert money.plain(Decimal(amount)) == plain
    assert money.to_the_fen(Decimal(amount)) == two


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("5000000", "500 万元"), ("124000000", "1.24 亿元"), ("800", "800 元"), ("12345", "1.23 万元")],
)
def test_a_large_amount_reads_at_a_glance(amount, shown):
    assert " ".join(money.in_units(Decimal(amount))) == shown


def test_the_browser_reads_money_back_as_the_server_does(page):
    chance = random.Random(20260325)
    sample = [
        f"{chance.randrange(10 ** chance.randrange(1, 15))}.{chance.randrange(100):02}" for _ in range(400)
    ]
    sample += ["0.00", "0.05", "0.50", "10.00", "100000000.00", "10000001000.00", "1000000010000.10"]
    script = Path("static/js/money_readback.js").read_text()
    said = page.evaluate(
        """([script, typed]) => {
            const module = {};
            new Function("module", "document", script)(module, undefined);
            return typed.map((text) => module.exports.readBack(text));
        }""",
        [script, sample],
    )
    assert said == [money.read_back(Decimal(text)) for text in sample]


def test_the_browser_forgives_separators_and_full_width_digits_and_refuses_words(page):
    script = Path("static/js/money_readback.js").read_text()
    said = page.evaluate(
        """(script) => {
            const module = {};
            new Function("module", "document", script)(module, undefined);
            return ["3,200,000", "３２００", " ", "十万", "1.234"].map(module.exports.inCapitals);
        }""",
        script,
    )
    assert said == ["叁佰贰拾万元整", "叁仟贰佰元整", "", None, None]
