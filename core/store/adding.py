"""How new samples get into the database, with their labels, groups and tags."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.domain.samples import SPLIT_CODES, STATE_CODES, NewSample
from core.domain.task import Task
from core.errors import UserError
from core.store.labels import ensure_labels
from core.store.project import now
from core.store.tags import ensure_named
from core.store.task import task_of


@dataclass(frozen=True, slots=True)
class _Ids:
    """The ids of what the samples name."""

    labels: dict[str, int]
    groups: dict[str, int]
    reasons: dict[str, int]


def insert_samples(connection: sqlite3.Connection, source_id: int, samples: Sequence[NewSample]) -> int:
    """Add samples within a transaction; those whose path is known are left as they are. Returns how many were new.

    Raises
    ------
    UserError
        ``task_single`` where a sample has several labels and the project one an image.
    """
    task = task_of(connection)
    if task is Task.SINGLE and any(len(labels_of(s) or ()) > 1 for s in samples):
        raise UserError("task_single")
    label_ids = ensure_labels(connection, (name for s in samples for name in labels_of(s) or ()))
    groups = {s.group for s in samples if s.group is not None}
    connection.executemany(
        "INSERT INTO sample_group (name) VALUES (?) ON CONFLICT DO NOTHING", [(g,) for g in sorted(groups)]
    )
    reasons = {
        text: ensure_named(connection, "reason", text)[1] for text in sorted({s.reason for s in samples if s.reason})
    }
    group_ids = dict(
        connection.execute(
            "SELECT name, id FROM sample_group WHERE name IN (SELECT value FROM json_each(?))",
            (json.dumps(sorted(groups)),),
        ).fetchall()
    )
    last = int(connection.execute("SELECT coalesce(max(id), 0) FROM sample").fetchone()[0])
    before = connection.total_changes
    connection.executemany(
        "INSERT INTO sample (source_id, path, digest, size_bytes, mtime_ns, width, height, channels, bit_depth,"
        " label_id, group_id, split, problem, added_at, labelled, state, reason_id, excluded, pinned)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT DO NOTHING",
        _rows(source_id, samples, _Ids(label_ids, group_ids, reasons), task),
    )
    added = connection.total_changes - before
    if added:
        _relate(connection, source_id, samples, label_ids if task is Task.MULTI else {}, last)
    return added


def labels_of(sample: NewSample) -> tuple[str, ...] | None:
    """Return the names of a new sample's labels; None where they are not known."""
    if sample.labels is not None:
        return sample.labels
    return (sample.label,) if sample.label is not None else None


def _rows(source_id: int, samples: Iterable[NewSample], ids: _Ids, task: Task) -> Iterable[tuple[object, ...]]:
    added_at = now()
    for s in samples:
        labels = labels_of(s)
        yield (
            source_id,
            s.path,
            s.digest,
            s.size_bytes,
            s.mtime_ns,
            s.width,
            s.height,
            s.channels,
            s.bit_depth,
            ids.labels[labels[0]] if labels and task is Task.SINGLE else None,
            ids.groups[s.group] if s.group is not None else None,
            SPLIT_CODES[s.split],
            s.problem,
            added_at,
            int(task is Task.MULTI and labels is not None),
            STATE_CODES[s.state],
            ids.reasons[s.reason] if s.reason else None,
            int(s.excluded),
            int(s.pinned),
        )


def _relate(
    connection: sqlite3.Connection, source_id: int, samples: Sequence[NewSample], label_ids: dict[str, int], last: int
) -> None:
    """Give the samples that were added after the id `last` their tags, and their labels by `label_ids`."""
    tag_ids = {tag: ensure_named(connection, "tag", tag)[1] for tag in sorted({t for s in samples for t in s.tags})}
    new = f"(SELECT id FROM sample WHERE source_id = {int(source_id)} AND path = ? AND id > {last})"
    for table, column, pairs in (
        ("sample_label", "label_id", [(s.path, label_ids[n]) for s in samples for n in _known(s, label_ids)]),
        ("sample_tag", "tag_id", [(s.path, tag_ids[t]) for s in samples for t in s.tags]),
    ):
        if pairs:
            connection.executemany(
                f"INSERT OR IGNORE INTO {table} (sample_id, {column})"
                f" SELECT id, ?2 FROM sample WHERE id IN {new.replace('?', '?1')}",
                pairs,
            )


def _known(sample: NewSample, label_ids: dict[str, int]) -> tuple[str, ...]:
    return (labels_of(sample) or ()) if label_ids else ()
