"""Deciding about findings: what it does to samples and what was decided are one edit, undone together."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence

from core.domain.changes import Changes
from core.domain.edits import EditKind
from core.domain.findings import FINDING_CODES, FINDING_STATES, FindingKind, FindingState, Settlement
from core.domain.labels import label_name
from core.domain.samples import SPLIT_CODES
from core.domain.task import Task
from core.errors import UserError
from core.store.edit_items import Field, require_samples, write_items
from core.store.finding_stamps import present_stamps
from core.store.label_changes import label_params
from core.store.labels import make_labels
from core.store.ledger import recorded
from core.store.project import Project
from core.store.task import task_of

_Wanted = dict[tuple[int, str], int | None]


def settle(project: Project, settlements: Sequence[Settlement], *, tool: str = "clean") -> Changes:
    """Do what was decided about findings, as one edit; where nothing would change, no edit is made.

    Raises
    ------
    UserError
        ``finding_missing``, ``samples_missing``, ``label_name_invalid``, or ``task_single`` where an image is to have
        several labels in a project of one an image; nothing was changed.
    """
    with project.db.write() as connection:
        known = _findings(connection, settlements)
        names = dict.fromkeys(label_name(n) for one in settlements for of in one.relabel.values() for n in of)
        numbers, made = make_labels(connection, list(names))
        wanted: _Wanted = {}
        for one in settlements:
            sample, kind = known[one.finding_id]
            wanted[sample, f"finding:{FINDING_CODES[kind]}"] = FINDING_STATES.index(one.state)
            _relabel(connection, one.relabel, numbers, wanted)
            wanted.update({(number, "excluded"): 1 for number in one.exclude})
            if one.pin is not None:
                _pin(connection, one.finding_id, SPLIT_CODES[one.pin], wanted)
        items = _items(connection, wanted)
        if not items:
            return Changes(labels=bool(made))
        count = len({sample for sample, _, _, _ in items})
        kind_of, params = _said(settlements)
        with recorded(connection, kind_of, tool, label_params(made, params) if made else params, count) as edit:
            changed = write_items(connection, edit.id, items)
        _remember(connection, [one.finding_id for one in settlements])
    return Changes(sample_ids=changed, labels=bool(made), findings=True, edit=edit)


def _findings(connection: sqlite3.Connection, settlements: Sequence[Settlement]) -> dict[int, tuple[int, FindingKind]]:
    """Return principal and kind of each finding; raises where one, or a sample, is not there."""
    ids = [one.finding_id for one in settlements]
    rows = connection.execute(
        "SELECT id, sample_id, kind FROM finding WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(ids),)
    )
    known = {number: (sample, FindingKind(kind)) for number, sample, kind in rows}
    for number in ids:
        if number not in known:
            raise UserError("finding_missing", finding=number)
    require_samples(connection, sorted({i for one in settlements for i in (*one.relabel, *one.exclude)}))
    return known


def _relabel(
    connection: sqlite3.Connection, relabel: Mapping[int, Sequence[str]], numbers: Mapping[str, int], wanted: _Wanted
) -> None:
    single = task_of(connection) is Task.SINGLE
    for sample, names in relabel.items():
        ids = [numbers[label_name(name)] for name in names]
        if single:
            if len(ids) > 1:
                raise UserError("task_single")
            wanted[sample, "label_id"] = ids[0] if ids else None
            continue
        rows = connection.execute("SELECT label_id FROM sample_label WHERE sample_id = ?", (sample,))
        for number in {row[0] for row in rows} | set(ids):
            wanted[sample, f"label:{number}"] = int(number in ids)
        wanted[sample, "labelled"] = 1


def _pin(connection: sqlite3.Connection, finding_id: int, code: int, wanted: _Wanted) -> None:
    """Put the members into a split, with the whole of their groups: no group may be on both sides of one."""
    rows = connection.execute(
        "WITH chosen AS (SELECT sample.id, group_id FROM finding_member JOIN sample ON sample.id = sample_id"
        " WHERE finding_id = ?) SELECT id FROM chosen UNION SELECT sample.id FROM sample"
        " WHERE group_id IN (SELECT group_id FROM chosen WHERE group_id IS NOT NULL)",
        (finding_id,),
    )
    for (sample,) in rows.fetchall():
        wanted[sample, "split"], wanted[sample, "pinned"] = code, 1


def _items(connection: sqlite3.Connection, wanted: _Wanted) -> list[tuple[int, str, int | None, int | None]]:
    """Return what really changes: sample, field, before, after."""
    by_field: dict[str, dict[int, int | None]] = {}
    for (sample, field), after in wanted.items():
        by_field.setdefault(field, {})[sample] = after
    items: list[tuple[int, str, int | None, int | None]] = []
    for field, after_of in by_field.items():
        rows = connection.execute(
            f"SELECT sample.id, {Field(field).value} FROM sample WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(after_of)),),
        )
        items += [(sample, field, before, after_of[sample]) for sample, before in rows if before != after_of[sample]]
    return items


def _said(settlements: Sequence[Settlement]) -> tuple[EditKind, dict[str, str]]:
    """Return how the ledger names the edit: by the one thing that it does, where it does one."""
    labels = {names for one in settlements for names in one.relabel.values()}
    excludes = any(one.exclude for one in settlements)
    pins = {one.pin for one in settlements if one.pin is not None}
    if not labels and not excludes and not pins:
        dismissed = all(one.state is FindingState.DISMISSED for one in settlements)
        return (EditKind.KEEP if dismissed else EditKind.SETTLE), {}
    if len(labels) == 1 and not excludes and not pins:
        (names,) = labels
        if len(names) == 1:
            return EditKind.LABEL, {"label": names[0]}
    if excludes and not labels and not pins:
        return EditKind.EXCLUDE, {}
    if len(pins) == 1 and not labels and not excludes:
        return EditKind.PIN, {"split": str(next(iter(pins)))}
    return EditKind.SETTLE, {}


def _remember(connection: sqlite3.Connection, ids: Sequence[int]) -> None:
    """Keep how the members are now that it is decided, so that the next check knows whether they changed since."""
    for number, stamp in present_stamps(
        connection, "finding.id IN (SELECT value FROM json_each(?))", [json.dumps(list(ids))]
    ).items():
        connection.execute("UPDATE finding SET decided_stamp = ? WHERE id = ?", (stamp, number))
