"""The ledger: every edit ever made, in order; nothing is ever taken out of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from core.domain.edits import Edit, EditKind, EditState
from core.store.chain import append_entry, system_user
from core.store.project import Project, now

_COLUMNS = "id, at, user, tool, kind, params, count, state"


@contextmanager
def recorded(
    connection: sqlite3.Connection,
    kind: EditKind,
    tool: str,
    params: Mapping[str, str],
    count: int,
    *,
    seal: Callable[[], str] | None = None,
) -> Iterator[Edit]:
    """Enter an edit, within the transaction that makes it; its items are to be written within the block.

    A new edit drops what was undone from the redo line. At the end of the block it is sealed into the chain, with what
    `seal` returns where it has no items.
    """
    if kind is not EditKind.IMPORT:
        connection.execute("UPDATE edit SET state = 'dropped' WHERE state = 'undone'")
    at, user = now(), system_user()
    cursor = connection.execute(
        "INSERT INTO edit (at, user, tool, kind, params, count, state) VALUES (?, ?, ?, ?, ?, ?, 'done')",
        (at, user, tool, kind, json.dumps(dict(params), ensure_ascii=False), count),
    )
    edit = Edit(int(cursor.lastrowid or 0), at, user, tool, kind, dict(params), count, EditState.DONE)
    yield edit
    append_entry(connection, "edit", edit.id, tool=tool, at=at, user=user, seal=seal() if seal else None)


def history(project: Project, limit: int = 100, before: int | None = None) -> list[Edit]:
    """Return the latest edits, newest first; with `before`, those older than that edit."""
    rows = project.db.read().execute(
        f"SELECT {_COLUMNS} FROM edit WHERE id < ? ORDER BY id DESC LIMIT ?",
        (before if before is not None else 2**62, limit),
    )
    return [edit_of(row) for row in rows]


def sample_history(project: Project, sample_id: int) -> list[tuple[Edit, str, int | None, int | None]]:
    """Return what happened to one sample, newest first: edit, field, before, after."""
    rows = project.db.read().execute(
        f"SELECT {', '.join('edit.' + name for name in _COLUMNS.split(', '))}, field, before, after"
        " FROM edit_item JOIN edit ON edit.id = edit_id WHERE sample_id = ? ORDER BY edit.id DESC",
        (sample_id,),
    )
    return [(edit_of(row[:8]), row[8], row[9], row[10]) for row in rows]


def next_undo(project: Project) -> Edit | None:
    """Return the edit that `undo` would take back."""
    return latest_done(project.db.read())


def next_redo(project: Project) -> Edit | None:
    """Return the edit that `redo` would make again."""
    return earliest_undone(project.db.read())


def latest_done(connection: sqlite3.Connection) -> Edit | None:
    """Return the newest edit that holds and can be undone."""
    sql = f"SELECT {_COLUMNS} FROM edit WHERE state = 'done' AND kind != 'import' ORDER BY id DESC LIMIT 1"
    row = connection.execute(sql).fetchone()
    return edit_of(row) if row else None


def earliest_undone(connection: sqlite3.Connection) -> Edit | None:
    """Return the oldest edit that was undone and can be redone."""
    row = connection.execute(f"SELECT {_COLUMNS} FROM edit WHERE state = 'undone' ORDER BY id LIMIT 1").fetchone()
    return edit_of(row) if row else None


def edit_of(row: Sequence[object]) -> Edit:
    """Return the edit of a row with the columns of table ``edit``, in their order."""
    edit_id, at, user, tool, kind, params, count, state = row
    return Edit(
        int(str(edit_id)),
        str(at),
        str(user),
        str(tool),
        EditKind(str(kind)),
        json.loads(str(params)),
        int(str(count)),
        EditState(str(state)),
    )
