"""Tags, and the reasons for a sample's state: names that are made when they are first used."""

from __future__ import annotations

import sqlite3
import unicodedata
from typing import Final, Literal

from core.errors import UserError
from core.store.project import Project

MAX_LENGTH: Final = 80


def ensure_named(connection: sqlite3.Connection, table: Literal["tag", "reason"], text: str) -> tuple[str, int]:
    """Return the name (NFC, trimmed) and id of a tag or reason, made if it is new, within a transaction.

    Raises
    ------
    UserError
        ``tag_invalid`` where it is empty, too long, or holds control characters.
    """
    name = unicodedata.normalize("NFC", text).strip()
    if not name or len(name) > MAX_LENGTH or any(unicodedata.category(c)[0] == "C" for c in name):
        raise UserError("tag_invalid", name=text[:MAX_LENGTH])
    connection.execute(f"INSERT INTO {table} (name) VALUES (?) ON CONFLICT DO NOTHING", (name,))
    return name, int(connection.execute(f"SELECT id FROM {table} WHERE name = ?", (name,)).fetchone()[0])


def tags(project: Project) -> dict[str, int]:
    """Return how many samples have each tag, by name in alphabetical order; tags that none has are left out."""
    rows = project.db.read().execute(
        "SELECT name, count(*) FROM sample_tag JOIN tag ON tag.id = tag_id GROUP BY name ORDER BY name"
    )
    return dict(rows.fetchall())


def reasons(project: Project) -> list[str]:
    """Return the reasons that are given for a state now, in alphabetical order."""
    rows = project.db.read().execute(
        "SELECT name FROM reason WHERE id IN (SELECT reason_id FROM sample WHERE reason_id IS NOT NULL) ORDER BY name"
    )
    return [name for (name,) in rows]


def recent_reasons(project: Project, most: int = 8) -> list[str]:
    """Return the reasons that were given last for a state, the latest first."""
    rows = project.db.read().execute(
        "SELECT json_extract(params, '$.reason') AS reason FROM edit WHERE kind = 'state' AND reason IS NOT NULL"
        " GROUP BY reason ORDER BY max(id) DESC LIMIT ?",
        (most,),
    )
    return [reason for (reason,) in rows]


def tag_names(project: Project) -> dict[int, str]:
    """Return the name of every tag there ever was, by id; for reading the ledger."""
    return dict(project.db.read().execute("SELECT id, name FROM tag"))


def reason_names(project: Project) -> dict[int, str]:
    """Return every reason there ever was, by id; for reading the ledger."""
    return dict(project.db.read().execute("SELECT id, name FROM reason"))
