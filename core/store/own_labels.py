"""The project's own labels as one more reader's, and which of them were decided from the readings."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from core.domain.edits import EditKind
from core.domain.task import Task
from core.store.project import Project
from core.store.query_sql import ids_parameter
from core.store.task import task_of

ADJUDICATION = "adjudication"
CONSENSUS = "consensus"
OwnLabels = Mapping[int, tuple[int, ...]]
"""The label ids by sample id; a sample that is not labelled is not in it."""
_Known = tuple[frozenset[int], bool]


def own_labels(project: Project, ids: NDArray[np.int64], *, since: str | None = None) -> OwnLabels:
    """Return the project's labels of these samples.

    Parameters
    ----------
    since
        A moment (ISO 8601, UTC): labels decided from readings from then on are taken back to what they were before.
        None: as they are.
    """
    connection, wanted = project.db.read(), ids_parameter(ids.tolist())
    found = _present(connection, wanted, multi=task_of(connection) is Task.MULTI)
    if since is not None:
        rows = connection.execute(
            "SELECT sample_id, field, before FROM edit_item JOIN edit ON edit.id = edit_id"
            " WHERE state = 'done' AND tool IN (?, ?) AND at >= ?"
            " AND sample_id IN (SELECT value FROM json_each(?)) ORDER BY edit.id DESC",
            (ADJUDICATION, CONSENSUS, since, wanted),
        )
        for sample_id, field, before in rows:  # the latest first: the state before the earliest is what is left
            found[sample_id] = _taken_back(found[sample_id], field, before)
    return {sample_id: tuple(sorted(given)) for sample_id, (given, known) in found.items() if known}


def adjudicated(project: Project) -> set[int]:
    """Return the samples that were adjudicated and whose decision holds."""
    rows = project.db.read().execute(
        "SELECT DISTINCT sample_id FROM edit_item JOIN edit ON edit.id = edit_id WHERE tool = ? AND state = 'done'",
        (ADJUDICATION,),
    )
    return {sample_id for (sample_id,) in rows}


def merged_labels(project: Project) -> dict[int, int]:
    """Return the label that each label merged away became, by the merges that hold."""
    connection = project.db.read()
    retired = {row[0] for row in connection.execute("SELECT id FROM label WHERE retired = 1")}
    if not retired:
        return {}
    rows = connection.execute(
        "SELECT kind, params FROM edit WHERE kind IN (?, ?) AND state = 'done' ORDER BY id",
        (EditKind.MERGE_LABELS, EditKind.RENAME_LABEL),
    )
    edits = [(kind, json.loads(text)) for kind, text in rows.fetchall()]
    by_name: dict[str, int] = dict(connection.execute("SELECT name, id FROM label"))
    became: dict[int, int] = {}
    for kind, params in edits:
        if kind == EditKind.RENAME_LABEL:  # a merge may name a label as it was called then
            by_name = {params.get("before", ""): label_id for label_id in _changed(params, "name")} | by_name
    for kind, params in edits:
        if kind == EditKind.MERGE_LABELS and (target := by_name.get(params["into"])) is not None:
            became |= {label_id: target for label_id in _changed(params, "retired") if label_id in retired}
    return {label_id: _last(became, label_id) for label_id in became}


def _changed(params: Mapping[str, str], field: str) -> list[int]:
    """Return the labels of which an edit changed this field."""
    return [label_id for label_id, name, _, _ in json.loads(params.get("changes", "[]")) if name == field]


def _last(became: Mapping[int, int], label_id: int) -> int:
    """Follow merges to the label that is left; each label is looked at once, whatever a ledger says."""
    seen = {label_id}
    while (label_id := became.get(label_id, label_id)) not in seen:
        seen.add(label_id)
    return label_id


def _present(connection: sqlite3.Connection, wanted: str, *, multi: bool) -> dict[int, _Known]:
    """Return the labels of each sample, and whether they are known."""
    rows = connection.execute(
        "SELECT id, label_id, labelled FROM sample WHERE id IN (SELECT value FROM json_each(?))", (wanted,)
    ).fetchall()
    if not multi:
        return {i: (frozenset() if label is None else frozenset({label}), label is not None) for i, label, _ in rows}
    given: dict[int, set[int]] = {}
    for sample_id, label_id in connection.execute(
        "SELECT sample_id, label_id FROM sample_label WHERE sample_id IN (SELECT value FROM json_each(?))", (wanted,)
    ):
        given.setdefault(sample_id, set()).add(label_id)
    return {i: (frozenset(given.get(i, ())), bool(labelled)) for i, _, labelled in rows}


def _taken_back(now: _Known, field: str, before: int | None) -> _Known:
    """Return what was known of a sample before one item of an edit."""
    given, known = now
    kind, _, number = field.partition(":")
    if kind == "label_id":
        return (frozenset(), False) if before is None else (frozenset({before}), True)
    if kind == "labelled":
        return given, bool(before)
    if kind == "label":
        return (given | {int(number)} if before else given - {int(number)}), known
    return now
