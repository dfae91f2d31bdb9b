"""The labels of a project: what they are, and everything a user does to their list, each as an edit that can be undone.

A label that is removed or merged into another only retires: its row stays, as the ledger names it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from core.domain.changes import Changes
from core.domain.edits import EditKind
from core.domain.labels import Label, descendants, label_name, look_of
from core.errors import UserError
from core.store.label_changes import (
    LabelChange,
    LabelValue,
    apply_label_changes,
    label_params,
    require_free,
    require_unused,
)
from core.store.ledger import recorded
from core.store.project import Project

_COLUMNS = "id, name, colour, glyph, key, position, parent_id"


def labels(project: Project) -> list[Label]:
    """Return the labels in the user's order."""
    return _labels(project.db.read())


def _labels(connection: sqlite3.Connection) -> list[Label]:
    rows = connection.execute(f"SELECT {_COLUMNS} FROM label WHERE retired = 0 ORDER BY position, id")
    return [Label(*row) for row in rows]


def label_names(project: Project) -> dict[int, str]:
    """Return the name of every label there ever was, by id; for reading the ledger."""
    return dict(project.db.read().execute("SELECT id, name FROM label"))


def ensure_labels(connection: sqlite3.Connection, names: Iterable[str]) -> dict[str, int]:
    """Return the ids of the labels of these (valid) names, making those that are new, within a transaction."""
    return make_labels(connection, names)[0]


def make_labels(connection: sqlite3.Connection, names: Iterable[str]) -> tuple[dict[str, int], list[LabelChange]]:
    """Return the ids of every label by name, having made those that are new, and what that changed of the list.

    A label that had retired comes back, to the end of the list and to the top of the hierarchy.
    """
    ids: dict[str, int] = dict(connection.execute("SELECT name, id FROM label WHERE retired = 0"))
    changes: list[LabelChange] = []
    for name in dict.fromkeys(names):
        if name in ids:
            continue
        position = connection.execute("SELECT coalesce(max(position) + 1, 0) FROM label").fetchone()[0]
        colour, glyph, key = look_of(position)
        if connection.execute("SELECT 1 FROM label WHERE key = ? AND retired = 0", (key,)).fetchone():
            key = ""
        row = connection.execute("SELECT id, position, key, parent_id FROM label WHERE name = ?", (name,)).fetchone()
        if row is None:
            row = connection.execute(
                "INSERT INTO label (name, colour, glyph, key, position, retired) VALUES (?, ?, ?, ?, ?, 1)"
                " RETURNING id, position, key, parent_id",
                (name, colour, glyph, key, position),
            ).fetchone()
        ids[name], *before = row
        after = zip(("position", "key", "parent_id"), before, (position, key, None), strict=True)
        made: list[LabelChange] = [(ids[name], column, old, new) for column, old, new in after if old != new]
        made.append((ids[name], "retired", 1, 0))
        apply_label_changes(connection, made)
        changes += made
    return ids, changes


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
        if connection.execute("SELECT 1 FROM label WHERE name = ? AND retired = 0", (valid,)).fetchone():
            raise UserError("label_exists", name=valid)
        _, changes = make_labels(connection, [valid])
        with recorded(connection, EditKind.NEW_LABEL, "hand", label_params(changes, {"label": valid}), 0) as edit:
            pass
    return Changes(labels=True, edit=edit)


def remove_label(project: Project, name: str) -> Changes:
    """Take a label that no image has out of the list.

    Raises
    ------
    UserError
        ``label_missing``, or ``label_in_use`` where images have it or labels are below it.
    """
    with project.db.write() as connection:
        label_id = find_label(connection, name)
        require_unused(connection, label_id)
        changes: list[LabelChange] = [(label_id, "retired", 0, 1)]
        return _edit(connection, EditKind.RETIRE_LABEL, changes, {"label": name})


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
        require_free(connection, valid, label_id)
        return _change(connection, EditKind.RENAME_LABEL, label_id, "name", valid)


def set_label_colour(project: Project, name: str, colour: str) -> Changes:
    """Give a label another colour (``#RRGGBB``)."""
    with project.db.write() as connection:
        return _change(connection, EditKind.RECOLOUR_LABEL, find_label(connection, name), "colour", colour)


def set_label_key(project: Project, name: str, key: str) -> Changes:
    """Give a label the key that applies it (one character, or empty); another label that had it loses it."""
    with project.db.write() as connection:
        label_id = find_label(connection, name)
        rows = connection.execute("SELECT id FROM label WHERE key = ? AND id != ? AND key != ''", (key, label_id))
        robbed: list[LabelChange] = [(row[0], "key", key, "") for row in rows.fetchall()]
        return _change(connection, EditKind.REKEY_LABEL, label_id, "key", key, robbed)


def set_parent(project: Project, name: str, parent: str | None) -> Changes:
    """Put a label below another (“this is a kind of that”), or None: at the top.

    Raises
    ------
    UserError
        ``label_missing``, or ``label_cycle`` where the parent is the label itself or below it.
    """
    with project.db.write() as connection:
        label_id = find_label(connection, name)
        above = find_label(connection, parent) if parent is not None else None
        if above is not None and above in descendants(_labels(connection), label_id):
            raise UserError("label_cycle", name=name, parent=parent)
        params = {"parent": parent or "–"}
        return _change(connection, EditKind.PARENT_LABEL, label_id, "parent_id", above, params=params)


def reorder_labels(project: Project, names: Sequence[str]) -> Changes:
    """Put the labels into this order; those that are not named follow, in the order they had."""
    with project.db.write() as connection:
        present = _labels(connection)
        first = [find_label(connection, name) for name in dict.fromkeys(names)]
        order = first + [label.id for label in present if label.id not in first]
        before = {label.id: label.position for label in present}
        changes: list[LabelChange] = [
            (label_id, "position", before[label_id], place)
            for place, label_id in enumerate(order)
            if before[label_id] != place
        ]
        return _edit(connection, EditKind.REORDER_LABELS, changes, {})


def find_label(connection: sqlite3.Connection, name: str) -> int:
    """Return the id of the label called `name`; raises `UserError` ``label_missing``."""
    known = {label.name: label.id for label in _labels(connection)}
    if name not in known:
        raise UserError("label_missing", name=name, known=", ".join(known) or "–")
    return known[name]


def _change(
    connection: sqlite3.Connection,
    kind: EditKind,
    label_id: int,
    column: str,
    after: LabelValue,
    others: Sequence[LabelChange] = (),
    params: dict[str, str] | None = None,
) -> Changes:
    """Change one column of a label, and `others` with it; what already is so is no edit."""
    name, before = connection.execute(f"SELECT name, {column} FROM label WHERE id = ?", (label_id,)).fetchone()
    if before == after:
        return Changes()
    said = {"label": name, "before": str(before or ""), "after": str(after or "")} | (params or {})
    return _edit(connection, kind, [*others, (label_id, column, before, after)], said)


def _edit(
    connection: sqlite3.Connection, kind: EditKind, changes: Sequence[LabelChange], params: dict[str, str]
) -> Changes:
    if not changes:
        return Changes()
    with recorded(connection, kind, "hand", label_params(changes, params), 0) as edit:
        apply_label_changes(connection, changes)
    return Changes(labels=True, edit=edit)
