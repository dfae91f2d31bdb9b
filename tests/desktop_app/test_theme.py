from __future__ import annotations

import re
from importlib import resources

import pytest
from PySide6.QtWidgets import QApplication

from core.domain.labels import LABEL_COLOURS, UNLABELLED_COLOUR
from desktop_app.contrast import MIN_GRAPHIC_CONTRAST, MIN_TEXT_CONTRAST, contrast
from desktop_app.style_sheet import build
from desktop_app.theme import DARK, LIGHT, TOKEN_NAMES, Theme, Tokens, draw_icon, icon_svg, theme_for
from desktop_app.widgets.label_pill import pill_colours

SURFACES = ("background", "surface", "sunken", "accent_background")
TEXTS = ("text", "muted", "accent")
STATES = (("good", "good_background"), ("warn", "warn_background"), ("bad", "bad_background"))
ICONS = sorted(
    entry.name.removesuffix(".svg")
    for entry in (resources.files("resources") / "icons").iterdir()
    if entry.name.endswith(".svg")
)
LOOKS = pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])


def test_the_contrast_of_black_on_white_is_21():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#777777") == 1


@LOOKS
@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("text", TEXTS)
def test_text_is_readable_on_every_surface(tokens: Tokens, text: str, surface: str):
    assert contrast(getattr(tokens, text), getattr(tokens, surface)) >= MIN_TEXT_CONTRAST


@LOOKS
@pytest.mark.parametrize(("state", "field"), STATES)
def test_states_are_readable_on_cards_and_on_their_own_field(tokens: Tokens, state: str, field: str):
    assert contrast(getattr(tokens, state), tokens.surface) >= MIN_GRAPHIC_CONTRAST
    assert contrast(getattr(tokens, state), getattr(tokens, field)) >= MIN_GRAPHIC_CONTRAST


@LOOKS
def test_text_on_the_accent_is_readable_and_the_accent_is_seen(tokens: Tokens):
    assert contrast(tokens.on_accent, tokens.accent) >= MIN_TEXT_CONTRAST
    assert contrast(tokens.accent, tokens.background) >= MIN_GRAPHIC_CONTRAST


@pytest.mark.parametrize("colour", [colour for colour, _ in (*LABEL_COLOURS, UNLABELLED_COLOUR)])
def test_the_name_in_a_label_s_pill_is_readable(qapp: QApplication, colour: str):
    field, text = pill_colours(colour)
    assert contrast(field, text) >= MIN_TEXT_CONTRAST


@LOOKS
def test_the_style_sheet_takes_every_value_from_the_theme(qapp: QApplication, tokens: Tokens, own_home: object):
    sheet = build(Theme(tokens, dark=tokens is DARK))
    assert "$" not in sheet
    source = (resources.files("resources") / "themes" / "coverslip.qss").read_text("utf-8")
    assert not re.findall(r"#[0-9A-Fa-f]{6}\b", source)
    used = set(re.findall(r"\$\{?([a-z_]+)\}?", source))
    assert {"text", "surface", "accent"} <= used & set(TOKEN_NAMES)


def test_measures_grow_with_the_text(qapp: QApplication):
    assert Theme(LIGHT, dark=False, scale=1.5).px(168) == 252
    assert Theme(LIGHT, dark=False, scale=1.5).font(13).pixelSize() == 20


def test_the_theme_is_the_one_asked_for(qapp: QApplication):
    assert theme_for("dark").tokens is DARK
    assert theme_for("light").tokens is LIGHT
    assert theme_for("system").tokens in (LIGHT, DARK)


@pytest.mark.parametrize("name", ICONS)
def test_an_icon_is_of_the_family_and_draws_something(qapp: QApplication, name: str):
    svg = icon_svg(name, "#123456")
    assert 'viewBox="0 0 24 24"' in svg
    assert 'stroke-width="1.7"' in svg
    assert "currentColor" not in svg
    image = draw_icon(name, "#123456", 24).toImage()
    painted = {image.pixelColor(x, y).alpha() > 0 for x in range(24) for y in range(24)}
    assert painted == {True, False}
