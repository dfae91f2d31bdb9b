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
from core.domain.edits import Edit, EditKind, EditState
from core.domain.labels import label_name
from core.domain.samples import SPLIT_CODES, STATE_CODES, SampleState, Split
from core.domain.task import Task
from core.errors import UserError
from core.store.chain import append_entry
from core.store.edit_items import Ids, apply_edit, require_samples, restore_items, write_items
from core.store.label_changes import restore_labels
from core.store.labels import find_label, make_labels
from core.store.ledger import earliest_undone, latest_done, recorded
from core.store.project import Project
from core.store.query_sql import ids_parameter
from core.store.tags import ensure_named
from core.store.task import restore_task, task_of


def set_label(project: Project, ids: Ids, name: str | None, *, tool: str = "hand") -> Changes:
    """Give the samples a label, made if it is new, and no other; None takes their labels away.

    Raises
    ------
    UserError
        ``samples_missing`` or ``label_name_invalid``; nothing was changed.
    """
    valid = label_name(name) if name is not None else None
    kind = EditKind.UNLABEL if valid is None else EditKind.LABEL
    params = {} if valid is None else {"label": valid}
    with project.db.write() as connection:
        ids_of, made = make_labels(connection, [] if valid is None else [valid])
        numbers = [] if valid is None else [ids_of[valid]]
        if task_of(connection) is Task.SINGLE:
            wanted: dict[str, int | None] = {"label_id": numbers[0] if numbers else None}
        else:
            wanted = _exactly(connection, ids, numbers, known=valid is not None)
        return apply_edit(connection, ids, wanted, kind, params, tool, made=made)


def set_labels(project: Project, ids: Ids, names: Sequence[str], *, tool: str = "hand") -> Changes:
    """Give the samples exactly these labels, made if they are new; none at all says that they are known to have none.

    Raises
    ------
    UserError
        ``samples_missing``, ``label_name_invalid``, or ``task_single`` where the project has one label an image.
    """
    valid = list(dict.fromkeys(label_name(name) for name in names))
    with project.db.write() as connection:
        _require_multi(connection)
        ids_of, made = make_labels(connection, valid)
        wanted = _exactly(connection, ids, [ids_of[name] for name in valid], known=True)
        params = {"labels": ", ".join(valid) or "–"}
        return apply_edit(connection, ids, wanted, EditKind.LABELS, params, tool, made=made)


def add_label_to(project: Project, ids: Ids, name: str, *, tool: str = "hand") -> Changes:
    """Give the samples a label beside those they have, in a project of many labels an image; raises as `set_labels`."""
    valid = label_name(name)
    with project.db.write() as connection:
        _require_multi(connection)
        ids_of, made = make_labels(connection, [valid])
        wanted = {f"label:{ids_of[valid]}": 1, "labelled": 1}
        return apply_edit(connection, ids, wanted, EditKind.ADD_LABEL, {"label": valid}, tool, made=made)


def remove_label_from(project: Project, ids: Ids, name: str, *, tool: str = "hand") -> Changes:
    """Take one label from the samples, in a project of many labels an image; raises as `set_labels`."""
    with project.db.write() as connection:
        _require_multi(connection)
        wanted = {f"label:{find_label(connection, name)}": 0, "labelled": 1}
        return apply_edit(connection, ids, wanted, EditKind.REMOVE_LABEL, {"label": name}, tool)


def set_tag(project: Project, ids: Ids, tag: str, on: bool, *, tool: str = "hand") -> Changes:
    """Put a tag on the samples, or take it off; raises `UserError` ``tag_invalid`` or ``samples_missing``."""
    with project.db.write() as connection:
        name, number = ensure_named(connection, "tag", tag)
        kind = EditKind.TAG if on else EditKind.UNTAG
        return apply_edit(connection, ids, {f"tag:{number}": int(on)}, kind, {"tag": name}, tool)


def set_state(
    project: Project, ids: Ids, state: SampleState, reason: str | None = None, *, tool: str = "hand"
) -> Changes:
    """Say that the samples are uncertain, ungradable or neither, with the reason; their labels stay."""
    with project.db.write() as connection:
        params, number = {"state": str(state)}, None
        if reason and reason.strip() and state is not SampleState.NONE:
            params["reason"], number = ensure_named(connection, "reason", reason)
        wanted = {"state": STATE_CODES[state], "reason_id": number}
        return apply_edit(connection, ids, wanted, EditKind.STATE, params, tool)


def set_excluded(project: Project, ids: Ids, excluded: bool, *, tool: str = "hand") -> Changes:
    """Leave the samples out of everything, or take them in again; no image is touched."""
    kind = EditKind.EXCLUDE if excluded else EditKind.INCLUDE
    with project.db.write() as connection:
        return apply_edit(connection, ids, {"excluded": int(excluded)}, kind, {}, tool)


def set_pin(project: Project, ids: Ids, split: Split | None, *, tool: str = "hand") -> Changes:
    """Put the samples, with the whole of their groups, into a split and keep them there; None lets them go again.

    Groups go whole, as no group may be on both sides of a split.
    """
    with project.db.write() as connection:
        require_samples(connection, ids)
        rows = connection.execute(
            "WITH chosen AS (SELECT id, group_id FROM sample WHERE id IN (SELECT value FROM json_each(?)))"
            " SELECT id FROM chosen UNION SELECT sample.id FROM sample"
            " WHERE group_id IN (SELECT group_id FROM chosen WHERE group_id IS NOT NULL)",
            (ids_parameter([int(i) for i in ids]),),
        )
        whole = np.fromiter((row[0] for row in rows), dtype=np.int64)
        if split is None:
            return apply_edit(connection, whole, {"pinned": 0}, EditKind.UNPIN, {}, tool)
        wanted = {"split": SPLIT_CODES[split], "pinned": 1}
        return apply_edit(connection, whole, wanted, EditKind.PIN, {"split": str(split)}, tool)


def set_splits(
    project: Project, ids: Ids, codes: NDArray[np.int8], *, params: Mapping[str, str], tool: str = "split"
) -> Changes:
    """Put sample ``ids[i]`` into the split with code ``codes[i]`` (by `SPLIT_CODES`)."""
    with project.db.write() as connection:
        require_samples(connection, ids)
        wanted = list(zip((int(i) for i in ids), (int(c) for c in codes), strict=True))
        current: dict[int, int] = dict(
            connection.execute(
                "SELECT id, split FROM sample WHERE id IN (SELECT value FROM json_each(?))",
                (ids_parameter([i for i, _ in wanted]),),
            )
        )
        moves = [(i, "split", current[i], code) for i, code in wanted if current[i] != code]
        if not moves:
            return Changes()
        with recorded(connection, EditKind.SPLIT, tool, params, len(moves)) as edit:
            changed = write_items(connection, edit.id, moves)
        return Changes(sample_ids=changed, edit=edit)


def undo(project: Project, *, tool: str = "hand") -> Changes:
    """Take back the latest edit that holds; raises `UserError` ``nothing_to_undo``."""
    with project.db.write() as connection:
        edit = latest_done(connection)
        if edit is None:
            raise UserError("nothing_to_undo")
        return _restore(connection, edit, "before", EditState.UNDONE, tool)


def redo(project: Project, *, tool: str = "hand") -> Changes:
    """Make again the edit that was undone last; raises `UserError` ``nothing_to_redo``."""
    with project.db.write() as connection:
        edit = earliest_undone(connection)
        if edit is None:
            raise UserError("nothing_to_redo")
        return _restore(connection, edit, "after", EditState.DONE, tool)


def _restore(connection: sqlite3.Connection, edit: Edit, column: str, state: EditState, tool: str) -> Changes:
    """Set what the edit changed to its `column` (before or after), with an entry of the ledger."""
    changed = restore_items(connection, edit.id, column)
    labels = restore_labels(connection, edit, column)
    labels = restore_task(connection, edit, column) or labels
    connection.execute("UPDATE edit SET state = ? WHERE id = ?", (state, edit.id))
    append_entry(connection, "undo" if column == "before" else "redo", edit.id, tool=tool)
    decided = "SELECT 1 FROM edit_item WHERE edit_id = ? AND field LIKE 'finding:%' LIMIT 1"
    findings = connection.execute(decided, (edit.id,)).fetchone() is not None
    return Changes(sample_ids=changed if len(changed) else None, labels=labels, findings=findings, edit=edit)


def _exactly(connection: sqlite3.Connection, ids: Ids, numbers: Sequence[int], *, known: bool) -> dict[str, int | None]:
    """Return the fields of samples that have exactly these labels, in a project of many labels an image."""
    # Only the labels that any of them has can go: with hundreds of labels an edit must not ask for each.
    rows = connection.execute(
        "SELECT DISTINCT label_id FROM sample_label WHERE sample_id IN (SELECT value FROM json_each(?))",
        (ids_parameter([int(i) for i in ids]),),
    )
    concerned = {number for (number,) in rows} | set(numbers)
    wanted: dict[str, int | None] = {f"label:{number}": int(number in numbers) for number in sorted(concerned)}
    return wanted | {"labelled": int(known)}


def _require_multi(connection: sqlite3.Connection) -> None:
    if task_of(connection) is Task.SINGLE:
        raise UserError("task_single")
