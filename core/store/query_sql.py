"""A `SampleQuery` as the SQL that answers it."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.domain.query import Days, GroupBy, Range, SampleQuery, SortKey
from core.domain.query_line import LISTS, RANGES, read_ids, term_value
from core.domain.samples import SPLIT_CODES, STATE_CODES, SampleState, Split
from core.domain.task import Task
from core.store.open_findings import IS_OPEN

Parameters = list[object]
Condition = tuple[str, Parameters]

_AT_ONCE: Final = 20_000
_GROUP_NAME: Final = "(SELECT name FROM sample_group WHERE sample_group.id = sample.group_id)"
_LABEL_PLACE: Final = "(SELECT position FROM label WHERE label.id = sample.label_id)"
# The run whose predictions are meant: the one asked for, or the latest that has any.
RUN: Final = "coalesce(?, (SELECT max(run_id) FROM prediction))"
_OF_RUN: Final = f"FROM prediction WHERE prediction.run_id = {RUN} AND prediction.sample_id = sample.id"
_OPEN_FINDINGS: Final = (
    "FROM finding_member JOIN finding ON finding.id = finding_id"
    f" WHERE finding_member.sample_id = sample.id AND {IS_OPEN}"
)
_ORDERS: Final = {
    SortKey.ADDED: "",
    SortKey.NAME: "sample.path",
    SortKey.LABEL: _LABEL_PLACE,
    SortKey.GROUP: _GROUP_NAME,
    SortKey.SPLIT: "sample.split",
    SortKey.SIZE: "sample.width * sample.height",
    SortKey.DATE: "sample.mtime_ns",
    SortKey.CONFIDENCE: f"(SELECT max(confidence) {_OF_RUN})",
    SortKey.SUSPICION: f"(SELECT max(score) {_OPEN_FINDINGS})",
}
_SUBTREE: Final = (
    # Without regard to case where there is none of exactly this name.
    "WITH RECURSIVE below(id) AS (SELECT id FROM (SELECT id, name <> ? AS other, min(name <> ?) OVER () AS best"
    " FROM label WHERE name = ? COLLATE NOCASE) WHERE other = best"
    " UNION SELECT label.id FROM label JOIN below ON label.parent_id = below.id) SELECT id FROM below"
)
_NAMED: Final = _SUBTREE.count("?")
# The ids of a sample's labels in a project of many an image, in the labels' order; NULL without any.
LABELS_OF_MANY: Final = (
    "(SELECT group_concat(id) FROM (SELECT label.id AS id FROM sample_label JOIN label ON label.id ="
    " sample_label.label_id WHERE sample_label.sample_id = sample.id ORDER BY label.position, label.id))"
)
# The label that is predicted, or the one that it was merged into since.
_PREDICTED: Final = (
    "coalesce((SELECT parent_id FROM label WHERE label.id = prediction.label_id AND retired = 1), prediction.label_id)"
)
# Wrong: the prediction of a sample whose labels are known has a label that it lacks, or lacks one that it has.
_WRONG: Final = {
    Task.SINGLE: f"(sample.label_id IS NOT NULL AND EXISTS (SELECT 1 {_OF_RUN})"
    f" AND sample.label_id NOT IN (SELECT {_PREDICTED} {_OF_RUN}))",
    Task.MULTI: f"(sample.labelled = 1 AND EXISTS (SELECT 1 {_OF_RUN}) AND ("
    f"EXISTS (SELECT 1 {_OF_RUN} AND prediction.label_id <> 0 AND NOT EXISTS (SELECT 1 FROM sample_label"
    f" WHERE sample_label.sample_id = sample.id AND sample_label.label_id = {_PREDICTED}))"
    " OR EXISTS (SELECT 1 FROM sample_label WHERE sample_label.sample_id = sample.id"
    f" AND sample_label.label_id NOT IN (SELECT {_PREDICTED} {_OF_RUN}))))",
}
LABELLED: Final = {Task.SINGLE: "sample.label_id IS NOT NULL", Task.MULTI: "sample.labelled = 1"}


def select_samples(columns: str, query: SampleQuery, task: Task) -> tuple[str, Parameters]:
    """Return ``SELECT columns FROM sample …`` for the query, with its parameters."""
    where, parameters = where_clause(query, task)
    order: list[str] = []
    if query.by is not None:
        heading, values = heading_sql(query, task)
        order.append(f"{heading} NULLS LAST")
        parameters += values
    key = _ORDERS[query.sort]
    direction = " DESC" if query.descending else ""
    if key:
        # Samples without a label or group come last in either direction; equal ones in the order they were added.
        order += [f"{key}{direction} NULLS LAST", "sample.id"]
        parameters += [query.run] * key.count(RUN)
    else:
        order.append(f"sample.id{direction}")
    return f"SELECT {columns} FROM sample{where} ORDER BY {', '.join(order)}", parameters


def where_clause(query: SampleQuery, task: Task) -> tuple[str, Parameters]:
    """Return `` WHERE …`` (or nothing) for the query, with its parameters."""
    found = [*_list_conditions(query, task), *_flag_conditions(query, task), *_range_conditions(query)]
    if query.ids is not None:
        found.append(_among(query.ids))
    if query.run is not None:
        found.append(("EXISTS (SELECT 1 FROM run WHERE id = ?)", [query.run]))  # none are found by a run there is not
    parameters = [value for _, values in found for value in values]
    return (f" WHERE {' AND '.join(sql for sql, _ in found)}" if found else ""), parameters


def heading_sql(query: SampleQuery, task: Task) -> tuple[str, Parameters]:
    """Return what a sample stands under where the query groups: an expression whose order is that of the headings."""
    match query.by:
        case GroupBy.LABEL:
            return (_LABEL_PLACE if task is Task.SINGLE else LABELS_OF_MANY), []
        case GroupBy.SPLIT:
            return "sample.split", []
        case GroupBy.GROUP:
            return _GROUP_NAME, []
        case GroupBy.FINDING:
            return f"(SELECT finding.kind {_OPEN_FINDINGS} ORDER BY score DESC, finding.id LIMIT 1)", []
        case GroupBy.SOURCE:
            return "sample.source_id", []
        case GroupBy.STATE:
            return "sample.state", []
        case GroupBy.PREDICTION:
            return f"(SELECT {_PREDICTED} {_OF_RUN} ORDER BY confidence DESC, label_id LIMIT 1)", [query.run]
    return "NULL", []


def ids_parameter(ids: Sequence[int] | NDArray[np.int64]) -> str:
    """Return ids as the parameter of ``IN (SELECT value FROM json_each(?))``, however many they are."""
    numbers: list[int] = np.asarray(ids, dtype=np.int64).tolist()
    # A million at once would keep every other thread, the window's too, waiting for a tenth of a second.
    parts = (",".join(map(str, numbers[at : at + _AT_ONCE])) for at in range(0, len(numbers), _AT_ONCE))
    return f"[{','.join(parts)}]"


def _list_conditions(query: SampleQuery, task: Task) -> list[Condition]:
    found: list[Condition] = []
    for field, (name, _) in LISTS.items():
        alternatives = [_TERMS[field](value, query.run, task) for value in getattr(query, name)]
        if alternatives:
            sql = " OR ".join(condition for condition, _ in alternatives)
            found.append((f"({sql})", [value for _, values in alternatives for value in values]))
    for field, text in query.without:
        condition, values = _term(field, text, query.run, task)
        # A condition on what is not there is unknown, neither true nor false: such a sample does not have the term.
        found.append((f"({condition}) IS NOT TRUE", values))
    return found


def _term(field: str, text: str, run: int | None, task: Task) -> Condition:
    """Return the condition of a term as `SampleQuery.without` keeps it."""
    if field == "id":
        return _among(read_ids(text))
    if field in RANGES:
        name, read = RANGES[field]
        changes: dict[str, Any] = {name: read(text)}
        found = _range_conditions(SampleQuery(run=run, **changes))
        # Days from the first to the last that there are bind nothing.
        return " AND ".join(sql for sql, _ in found) or "1", [value for _, values in found for value in values]
    value = term_value(text)
    return _TERMS[field](LISTS[field][1](value) if value is not None else None, run, task)


def _among(ids: Sequence[int] | NDArray[np.int64]) -> Condition:
    return "sample.id IN (SELECT value FROM json_each(?))", [ids_parameter(ids)]


def _flag_conditions(query: SampleQuery, task: Task) -> list[Condition]:
    found: list[Condition] = []
    for name, flag in (("excluded", query.excluded), ("missing", query.missing), ("pinned", query.pinned)):
        if flag is not None:
            found.append((f"sample.{name} = ?", [int(flag)]))
    if query.unreadable is not None:
        found.append(("sample.problem IS NOT NULL" if query.unreadable else "sample.problem IS NULL", []))
    if query.labelled is not None:
        found.append((LABELLED[task] if query.labelled else f"NOT ({LABELLED[task]})", []))
    if query.wrong is not None:
        wrong = _WRONG[task]
        sql = wrong if query.wrong else f"({LABELLED[task]} AND EXISTS (SELECT 1 {_OF_RUN}) AND NOT {wrong})"
        found.append((sql, [query.run] * sql.count(RUN)))
    return found


def _range_conditions(query: SampleQuery) -> list[Condition]:
    found: list[Condition] = []
    if query.confidence is not None:
        confidence = _ORDERS[SortKey.CONFIDENCE]
        bounds = _bounds(confidence, query.confidence)
        found += [(sql, [query.run, *values]) for sql, values in bounds]
    if query.size is not None:
        found += _bounds("max(sample.width, sample.height)", query.size)
    if query.days is not None:
        found += _day_bounds(query.days)
    return found


def _bounds(expression: str, wanted: Range) -> list[Condition]:
    found: list[Condition] = []
    if wanted.low is not None:
        found.append((f"{expression} {'>' if wanted.low_open else '>='} ?", [wanted.low]))
    if wanted.high is not None:
        found.append((f"{expression} {'<' if wanted.high_open else '<='} ?", [wanted.high]))
    return found


def _day_bounds(days: Days) -> list[Condition]:
    found: list[Condition] = []
    if days.first is not None:
        found.append(("sample.mtime_ns >= ?", [_midnight_ns(days.first)]))
    if days.last is not None and days.last < date.max:
        found.append(("sample.mtime_ns < ?", [_midnight_ns(days.last + timedelta(days=1))]))
    return found


def _midnight_ns(day: date) -> int:
    """Return when the day began where the user is, in ns since 1970."""
    try:
        seconds = datetime(day.year, day.month, day.day).timestamp()
    except (OverflowError, OSError, ValueError):  # no such moment in the user's time zone: the year 1, or 9999
        seconds = (day - date(1970, 1, 1)).total_seconds()
    return max(-(2**63), min(2**63 - 1, int(seconds) * 1_000_000_000))


def _label(value: str | None, _: int | None, task: Task) -> Condition:
    if task is Task.SINGLE:
        return (
            ("sample.label_id IS NULL", []) if value is None else (f"sample.label_id IN ({_SUBTREE})", [value] * _NAMED)
        )
    if value is None:
        return "sample.id NOT IN (SELECT sample_id FROM sample_label)", []
    return f"sample.id IN (SELECT sample_id FROM sample_label WHERE label_id IN ({_SUBTREE}))", [value] * _NAMED


def _split(value: Split, *_: object) -> Condition:
    return "sample.split = ?", [SPLIT_CODES[value]]


def _group(value: str | None, *_: object) -> Condition:
    if value is None:
        return "sample.group_id IS NULL", []
    return "sample.group_id IN (SELECT id FROM sample_group WHERE name = ?)", [value]


def _tag(value: str | None, *_: object) -> Condition:
    if value is None:
        return "sample.id NOT IN (SELECT sample_id FROM sample_tag)", []
    return "sample.id IN (SELECT sample_id FROM sample_tag JOIN tag ON tag.id = tag_id WHERE name = ?)", [value]


def _source(value: str, *_: object) -> Condition:
    root = "replace(root, char(92), '/')"
    sql = f"sample.source_id IN (SELECT id FROM source WHERE root = ? OR {root} LIKE ? ESCAPE char(92))"
    return sql, [value, "%/" + _escaped(value)]


def _finding(value: str, *_: object) -> Condition:
    members = "SELECT finding_member.sample_id FROM finding_member JOIN finding ON finding.id = finding_id"
    return f"sample.id IN ({members} WHERE finding.kind = ? AND {IS_OPEN})", [value]


def _predicted(value: str, run: int | None, _: Task) -> Condition:
    return f"EXISTS (SELECT 1 {_OF_RUN} AND prediction.label_id IN ({_SUBTREE}))", [run, *[value] * _NAMED]


def _state(value: SampleState, *_: object) -> Condition:
    return "sample.state = ?", [STATE_CODES[value]]


def _reason(value: str, *_: object) -> Condition:
    return "sample.reason_id IN (SELECT id FROM reason WHERE name = ?)", [value]


def _name(value: str, *_: object) -> Condition:
    patterns = _like_patterns(value)
    return f"({' OR '.join(['sample.path LIKE ? ESCAPE char(92)'] * len(patterns))})", list(patterns)


_TERMS: Final[dict[str, Callable[..., Condition]]] = {
    "label": _label,
    "split": _split,
    "group": _group,
    "tag": _tag,
    "source": _source,
    "finding": _finding,
    "pred": _predicted,
    "state": _state,
    "reason": _reason,
    "name": _name,
}


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _like_patterns(name: str) -> list[str]:
    """Return LIKE patterns for a name pattern, composed and decomposed: file systems differ in how they keep Hangul."""
    patterns: list[str] = []
    for form in dict.fromkeys((unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name))):
        pattern = _escaped(form).replace("*", "%").replace("?", "_")
        if "*" in name or "?" in name:
            patterns += [pattern, f"%/{pattern}"]
        else:
            patterns.append(f"%{pattern}%")
    return patterns
