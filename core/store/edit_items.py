"""How an edit changes samples: writing its items with the state they change, and setting that state back.

A field of an item is a column of ``sample``; ``label:ID`` or ``tag:ID`` for having a label or a tag (0 or 1); or
``finding:CODE`` for the state of the finding of that kind whose principal the sample is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.changes import Changes
from core.domain.edits import EditKind
from core.domain.findings import FINDING_CODES, FindingKind
from core.errors import BugError, UserError
from core.store.columns import read_numbers
from core.store.database import room_for
from core.store.label_changes import LabelChange, label_params
from core.store.ledger import recorded
from core.store.query_sql import ids_parameter

Ids = Sequence[int] | NDArray[np.int64]
COLUMNS: Final = frozenset({"label_id", "split", "excluded", "state", "reason_id", "pinned", "labelled", "group_id"})
_RELATIONS: Final = {"label": ("sample_label", "label_id"), "tag": ("sample_tag", "tag_id")}
_FINDING_KINDS: Final = {code: kind for kind, code in FINDING_CODES.items()}
_CHOSEN: Final = "(SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class Field:
    """What an item changes: where its value is read, and how the values of an edit's items are set."""

    name: str

    @property
    def finding(self) -> FindingKind | None:
        """The kind of finding of a field such as ``finding:7``; None for any other field."""
        kind, _, number = self.name.partition(":")
        return _FINDING_KINDS[int(number)] if kind == "finding" else None

    @property
    def relation(self) -> tuple[str, str, int] | None:
        """Table, column and id of a field such as ``tag:7``; None for a column of ``sample``."""
        kind, _, number = self.name.partition(":")
        if not number:
            if kind not in COLUMNS:
                raise BugError(f"no field {self.name}")
            return None
        table, column = _RELATIONS[kind]
        return table, column, int(number)

    @property
    def value(self) -> str:
        """The SQL of the field's present value for a row of ``sample``."""
        if self.finding is not None:
            return f"(SELECT state FROM finding WHERE finding.sample_id = sample.id AND kind = '{self.finding}')"
        found = self.relation
        if found is None:
            return f"sample.{self.name}"
        table, column, number = found
        return f"EXISTS (SELECT 1 FROM {table} WHERE sample_id = sample.id AND {column} = {number})"

    def set_from_items(self, connection: sqlite3.Connection, edit_id: int, column: str) -> None:
        """Give the samples of an edit's items the value in the items' `column`: before or after."""
        key = (edit_id, self.name)
        if self.finding is not None:
            connection.execute(
                f"UPDATE finding SET state = item.{column} FROM edit_item AS item"
                " WHERE item.edit_id = ? AND item.field = ? AND finding.sample_id = item.sample_id AND kind = ?",
                (*key, self.finding),
            )
            return
        found = self.relation
        if found is None:
            connection.execute(
                f"UPDATE sample SET {self.name} = item.{column} FROM edit_item AS item"
                " WHERE item.edit_id = ? AND item.field = ? AND sample.id = item.sample_id",
                key,
            )
            return
        table, name, number = found
        items = f"SELECT sample_id FROM edit_item WHERE edit_id = ? AND field = ? AND {column} ="
        connection.execute(f"DELETE FROM {table} WHERE {name} = {number} AND sample_id IN ({items} 0)", key)
        connection.execute(
            f"INSERT OR IGNORE INTO {table} (sample_id, {name})"
            f" SELECT sample_id, {number} FROM edit_item WHERE edit_id = ? AND field = ? AND {column} = 1",
            key,
        )


def apply_edit(
    connection: sqlite3.Connection,
    ids: Ids,
    wanted: Mapping[str, int | None],
    kind: EditKind,
    params: Mapping[str, str],
    tool: str,
    *,
    made: Sequence[LabelChange] = (),
) -> Changes:
    """Set fields of samples to `wanted`, as one edit; samples that are so already are no part of it.

    `made` is what making labels for it changed of their list: undone with the edit.

    Raises
    ------
    UserError
        ``samples_missing``; nothing was changed.
    """
    chosen = ids_parameter(ids)
    _require(connection, chosen)
    fields = [Field(name) for name in wanted]
    differs = " OR ".join(f"{field.value} IS NOT ?" for field in fields)
    changed = read_numbers(
        connection, f"SELECT id FROM sample WHERE id IN {_CHOSEN} AND ({differs})", (chosen, *wanted.values())
    )
    if not len(changed):
        return Changes(labels=bool(made))
    said = label_params(made, params) if made else params
    with room_for(connection, len(changed)), recorded(connection, kind, tool, said, len(changed)) as edit:
        for field in fields:
            after = wanted[field.name]
            connection.execute(
                f"INSERT INTO edit_item SELECT ?, id, ?, {field.value}, ? FROM sample"
                f" WHERE id IN {_CHOSEN} AND {field.value} IS NOT ?",
                (edit.id, field.name, after, chosen, after),
            )
            field.set_from_items(connection, edit.id, "after")
    return Changes(sample_ids=changed, labels=bool(made), edit=edit)


def write_items(
    connection: sqlite3.Connection, edit_id: int, items: Sequence[tuple[int, str, int | None, int | None]]
) -> NDArray[np.int64]:
    """Enter items (sample, field, before, after) of an edit and do what they say; returns the samples' ids."""
    connection.executemany(f"INSERT INTO edit_item VALUES ({int(edit_id)}, ?, ?, ?, ?)", items)
    for name in sorted({field for _, field, _, _ in items}):
        Field(name).set_from_items(connection, edit_id, "after")
    return np.unique(np.array([sample for sample, _, _, _ in items], dtype=np.int64))


def restore_items(connection: sqlite3.Connection, edit_id: int, column: str) -> NDArray[np.int64]:
    """Set what an edit's items name to their `column` (before or after); returns the samples' ids."""
    names = connection.execute("SELECT DISTINCT field FROM edit_item WHERE edit_id = ?", (edit_id,)).fetchall()
    changed = read_numbers(connection, "SELECT DISTINCT sample_id FROM edit_item WHERE edit_id = ?", (edit_id,))
    with room_for(connection, len(changed)):
        for (name,) in names:
            Field(name).set_from_items(connection, edit_id, column)
    return changed


def require_samples(connection: sqlite3.Connection, ids: Ids) -> None:
    """Raise `UserError` ``samples_missing`` where an id is none of the project's."""
    _require(connection, ids_parameter(ids))


def _require(connection: sqlite3.Connection, chosen: str) -> None:
    missing = connection.execute(
        "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT id FROM sample) LIMIT 5", (chosen,)
    ).fetchall()
    if missing:
        raise UserError("samples_missing", ids=", ".join(str(row[0]) for row in missing))
