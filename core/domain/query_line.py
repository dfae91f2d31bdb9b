"""The query line: a `SampleQuery` as a user types it, behind the filter chips and ``--query`` alike.

    label:WBC label:none split:val group:slide_07 conf:<0.6 date:2024-05 name:*03* -tag:blurred is:wrong free text

Terms of one field are alternatives; different fields must all hold; a term with ``-`` in front must not hold. Values
with spaces or quotes stand in double quotes, in which a backslash escapes. ``parse_query(format_query(query))`` is
`query` always.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from core.domain.query import GroupBy, SampleQuery, SortKey, parse_days, parse_range
from core.domain.samples import SampleState, Split
from core.errors import UserError

_TOKEN: Final = re.compile(r'\s*(-?)(?:([a-z]+):)?(?:"((?:[^"\\]|\\.)*)"|(\S+))')
_NEEDS_QUOTES: Final = re.compile(r'[\s"\\:]|^$|^-')
NONE: Final = "none"
# The fields that take several values: the word in the line, the attribute of the query, and how a value is read.
LISTS: Final[dict[str, tuple[str, Callable[[str], Any]]]] = {
    "label": ("labels", str),
    "split": ("splits", Split),
    "group": ("groups", str),
    "tag": ("tags", str),
    "source": ("sources", str),
    "finding": ("findings", str),
    "pred": ("predicted", str),
    "state": ("states", SampleState),
    "reason": ("reasons", str),
    "name": ("names", str),
}
# Fields that can be asked for by “none”.
OPTIONAL: Final = frozenset({"label", "group", "tag"})
# The fields that take a range: likewise.
RANGES: Final[dict[str, tuple[str, Callable[[str], Any]]]] = {
    "conf": ("confidence", parse_range),
    "size": ("size", parse_range),
    "date": ("days", parse_days),
}
# What “is:” takes: the attribute and the value it sets.
FLAGS: Final[dict[str, tuple[str, bool | None]]] = {
    "excluded": ("excluded", True),
    "any": ("excluded", None),
    "unreadable": ("unreadable", True),
    "readable": ("unreadable", False),
    "missing": ("missing", True),
    "present": ("missing", False),
    "labelled": ("labelled", True),
    "pinned": ("pinned", True),
    "unpinned": ("pinned", False),
    "wrong": ("wrong", True),
    "right": ("wrong", False),
}
# What “-is:” means, which is a flag too.
_PAIRS: Final = (
    ("unreadable", "readable"),
    ("missing", "present"),
    ("labelled", "unlabelled"),
    ("pinned", "unpinned"),
    ("wrong", "right"),
)
OPPOSITES: Final[dict[str, str]] = dict([*_PAIRS, *((right, left) for left, right in _PAIRS)])
FIELDS: Final = (*LISTS, *RANGES, "is", "run", "id", "by", "sort")


def parse_query(line: str) -> SampleQuery:
    """Read a query line.

    Raises
    ------
    UserError
        ``query_invalid`` with the token that is not understood.
    """
    query, position, line = SampleQuery(), 0, line.rstrip()
    while position < len(line):
        found = _TOKEN.match(line, position)
        if found is None:
            raise UserError("query_invalid", token=line[position:].strip())
        position = found.end()
        minus, field, quoted, bare = found.groups()
        value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare
        try:
            if field is None and quoted is None and value.endswith(":") and value[:-1] in FIELDS:
                raise ValueError(value)  # the name of a field whose value is still to be typed
            if minus:
                query = _without(query, field or "name", value, quoted is not None)
            else:
                query = _with(query, field or "name", value, quoted is not None)
        except ValueError:
            raise UserError("query_invalid", token=found.group().strip()) from None
    return query


def format_query(query: SampleQuery) -> str:
    """Write a query as a line that `parse_query` reads back."""
    parts = [f"{field}:{_word(value)}" for field, (name, _) in LISTS.items() for value in getattr(query, name)]
    parts += [f"{field}:{getattr(query, name)}" for field, (name, _) in RANGES.items() if getattr(query, name)]
    parts += [f"-{field}:{value}" for field, value in query.without]
    parts += [f"is:{flag}" for flag, (name, value) in FLAGS.items() if _is_set(query, name, value)]
    if query.labelled is False:
        parts.append("is:unlabelled")
    if query.run is not None:
        parts.append(f"run:{query.run}")
    if query.ids is not None:
        parts.append("id:" + (",".join(map(str, query.ids)) or NONE))
    if query.by is not None:
        parts.append(f"by:{query.by}")
    if query.sort is not SortKey.ADDED or query.descending:
        parts.append(f"sort:{'-' if query.descending else ''}{query.sort}")
    return " ".join(parts)


def term_value(text: str) -> str | None:
    """Return what the value of a term in `SampleQuery.without` stands for; None for “none”."""
    if text == NONE:
        return None
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text


def write_value(text: str) -> str:
    """Write a text as the value of a term, in quotes where it needs them."""
    if _NEEDS_QUOTES.search(text) or text == NONE:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return text


def _is_set(query: SampleQuery, name: str, value: bool | None) -> bool:
    return getattr(query, name) is value and (value is not None or name == "excluded")


def _word(value: Any) -> str:
    """Write a value of a list field."""
    return NONE if value is None else write_value(str(value))


def _with(query: SampleQuery, field: str, value: str, quoted: bool) -> SampleQuery:
    """Return the query with one more term; raises `ValueError`."""
    if field in LISTS:
        name, read = LISTS[field]
        item = None if field in OPTIONAL and value == NONE and not quoted else read(value)
        return _replace(query, name, (*getattr(query, name), item))
    if field in RANGES:
        name, read = RANGES[field]
        return _replace(query, name, read(value))
    match field:
        case "is" if value == "unlabelled":
            return replace(query, labelled=False)
        case "is" if value in FLAGS:
            name, flag = FLAGS[value]
            return _replace(query, name, flag)
        case "run":
            return replace(query, run=_number(value))
        case "id":
            return replace(query, ids=read_ids(value))
        case "by":
            return replace(query, by=GroupBy(value))
        case "sort":
            return replace(query, descending=value.startswith("-"), sort=SortKey(value.removeprefix("-")))
    raise ValueError(field)


def _not_excluded(query: SampleQuery, value: str) -> SampleQuery:
    """Return the query for “-is:excluded”, which is how it is anyway; raises `ValueError`."""
    if value != "excluded":
        raise ValueError(value)
    return replace(query, excluded=False)


def _replace(query: SampleQuery, name: str, value: Any) -> SampleQuery:
    """Return the query with another value of the attribute `name`, which a table names."""
    changes: dict[str, Any] = {name: value}
    return replace(query, **changes)


def read_ids(text: str) -> tuple[int, ...]:
    """Read ids between commas, or ``none``; raises `ValueError`."""
    return () if text == NONE else tuple(_number(part) for part in text.split(","))


def _number(text: str) -> int:
    """Read the number of a run or a sample: no larger than the database can hold."""
    number = int(text)
    if not 0 <= number < 2**63:
        raise ValueError(text)
    return number


def _without(query: SampleQuery, field: str, value: str, quoted: bool) -> SampleQuery:
    """Return the query with one more term that must not hold; raises `ValueError`."""
    if field == "is":
        return _with(query, field, OPPOSITES[value], quoted) if value in OPPOSITES else _not_excluded(query, value)
    if field in LISTS:
        item = None if field in OPTIONAL and value == NONE and not quoted else LISTS[field][1](value)
        return replace(query, without=(*query.without, (field, _word(item))))
    if field in RANGES:
        return replace(query, without=(*query.without, (field, str(RANGES[field][1](value)))))
    if field == "id":
        return replace(query, without=(*query.without, (field, ",".join(map(str, read_ids(value))) or NONE)))
    raise ValueError(field)
