"""The samples of a project: adding them, and reading them by page, by column, or as counts."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.changes import Changes
from core.domain.edits import EditKind
from core.domain.query import SampleQuery, SortKey
from core.domain.samples import (
    SPLIT_CODES,
    SPLITS_BY_CODE,
    STATE_CODES,
    STATES_BY_CODE,
    NewSample,
    Sample,
    SampleState,
    SampleTable,
    Source,
    Split,
)
from core.domain.task import Task
from core.errors import UserError
from core.store.adding import insert_samples
from core.store.columns import read_numbers
from core.store.database import room_for
from core.store.edit_items import write_items
from core.store.import_seal import seal_import
from core.store.ledger import recorded
from core.store.project import Project, read_meta
from core.store.query_sql import LABELS_OF_MANY, ids_parameter, select_samples
from core.store.tally import Kind, labels_of_many, tally
from core.store.task import project_task

_COLUMNS = (
    "sample.id, source_id, path, digest, size_bytes, width, height, channels, bit_depth, label_id,"
    " (SELECT name FROM sample_group WHERE sample_group.id = sample.group_id), split, excluded, problem, added_at,"
    f" coalesce(CAST(label_id AS TEXT), {LABELS_OF_MANY}, ''), label_id IS NOT NULL OR labelled, state,"
    " (SELECT name FROM reason WHERE reason.id = sample.reason_id), pinned, missing, mtime_ns,"
    # Names of tags hold no control characters, so that this one can stand between them.
    " (SELECT coalesce(group_concat(name, char(31)), '') FROM (SELECT name FROM sample_tag JOIN tag ON tag.id = tag_id"
    " WHERE sample_id = sample.id ORDER BY name))"
)

_FIELDS = tuple(field.name for field in fields(Sample))
_SPLIT, _STATE, _LABELS, _TAGS = map(_FIELDS.index, ("split", "state", "label_ids", "tags"))
_FLAGS = tuple(map(_FIELDS.index, ("excluded", "labelled", "pinned", "missing")))
UNFINISHED = "import unfinished: "


@dataclass(frozen=True, slots=True)
class Counts:
    """How many samples a project has, of each kind.

    `labels`, `unlabelled`, `splits` and `groups` count what training can use: neither excluded, unreadable or missing
    nor in a state. Those ending in ``_shown`` count all but the excluded, which is what the project's owner sees: an
    image whose file is away for now keeps its label and its group: they are what people are told. `usable` is how many
    training can use. In a project of many labels an image,
    `unlabelled` are those whose labels are not known, and an image counts for each of its labels.
    """

    samples: int
    unreadable: int
    excluded: int
    unlabelled: int
    labels: dict[str, int]
    splits: dict[Split, int]
    groups: int
    missing: int = 0
    states: dict[SampleState, int] = field(default_factory=dict)
    labels_shown: dict[str, int] = field(default_factory=dict)
    unlabelled_shown: int = 0
    groups_shown: int = 0
    splits_shown: dict[Split, int] = field(default_factory=dict)
    usable: int = 0


def has_samples(project: Project, source_id: int) -> bool:
    """Return whether there is a sample of a source."""
    found = project.db.read().execute("SELECT 1 FROM sample WHERE source_id = ? LIMIT 1", (source_id,))
    return found.fetchone() is not None


def known_files(project: Project, source_id: int, paths: Collection[str]) -> dict[str, tuple[int, int]]:
    """Return size in bytes and modification time in ns, by path, of the samples of a source with these paths."""
    rows = project.db.read().execute(
        "SELECT path, size_bytes, mtime_ns FROM sample"
        " WHERE source_id = ? AND path IN (SELECT value FROM json_each(?))",
        (source_id, json.dumps(list(paths))),
    )
    return {path: (size, mtime) for path, size, mtime in rows}


def label_ids_by_path(project: Project, source_id: int, paths: Collection[str]) -> dict[str, int]:
    """Return the id of the label, by path, of the labelled samples of a source with these paths."""
    rows = project.db.read().execute(
        "SELECT path, label_id FROM sample"
        " WHERE source_id = ? AND path IN (SELECT value FROM json_each(?)) AND label_id IS NOT NULL",
        (source_id, json.dumps(list(paths))),
    )
    return dict(rows.fetchall())


def paths_of(project: Project, source_id: int) -> Iterator[str]:
    """Yield the path of each sample of a source."""
    rows = project.db.read().execute("SELECT path FROM sample WHERE source_id = ?", (source_id,))
    return (path for (path,) in rows)


def add_samples(project: Project, source_id: int, samples: Sequence[NewSample]) -> int:
    """Add samples in one transaction; those whose path is known are left as they are. Returns how many were new.

    Raises
    ------
    UserError
        ``task_single`` where a sample has several labels and the project one an image.
    """
    with project.db.write() as connection:
        added = insert_samples(connection, source_id, samples)
        if added:
            # Until the import is in the ledger; it may be killed before.
            connection.execute(
                "INSERT INTO meta VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + ?2",
                (f"{UNFINISHED}{source_id}", str(added)),
            )
        return added


def refresh_samples(project: Project, source_id: int, samples: Sequence[NewSample]) -> int:
    """Record what is now true of files that changed on disk, in one transaction; labels, groups and splits stay.

    Returns how many have another content than before.
    """
    if not samples:
        return 0
    values = [
        (s.digest, s.size_bytes, s.mtime_ns, s.width, s.height, s.channels, s.bit_depth, s.problem, source_id, s.path)
        for s in samples
    ]
    with project.db.write() as connection:
        before = connection.total_changes
        connection.executemany(
            "UPDATE sample SET digest = ?1, size_bytes = ?2, mtime_ns = ?3, width = ?4, height = ?5, channels = ?6,"
            " bit_depth = ?7, problem = ?8 WHERE source_id = ?9 AND path = ?10 AND digest <> ?1",
            values,
        )
        changed = connection.total_changes - before
        connection.executemany(
            # Also of those with the same content, which would else be read at every check; of what cannot be read,
            # no content tells one state from the next.
            "UPDATE sample SET size_bytes = ?, mtime_ns = ?, problem = ? WHERE source_id = ? AND path = ?",
            [(s.size_bytes, s.mtime_ns, s.problem, source_id, s.path) for s in samples],
        )
    return changed


def sizes_elsewhere(project: Project, source_id: int) -> set[int]:
    """Return the sizes in bytes of the images of other sources than this one that are where they were."""
    rows = project.db.read().execute(
        "SELECT DISTINCT size_bytes FROM sample WHERE source_id <> ? AND missing = 0", (source_id,)
    )
    return {size for (size,) in rows}


def digests_elsewhere(project: Project, source_id: int, digests: Sequence[str]) -> set[str]:
    """Return which of these digests images of other sources than this one have that are where they were."""
    if not project.db.read().execute("SELECT 1 FROM source WHERE id <> ?", (source_id,)).fetchone():
        return set()  # without a look into the index, which would fill the memory page by page
    rows = project.db.read().execute(
        "SELECT DISTINCT digest FROM sample WHERE digest IN (SELECT value FROM json_each(?))"
        " AND source_id <> ? AND missing = 0",
        (json.dumps(sorted(set(digests))), source_id),
    )
    return {digest for (digest,) in rows}


def fill_groups(project: Project, source_id: int, groups: Mapping[str, str]) -> Changes:
    """Put samples of a source that have no group into the one named for their path, as one edit.

    A sample that has a group keeps it.
    """
    with project.db.write() as connection:
        rows = connection.execute("SELECT id, path FROM sample WHERE source_id = ? AND group_id IS NULL", (source_id,))
        lacking = [(sample, groups[path]) for sample, path in rows.fetchall() if path in groups]
        if not lacking:
            return Changes()
        connection.executemany(
            "INSERT INTO sample_group (name) VALUES (?) ON CONFLICT DO NOTHING",
            [(name,) for name in sorted({name for _, name in lacking})],
        )
        ids: dict[str, int] = dict(connection.execute("SELECT name, id FROM sample_group"))
        with (
            room_for(connection, len(lacking)),
            recorded(connection, EditKind.GROUP, "import", {}, len(lacking)) as edit,
        ):
            items = [(sample, "group_id", None, ids[name]) for sample, name in lacking]
            changed = write_items(connection, edit.id, items)
    return Changes(sample_ids=changed, edit=edit)


def never_labelled(project: Project, source_id: int, paths: Collection[str]) -> dict[str, int]:
    """Return the ids, by path, of a source's samples with these paths that have no label, and none was taken away."""
    rows = project.db.read().execute(
        "SELECT path, id FROM sample WHERE source_id = ? AND path IN (SELECT value FROM json_each(?))"
        " AND label_id IS NULL AND labelled = 0 AND NOT EXISTS"
        " (SELECT 1 FROM edit_item JOIN edit ON edit.id = edit_id"
        " WHERE sample_id = sample.id AND field IN ('label_id', 'labelled') AND edit.state = 'done')",
        (source_id, json.dumps(list(paths))),
    )
    return dict(rows.fetchall())


def ungrouped(project: Project, source_id: int, paths: Collection[str]) -> list[str]:
    """Return which of these paths are those of a source's samples without a group."""
    rows = project.db.read().execute(
        "SELECT path FROM sample WHERE source_id = ? AND path IN (SELECT value FROM json_each(?)) AND group_id IS NULL",
        (source_id, json.dumps(list(paths))),
    )
    return [path for (path,) in rows]


def unfinished_import(project: Project, source_id: int) -> int:
    """Return how many samples of a source were added by imports that are not in the ledger: they were killed."""
    return int(str(read_meta(project, f"{UNFINISHED}{source_id}") or 0))


def finish_import(project: Project, source: Source, added: int) -> Changes:
    """Write the import into the ledger (it cannot be undone: nothing was changed by it, only added).

    What earlier imports of the source added, and were killed before they could say so, is counted too.
    """
    params, added = {"source": source.root}, max(added, unfinished_import(project, source.id))
    with (
        project.db.write() as connection,
        recorded(
            connection, EditKind.IMPORT, "import", params, added, seal=lambda: seal_import(connection, source.id)
        ) as edit,
    ):
        connection.execute("DELETE FROM meta WHERE key = ?", (f"{UNFINISHED}{source.id}",))
    return Changes(samples=True, labels=True, edit=edit)


def sample_ids(project: Project, query: SampleQuery) -> NDArray[np.int64]:
    """Return (N,) ids of the samples that match, in the query's order; given ids keep theirs unless it is sorted."""
    sql, parameters = select_samples("sample.id", query, project_task(project))
    ids = read_numbers(project.db.read(), sql, parameters)
    if query.ids is not None and query.sort is SortKey.ADDED and not query.descending and query.by is None:
        wanted = np.asarray(query.ids, dtype=np.int64)
        _, first = np.unique(wanted, return_index=True)
        wanted = wanted[np.sort(first)]
        return wanted[np.isin(wanted, ids)]
    return ids


def samples_by_id(project: Project, ids: Sequence[int] | NDArray[np.int64]) -> list[Sample]:
    """Return the samples of these ids, in this order.

    Raises
    ------
    UserError
        ``samples_missing`` where an id is unknown.
    """
    wanted = [int(i) for i in ids]
    rows = project.db.read().execute(
        f"SELECT {_COLUMNS} FROM sample WHERE id IN (SELECT value FROM json_each(?))",
        (ids_parameter(wanted),),
    )
    found = {row[0]: _sample(row) for row in rows}
    missing = [i for i in wanted if i not in found]
    if missing:
        raise UserError("samples_missing", ids=", ".join(map(str, missing[:5])))
    return [found[i] for i in wanted]


def _sample(row: tuple[Any, ...]) -> Sample:
    # By places: there are two dozen fields, and an export or a check asks for each sample there is.
    values = list(row)
    values[_SPLIT] = SPLITS_BY_CODE[row[_SPLIT]]
    values[_STATE] = STATES_BY_CODE[row[_STATE]]
    values[_LABELS] = tuple(map(int, row[_LABELS].split(","))) if row[_LABELS] else ()
    values[_TAGS] = tuple(row[_TAGS].split("\x1f")) if row[_TAGS] else ()
    for flag in _FLAGS:
        values[flag] = bool(row[flag])
    return Sample(*values)


def sample_table(project: Project, query: SampleQuery) -> SampleTable:
    """Return the columns of the samples that match, in the query's order."""
    sql, parameters = select_samples(
        "sample.id, coalesce(label_id, -1), coalesce(group_id, -1), split, source_id, path",
        query,
        project_task(project),
    )
    rows = project.db.read().execute(sql, parameters).fetchall()
    numbers = np.array([row[:5] for row in rows], dtype=np.int64).reshape(-1, 5)
    return SampleTable(
        ids=numbers[:, 0].copy(),
        label_ids=numbers[:, 1].copy(),
        group_ids=numbers[:, 2].copy(),
        splits=numbers[:, 3].astype(np.int8),
        source_ids=numbers[:, 4].copy(),
        paths=[row[5] for row in rows],
    )


def source_samples(project: Project, source_id: int) -> list[tuple[str, int, str]]:
    """Return path, size in bytes and content digest of each sample of a source, in the order they were added."""
    rows = project.db.read().execute(
        "SELECT path, size_bytes, digest FROM sample WHERE source_id = ? ORDER BY id", (source_id,)
    )
    return rows.fetchall()


def digests(project: Project, ids: NDArray[np.int64]) -> list[str]:
    """Return the content digests of these samples, in this order."""
    rows = project.db.read().execute(
        "SELECT id, digest FROM sample WHERE id IN (SELECT value FROM json_each(?))",
        (ids_parameter(ids.tolist()),),
    )
    found: dict[int, str] = dict(rows)
    return [found[i] for i in ids.tolist()]


def file_states(project: Project, ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return size in bytes and modification time in ns of these samples' files, each (N,), in this order."""
    rows = project.db.read().execute(
        "SELECT id, size_bytes, mtime_ns FROM sample WHERE id IN (SELECT value FROM json_each(?))",
        (ids_parameter(ids.tolist()),),
    )
    found = {key: (size, modified) for key, size, modified in rows}
    states = np.array([found[i] for i in ids.tolist()], dtype=np.int64).reshape(-1, 2)
    return states[:, 0].copy(), states[:, 1].copy()


def group_names(project: Project) -> dict[int, str]:
    """Return the groups' names by id."""
    return dict(project.db.read().execute("SELECT id, name FROM sample_group"))


def counts(project: Project) -> Counts:
    """Count the samples; while nothing is written, the answer is the one before."""
    return project.db.kept("counts", lambda: _count(project))


def _count(project: Project) -> Counts:
    connection, task = project.db.read(), project_task(project)
    found = tally(connection)
    known = Kind.LABEL_ID if task is Task.SINGLE else Kind.LABELLED
    single = (found.by_label(), found.by_label_shown())
    by_label, by_label_shown = single if task is Task.SINGLE else labels_of_many(connection)
    names = connection.execute("SELECT id, name FROM label WHERE retired = 0 ORDER BY position, id").fetchall()
    by_split, by_split_shown, by_state = found.by_split(), found.by_split_shown(), found.by_state()
    return Counts(
        samples=found.count(),
        unreadable=found.count(Kind.UNREADABLE),
        excluded=found.count(Kind.EXCLUDED),
        unlabelled=found.usable - found.count_usable(known),
        labels={name: by_label.get(label_id, 0) for label_id, name in names},
        splits={split: by_split.get(code, 0) for split, code in SPLIT_CODES.items()},
        groups=found.groups,
        missing=found.count(Kind.MISSING),
        states={state: by_state.get(code, 0) for state, code in STATE_CODES.items()},
        labels_shown={name: by_label_shown.get(label_id, 0) for label_id, name in names},
        unlabelled_shown=found.count_shown() - found.count_shown(known),
        groups_shown=found.groups_shown,
        splits_shown={split: by_split_shown.get(code, 0) for split, code in SPLIT_CODES.items()},
        usable=found.usable,
    )
