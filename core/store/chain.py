"""The hash chain of the ledger: each entry carries the hash of the one before, so that a change made later shows.

An entry is an edit, or its being undone or redone. What it says is hashed together with the hash before it; an edit
brings the digest of its items, so that before and after of every sample are covered too.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import sqlite3
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, Literal

Action = Literal["edit", "undo", "redo"]
START: Final = ""
"""What stands for the hash before the first entry."""


def append_entry(
    connection: sqlite3.Connection,
    action: Action,
    edit_id: int,
    *,
    tool: str,
    at: str | None = None,
    user: str | None = None,
    seal: str | None = None,
) -> None:
    """Write the next entry, within the transaction that does what it says; `at` and `user` are now and who runs this.

    The edit's row and its items must be written already; `seal` stands for the items of an import, which has none.
    """
    last = connection.execute("SELECT id, hash FROM entry ORDER BY id DESC LIMIT 1").fetchone()
    number, previous = (int(last[0]) + 1, str(last[1])) if last else (1, START)
    kind, params, count = connection.execute("SELECT kind, params, count FROM edit WHERE id = ?", (edit_id,)).fetchone()
    items = seal if seal is not None else items_digest(connection, edit_id) if action == "edit" else ""
    said = {
        "id": number,
        "at": at or datetime.now(UTC).isoformat(timespec="milliseconds"),
        "user": user or system_user(),
        "tool": tool,
        "action": action,
        "edit_id": edit_id,
        "items": items,
    }
    sealed = entry_hash(previous, {**said, "kind": kind, "params": params, "count": count})
    connection.execute(
        "INSERT INTO entry (id, at, user, tool, action, edit_id, items, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*said.values(), sealed),
    )


def entry_hash(previous: str, said: Mapping[str, object]) -> str:
    """Return the hash of an entry: BLAKE2b-256 of the hash before and of what it says, as JSON with sorted keys."""
    text = json.dumps([previous, dict(said)], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=32).hexdigest()


def items_digest(connection: sqlite3.Connection, edit_id: int) -> str:
    """Return the BLAKE2b-256 of an edit's items in the order of sample and field; empty where it has none."""
    row = connection.execute(
        "SELECT group_concat(sample_id || ',' || field || ',' || coalesce(before, '') || ',' || coalesce(after, ''),"
        " ';') FROM (SELECT * FROM edit_item WHERE edit_id = ? ORDER BY sample_id, field)",
        (edit_id,),
    ).fetchone()
    return hashlib.blake2b(row[0].encode(), digest_size=32).hexdigest() if row[0] is not None else ""


def system_user() -> str:
    """Return the name of who runs this, or “unknown”."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # neither a variable nor an account names the user
        return "unknown"


def chain_past_edits(connection: sqlite3.Connection) -> None:
    """Enter the edits of a ledger that had no chain, as they stand; when they were undone is not known."""
    edits = connection.execute("SELECT id, at, user, tool, state FROM edit ORDER BY id").fetchall()
    for edit_id, at, user, tool, state in edits:
        append_entry(connection, "edit", edit_id, tool=tool, at=at, user=user)
        if state == "dropped":
            append_entry(connection, "undo", edit_id, tool=tool, at=at, user=user)
    # Those that can still be redone were undone last, the newest first.
    for edit_id, at, user, tool, state in reversed(edits):
        if state == "undone":
            append_entry(connection, "undo", edit_id, tool=tool, at=at, user=user)
