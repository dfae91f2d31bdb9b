"""The labels as the ledger tells them: the first name of each, and whether they are as the last edits left them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Final

from core.store.label_changes import LabelValue, label_changes
from core.store.ledger import edit_of

_EDITS: Final = (
    "SELECT id, at, user, tool, kind, params, count, state FROM edit WHERE state = 'done'"
    " AND (instr(params, '\"changes\"') OR kind IN ('rename_label', 'recolour_label', 'rekey_label')) ORDER BY id"
)
_COLUMNS: Final = ("name", "colour", "glyph", "key", "parent_id")
# What an import sets of a label that had retired and comes back by it, which is no edit.
_SET_BY_IMPORTS: Final = frozenset({"key", "parent_id"})


def first_names(connection: sqlite3.Connection) -> dict[int, str]:
    """Return the name of every label before it was ever renamed, by id."""
    names: dict[int, str] = dict(connection.execute("SELECT id, name FROM label"))
    for label_id, column, before, _ in reversed(list(_changes(connection))):
        if column == "name":
            names[label_id] = str(before)
    return names


def altered_labels(connection: sqlite3.Connection) -> list[int]:
    """Return the labels that are not as the last edit that holds left them."""
    left: dict[tuple[int, str], LabelValue] = {}
    retired: set[int] = set()
    for label_id, column, _, after in _changes(connection):
        if column == "retired" and after:
            retired.add(label_id)
        if column in _COLUMNS:
            left[label_id, column] = after
    present = {
        row[0]: dict(zip(_COLUMNS, row[1:], strict=True))
        for row in connection.execute(f"SELECT id, {', '.join(_COLUMNS)} FROM label")
    }
    return sorted(
        {
            label_id
            for (label_id, column), value in left.items()
            if (label_id not in present or present[label_id][column] != value)
            and not (label_id in retired and column in _SET_BY_IMPORTS)
        }
    )


def _changes(connection: sqlite3.Connection) -> Iterator[tuple[int, str, LabelValue, LabelValue]]:
    for row in connection.execute(_EDITS).fetchall():
        yield from label_changes(edit_of(row))
