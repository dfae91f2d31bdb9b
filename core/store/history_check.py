"""Proving the ledger: the chain of hashes, what it says was done, and that the project is what it says."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from core.progress import Progress
from core.store.chain import START, entry_hash, items_digest
from core.store.edit_items import Field
from core.store.import_seal import import_holds, sealed_samples
from core.store.label_past import altered_labels
from core.store.project import Project
from core.store.samples import UNFINISHED
from core.translation import mark

_ENTRY: Final = ("id", "at", "user", "tool", "action", "edit_id", "items")


@dataclass(frozen=True, slots=True)
class Break:
    """Something that is not as the ledger says: the entry (None for the project itself) and what is wrong."""

    entry: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class HistoryCheck:
    """What `check_history` found: `entries` looked at, the `head`, which is the hash of the last, and the `breaks`.

    Whoever writes the head down can say later that nothing before it was changed. `unproven` samples came in without a
    seal on what they were then (their import was not finished, or was made before imports were sealed): of them only
    what was edited is proven.
    """

    entries: int
    head: str
    breaks: tuple[Break, ...]
    unproven: int = 0


def check_history(project: Project, progress: Progress, *, most: int = 100) -> HistoryCheck:
    """Prove that no entry was changed, taken out or put in between, and that every sample is as the last entry left it.

    At most `most` breaks are told.
    """
    connection = project.db.read()
    connection.execute("BEGIN")  # one moment of the project, though others write meanwhile
    try:
        total = int(connection.execute("SELECT count(*) FROM entry").fetchone()[0])
        progress.begin(mark("Checking the history"), total)
        states: dict[int, str] = {}
        breaks: list[Break] = []
        head = START
        for number, broken, sealed in _chain(connection, states, progress):
            head = sealed
            if broken and len(breaks) < most:
                breaks.append(Break(number, broken))
        for found in (*_edits(connection, states), *_values(connection), *_labels(connection), *_amounts(connection)):
            if len(breaks) < most:
                breaks.append(found)
        unproven = _unproven(connection)
    finally:
        connection.execute("ROLLBACK")
    return HistoryCheck(total, head, tuple(breaks), unproven)


def _chain(
    connection: sqlite3.Connection, states: dict[int, str], progress: Progress
) -> Iterator[tuple[int, str, str]]:
    """Yield each entry's number, what is wrong with it (or nothing), and the hash of the chain up to it."""
    rows = connection.execute(
        f"SELECT {', '.join(f'entry.{name}' for name in _ENTRY)}, kind, params, count, hash,"
        " edit.at IS entry.at AND edit.user IS entry.user AND edit.tool IS entry.tool"
        " FROM entry LEFT JOIN edit ON edit.id = edit_id ORDER BY entry.id"
    ).fetchall()
    previous = START
    for place, (*row, sealed, same) in enumerate(rows, start=1):
        said = dict(zip((*_ENTRY, "kind", "params", "count"), row, strict=True))
        broken = _entry_break(connection, said, place, previous, sealed, states)
        if not (broken or same) and said["action"] == "edit":
            broken = mark("By whom, when or with which tool the edit was made was changed afterwards.")
        yield said["id"], broken, sealed
        previous = sealed
        progress.advance()


def _entry_break(
    connection: sqlite3.Connection,
    said: dict[str, object],
    place: int,
    previous: str,
    sealed: str,
    states: dict[int, str],
) -> str:
    edit_id, action = int(str(said["edit_id"])), str(said["action"])
    follows = _replay(states, edit_id, action, str(said["kind"]))
    if said["id"] != place:
        return mark("An entry before this one is gone.")
    if entry_hash(previous, said) != sealed:
        return mark("What the entry says, or the entry before it, was changed afterwards.")
    if action == "edit" and said["kind"] == "import" and said["items"]:
        if not import_holds(connection, str(said["items"])):
            return mark("Images that the import added were changed without an entry in the history, or are gone.")
    elif action == "edit" and items_digest(connection, edit_id) != said["items"]:
        return mark("The images that the edit changed, or their values, were changed afterwards.")
    return "" if follows else mark("The entry undoes or redoes an edit that does not allow it.")


def _replay(states: dict[int, str], edit_id: int, action: str, kind: str) -> bool:
    """Do to `states` what an entry did; return whether it could."""
    if action == "edit":
        if kind != "import":
            states.update({other: "dropped" for other, state in states.items() if state == "undone"})
        states[edit_id] = "done"
        return True
    expected, after = ("done", "undone") if action == "undo" else ("undone", "done")
    possible = states.get(edit_id) == expected
    states[edit_id] = after
    return possible


def _edits(connection: sqlite3.Connection, states: dict[int, str]) -> Iterator[Break]:
    for edit_id, state in connection.execute("SELECT id, state FROM edit ORDER BY id"):
        if states.get(edit_id) != state:
            yield Break(None, mark("An edit is not in the chain, or not in the state that the chain says."))


def _values(connection: sqlite3.Connection) -> Iterator[Break]:
    """Find samples that are not as the last edit that holds left them.

    Labels are compared only as far back as the last change of task, which moved them all to other fields. What was
    decided about findings is not compared: a check opens them again where their samples changed.
    """
    task = connection.execute("SELECT coalesce(max(id), 0) FROM edit WHERE kind = 'task' AND state = 'done'")
    moved = int(task.fetchone()[0])
    names = connection.execute("SELECT DISTINCT field FROM edit_item WHERE field NOT LIKE 'finding:%' ORDER BY field")
    for (name,) in names.fetchall():
        wrong = connection.execute(
            "WITH latest AS (SELECT sample_id, max(edit_id) AS edit_id FROM edit_item"
            " JOIN edit ON edit.id = edit_id AND state = 'done' WHERE field = ?1 AND edit_id > ?2 GROUP BY sample_id)"
            " SELECT count(*) FROM latest JOIN edit_item USING (sample_id, edit_id)"
            f" JOIN sample ON sample.id = sample_id WHERE field = ?1 AND {Field(name).value} IS NOT after",
            (name, moved if name.startswith("label") else 0),
        ).fetchone()[0]
        if wrong:
            yield Break(None, mark("Images were changed without an entry in the history."))


def _labels(connection: sqlite3.Connection) -> Iterator[Break]:
    if altered_labels(connection):
        yield Break(None, mark("Labels were changed without an entry in the history."))


def _amounts(connection: sqlite3.Connection) -> Iterator[Break]:
    """Compare how many samples there are with how many the imports added, of which none is ever taken out."""
    samples = int(connection.execute("SELECT count(*) FROM sample").fetchone()[0])
    told, unsealed = connection.execute(
        "SELECT coalesce(sum(count), 0), coalesce(sum(items = ''), 0) FROM entry JOIN edit ON edit.id = edit_id"
        " WHERE kind = 'import'"
    ).fetchone()
    unfinished = int(
        connection.execute(
            "SELECT coalesce(sum(CAST(value AS INTEGER)), 0) FROM meta WHERE substr(key, 1, length(?1)) = ?1",
            (UNFINISHED,),
        ).fetchone()[0]
    )
    if samples < told:
        yield Break(None, mark("Images are gone that the history says were imported."))
    elif samples > told + unfinished and not unsealed:
        yield Break(None, mark("There are images that no entry of the history brought in."))


def _unproven(connection: sqlite3.Connection) -> int:
    sealed = connection.execute(
        "SELECT items FROM entry JOIN edit ON edit.id = edit_id WHERE kind = 'import' AND items <> ''"
    ).fetchall()
    samples = int(connection.execute("SELECT count(*) FROM sample").fetchone()[0])
    return max(0, samples - sum(sealed_samples(connection, items) for (items,) in sealed))
