"""Changes of the list of labels: columns of their rows, before and after, kept in the edit's parameters."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

from core.domain.edits import Edit, EditKind
from core.errors import UserError

LabelValue = str | int | None
# (label, column, before, after)
LabelChange = tuple[int, str, LabelValue, LabelValue]

_COLUMNS: Final = frozenset({"name", "colour", "glyph", "key", "position", "parent_id", "retired"})
# How the edits of format 1 were kept: one column, its values under "before" and "after".
_FORMAT_1: Final = {
    EditKind.RENAME_LABEL: "name",
    EditKind.RECOLOUR_LABEL: "colour",
    EditKind.REKEY_LABEL: "key",
}


def apply_label_changes(connection: sqlite3.Connection, changes: Sequence[LabelChange]) -> None:
    """Do what the changes say."""
    _set(connection, [(label_id, column, after) for label_id, column, _, after in changes])


def label_params(changes: Sequence[LabelChange], params: Mapping[str, str]) -> dict[str, str]:
    """Return the parameters of an edit that makes these changes."""
    return {**params, "changes": json.dumps([list(change) for change in changes], ensure_ascii=False)}


def restore_labels(connection: sqlite3.Connection, edit: Edit, column: str) -> bool:
    """Set what an edit changed of the labels to its `column` (before or after); returns whether it changed any.

    The edit's samples must have been set before. A label that the edit made stays in the list where images have it
    in spite of that, such as imported ones.

    Raises
    ------
    UserError
        ``label_exists`` where a name has been taken since; ``label_in_use`` where a label to go again has images.
    """
    changes = label_changes(edit)
    place = 2 if column == "before" else 3
    values = [(change[0], change[1], change[place]) for change in changes]
    if column == "before":
        kept = {
            label_id for label_id, name, value in values if name == "retired" and value and _used(connection, label_id)
        }
        values = [value for value in values if value[0] not in kept]
    _set(connection, values)
    return bool(changes)


def _set(connection: sqlite3.Connection, values: Sequence[tuple[int, str, LabelValue]]) -> None:
    for label_id, column, value in values:
        if column not in _COLUMNS:
            raise ValueError(column)
        if column == "name":
            require_free(connection, str(value), label_id)
        if column == "retired" and value:
            require_unused(connection, label_id)
        connection.execute(f"UPDATE label SET {column} = ? WHERE id = ?", (value, label_id))


def require_free(connection: sqlite3.Connection, name: str, label_id: int) -> None:
    """Raise `UserError` ``label_exists`` where another label is called so."""
    if connection.execute("SELECT 1 FROM label WHERE name = ? AND id != ?", (name, label_id)).fetchone():
        raise UserError("label_exists", name=name)


def require_unused(connection: sqlite3.Connection, label_id: int) -> None:
    """Raise `UserError` ``label_in_use`` where images have the label, or labels are below it."""
    if _used(connection, label_id):
        name = connection.execute("SELECT name FROM label WHERE id = ?", (label_id,)).fetchone()[0]
        raise UserError("label_in_use", name=name)


def _used(connection: sqlite3.Connection, label_id: int) -> bool:
    row = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM sample WHERE label_id = ?1)"
        " OR EXISTS (SELECT 1 FROM sample_label WHERE label_id = ?1)"
        " OR EXISTS (SELECT 1 FROM label WHERE parent_id = ?1 AND retired = 0)",
        (label_id,),
    ).fetchone()
    return bool(row[0])


def label_changes(edit: Edit) -> list[LabelChange]:
    """Return what an edit changed of the list of labels."""
    if "changes" in edit.params:
        return [(int(row[0]), str(row[1]), row[2], row[3]) for row in json.loads(edit.params["changes"])]
    if edit.kind not in _FORMAT_1:
        return []
    params, column = edit.params, _FORMAT_1[edit.kind]
    changes: list[LabelChange] = [(int(params["label_id"]), column, params["before"], params["after"])]
    if "robbed" in params:
        changes.append((int(params["robbed"]), "key", params["after"], ""))
    return changes


def present_value(connection: sqlite3.Connection, label_id: int, column: str) -> LabelValue:
    """Return a column of a label as it is now."""
    if column not in _COLUMNS:
        raise ValueError(column)
    value: LabelValue = connection.execute(f"SELECT {column} FROM label WHERE id = ?", (label_id,)).fetchone()[0]
    return value
