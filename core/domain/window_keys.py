"""The letters and signs that do something in the window: no label can have one, or it would mean two things."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from core.domain.task import Task
from core.translation import mark

WINDOW_KEYS: Final[Mapping[str, str]] = {
    "/": mark("Search"),
    "?": mark("Show the keys"),
    # Images, and the loupe
    "c": mark("Compare the selected images"),
    "g": mark("Mark as ungradable"),
    "h": mark("Channels"),
    "n": mark("Next image without a label"),
    "t": mark("Tag the selection"),
    "u": mark("Mark as uncertain, undo"),
    "+": mark("Zoom in"),
    "=": mark("Zoom in"),
    "-": mark("Zoom out"),
    # Clean, and its map
    "j": mark("Next case"),
    "k": mark("Keep as it is"),
    "l": mark("Lasso"),
    "s": mark("Skip"),
    "x": mark("Exclude"),
}
"""What each does, marked for translation. Digits are left to labels, but for 0 where an image has many of them."""
NONE_OF_THEM_KEY: Final = "0"
_NONE_OF_THEM: Final = mark("None of these labels")


def window_use(key: str, task: Task) -> str:
    """Return what the window does at a key (in lower case), marked for translation; empty where a label can have it."""
    if key == NONE_OF_THEM_KEY and task is Task.MULTI:
        return _NONE_OF_THEM
    return WINDOW_KEYS.get(key, "")


USES: Final = frozenset((*WINDOW_KEYS.values(), _NONE_OF_THEM))
"""Every word that `window_use` returns."""
