"""The application's style sheet: ``resources/themes/coverslip.qss`` filled with the theme's tokens and measures.

Widgets choose a look with dynamic properties, never with style strings of their own:

* `QLabel[role]`: ``title``, ``subtitle``, ``head``, ``strong``, ``muted``, ``small``, ``big``, ``good``, ``warn``,
  ``bad``, ``accent``, ``mono``, ``key``
* `QPushButton[kind]`: ``primary``, ``quiet``, ``link``, ``danger``, ``chip`` (checkable or not); none is the plain one
* `QFrame[surface]`: ``card``, ``sunken``, ``bar``, ``popover``
"""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from pathlib import Path
from string import Template

from PySide6.QtWidgets import QApplication

from core.paths import atomic_write, user_cache_dir
from desktop_app import theme as looks
from desktop_app.theme import Theme


def apply_to(application: QApplication, theme: Theme) -> None:
    """Dress the application in `theme`."""
    application.setPalette(theme.palette())
    application.setFont(theme.font(tabular=True))
    application.setStyleSheet(build(theme))


def build(theme: Theme) -> str:
    """Return the style sheet of `theme`."""
    tokens = theme.tokens
    values: dict[str, object] = {name: getattr(tokens, name) for name in looks.TOKEN_NAMES}
    values |= {f"p{n}": theme.px(n) for n in range(2, 161)}
    values |= {f"f{n}": theme.px(n) for n in range(10, 25)}
    away = "#000000" if not theme.dark else "#FFFFFF"
    values["accent_hover"] = looks.blend(away, tokens.accent, 0.12).name()
    values["accent_pressed"] = looks.blend(away, tokens.accent, 0.22).name()
    values["disabled"] = looks.blend(tokens.muted, tokens.surface, 0.6).name()
    values["scroll_handle"] = looks.blend(tokens.muted, tokens.background, 0.4).name()
    values["chevron"] = _file("chevron-down", tokens.muted)
    values["chevron_up"] = _file("chevron-up", tokens.muted)
    values["check"] = _file("check", tokens.on_accent)
    values["dash"] = _file("minus", tokens.on_accent)
    values["check_accent"] = _file("check", tokens.accent)
    return Template(_source()).substitute(values)


@lru_cache(maxsize=1)
def _source() -> str:
    return (resources.files("resources") / "themes" / "coverslip.qss").read_text("utf-8")


def _file(icon: str, colour: str) -> str:
    """Return the path of a tinted icon: a style sheet takes pictures from files only."""
    path = _tinted_dir() / f"{icon}-{colour.removeprefix('#')}.svg"
    if not path.exists():
        with atomic_write(path) as partial:
            Path(partial).write_text(looks.icon_svg(icon, colour), "utf-8")
    return path.as_posix()


def _tinted_dir() -> Path:
    directory = user_cache_dir() / "theme"
    directory.mkdir(parents=True, exist_ok=True)
    return directory
