"""Deciding about findings: what it does to samples and what was decided are one edit, undone together."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from core.domain.changes import Changes
from core.domain.edits import EditKind
from core.domain.findings import (
    FINDING_CODES,
    FINDING_STATES,
    OF_SEVERAL,
    WHOLE_DATA_SET,
    FindingKind,
    FindingState,
    Settlement,
)
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
Item = tuple[int, str, int | None, int | None]
_DEEDS: Final = {"finding": "finding", "excluded": "excluded", "split": "split", "pinned": "split"}
"""What a change of a field amounts to; of any other, that labels were given."""


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
        kind_of, params, count = _said(settlements, {kind for _, kind in known.values()}, items)
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


def _items(connection: sqlite3.Connection, wanted: _Wanted) -> list[Item]:
    """Return what really changes: sample, field, before, after."""
    by_field: dict[str, dict[int, int | None]] = {}
    for (sample, field), after in wanted.items():
        by_field.setdefault(field, {})[sample] = after
    items: list[Item] = []
    for field, after_of in by_field.items():
        rows = connection.execute(
            f"SELECT sample.id, {Field(field).value} FROM sample WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(after_of)),),
        )
        items += [(sample, field, before, after_of[sample]) for sample, before in rows if before != after_of[sample]]
    return items


def _said(
    settlements: Sequence[Settlement], kinds: Collection[FindingKind], items: Sequence[Item]
) -> tuple[EditKind, dict[str, str], int]:
    """Return how the ledger names the edit, by what it really changes, with of how many images or cases that is so."""
    changed: dict[str, set[int]] = {}
    for sample, field, _, _ in items:
        changed.setdefault(_DEEDS.get(field.partition(":")[0], "label"), set()).add(sample)
    decided = changed.pop("finding", set())
    about = {"finding": str(next(iter(kinds)))} if len(kinds) == 1 else {}
    if not changed:
        return _only_decided(settlements, kinds, about, len(decided))
    labels = dict.fromkeys(
        name
        for one in settlements
        for sample, of in one.relabel.items()
        if sample in changed.get("label", ())
        for name in of
    )
    said, named = ", ".join(labels) or "–", len(changed.get("label", ()))
    pins = {one.pin for one in settlements if one.pin is not None}
    match tuple(sorted(changed)):
        case ("excluded",):
            return EditKind.EXCLUDE, about, len(changed["excluded"])
        case ("label",) if len(labels) == 1:
            return EditKind.LABEL, {"label": said, **about}, named
        case ("label",):
            return EditKind.LABELS, {"labels": said, **about}, named
        case ("excluded", "label"):
            excluded = f"{len(changed['excluded']):,}"
            return EditKind.SETTLE, {"did": "label", "label": said, "excluded": excluded, **about}, named
        case ("split",) if len(pins) == 1:
            return EditKind.PIN, {"split": str(next(iter(pins))), **about}, len(changed["split"])
    return EditKind.SETTLE, about, len(set().union(*changed.values()))


def _only_decided(
    settlements: Sequence[Settlement], kinds: Collection[FindingKind], about: dict[str, str], count: int
) -> tuple[EditKind, dict[str, str], int]:
    """Return how a decision is named that changes no image."""
    if any(one.state is not FindingState.DISMISSED for one in settlements):
        return EditKind.SETTLE, {"did": "note", **about}, count
    of_one_image = not set(kinds) & (OF_SEVERAL | WHOLE_DATA_SET)
    return EditKind.KEEP, (about if of_one_image else {"did": "keep", **about}), count


def _remember(connection: sqlite3.Connection, ids: Sequence[int]) -> None:
    """Keep how the members are now that it is decided, so that the next check knows whether they changed since."""
    for number, stamp in present_stamps(
        connection, "finding.id IN (SELECT value FROM json_each(?))", [json.dumps(list(ids))]
    ).items():
        connection.execute("UPDATE finding SET decided_stamp = ? WHERE id = ?", (stamp, number))
