"""The keys of the grid and the labels that are no actions of their own, for the sheet of keys."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QKeySequence

from core.domain.labels import Label
from core.translation import mark, tr

_GIVE: Final = mark("Give a label")
_MOVE: Final = mark("Go to another image")
_SHOWN: Final = 9
_REST: Final = (
    (mark("Select as far as another image"), "Shift+Right"),
    (mark("Add to the selection, or take from it"), "Ctrl+Space"),
    (mark("Clear the selection, then the search"), "Esc"),
    (mark("Rename the label that has the focus"), "F2"),
    (mark("In the loupe: the next plane or page of the file"), "PgDown"),
    (mark("In the loupe: the next time of a stack"), "Shift+PgDown"),
)


def grid_keys(labels: list[Label]) -> list[tuple[str, str]]:
    """Return what is done and its key, in the user's language; the labels' keys are those in use, the first nine."""
    given = [label.key.upper() for label in labels if label.key]
    shown = given[:_SHOWN]
    in_a_row = len(shown) > 1 and shown == [str(number) for number in range(1, len(shown) + 1)]
    keys = f"1 … {shown[-1]}" if in_a_row else " ".join(shown)
    first = [(tr(_GIVE), keys)] if keys else []
    return [*first, (tr(_MOVE), "← ↑ → ↓"), *((tr(words), _native(key)) for words, key in _REST)]


def _native(key: str) -> str:
    """Return a key as this system writes it."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
