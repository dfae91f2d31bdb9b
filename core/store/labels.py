"""The labels of a project: what they are, and everything a user does to their list, each as an edit that can be undone.

A label that is removed or merged into another only retires: its row stays, as the ledger names it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence

from core.domain.changes import Changes
from core.domain.edits import EditKind
from core.domain.labels import Label, as_tree, descendants, label_key, label_name, look_of
from core.domain.window_keys import window_use
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
from core.store.task import task_of

_COLUMNS = "id, name, colour, glyph, key, position, parent_id"


def labels(project: Project) -> list[Label]:
    """Return the labels in the user's order.

    One whose key does something in the window by now, though it was given before that, is told without a key; the
    project keeps it.
    """
    return _labels(project.db.read())


def _labels(connection: sqlite3.Connection) -> list[Label]:
    rows = connection.execute(f"SELECT {_COLUMNS} FROM label WHERE retired = 0 ORDER BY position, id")
    task = task_of(connection)
    return [
        Label(i, name, colour, glyph, "" if window_use(key, task) else key, *place)
        for i, name, colour, glyph, key, *place in rows
    ]


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
        taken = connection.execute("SELECT 1 FROM label WHERE key = ? AND retired = 0", (key,)).fetchone()
        if taken or window_use(key, task_of(connection)):
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


def add_label(project: Project, name: str, *, tool: str = "hand") -> Changes:
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
        with recorded(connection, EditKind.NEW_LABEL, tool, label_params(changes, {"label": valid}), 0) as edit:
            pass
    return Changes(labels=True, edit=edit)


def remove_label(project: Project, name: str, *, tool: str = "hand") -> Changes:
    """Take a label that no image has out of the list.

    Raises
    ------
    UserError
        ``label_missing``, or ``label_in_use`` where images have it or labels are below it.
    """
    with project.db.write() as connection:
        label_id = find_label(connection, name)
        require_unused(connection, label_id)
        parent = connection.execute("SELECT parent_id FROM label WHERE id = ?", (label_id,)).fetchone()[0]
        # Only what was merged into a label stands below it when it has retired.
        changes: list[LabelChange] = [(label_id, "parent_id", parent, None)] if parent is not None else []
        changes.append((label_id, "retired", 0, 1))
        return _edit(connection, EditKind.RETIRE_LABEL, changes, {"label": name}, tool)


def rename_label(project: Project, old: str, new: str, *, tool: str = "hand") -> Changes:
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
        return _change(connection, EditKind.RENAME_LABEL, label_id, "name", valid, tool)


def set_label_colour(project: Project, name: str, colour: str, *, tool: str = "hand") -> Changes:
    """Give a label another colour (``#RRGGBB``)."""
    with project.db.write() as connection:
        return _change(connection, EditKind.RECOLOUR_LABEL, find_label(connection, name), "colour", colour, tool)


def set_label_glyph(project: Project, name: str, glyph: str, *, tool: str = "hand") -> Changes:
    """Give a label another glyph, one of `core.domain.labels.LABEL_COLOURS`."""
    with project.db.write() as connection:
        return _change(connection, EditKind.RECOLOUR_LABEL, find_label(connection, name), "glyph", glyph, tool)


def set_label_key(project: Project, name: str, key: str, *, tool: str = "hand") -> Changes:
    """Give a label the key that applies it (one character, or empty); another label that had it loses it.

    Raises
    ------
    UserError
        ``label_missing``; as `core.domain.labels.label_key`.
    """
    with project.db.write() as connection:
        key = label_key(key, task_of(connection))
        label_id = find_label(connection, name)
        rows = connection.execute("SELECT id FROM label WHERE key = ? AND id != ? AND key != ''", (key, label_id))
        robbed: list[LabelChange] = [(row[0], "key", key, "") for row in rows.fetchall()]
        return _change(connection, EditKind.REKEY_LABEL, label_id, "key", key, tool, robbed)


def set_parent(project: Project, name: str, parent: str | None, *, tool: str = "hand") -> Changes:
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
        return _change(connection, EditKind.PARENT_LABEL, label_id, "parent_id", above, tool, params=params)


def move_label(
    project: Project, name: str, parent: str | None, before: str | None = None, *, tool: str = "hand"
) -> Changes:
    """Put a label, with all below it, below `parent` (None: to the top), in front of `before` or at the end; one edit.

    Raises
    ------
    UserError
        ``label_missing``, or ``label_cycle`` where `parent` or `before` is the label itself or below it.
    """
    with project.db.write() as connection:
        present = _labels(connection)
        label_id = find_label(connection, name)
        above = find_label(connection, parent) if parent is not None else None
        follower = find_label(connection, before) if before is not None else None
        moving = descendants(present, label_id)
        if above in moving or follower in moving:
            raise UserError("label_cycle", name=name, parent=parent or before)
        tree = [label.id for label, _ in as_tree(present)]
        staying = [i for i in tree if i not in moving]
        if follower is not None:
            at = staying.index(follower)
        else:
            branch = descendants(present, above) if above is not None else set(staying)
            at = max((place + 1 for place, i in enumerate(staying) if i in branch), default=0)
        order = staying[:at] + [i for i in tree if i in moving] + staying[at:]
        was = {label.id: label for label in present}
        changes: list[LabelChange] = [
            (i, "position", was[i].position, place) for place, i in enumerate(order) if was[i].position != place
        ]
        if was[label_id].parent_id == above:
            return _edit(connection, EditKind.REORDER_LABELS, changes, {}, tool)
        changes.append((label_id, "parent_id", was[label_id].parent_id, above))
        return _edit(connection, EditKind.PARENT_LABEL, changes, {"label": name, "parent": parent or "–"}, tool)


def reorder_labels(project: Project, names: Sequence[str], *, tool: str = "hand") -> Changes:
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
        return _edit(connection, EditKind.REORDER_LABELS, changes, {}, tool)


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
    tool: str,
    others: Sequence[LabelChange] = (),
    params: dict[str, str] | None = None,
) -> Changes:
    """Change one column of a label, and `others` with it; what already is so is no edit."""
    name, before = connection.execute(f"SELECT name, {column} FROM label WHERE id = ?", (label_id,)).fetchone()
    if before == after:
        return Changes()
    said = {"label": name, "before": str(before or ""), "after": str(after or "")} | (params or {})
    return _edit(connection, kind, [*others, (label_id, column, before, after)], said, tool)


def _edit(
    connection: sqlite3.Connection, kind: EditKind, changes: Sequence[LabelChange], params: dict[str, str], tool: str
) -> Changes:
    if not changes:
        return Changes()
    with recorded(connection, kind, tool, label_params(changes, params), 0) as edit:
        apply_label_changes(connection, changes)
    return Changes(labels=True, edit=edit)
