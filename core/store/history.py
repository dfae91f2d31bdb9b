"""Looking back: the ledger entry by entry, what changed between two moments, and whether the chain holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from core.domain.edits import Edit, EditKind
from core.store.ledger import edit_of
from core.store.project import Project

EDIT_COLUMNS: Final = "edit.id, edit.at, edit.user, edit.tool, kind, params, count, state"
_LIKE: Final = str.maketrans({"~": "~~", "%": "~%", "_": "~_"})


_SEAL_LENGTH: Final = 4
"""Fewer characters begin too many hashes by chance."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger: an edit, or its being undone or redone (`action`), by whom and when; sealed by `hash`."""

    id: int
    at: str
    user: str
    tool: str
    action: str
    edit: Edit
    hash: str


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """Which entries; an empty field asks for nothing.

    `since` and `until` are moments (ISO 8601, UTC), the latter not included; `label` is part of a label's name at the
    time; `sample_id` asks for what touched one sample. `text` is part of a name that the edit speaks of or of who made
    it, or the beginning of the entry's hash, from four characters on; edits of `text_kinds` are found by it too, as
    their words hold it.
    """

    since: str = ""
    until: str = ""
    users: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    kinds: tuple[EditKind, ...] = ()
    label: str = ""
    sample_id: int | None = None
    text: str = ""
    text_kinds: tuple[EditKind, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of one field of one sample between two moments."""

    sample_id: int
    field: str
    before: int | None
    after: int | None


def entries(
    project: Project, wanted: HistoryFilter | None = None, *, limit: int = 200, before: int | None = None
) -> list[Entry]:
    """Return the latest entries that are wanted, newest first; with `before`, those older than that entry."""
    terms, values = conditions(wanted or HistoryFilter())
    if before is not None:
        terms.append("entry.id < ?")
        values.append(before)
    where = f" WHERE {' AND '.join(terms)}" if terms else ""
    rows = project.db.read().execute(
        f"SELECT entry.id, entry.at, entry.user, entry.tool, action, hash, {EDIT_COLUMNS}"
        f" FROM entry JOIN edit ON edit.id = edit_id{where} ORDER BY entry.id DESC LIMIT ?",
        [*values, limit],
    )
    return [entry_of(row) for row in rows]


def count_entries(project: Project, wanted: HistoryFilter | None = None) -> int:
    """Return how many entries are wanted."""
    terms, values = conditions(wanted or HistoryFilter())
    where = f" WHERE {' AND '.join(terms)}" if terms else ""
    sql = f"SELECT count(*) FROM entry JOIN edit ON edit.id = edit_id{where}"
    return int(project.db.read().execute(sql, values).fetchone()[0])


def people_and_tools(project: Project) -> tuple[list[str], list[str]]:
    """Return the users and the tools that the ledger names, in alphabetical order."""
    connection = project.db.read()
    users = [name for (name,) in connection.execute("SELECT DISTINCT user FROM entry ORDER BY user")]
    tools = [name for (name,) in connection.execute("SELECT DISTINCT tool FROM entry ORDER BY tool")]
    return users, tools


def get_edit(project: Project, edit_id: int) -> Edit | None:
    """Return one edit; None where there is none of this id."""
    row = project.db.read().execute(f"SELECT {EDIT_COLUMNS} FROM edit WHERE id = ?", (edit_id,)).fetchone()
    return edit_of(row) if row else None


def edit_items(
    project: Project, edit_id: int, *, limit: int = -1
) -> list[tuple[int, str, str, int | None, int | None]]:
    """Return what an edit changed: sample, path, field, before, after; all of it, or the first `limit`."""
    rows = project.db.read().execute(
        "SELECT sample_id, path, field, before, after FROM edit_item JOIN sample ON sample.id = sample_id"
        " WHERE edit_id = ? ORDER BY sample_id, field LIMIT ?",
        (edit_id, limit),
    )
    return rows.fetchall()


def differences(project: Project, start: str, end: str) -> list[Difference]:
    """Return what is different in the samples at `end` from how it was at `start` (moments, ISO 8601, UTC).

    What was changed and changed back is left out. Samples that were imported in between bring their labels along:
    those are no changes.
    """
    first: dict[tuple[int, str], int | None] = {}
    last: dict[tuple[int, str], int | None] = {}
    for sample, field, old, new in _steps(project, start, end):
        first.setdefault((sample, field), old)
        last[sample, field] = new
    return [
        Difference(sample, field, old, last[sample, field])
        for (sample, field), old in sorted(first.items())
        if old != last[sample, field]
    ]


def _steps(project: Project, start: str, end: str) -> Iterator[tuple[int, str, int | None, int | None]]:
    """Yield each change of a sample's field between two moments, in the order it happened."""
    rows = project.db.read().execute(
        "SELECT sample_id, field, before, after, action FROM entry JOIN edit_item ON edit_item.edit_id = entry.edit_id"
        " WHERE entry.at > ? AND entry.at <= ? ORDER BY entry.id",
        (start, end),
    )
    for sample, field, before, after, action in rows:
        yield (sample, field, after, before) if action == "undo" else (sample, field, before, after)


def conditions(wanted: HistoryFilter) -> tuple[list[str], list[object]]:
    """Return what SQL asks of an entry and its edit, and the values for it."""
    found: list[tuple[str, Sequence[object]]] = []
    if wanted.since:
        found.append(("entry.at >= ?", [wanted.since]))
    if wanted.until:
        found.append(("entry.at < ?", [wanted.until]))
    for column, names in (("entry.user", wanted.users), ("entry.tool", wanted.tools), ("edit.kind", wanted.kinds)):
        if names:
            found.append((f"{column} IN (SELECT value FROM json_each(?))", [json.dumps(list(names))]))
    if wanted.label:
        found.append(("instr(edit.params, ?) > 0", [json.dumps(wanted.label, ensure_ascii=False)[1:-1]]))
    if wanted.sample_id is not None:
        found.append(("edit.id IN (SELECT edit_id FROM edit_item WHERE sample_id = ?)", [wanted.sample_id]))
    if wanted.text:
        part = wanted.text.translate(_LIKE)
        kinds = json.dumps(list(wanted.text_kinds))
        sql = (
            "(EXISTS (SELECT 1 FROM json_each(edit.params) WHERE key <> 'changes' AND value LIKE ? ESCAPE '~')"
            " OR entry.user LIKE ? ESCAPE '~' OR hash LIKE ? ESCAPE '~'"
            " OR edit.kind IN (SELECT value FROM json_each(?)))"
        )
        seal = f"{part}%" if len(wanted.text) >= _SEAL_LENGTH else ""
        found.append((sql, [f"%{part}%", f"%{part}%", seal, kinds]))
    return [sql for sql, _ in found], [value for _, values in found for value in values]


def entry_of(row: Sequence[object]) -> Entry:
    """Return the entry of a row: id, at, user, tool, action, hash, and `EDIT_COLUMNS`."""
    number, at, user, tool, action, sealed = row[:6]
    return Entry(int(str(number)), str(at), str(user), str(tool), str(action), edit_of(row[6:]), str(sealed))
