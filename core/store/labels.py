"""The labels of a project."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from core.domain.changes import Changes
from core.domain.edits import Edit, EditKind
from core.domain.labels import Label, label_name, look_of
from core.errors import UserError
from core.store.ledger import write_edit
from core.store.project import Project

_COLUMNS = "id, name, colour, glyph, key, position"
_FIELDS = {EditKind.RENAME_LABEL: "name", EditKind.RECOLOUR_LABEL: "colour", EditKind.REKEY_LABEL: "key"}


def labels(project: Project) -> list[Label]:
    """Return the labels in the user's order."""
    rows = project.db.read().execute(f"SELECT {_COLUMNS} FROM label ORDER BY position, id")
    return [Label(*row) for row in rows]


def ensure_labels(connection: sqlite3.Connection, names: Iterable[str]) -> dict[str, int]:
    """Return the ids of the labels of these (valid) names, making those that are new, within a transaction."""
    ids: dict[str, int] = dict(connection.execute("SELECT name, id FROM label"))
    for name in dict.fromkeys(names):
        if name not in ids:
            position = connection.execute("SELECT coalesce(max(position) + 1, 0) FROM label").fetchone()[0]
            colour, glyph, key = look_of(position)
            cursor = connection.execute(
                "INSERT INTO label (name, colour, glyph, key, position) VALUES (?, ?, ?, ?, ?)",
                (name, colour, glyph, key, position),
            )
            ids[name] = int(cursor.lastrowid or 0)
    return ids


def add_labels(project: Project, names: Iterable[str]) -> None:
    """Make the labels of these (valid) names that are new, in this order, in one transaction."""
    with project.db.write() as connection:
        ensure_labels(connection, names)


def add_label(project: Project, name: str) -> Changes:
    """Make a label without samples.

    Raises
    ------
    UserError
        ``label_name_invalid`` or ``label_exists``.
    """
    valid = label_name(name)
    with project.db.write() as connection:
        if connection.execute("SELECT 1 FROM label WHERE name = ?", (valid,)).fetchone():
            raise UserError("label_exists", name=valid)
        ensure_labels(connection, [valid])
    return Changes(labels=True)


def rename_label(project: Project, old: str, new: str) -> Changes:
    """Give a label another name; its samples keep it.

    Raises
    ------
    UserError
        ``label_missing``, ``label_name_invalid`` or ``label_exists``.
    """
    valid = label_name(new)
    with project.db.write() as connection:
        label_id = find_label(connection, old)
        _require_free(connection, valid, label_id)
        return _change(connection, EditKind.RENAME_LABEL, label_id, valid)


def set_label_colour(project: Project, name: str, colour: str) -> Changes:
    """Give a label another colour (``#RRGGBB``)."""
    with project.db.write() as connection:
        return _change(connection, EditKind.RECOLOUR_LABEL, find_label(connection, name), colour)


def set_label_key(project: Project, name: str, key: str) -> Changes:
    """Give a label the key that applies it (one character, or empty); another label that had it loses it."""
    with project.db.write() as connection:
        label_id = find_label(connection, name)
        row = connection.execute("SELECT id FROM label WHERE key = ? AND id != ?", (key, label_id)).fetchone()
        robbed = row[0] if key and row else None
        if robbed is not None:
            connection.execute("UPDATE label SET key = '' WHERE id = ?", (robbed,))
        return _change(connection, EditKind.REKEY_LABEL, label_id, key, robbed)


def restore_label(connection: sqlite3.Connection, edit: Edit, column: str) -> None:
    """Set what a label's edit changed to its `column` (before or after), within a transaction.

    Raises
    ------
    UserError
        ``label_exists`` where the name has been taken since.
    """
    field, label_id, value = _FIELDS[edit.kind], int(edit.params["label_id"]), edit.params[column]
    if field == "name":
        _require_free(connection, value, label_id)
    connection.execute(f"UPDATE label SET {field} = ? WHERE id = ?", (value, label_id))
    if robbed := edit.params.get("robbed"):
        key = edit.params["after"] if column == "before" else ""
        connection.execute("UPDATE label SET key = ? WHERE id = ?", (key, int(robbed)))


def _change(
    connection: sqlite3.Connection, kind: EditKind, label_id: int, after: str, robbed: int | None = None
) -> Changes:
    """Change one field of a label, with its line in the ledger; what already is so is no edit."""
    field = _FIELDS[kind]
    name, before = connection.execute(f"SELECT name, {field} FROM label WHERE id = ?", (label_id,)).fetchone()
    if before == after:
        return Changes()
    params = {"label": name, "label_id": str(label_id), "before": before, "after": after}
    if robbed is not None:
        params["robbed"] = str(robbed)
    edit = write_edit(connection, kind, "hand", params, 0)
    connection.execute(f"UPDATE label SET {field} = ? WHERE id = ?", (after, label_id))
    return Changes(labels=True, edit=edit)


def _require_free(connection: sqlite3.Connection, name: str, label_id: int) -> None:
    taken = connection.execute("SELECT 1 FROM label WHERE name = ? AND id != ?", (name, label_id)).fetchone()
    if taken:
        raise UserError("label_exists", name=name)


def find_label(connection: sqlite3.Connection, name: str) -> int:
    """Return the id of the label called `name`; raises `UserError` ``label_missing``."""
    known: dict[str, int] = dict(connection.execute("SELECT name, id FROM label ORDER BY position"))
    if name not in known:
        raise UserError("label_missing", name=name, known=", ".join(known) or "–")
    return known[name]
