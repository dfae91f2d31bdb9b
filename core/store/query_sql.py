"""A `SampleQuery` as the SQL that answers it."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from typing import Final

from core.domain.query import SampleQuery, SortKey
from core.domain.samples import SPLIT_CODES

_ORDERS: Final = {
    SortKey.ADDED: "",
    SortKey.NAME: "sample.path",
    SortKey.LABEL: "(SELECT position FROM label WHERE label.id = sample.label_id)",
    SortKey.GROUP: "(SELECT name FROM sample_group WHERE sample_group.id = sample.group_id)",
    SortKey.SPLIT: "sample.split",
    SortKey.SIZE: "sample.width * sample.height",
}

Parameters = list[object]


def select_samples(columns: str, query: SampleQuery) -> tuple[str, Parameters]:
    """Return ``SELECT columns FROM sample …`` for the query, with its parameters."""
    conditions, parameters = _conditions(query)
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    direction = " DESC" if query.descending else ""
    key = _ORDERS[query.sort]
    # Samples without a label or group come last in either direction; equal ones in the order they were added.
    order = f"{key} IS NULL, {key}{direction}, sample.id" if key else f"sample.id{direction}"
    return f"SELECT {columns} FROM sample{where} ORDER BY {order}", parameters


def ids_parameter(ids: Sequence[int]) -> str:
    """Return ids as the parameter of ``IN (SELECT value FROM json_each(?))``, however many they are."""
    return json.dumps(list(ids))


def _conditions(query: SampleQuery) -> tuple[list[str], Parameters]:
    conditions: list[str] = []
    parameters: Parameters = []

    def require(alternatives: Sequence[str], values: Sequence[object] = ()) -> None:
        conditions.append(f"({' OR '.join(alternatives)})")
        parameters.extend(values)

    if query.labels:
        named = [name for name in query.labels if name is not None]
        choices = ["sample.label_id IN (SELECT id FROM label WHERE name = ?)" for _ in named]
        require(choices + (["sample.label_id IS NULL"] if None in query.labels else []), named)
    if query.splits:
        require(["sample.split = ?"] * len(query.splits), [SPLIT_CODES[split] for split in query.splits])
    if query.groups:
        choice = "sample.group_id IN (SELECT id FROM sample_group WHERE name = ?)"
        require([choice] * len(query.groups), query.groups)
    if query.names:
        patterns = [pattern for name in query.names for pattern in _like_patterns(name)]
        require(["sample.path LIKE ? ESCAPE '\\'"] * len(patterns), patterns)
    if query.excluded is not None:
        require(["sample.excluded = ?"], [int(query.excluded)])
    if query.unreadable is not None:
        require(["sample.problem IS NOT NULL" if query.unreadable else "sample.problem IS NULL"])
    if query.ids is not None:
        require(["sample.id IN (SELECT value FROM json_each(?))"], [ids_parameter(query.ids)])
    return conditions, parameters


def _like_patterns(name: str) -> list[str]:
    """Return LIKE patterns for a name pattern, composed and decomposed: file systems differ in how they keep Hangul."""
    patterns: list[str] = []
    for form in dict.fromkeys((unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name))):
        escaped = form.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        pattern = escaped.replace("*", "%").replace("?", "_")
        if "*" in name or "?" in name:
            patterns += [pattern, f"%/{pattern}"]
        else:
            patterns.append(f"%{pattern}%")
    return patterns
