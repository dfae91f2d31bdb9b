"""Suggestions that a person accepted: one edit like any other, with the tool ``suggestion`` in the ledger."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.changes import Changes
from core.domain.edits import EditKind
from core.domain.task import Task
from core.store.edit_items import require_samples, write_items
from core.store.ledger import recorded
from core.store.project import Project
from core.store.query_sql import LABELLED, ids_parameter
from core.store.task import task_of

TOOL: Final = "suggestion"


def accept_suggestions(project: Project, ids: NDArray[np.int64], label_ids: Sequence[Sequence[int]]) -> Changes:
    """Give sample ``ids[i]`` the labels ``label_ids[i]``, all in one edit, undone as one.

    Samples that were labelled since the suggestion was made, and suggestions of labels that are gone, are left out.
    In a project of one label an image only the first label of each counts; one without any is no suggestion there.

    Raises
    ------
    UserError
        ``samples_missing``; nothing was changed.
    """
    with project.db.write() as connection:
        require_samples(connection, ids)
        names: dict[int, str] = dict(connection.execute("SELECT id, name FROM label WHERE retired = 0"))
        task = task_of(connection)
        given = _still_open(connection, dict(zip((int(i) for i in ids), label_ids, strict=True)), names, task)
        items = _items(given, task)
        if not items:
            return Changes()
        used = {label for labels in given.values() for label in labels}
        said = ", ".join(name for number, name in names.items() if number in used)
        kind, params = (
            (EditKind.LABEL, {"label": said}) if len(used) == 1 else (EditKind.LABELS, {"labels": said or "–"})
        )
        count = len({sample for sample, *_ in items})
        with recorded(connection, kind, TOOL, params, count) as edit:
            changed = write_items(connection, edit.id, items)
        return Changes(sample_ids=changed, edit=edit)


def _still_open(
    connection: sqlite3.Connection, wanted: Mapping[int, Sequence[int]], names: Mapping[int, str], task: Task
) -> dict[int, Sequence[int]]:
    """Return the suggestions for samples that are unlabelled still, of labels that are there still."""
    rows = connection.execute(
        f"SELECT id FROM sample WHERE id IN (SELECT value FROM json_each(?)) AND NOT ({LABELLED[task]})",
        (ids_parameter(list(wanted)),),
    )
    return {i: wanted[i] for (i,) in rows if all(label in names for label in wanted[i])}


def _items(given: Mapping[int, Sequence[int]], task: Task) -> list[tuple[int, str, int | None, int | None]]:
    if task is Task.SINGLE:
        return [(sample, "label_id", None, int(labels[0])) for sample, labels in given.items() if labels]
    items: list[tuple[int, str, int | None, int | None]] = []
    for sample, labels in given.items():
        items += [(sample, f"label:{label}", 0, 1) for label in labels]
        items.append((sample, "labelled", 0, 1))
    return items
