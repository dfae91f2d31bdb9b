"""What an import set, sealed into its entry of the ledger: it changes nothing, so that it has no items of its own.

The seal is computed from the samples as they are now, with every edit that holds taken back: it stays the same however
often they are edited and undone, and another one once a value was changed behind the ledger's back. Where the file of
a sample is, and what is in it, are facts about the disk and no part of it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from core.store.label_past import first_names

_IMPORTED: Final = (
    "SELECT sample.id, label_id, labelled, group_id, split, excluded, state, reason_id, pinned,"
    " (SELECT group_concat(label_id) FROM sample_label WHERE sample_id = sample.id),"
    " (SELECT group_concat(tag_id) FROM sample_tag WHERE sample_id = sample.id)"
    " FROM sample WHERE source_id = ? AND sample.id BETWEEN ? AND ? ORDER BY sample.id"
)
_ITEMS: Final = (
    "SELECT sample_id, field, before FROM edit_item JOIN edit ON edit.id = edit_id AND state = 'done'"
    " WHERE sample_id BETWEEN ? AND ? AND field NOT LIKE 'finding:%' ORDER BY sample_id, edit_id DESC"
)
_COLUMNS: Final = ("group_id", "split", "excluded", "state", "reason_id", "pinned")


@dataclass(slots=True)
class _Values:
    """What a sample is said to be, however the project keeps labels: one an image, or any number."""

    columns: dict[str, int | None]
    known: bool
    labels: set[int]
    tags: set[int]

    def take_back(self, name: str, before: int | None) -> None:
        kind, _, number = name.partition(":")
        if number:
            having = self.labels if kind == "label" else self.tags
            (having.add if before else having.discard)(int(number))
        elif name == "label_id":
            self.labels, self.known = ({before} if before is not None else set()), before is not None
        elif name == "labelled":
            self.known = bool(before)
        else:
            self.columns[name] = before


@dataclass(slots=True)
class _Names:
    """The names behind the ids: they are sealed, not their numbers."""

    labels: dict[int, str]
    groups: dict[int | None, str] = field(default_factory=dict)
    reasons: dict[int | None, str] = field(default_factory=dict)
    tags: dict[int, str] = field(default_factory=dict)


def seal_import(connection: sqlite3.Connection, source_id: int) -> str:
    """Return the seal of the samples of a source that no import sealed before: ``source:first:last:digest``."""
    sealed = [
        last
        for (items,) in connection.execute(
            "SELECT items FROM entry JOIN edit ON edit.id = edit_id WHERE kind = 'import' AND items <> ''"
        )
        for source, _, last, _ in [_parts(items)]
        if source == source_id
    ]
    first = max(sealed, default=0) + 1
    row = connection.execute("SELECT coalesce(max(id), 0) FROM sample WHERE source_id = ?", (source_id,)).fetchone()
    last = max(int(row[0]), first - 1)
    return f"{source_id}:{first}:{last}:{_digest(connection, source_id, first, last)}"


def import_holds(connection: sqlite3.Connection, items: str) -> bool:
    """Say whether what an import added is as it was then but for the edits that hold; `items` is its seal."""
    try:
        source_id, first, last, digest = _parts(items)
    except ValueError:
        return False
    return _digest(connection, source_id, first, last) == digest


def sealed_samples(connection: sqlite3.Connection, items: str) -> int:
    """Return how many samples a seal is about."""
    try:
        source_id, first, last, _ = _parts(items)
    except ValueError:
        return 0
    sql = "SELECT count(*) FROM sample WHERE source_id = ? AND id BETWEEN ? AND ?"
    return int(connection.execute(sql, (source_id, first, last)).fetchone()[0])


def _parts(items: str) -> tuple[int, int, int, str]:
    source_id, first, last, digest = items.split(":")
    return int(source_id), int(first), int(last), digest


def _digest(connection: sqlite3.Connection, source_id: int, first: int, last: int) -> str:
    sealed = hashlib.blake2b(digest_size=32)
    names = _Names(
        first_names(connection),
        *(dict(connection.execute(f"SELECT id, name FROM {table}")) for table in ("sample_group", "reason", "tag")),
    )
    items = groupby(connection.execute(_ITEMS, (first, last)), lambda row: row[0])
    edited = next(items, None)
    for row in connection.execute(_IMPORTED, (source_id, first, last)):
        values = _values(row)
        while edited is not None and edited[0] < row[0]:
            edited = next(items, None)
        if edited is not None and edited[0] == row[0]:
            for _, name, before in edited[1]:
                values.take_back(name, before)
        said = [row[0], *_said(values, names)]
        sealed.update(json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    return sealed.hexdigest()


def _values(row: tuple[int, ...]) -> _Values:
    label, labelled = row[1:3]
    many, tags = (_numbers(text) for text in row[9:11])
    if label is not None:
        many.add(label)
    return _Values(dict(zip(_COLUMNS, row[3:9], strict=True)), bool(labelled or label is not None), many, tags)


def _numbers(text: object) -> set[int]:
    return set(map(int, str(text).split(","))) if text is not None else set()


def _said(values: _Values, names: _Names) -> Iterator[object]:
    columns = values.columns
    yield values.known
    yield sorted(names.labels.get(i, "") for i in values.labels)
    yield sorted(names.tags.get(i, "") for i in values.tags)
    yield names.groups.get(columns["group_id"])
    yield names.reasons.get(columns["reason_id"])
    yield [columns[name] for name in ("split", "excluded", "state", "pinned")]
