"""Taking back a single edit of long ago, leaving alone what later edits made of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.domain.changes import Changes
from core.domain.edits import Edit, EditKind, EditState
from core.errors import UserError
from core.store.edit_items import Field, write_items
from core.store.label_changes import LabelChange, apply_label_changes, label_changes, label_params, present_value
from core.store.ledger import edit_of, recorded
from core.store.project import Project

Item = tuple[int, str, int | None, int | None]
_NEVER: Final = frozenset({EditKind.IMPORT, EditKind.TASK})


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something of an edit that cannot be taken back, as it was changed again since.

    Attributes
    ----------
    sample_id, label_id
        What it is about: a sample, or a label of the list.
    field
        The field of the sample, or column of the label.
    made, present
        What the edit made of it, and what it is now.
    by
        The later edit that changed it; None where that is not in the ledger, such as an import.
    """

    sample_id: int | None
    label_id: int | None
    field: str
    made: int | str | None
    present: int | str | None
    by: Edit | None


@dataclass(frozen=True, slots=True)
class Reversal:
    """What taking back an edit would do, or did: `items` and `labels` go back, `conflicts` stay as they are."""

    items: tuple[Item, ...]
    labels: tuple[LabelChange, ...]
    conflicts: tuple[Conflict, ...]


def plan_revert(project: Project, edit_id: int) -> Reversal:
    """Say what taking back an edit would do; nothing is changed. Raises as `revert`, but not ``revert_nothing``."""
    connection = project.db.read()
    return _plan(connection, _revertible(connection, edit_id))


def revert(project: Project, edit_id: int, *, tool: str = "hand") -> tuple[Changes, Reversal]:
    """Take back one edit, however long ago it was made, as a new edit that can itself be undone.

    What later edits changed again stays as they left it, and is told as a conflict.

    Raises
    ------
    UserError
        ``edit_missing``; ``edit_not_done`` where it was undone already; ``edit_not_revertible`` for an import or a
        change of task; ``revert_nothing`` where nothing of it is left to take back.
    """
    with project.db.write() as connection:
        edit = _revertible(connection, edit_id)
        plan = _plan(connection, edit)
        if not plan.items and not plan.labels:
            raise UserError("revert_nothing", edit=edit_id)
        params = {"edit": str(edit_id), "kind": str(edit.kind)}
        samples = len({sample for sample, _, _, _ in plan.items})
        with recorded(connection, EditKind.REVERT, tool, label_params(plan.labels, params), samples) as made:
            changed = write_items(connection, made.id, plan.items)
            apply_label_changes(connection, plan.labels)
    findings = any(Field(name).finding is not None for name in {item[1] for item in plan.items})
    ids = changed if len(changed) else None
    return Changes(sample_ids=ids, labels=bool(plan.labels), findings=findings, edit=made), plan


def _revertible(connection: sqlite3.Connection, edit_id: int) -> Edit:
    row = connection.execute(
        "SELECT id, at, user, tool, kind, params, count, state FROM edit WHERE id = ?", (edit_id,)
    ).fetchone()
    if row is None:
        raise UserError("edit_missing", edit=edit_id)
    edit = edit_of(row)
    if edit.state is not EditState.DONE:
        raise UserError("edit_not_done", edit=edit_id)
    if edit.kind in _NEVER:
        raise UserError("edit_not_revertible", edit=edit_id)
    return edit


def _plan(connection: sqlite3.Connection, edit: Edit) -> Reversal:
    items: list[Item] = []
    conflicts: list[Conflict] = []
    for (name,) in connection.execute("SELECT DISTINCT field FROM edit_item WHERE edit_id = ?", (edit.id,)).fetchall():
        rows = connection.execute(
            f"SELECT sample.id, before, after, {Field(name).value} FROM edit_item"
            " JOIN sample ON sample.id = sample_id WHERE edit_id = ? AND field = ? ORDER BY sample.id",
            (edit.id, name),
        ).fetchall()
        items += [(sample, name, present, before) for sample, before, after, present in rows if present == after]
        changed = [(sample, after, present) for sample, _, after, present in rows if present != after]
        later = _later_edits(connection, edit.id, name, [sample for sample, _, _ in changed])
        conflicts += [
            Conflict(sample, None, name, after, present, later.get(sample)) for sample, after, present in changed
        ]
    labels: list[LabelChange] = []
    changes = label_changes(edit)
    # A label that the edit made stays in the list: others may use it by now, and an empty one can be removed.
    made = {label_id for label_id, column, before, _ in changes if column == "retired" and before}
    for label_id, column, before, after in changes:
        if label_id in made:
            continue
        present = present_value(connection, label_id, column)
        if present == after and _allowed(connection, label_id, column, before):
            labels.append((label_id, column, after, before))
        elif present != before:
            conflicts.append(Conflict(None, label_id, column, after, present, None))
    return Reversal(tuple(items), tuple(labels), tuple(conflicts))


def _allowed(connection: sqlite3.Connection, label_id: int, column: str, value: int | str | None) -> bool:
    """Say whether a label's column can have the value again: a name may have been taken since."""
    if column != "name":
        return True
    row = connection.execute("SELECT 1 FROM label WHERE name = ? AND id <> ?", (value, label_id)).fetchone()
    return row is None


def _later_edits(connection: sqlite3.Connection, edit_id: int, field: str, samples: Sequence[int]) -> dict[int, Edit]:
    """Return, by sample, the latest edit after `edit_id` that holds and changed `field`."""
    rows = connection.execute(
        "SELECT sample_id, max(edit_id) FROM edit_item JOIN edit ON edit.id = edit_id AND state = 'done'"
        " WHERE edit_id > ? AND field = ? AND sample_id IN (SELECT value FROM json_each(?)) GROUP BY sample_id",
        (edit_id, field, json.dumps(list(samples))),
    ).fetchall()
    found = {
        row[0]: edit_of(row)
        for row in connection.execute(
            "SELECT id, at, user, tool, kind, params, count, state FROM edit"
            " WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted({latest for _, latest in rows})),),
        )
    }
    return {sample: found[latest] for sample, latest in rows}
