"""The roots that samples were imported from."""

from __future__ import annotations

from pathlib import Path

from core.domain.changes import Changes
from core.domain.samples import Source
from core.settings import load_settings
from core.store.project import Project, now


def add_source(project: Project, kind: str, root: Path | str, options: str = "{}") -> Source:
    """Return the source for `root` (a path, or an address such as ``s3://…``), made if it is new.

    `options`, JSON, say how it was imported; those of the latest import are kept.
    """
    place = root if isinstance(root, str) else str(root.resolve())
    with project.db.write() as connection:
        connection.execute(
            "INSERT INTO source (kind, root, added_at, options) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (kind, root) DO UPDATE SET options = excluded.options",
            (kind, place, now(), options),
        )
        row = connection.execute("SELECT id FROM source WHERE kind = ? AND root = ?", (kind, place)).fetchone()
    return Source(int(row[0]), kind, place, options)


def sources(project: Project) -> dict[int, Source]:
    """Return every source by its id; those on servers may be fetched from as the user's settings say now."""
    rows = project.db.read().execute("SELECT id, kind, root, options FROM source ORDER BY id").fetchall()
    may_fetch = any(row[1] == "remote" for row in rows) and load_settings().downloads_allowed
    cache = str(project.cache_dir)
    return {row[0]: Source(row[0], row[1], row[2], row[3], cache, may_fetch) for row in rows}


def relocate_source(project: Project, source_id: int, new_root: Path) -> Changes:
    """Say that the files of a source lie below `new_root` now; nothing else of its samples changes."""
    with project.db.write() as connection:
        connection.execute("UPDATE source SET root = ? WHERE id = ?", (str(new_root.resolve()), source_id))
    return Changes(samples=True)
