"""A label: one class the user sorts images into, with the colour, glyph and key it has everywhere."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from core.domain.task import Task
from core.domain.window_keys import window_use
from core.errors import UserError

# Colour-blind safe (Okabe and Ito 2008, without its yellow and black, and two more), each with a glyph of its own.
LABEL_COLOURS: Final = (
    ("#0072B2", "■"),
    ("#D55E00", "●"),
    ("#009E73", "▲"),
    ("#CC79A7", "◆"),
    ("#E69F00", "★"),
    ("#56B4E9", "✚"),
    ("#8C6D1F", "⬟"),
    ("#6B4C9A", "⬢"),
)
UNLABELLED_COLOUR: Final = ("#8A94A3", "○")
MAX_NAME_LENGTH: Final = 80
# What a table of predictions says, and a folder is called, where the model gives no label: no label may mean it too.
ABSTAIN: Final = "abstain"
# The same, where an image can have any number of labels and is given none.
NONE_GIVEN: Final = "(none)"
# Between the labels of an image, where they are written in one cell.
LABEL_SEPARATOR: Final = ";"


@dataclass(frozen=True, slots=True)
class Label:
    """One class.

    `key` is the key that gives it (``1``…``9``, ``0``, a letter that the window leaves free), or empty; `position` its
    place in the list; `parent_id` the label it is a kind of, if any.
    """

    id: int
    name: str
    colour: str
    glyph: str
    key: str
    position: int
    parent_id: int | None = None


def label_name(text: str) -> str:
    """Return `text` as a label name: NFC, trimmed.

    Raises
    ------
    UserError
        ``label_name_invalid`` where it is empty, too long, holds control characters, or is `ABSTAIN` or `NONE_GIVEN`.
    """
    name = unicodedata.normalize("NFC", text).strip()
    unreadable = not name or len(name) > MAX_NAME_LENGTH or any(unicodedata.category(c)[0] == "C" for c in name)
    if unreadable or name.casefold() in (ABSTAIN, NONE_GIVEN):
        raise UserError("label_name_invalid", name=text[:MAX_NAME_LENGTH])
    return name


def label_key(text: str, task: Task) -> str:
    """Return `text` as the key of a label, in lower case: one character to be typed; or nothing, for no key.

    Raises
    ------
    UserError
        ``label_key_used`` where it does something in the window, ``label_key_reserved`` where no single key types it.
    """
    key = unicodedata.normalize("NFC", text).lower()
    if does := window_use(key, task):
        raise UserError("label_key_used", key=key.upper(), does=does)
    if key and (len(key) > 1 or not key.isprintable() or key.isspace()):
        raise UserError("label_key_reserved", key=text[:MAX_NAME_LENGTH])
    return key


def descendants(labels: Iterable[Label], label_id: int) -> set[int]:
    """Return the ids of a label and of everything below it."""
    children: dict[int | None, list[int]] = {}
    for label in labels:
        children.setdefault(label.parent_id, []).append(label.id)
    found, waiting = {label_id}, [label_id]
    while waiting:
        below = [child for child in children.get(waiting.pop(), []) if child not in found]
        found.update(below)
        waiting += below
    return found


def as_tree(labels: Iterable[Label]) -> list[tuple[Label, int]]:
    """Return the labels with how deep each is below the top (0), every one followed by those below it."""
    every = list(labels)
    children: dict[int | None, list[Label]] = {}
    known = {label.id for label in every}
    for label in every:
        children.setdefault(label.parent_id if label.parent_id in known else None, []).append(label)
    found: list[tuple[Label, int]] = []
    waiting = [(label, 0) for label in reversed(children.get(None, []))]
    while waiting:
        label, depth = waiting.pop()
        found.append((label, depth))
        waiting += [(child, depth + 1) for child in reversed(children.get(label.id, []))]
    return found


def look_of(position: int) -> tuple[str, str, str]:
    """Return the colour, glyph and key of the label at `position` (from 0); the first 64 differ in colour or glyph."""
    count = len(LABEL_COLOURS)
    colour = LABEL_COLOURS[position % count][0]
    # The colours come around again with the glyphs moved on by one.
    glyph = LABEL_COLOURS[(position + position // count) % count][1]
    key = "1234567890"[position] if position < 10 else ""
    return colour, glyph, key
