"""Merging labels: their images get another label, and they retire; one edit."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from core.domain.changes import Changes
from core.domain.edits import EditKind
from core.domain.task import Task
from core.errors import UserError
from core.store.edit_items import write_items
from core.store.label_changes import LabelChange, apply_label_changes, label_params
from core.store.labels import find_label
from core.store.ledger import recorded
from core.store.project import Project
from core.store.query_sql import ids_parameter
from core.store.task import task_of

Item = tuple[int, str, int | None, int | None]


def merge_labels(project: Project, names: Sequence[str], into: str, *, tool: str = "hand") -> Changes:
    """Give every image of the labels `names` the label `into` instead, and take those labels out of the list.

    Labels below them are below `into` afterwards.

    Raises
    ------
    UserError
        ``label_missing``, or ``labels_nothing_to_merge`` where `names` holds no other label than `into`.
    """
    with project.db.write() as connection:
        target = find_label(connection, into)
        merged = [label for label in (find_label(connection, name) for name in dict.fromkeys(names)) if label != target]
        if not merged:
            raise UserError("labels_nothing_to_merge", into=into)
        single = task_of(connection) is Task.SINGLE
        items = (_single_items if single else _multi_items)(connection, merged, target)
        changes = _adopted(connection, merged, target)
        # What a run predicted before is found by the label that it has become: below which the merged one stands now.
        changes += _put_below(connection, merged, target)
        changes += [(label, "retired", 0, 1) for label in merged]
        gone: dict[int, str] = dict(connection.execute("SELECT id, name FROM label"))
        params = label_params(changes, {"labels": ", ".join(gone[label] for label in merged), "into": into})
        samples = len({sample for sample, _, _, _ in items})
        with recorded(connection, EditKind.MERGE_LABELS, tool, params, samples) as edit:
            changed = write_items(connection, edit.id, items)
            apply_label_changes(connection, changes)
    return Changes(sample_ids=changed, labels=True, edit=edit)


def _single_items(connection: sqlite3.Connection, merged: Sequence[int], target: int) -> list[Item]:
    rows = connection.execute(
        "SELECT id, label_id FROM sample WHERE label_id IN (SELECT value FROM json_each(?))", (ids_parameter(merged),)
    )
    return [(sample, "label_id", label, target) for sample, label in rows]


def _multi_items(connection: sqlite3.Connection, merged: Sequence[int], target: int) -> list[Item]:
    rows = connection.execute(
        "SELECT sample_id, label_id FROM sample_label WHERE label_id IN (SELECT value FROM json_each(?))",
        (ids_parameter(merged),),
    ).fetchall()
    having = {
        sample for (sample,) in connection.execute("SELECT sample_id FROM sample_label WHERE label_id = ?", (target,))
    }
    items: list[Item] = [(sample, f"label:{label}", 1, 0) for sample, label in rows]
    items += [(sample, f"label:{target}", 0, 1) for sample in sorted({sample for sample, _ in rows} - having)]
    return items


def _adopted(connection: sqlite3.Connection, merged: Sequence[int], target: int) -> list[LabelChange]:
    """Return how the labels below the merged ones, or the target below one of them, move."""
    rows = connection.execute("SELECT id, parent_id FROM label WHERE retired = 0 AND parent_id IS NOT NULL").fetchall()
    parent_of = dict(rows)
    changes: list[LabelChange] = []
    for label, parent in rows:
        if parent in merged and label not in merged:
            above: int | None = target
            if label == target:
                # The target was below a label that goes: it moves up to the first that stays.
                above = parent
                while above in merged:
                    above = parent_of.get(above)
            changes.append((label, "parent_id", parent, above))
    return changes


def _put_below(connection: sqlite3.Connection, merged: Sequence[int], target: int) -> list[LabelChange]:
    """Return how the merged labels, and those that were merged into them before, come to stand below the target."""
    rows = connection.execute("SELECT id, parent_id, retired FROM label ORDER BY id").fetchall()
    return [
        (label, "parent_id", parent, target)
        for label, parent, retired in rows
        if parent != target and (label in merged or (retired and parent in merged))
    ]
