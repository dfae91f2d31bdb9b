"""What a user does to samples: one function per action, one transaction, one line in the ledger, undoable for ever.

An edit is durable when its function returns. A sample that already is as asked is no part of the edit, and an edit
that would change nothing is not made: its `Changes` are empty.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.domain.changes import Changes
from core.domain.edits import LABEL_EDITS, Edit, EditKind, EditState
from core.domain.labels import label_name
from core.errors import UserError
from core.store.labels import ensure_labels, restore_label
from core.store.ledger import earliest_undone, latest_done, write_edit
from core.store.project import Project
from core.store.query_sql import ids_parameter

Ids = Sequence[int] | NDArray[np.int64]


def set_label(project: Project, ids: Ids, name: str | None, *, tool: str = "hand") -> Changes:
    """Give the samples a label, made if it is new; None takes their label away.

    Raises
    ------
    UserError
        ``samples_missing`` or ``label_name_invalid``; nothing was changed.
    """
    valid = label_name(name) if name is not None else None
    with project.db.write() as connection:
        created, label_id = False, None
        if valid is not None:
            created = connection.execute("SELECT 1 FROM label WHERE name = ?", (valid,)).fetchone() is None
            label_id = ensure_labels(connection, [valid])[valid]
        kind = EditKind.UNLABEL if valid is None else EditKind.LABEL
        params = {} if valid is None else {"label": valid}
        return _apply(connection, ids, "label_id", label_id, kind, params, tool, labels=created)


def set_excluded(project: Project, ids: Ids, excluded: bool, *, tool: str = "hand") -> Changes:
    """Leave the samples out of everything, or take them in again; no image is touched."""
    kind = EditKind.EXCLUDE if excluded else EditKind.INCLUDE
    with project.db.write() as connection:
        return _apply(connection, ids, "excluded", int(excluded), kind, {}, tool)


def set_splits(
    project: Project, ids: Ids, codes: NDArray[np.int8], *, params: Mapping[str, str], tool: str = "split"
) -> Changes:
    """Put sample ``ids[i]`` into the split with code ``codes[i]`` (by `SPLIT_CODES`)."""
    with project.db.write() as connection:
        _require_samples(connection, ids)
        wanted = list(zip((int(i) for i in ids), (int(c) for c in codes), strict=True))
        current: dict[int, int] = dict(
            connection.execute(
                "SELECT id, split FROM sample WHERE id IN (SELECT value FROM json_each(?))",
                (ids_parameter([i for i, _ in wanted]),),
            )
        )
        moves = [(i, current[i], code) for i, code in wanted if current[i] != code]
        if not moves:
            return Changes()
        edit = write_edit(connection, EditKind.SPLIT, tool, params, len(moves))
        connection.executemany(f"INSERT INTO edit_item VALUES ({edit.id}, ?, 'split', ?, ?)", moves)
        connection.executemany("UPDATE sample SET split = ? WHERE id = ?", [(code, i) for i, _, code in moves])
        return Changes(sample_ids=np.array([i for i, _, _ in moves], dtype=np.int64), edit=edit)


def undo(project: Project) -> Changes:
    """Take back the latest edit that holds; raises `UserError` ``nothing_to_undo``."""
    with project.db.write() as connection:
        edit = latest_done(connection)
        if edit is None:
            raise UserError("nothing_to_undo")
        return _restore(connection, edit, "before", EditState.UNDONE)


def redo(project: Project) -> Changes:
    """Make again the edit that was undone last; raises `UserError` ``nothing_to_redo``."""
    with project.db.write() as connection:
        edit = earliest_undone(connection)
        if edit is None:
            raise UserError("nothing_to_redo")
        return _restore(connection, edit, "after", EditState.DONE)


def _apply(
    connection: sqlite3.Connection,
    ids: Ids,
    field: str,
    after: int | None,
    kind: EditKind,
    params: Mapping[str, str],
    tool: str,
    *,
    labels: bool = False,
) -> Changes:
    """Set `field` of the samples to `after`, with the edit and its items."""
    _require_samples(connection, ids)
    chosen = ids_parameter([int(i) for i in ids])
    rows = connection.execute(
        f"SELECT id FROM sample WHERE id IN (SELECT value FROM json_each(?)) AND {field} IS NOT ?",
        (chosen, after),
    )
    changed = np.fromiter((row[0] for row in rows), dtype=np.int64)
    if not len(changed):
        return Changes(labels=labels)
    edit = write_edit(connection, kind, tool, params, len(changed))
    connection.execute(
        f"INSERT INTO edit_item SELECT ?, id, '{field}', {field}, ? FROM sample"
        f" WHERE id IN (SELECT value FROM json_each(?)) AND {field} IS NOT ?",
        (edit.id, after, chosen, after),
    )
    connection.execute(
        f"UPDATE sample SET {field} = ? WHERE id IN (SELECT sample_id FROM edit_item WHERE edit_id = ?)",
        (after, edit.id),
    )
    return Changes(sample_ids=changed, labels=labels, edit=edit)


def _restore(connection: sqlite3.Connection, edit: Edit, column: str, state: EditState) -> Changes:
    """Set what the edit's items name to their `column` (before or after)."""
    if edit.kind in LABEL_EDITS:
        restore_label(connection, edit, column)
        connection.execute("UPDATE edit SET state = ? WHERE id = ?", (state, edit.id))
        return Changes(labels=True, edit=edit)
    items = connection.execute("SELECT DISTINCT field FROM edit_item WHERE edit_id = ?", (edit.id,)).fetchall()
    for (field,) in items:
        connection.execute(
            f"UPDATE sample SET {field} = item.{column} FROM edit_item AS item"
            " WHERE item.edit_id = ? AND item.field = ? AND sample.id = item.sample_id",
            (edit.id, field),
        )
    connection.execute("UPDATE edit SET state = ? WHERE id = ?", (state, edit.id))
    rows = connection.execute("SELECT DISTINCT sample_id FROM edit_item WHERE edit_id = ?", (edit.id,))
    changed = np.fromiter((row[0] for row in rows), dtype=np.int64)
    return Changes(sample_ids=changed, edit=edit)


def _require_samples(connection: sqlite3.Connection, ids: Ids) -> None:
    missing = connection.execute(
        "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT id FROM sample) LIMIT 5",
        (ids_parameter([int(i) for i in ids]),),
    ).fetchall()
    if missing:
        raise UserError("samples_missing", ids=", ".join(str(row[0]) for row in missing))
