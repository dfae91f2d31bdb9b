"""Which samples' files are gone, and where files that moved are now. Facts, not edits: nothing here is undone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.domain.changes import Changes
from core.store.project import Project


@dataclass(frozen=True, slots=True)
class SampleFile:
    """What is known of a sample's file: enough to find it again."""

    id: int
    path: str
    size_bytes: int
    digest: str
    missing: bool


def sample_files(project: Project, source_id: int) -> list[SampleFile]:
    """Return what is known of the files of a source, in the order they were added."""
    rows = project.db.read().execute(
        "SELECT id, path, size_bytes, digest, missing FROM sample WHERE source_id = ? ORDER BY id", (source_id,)
    )
    return [SampleFile(row[0], row[1], row[2], row[3], bool(row[4])) for row in rows]


def files_of_digests(project: Project, source_id: int, digests: Sequence[str]) -> list[SampleFile]:
    """Return what is known of the files of a source that have one of these digests, in the order they were added."""
    rows = project.db.read().execute(
        "SELECT id, path, size_bytes, digest, missing FROM sample"
        " WHERE digest IN (SELECT value FROM json_each(?)) AND source_id = ? ORDER BY id",
        (json.dumps(sorted(set(digests))), source_id),
    )
    return [SampleFile(row[0], row[1], row[2], row[3], bool(row[4])) for row in rows]


def files_of_sizes(project: Project, source_id: int, sizes: Collection[int]) -> Iterator[SampleFile]:
    """Yield what is known of the files of a source that have one of these sizes in bytes, in the order of adding."""
    rows = project.db.read().execute(
        "SELECT id, path, size_bytes, digest, missing FROM sample"
        " WHERE source_id = ? AND size_bytes IN (SELECT value FROM json_each(?)) ORDER BY id",
        (source_id, json.dumps(sorted(sizes))),
    )
    for row in rows:
        yield SampleFile(row[0], row[1], row[2], row[3], bool(row[4]))


def source_counts(project: Project) -> dict[int, tuple[int, int]]:
    """Return how many images each source has, and how many of them are missing, by the source's id."""
    rows = project.db.read().execute("SELECT source_id, count(*), sum(missing) FROM sample GROUP BY source_id")
    return {int(source): (int(count), int(missing)) for source, count, missing in rows}


def mark_missing(project: Project, ids: Sequence[int], missing: bool) -> Changes:
    """Record whether the files of these samples are gone; the samples stay as they are."""
    if not len(ids):
        return Changes()
    with project.db.write() as connection:
        connection.executemany("UPDATE sample SET missing = ? WHERE id = ?", [(int(missing), int(i)) for i in ids])
    return Changes(samples=True)


def move_samples(project: Project, source_id: int, paths: Mapping[int, str]) -> int:
    """Record where files of a source are now, by sample id; returns how many were moved.

    A path that is another sample's already is left to that one.
    """
    moved = 0
    with project.db.write() as connection:
        for sample_id, path in paths.items():
            try:
                moved += connection.execute(
                    "UPDATE sample SET path = ?, missing = 0 WHERE id = ? AND source_id = ?",
                    (path, sample_id, source_id),
                ).rowcount
            except sqlite3.IntegrityError:
                continue
    return moved
