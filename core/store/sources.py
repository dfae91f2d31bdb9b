"""The roots that samples were imported from."""

from __future__ import annotations

from pathlib import Path

from core.domain.samples import Source
from core.store.project import Project, now


def add_source(project: Project, kind: str, root: Path) -> Source:
    """Return the source for `root`, made if it is new."""
    path = str(root.resolve())
    with project.db.write() as connection:
        connection.execute(
            "INSERT INTO source (kind, root, added_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            (kind, path, now()),
        )
        row = connection.execute("SELECT id FROM source WHERE kind = ? AND root = ?", (kind, path)).fetchone()
    return Source(int(row[0]), kind, path)


def sources(project: Project) -> dict[int, Source]:
    """Return every source by its id."""
    rows = project.db.read().execute("SELECT id, kind, root FROM source ORDER BY id")
    return {row[0]: Source(*row) for row in rows}
