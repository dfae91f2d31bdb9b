"""The labels of a project."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from core.domain.changes import Changes
from core.domain.labels import Label, label_name, look_of
from core.errors import UserError
from core.store.project import Project

_COLUMNS = "id, name, colour, glyph, key, position"


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
        taken = connection.execute("SELECT id FROM label WHERE name = ?", (valid,)).fetchone()
        if taken and taken[0] != label_id:
            raise UserError("label_exists", name=valid)
        connection.execute("UPDATE label SET name = ? WHERE id = ?", (valid, label_id))
    return Changes(labels=True)


def set_label_colour(project: Project, name: str, colour: str) -> Changes:
    """Give a label another colour (``#RRGGBB``)."""
    with project.db.write() as connection:
        label_id = find_label(connection, name)
        connection.execute("UPDATE label SET colour = ? WHERE id = ?", (colour, label_id))
    return Changes(labels=True)


def set_label_key(project: Project, name: str, key: str) -> Changes:
    """Give a label the key that applies it (one character, or empty); another label that had it loses it."""
    with project.db.write() as connection:
        label_id = find_label(connection, name)
        if key:
            connection.execute("UPDATE label SET key = '' WHERE key = ?", (key,))
        connection.execute("UPDATE label SET key = ? WHERE id = ?", (key, label_id))
    return Changes(labels=True)


def find_label(connection: sqlite3.Connection, name: str) -> int:
    """Return the id of the label called `name`; raises `UserError` ``label_missing``."""
    known: dict[str, int] = dict(connection.execute("SELECT name, id FROM label ORDER BY position"))
    if name not in known:
        raise UserError("label_missing", name=name, known=", ".join(known) or "–")
    return known[name]
