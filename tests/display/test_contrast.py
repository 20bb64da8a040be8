"""WCAG 2.2 AA of the tokens: 4.5 : 1 for text, 3 : 1 for the edges of controls; and no colour outside them."""

import re
from pathlib import Path

import pytest

CSS = Path("static/css")
TOKENS = dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6})\b", (CSS / "tokens.css").read_text()))

TEXT = [
    *(
        ("ink", ground)
        for ground in (
            "ground",
            "card",
            "sunken",
            "brand-soft",
            "warn-soft",
            "stop-soft",
            "ok-soft",
            "brand-faint",
        )
    ),
    *(("muted", ground) for ground in ("ground", "card", "sunken", "brand-soft")),
    *(("brand", ground) for ground in ("ground", "card", "brand-soft")),
    ("brand-dark", "brand-soft"),
    *(("ok", ground) for ground in ("card", "ground", "ok-soft")),
    *(("warn", ground) for ground in ("card", "ground", "warn-soft", "brand-faint")),
    *(("stop", ground) for ground in ("card", "ground", "stop-soft")),
    *(
        ("on-brand", ground)
        for ground in ("brand", "brand-dark", "stop", "stop-dark", "step-3", "step-4", "step-5")
    ),
    *(("ink", ground) for ground in ("step-0", "step-1", "step-2")),
]
EDGES = [("line-strong", "card"), ("line-strong", "ground"), ("brand", "card"), ("stop", "card")]


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    light, dark = sorted((luminance(TOKENS[one]), luminance(TOKENS[other])), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_is_readable_on_its_ground(text, ground):
    assert contrast(text, ground) >= 4.5


@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_controls_are_seen_on_their_ground(edge, ground):
    assert contrast(edge, ground) >= 3


def test_no_stylesheet_names_a_raw_colour_outside_the_tokens():
    for path in CSS.glob("*.css"):
        if path.name != "tokens.css":
            assert not re.search(r"#[0-9a-fA-F]{3,8}\b(?![^{]*\{)|rgba?\(|hsla?\(", path.read_text()), path


def test_every_custom_property_in_use_is_defined():
    defined = set()
    used = set()
    for path in CSS.glob("*.css"):
        text = path.read_text()
        defined |= set(re.findall(r"(--[a-z0-9-]+)\s*:", text))
        used |= set(re.findall(r"var\((--[a-z0-9-]+)", text))
    assert {name for name in used if not name.startswith("--bs-")} <= defined
