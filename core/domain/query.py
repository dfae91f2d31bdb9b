"""A query: which samples, in which order; behind the filter chips, the query line and ``--query`` alike.

    label:WBC label:none split:val group:slide_07 name:*03* is:excluded is:unreadable free text

Terms of one field are alternatives; different fields must all hold. Values with spaces or quotes stand in double
quotes, in which a backslash escapes. `parse_query(format_query(query)) == query` always.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.domain.samples import Split
from core.errors import UserError


class SortKey(StrEnum):
    """What samples are sorted by."""

    ADDED = "added"
    NAME = "name"
    LABEL = "label"
    GROUP = "group"
    SPLIT = "split"
    SIZE = "size"


@dataclass(frozen=True, slots=True)
class SampleQuery:
    """Which samples, in which order. Empty means: all that are readable or not, but not the excluded.

    Attributes
    ----------
    labels
        Label names; ``None`` among them stands for unlabelled.
    groups
        Group names.
    names
        Patterns with ``*`` and ``?`` on the file name; one without either matches anywhere in the path.
    excluded
        False: hide the excluded; True: only them; None: both.
    unreadable
        None: both; True or False: only, or none of, those that cannot be read.
    ids
        Only these samples, in this order where nothing else is asked for.
    """

    labels: tuple[str | None, ...] = ()
    splits: tuple[Split, ...] = ()
    groups: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    excluded: bool | None = False
    unreadable: bool | None = None
    ids: tuple[int, ...] | None = None
    sort: SortKey = SortKey.ADDED
    descending: bool = False


_TOKEN: Final = re.compile(r'\s*(?:([a-z]+):)?(?:"((?:[^"\\]|\\.)*)"|(\S+))')
_NEEDS_QUOTES: Final = re.compile(r'[\s"\\:]|^$')
_FLAGS: Final = {"excluded", "any", "unreadable", "readable", "unlabelled"}


def parse_query(line: str) -> SampleQuery:
    """Read a query line.

    Raises
    ------
    UserError
        ``query_invalid`` with the token that is not understood.
    """
    terms = _Terms()
    position, line = 0, line.rstrip()
    while position < len(line):
        found = _TOKEN.match(line, position)
        if found is None:
            raise UserError("query_invalid", token=line[position:].strip())
        position = found.end()
        field, quoted, bare = found.groups()
        value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare
        terms.add(field or "name", value, quoted=quoted is not None, token=found.group().strip())
    return terms.query()


def format_query(query: SampleQuery) -> str:
    """Write a query as a line that `parse_query` reads back."""
    parts = [f"label:{'none' if name is None else _quote(name, {'none'})}" for name in query.labels]
    parts += [f"split:{split}" for split in query.splits]
    parts += [f"group:{_quote(group)}" for group in query.groups]
    parts += [f"name:{_quote(name)}" for name in query.names]
    if query.excluded is not False:
        parts.append("is:excluded" if query.excluded else "is:any")
    if query.unreadable is not None:
        parts.append("is:unreadable" if query.unreadable else "is:readable")
    if query.ids is not None:
        parts.append("id:" + (",".join(map(str, query.ids)) or "none"))
    if query.sort is not SortKey.ADDED or query.descending:
        parts.append(f"sort:{'-' if query.descending else ''}{query.sort}")
    return " ".join(parts)


def _quote(value: str, reserved: set[str] | None = None) -> str:
    if _NEEDS_QUOTES.search(value) or value in (reserved or ()):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return value


class _Terms:
    """Collects the terms of a query line."""

    def __init__(self) -> None:
        self.labels: list[str | None] = []
        self.splits: list[Split] = []
        self.groups: list[str] = []
        self.names: list[str] = []
        self.excluded: bool | None = False
        self.unreadable: bool | None = None
        self.ids: tuple[int, ...] | None = None
        self.sort = SortKey.ADDED
        self.descending = False

    def add(self, field: str, value: str, *, quoted: bool, token: str) -> None:
        """Take one term; raises `UserError` where the field or its value is unknown."""
        try:
            match field:
                case "label":
                    self.labels.append(None if value == "none" and not quoted else value)
                case "split":
                    self.splits.append(Split(value))
                case "group":
                    self.groups.append(value)
                case "name":
                    self.names.append(value)
                case "is":
                    self._flag(value)
                case "id":
                    self.ids = () if value == "none" else tuple(int(part) for part in value.split(","))
                case "sort":
                    self.descending = value.startswith("-")
                    self.sort = SortKey(value.removeprefix("-"))
                case _:
                    raise UserError("query_invalid", token=token)
        except ValueError:
            raise UserError("query_invalid", token=token) from None

    def _flag(self, value: str) -> None:
        if value not in _FLAGS:
            raise ValueError(value)
        if value == "unlabelled":
            self.labels.append(None)
        elif value in ("excluded", "any"):
            self.excluded = True if value == "excluded" else None
        else:
            self.unreadable = value == "unreadable"

    def query(self) -> SampleQuery:
        """Return what was collected."""
        return SampleQuery(
            labels=tuple(self.labels),
            splits=tuple(self.splits),
            groups=tuple(self.groups),
            names=tuple(self.names),
            excluded=self.excluded,
            unreadable=self.unreadable,
            ids=self.ids,
            sort=self.sort,
            descending=self.descending,
        )
