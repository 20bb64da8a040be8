"""The filters and tags of pages."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django import forms
from django.template import Context, Template

from foundation.clock import clock
from foundation.display import icons, tiles


def shown(source, **values):
    return Template("{% load display %}" + source).render(Context(values))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (date(2026, 4, 22), "4 月 22 日"),
        (date(2027, 1, 2), "2027 年 1 月 2 日"),
        ("2026-04-22", "4 月 22 日"),
        (datetime(2026, 4, 21, 17, 0, tzinfo=UTC), "4 月 22 日"),
        ("2026-04-21T17:00:00+00:00", "4 月 22 日"),
        (None, ""),
    ],
)
def test_a_day_is_named_in_shanghai_with_the_year_only_when_it_is_another(value, words):
    with clock.at(date(2026, 3, 25)):
        assert shown("{{ value|cnday }}", value=value) == words


def test_a_moment_has_its_hour():
    moment = datetime(2026, 3, 25, 8, 0, tzinfo=UTC)
    with clock.at(date(2026, 3, 25)):
        assert shown("{{ value|cnmoment }} {{ value|clocktime }}", value=moment) == "3 月 25 日 16:00 16:00"


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        ("13812345678", "•••••••5678"),
        ("6222021001098550814", "•••••••0814"),
        ("1234", "••••"),
        ("wang@example.com", "w•••@example.com"),
        ("", ""),
    ],
)
def test_personal_numbers_show_their_last_four_at_most(value, hidden):
    assert shown("{{ value|masked }}", value=value) == hidden


@pytest.mark.parametrize(
    ("remaining", "words", "tone"),
    [
        (7, "剩 7 个工作日", "neutral"),
        (3, "剩 3 个工作日", "neutral"),
        (2, "剩 2 个工作日", "warn"),
        (1, "剩 1 个工作日", "stop"),
        (0, "今日到期", "stop"),
        (-3, "已超期 3 个工作日", "stop"),
        (None, "无期限", "neutral"),
    ],
)
def test_a_deadline_is_said_in_words_and_grows_louder(remaining, words, tone):
    page = shown('{% include "components/due_chip.html" with remaining=n only %}', n=remaining)
    assert words in page
    assert f"tone-{tone}" in page


def test_a_paused_deadline_is_grey_whatever_remains():
    page = shown('{% include "components/due_chip.html" with remaining=1 paused=True only %}')
    assert "补正中 · 暂停计时" in page
    assert "tone-neutral" in page


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ v|yuan }}", "3,200,000"),
        ("{{ v|yuan2 }}", "3,200,000.00"),
        ("{{ v|wan }}", "320 万元"),
        ("{{ v|capital }}", "叁佰贰拾万元整"),
        ("{{ v|grouped }}", "3,200,000"),
    ],
)
def test_figures_carry_separators(source, text):
    assert shown(source, v=Decimal("3200000.00")) == text
    assert shown(source, v=None) == ""


@pytest.mark.parametrize(
    ("size", "text"), [(800, "800 B"), (320_000, "312 KB"), (1_887_437, "1.8 MB"), (20 * 2**20, "20 MB")]
)
def test_sizes_are_short(size, text):
    assert shown("{{ v|filesize }}", v=size) == text


def test_percentages_round_half_up():
    assert shown("{{ v|percent }} {{ v|percent:1 }}", v=Decimal("0.0975")) == "10% 9.8%"


def test_bars_start_at_zero_and_the_largest_fills_the_width():
    page = shown(
        "{% for row in rows|shares %}{{ row.share }} {% endfor %}", rows=[{"value": 5}, {"value": 20}]
    )
    assert page.split() == ["25.00", "100.00"]


def test_bars_of_nothing_are_empty():
    assert shown("{% for row in rows|shares %}{{ row.share }}{% endfor %}", rows=[{"value": 0}]) == "0"


def test_the_sixteen_districts_have_sixteen_places_of_their_own():
    assert len(set(tiles.PLACES.values())) == 16
    laid = {
        row["name"]: row
        for row in tiles.laid_out([{"name": "崇明区", "value": 3}, {"name": "浦东新区", "value": 0}])
    }
    assert (laid["崇明"]["row"], laid["崇明"]["column"]) == (1, 5)
    assert laid["浦东"]["level"] == 0
    assert laid["崇明"]["level"] == 5


def test_a_district_that_is_none_of_the_sixteen_is_an_error_not_a_gap():
    with pytest.raises(KeyError):
        tiles.laid_out([{"name": "昆山市", "value": 3}])


def test_icons_are_hidden_from_screen_readers():
    for name in icons.PATHS:
        assert 'aria-hidden="true"' in icons.svg(name)


def test_attributes_are_added_to_a_widget_without_losing_its_own():
    class Small(forms.Form):
        name = forms.CharField(widget=forms.TextInput(attrs={"class": "money"}))

    page = shown(
        '{{ form.name|add_class:"wide" }}{{ form.name|attrs:"data-money,placeholder=0.00" }}', form=Small()
    )
    assert 'class="money wide"' in page
    assert "data-money" in page
    assert 'placeholder="0.00"' in page
