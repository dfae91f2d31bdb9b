"""What a long list of the history needs: which entries there are, some of them at a time, and what may be asked for."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.store.edit_items import Field
from core.store.history import EDIT_COLUMNS, Entry, HistoryFilter, conditions, entry_of
from core.store.project import Project


@dataclass(frozen=True, slots=True)
class Choices:
    """How many entries there are of each person, tool and kind of edit, as everything else asked for leaves them."""

    users: dict[str, int]
    tools: dict[str, int]
    kinds: dict[str, int]


def entry_moments(project: Project, wanted: HistoryFilter) -> list[tuple[int, str]]:
    """Return number and moment (ISO 8601, UTC) of every wanted entry, newest first."""
    where, values = _where(wanted)
    sql = f"SELECT entry.id, entry.at FROM entry JOIN edit ON edit.id = edit_id{where} ORDER BY entry.id DESC"
    return project.db.read().execute(sql, values).fetchall()


def entries_by_id(project: Project, ids: Sequence[int]) -> dict[int, Entry]:
    """Return these entries, by their numbers."""
    rows = project.db.read().execute(
        f"SELECT entry.id, entry.at, entry.user, entry.tool, action, hash, {EDIT_COLUMNS}"
        " FROM entry JOIN edit ON edit.id = edit_id WHERE entry.id IN (SELECT value FROM json_each(?))",
        (json.dumps([int(number) for number in ids]),),
    )
    return {entry.id: entry for entry in map(entry_of, rows)}


def choices(project: Project, wanted: HistoryFilter) -> Choices:
    """Return what can be chosen for each of person, tool and kind while the rest of `wanted` holds."""
    return Choices(
        _counts(project, "entry.user", replace(wanted, users=())),
        _counts(project, "entry.tool", replace(wanted, tools=())),
        _counts(project, "edit.kind", replace(wanted, kinds=())),
    )


def taken_back(project: Project) -> dict[int, int]:
    """Return the edits that a later one took back, which still holds: that one's number by theirs."""
    rows = project.db.read().execute(
        "SELECT json_extract(params, '$.edit'), id FROM edit WHERE kind = 'revert' AND state = 'done' ORDER BY id"
    )
    return {int(edit_id): int(by) for edit_id, by in rows if edit_id is not None}


def edited_samples(project: Project, edit_id: int) -> list[int]:
    """Return the samples that an edit changed, in ascending order."""
    rows = project.db.read().execute(
        "SELECT DISTINCT sample_id FROM edit_item WHERE edit_id = ? ORDER BY sample_id", (edit_id,)
    )
    return [int(sample) for (sample,) in rows]


def present_values(project: Project, items: Iterable[tuple[int, str]]) -> dict[tuple[int, str], int | None]:
    """Return what fields of samples are now, for (sample, field) pairs."""
    by_field: dict[str, list[int]] = {}
    for sample, field in items:
        by_field.setdefault(field, []).append(sample)
    found: dict[tuple[int, str], int | None] = {}
    for name, samples in by_field.items():
        rows = project.db.read().execute(
            f"SELECT sample.id, {Field(name).value} FROM sample WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(samples),),
        )
        found.update({(int(sample), name): value for sample, value in rows})
    return found


def _counts(project: Project, column: str, wanted: HistoryFilter) -> dict[str, int]:
    where, values = _where(wanted)
    rows = project.db.read().execute(
        f"SELECT {column}, count(*) FROM entry JOIN edit ON edit.id = edit_id{where} GROUP BY 1 ORDER BY 1", values
    )
    return {str(name): int(count) for name, count in rows}


def _where(wanted: HistoryFilter) -> tuple[str, list[object]]:
    terms, values = conditions(wanted)
    return (f" WHERE {' AND '.join(terms)}" if terms else ""), values
