"""Filters as changes of a query: what a field lets through, what it keeps out, and another query with other values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from core.domain.query import Days, Range, SampleQuery, parse_days, parse_range
from core.domain.query_line import FLAGS, LISTS, NONE, OPPOSITES, term_value, write_value

# The ranges: the attribute of the query, and how a value is read.
RANGES: Final = {"conf": ("confidence", parse_range), "size": ("size", parse_range), "date": ("days", parse_days)}
_ALL_FLAGS: Final[dict[str, tuple[str, bool | None]]] = {"unlabelled": ("labelled", False), **FLAGS}
_USUAL: Final[dict[str, bool | None]] = {"excluded": False}


def chosen(query: SampleQuery, field: str) -> tuple[Any, ...]:
    """Return the values of a list field that are let through; None for “none”."""
    return tuple(getattr(query, LISTS[field][0]))


def kept_out(query: SampleQuery, field: str) -> tuple[Any, ...]:
    """Return the values of a list field that must not hold."""
    read = LISTS[field][1]
    values = (term_value(text) for name, text in query.without if name == field)
    return tuple(None if value is None else read(value) for value in values)


def with_terms(query: SampleQuery, field: str, wanted: Sequence[Any], unwanted: Sequence[Any] = ()) -> SampleQuery:
    """Return the query with exactly these values of a list field; its other fields stay as they are."""
    others = tuple((name, text) for name, text in query.without if name != field)
    mine = tuple((field, NONE if value is None else write_value(str(value))) for value in unwanted)
    return _changed(query, **{LISTS[field][0]: tuple(wanted), "without": others + mine})


def flags(query: SampleQuery) -> list[str]:
    """Return the flags (as in ``is:``) that are set."""
    return [flag for flag, (name, value) in _ALL_FLAGS.items() if _is_set(query, name, value)]


def with_flags(query: SampleQuery, wanted: Sequence[str], unwanted: Sequence[str] = ()) -> SampleQuery:
    """Return the query with exactly these flags; of two that contradict each other the one that is new holds."""
    before = set(flags(query))
    made = _changed(query, **{name: _USUAL.get(name) for name, _ in _ALL_FLAGS.values()})
    every = [*wanted, *(OPPOSITES[flag] for flag in unwanted if flag in OPPOSITES)]
    for flag in sorted(every, key=lambda flag: flag not in before):
        name, value = _ALL_FLAGS[flag]
        made = _changed(made, **{name: value})
    return made


def bounds(query: SampleQuery, field: str) -> tuple[str, str]:
    """Return the bounds of a range as they are typed; empty for none."""
    wanted: Range | Days | None = getattr(query, RANGES[field][0])
    if wanted is None:
        return "", ""
    if isinstance(wanted, Range):
        return _text(wanted.low), _text(wanted.high)
    return str(wanted.first or ""), str(wanted.last or "")


def _text(bound: float | None) -> str:
    return "" if bound is None else f"{bound:g}"


def with_bounds(query: SampleQuery, field: str, low: str, high: str) -> SampleQuery:
    """Return the query with a range from `low` to `high`, both included, either may be empty; raises `ValueError`.

    A bound that is left as it was stays open if it was.
    """
    name, read = RANGES[field]
    low, high = low.strip(), high.strip()
    if (low, high) == bounds(query, field):
        return query
    text = f"{low}..{high}" if low and high else f">={low}" if low else f"<={high}"
    return _changed(query, **{name: read(text) if low or high else None})


def with_names(query: SampleQuery, line: str) -> SampleQuery:
    """Return the query with the patterns on the file name that stand in `line`, between semicolons."""
    return replace(query, names=tuple(name for name in (part.strip() for part in line.split(";")) if name))


def _is_set(query: SampleQuery, name: str, value: bool | None) -> bool:
    return getattr(query, name) is value and (value is not None or name in _USUAL)


def _changed(query: SampleQuery, **changes: Any) -> SampleQuery:
    return replace(query, **changes)
