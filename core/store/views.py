"""Saved views: query lines with names, in the user's order."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.domain.query_line import parse_query
from core.errors import UserError
from core.store.project import Project

_MAX_LENGTH: Final = 80


@dataclass(frozen=True, slots=True)
class View:
    """A query line that was given a name."""

    name: str
    query: str


def views(project: Project) -> list[View]:
    """Return the saved views, in the user's order."""
    return [View(*row) for row in project.db.read().execute("SELECT name, query FROM view ORDER BY position, name")]


def save_view(project: Project, name: str, query: str) -> View:
    """Keep a query line under a name; one that has the name is replaced.

    Raises
    ------
    UserError
        ``view_name_invalid``, or ``query_invalid`` where the line is not understood.
    """
    parse_query(query)
    view = View(_name(name), query.strip())
    with project.db.write() as connection:
        connection.execute(
            "INSERT INTO view VALUES (?, ?, (SELECT coalesce(max(position) + 1, 0) FROM view))"
            " ON CONFLICT (name) DO UPDATE SET query = excluded.query",
            (view.name, view.query),
        )
    return view


def rename_view(project: Project, old: str, new: str) -> None:
    """Give a view another name; raises `UserError` ``view_name_invalid`` or ``view_exists``."""
    name = _name(new)
    with project.db.write() as connection:
        if name != old and connection.execute("SELECT 1 FROM view WHERE name = ?", (name,)).fetchone():
            raise UserError("view_exists", name=name)
        connection.execute("UPDATE view SET name = ? WHERE name = ?", (name, old))


def remove_view(project: Project, name: str) -> None:
    """Forget a view; the images that it showed are not touched."""
    with project.db.write() as connection:
        connection.execute("DELETE FROM view WHERE name = ?", (name,))


def reorder_views(project: Project, names: Sequence[str]) -> None:
    """Put the views into this order; those that are not named follow, in the order they had."""
    with project.db.write() as connection:
        present = [name for (name,) in connection.execute("SELECT name FROM view ORDER BY position, name")]
        wanted = [name for name in dict.fromkeys(names) if name in present]
        order = wanted + [name for name in present if name not in wanted]
        connection.executemany(
            "UPDATE view SET position = ? WHERE name = ?", [(place, name) for place, name in enumerate(order)]
        )


def _name(text: str) -> str:
    name = unicodedata.normalize("NFC", text).strip()
    if not name or len(name) > _MAX_LENGTH or any(unicodedata.category(c)[0] == "C" for c in name):
        raise UserError("view_name_invalid", name=text[:_MAX_LENGTH])
    return name
