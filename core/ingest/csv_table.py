"""A table of labels: which file has which labels, group, split and tags, with a header and a row per image.

A table that the user names is taken whole or not at all: every row that is wrong is reported with its number. One that
was found beside the images is taken as far as it goes, and what is wrong is told.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Final

from core.domain.labels import label_name
from core.domain.samples import Split
from core.domain.spreadsheet import unsafe_cell
from core.errors import UserError
from core.ingest.tables.columns import (
    LABEL_COLUMNS,
    Columns,
    Find,
    guess,
    is_on,
    is_uncertain,
    names_path,
    position,
    with_header,
)
from core.ingest.tables.sheet import MAX_BYTES, Row, Sheet, open_sheet, plain
from core.translation import tr

_MAX_LISTED: Final = 10
_LOOKED_AT: Final = 200
_MANY_ROWS, _ROWS_OF_ONE = 100_000, 1000
_SPLITS: Final = {
    "": Split.NONE,
    "none": Split.NONE,
    "train": Split.TRAIN,
    "training": Split.TRAIN,
    "val": Split.VAL,
    "valid": Split.VAL,
    "validation": Split.VAL,
    "dev": Split.VAL,
    "test": Split.TEST,
    "testing": Split.TEST,
}


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a rule says of one file; names are NFC and trimmed.

    `label` is its one label; `labels` all of them, where a file can have several (then `label` is None).
    """

    label: str | None = None
    group: str | None = None
    split: Split = Split.NONE
    labels: tuple[str, ...] | None = None
    tags: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...] | None:
        """All labels; None where they are not known."""
        return self.labels if self.label is None else (self.label,)


@dataclass(frozen=True, slots=True)
class TableContent:
    """What a table says.

    Attributes
    ----------
    assignments
        By file.
    multi
        Whether a file can have several labels.
    labels
        The labels in the order of their columns, where each has one.
    problems
        What is wrong: the row's number or the file's name in it, and the code of the reason.
    uncertain
        How many cells of labels say -1: that nobody knows.
    """

    assignments: dict[str, Assignment]
    multi: bool = False
    labels: tuple[str, ...] = ()
    problems: list[tuple[str, str]] = field(default_factory=list)
    uncertain: int = 0


def split_named(name: str) -> Split | None:
    """Return the split that a word such as “validation” means; None where it means none."""
    return _SPLITS.get(name.strip().lower())


def read_table(
    file: Path, find: Callable[[str], list[str]], group_column: str = "", columns: Mapping[str, str] | None = None
) -> dict[str, Assignment]:
    """Return what a table that the user named says of each file; as `table_content`, and strict.

    Raises
    ------
    UserError
        ``table_missing``, ``table_encoding``, ``table_unreadable``, ``table_columns``, ``table_no_column``,
        ``table_two_columns``, ``table_empty`` or ``table_rows``.
    """
    try:
        if file.stat().st_size > MAX_BYTES:
            raise UserError("table_encoding", path=str(file))
        data = file.read_bytes()
    except (OSError, ValueError) as error:
        raise UserError("table_missing", path=str(file)) from error
    said = {**(columns or {}), **({"group": group_column} if group_column else {})}
    return table_content(str(file), data, find, said, strict=True).assignments


def table_content(name: str, data: bytes, find: Find, said: Mapping[str, str], *, strict: bool) -> TableContent:
    """Return what a table says.

    Parameters
    ----------
    name
        The table's name; its suffix says what `data` is (see `core.ingest.tables.sheet`).
    find
        Gives the imported files that a name in the table may mean.
    said
        The columns that the user names: see `core.ingest.tables.columns.guess`.
    strict
        Whether anything wrong is an error, and labels are needed.
    """
    sheet = with_header(open_sheet(name, data, names_path_and_label if strict else names_path), find)
    first = list(islice(iter(sheet.rows), _LOOKED_AT)) if not isinstance(sheet.rows, Sequence) else sheet.rows
    columns = guess(sheet.header, [row for _, row in first[:_LOOKED_AT]], find, said, name)
    if columns is None or (strict and columns.label is None and not columns.hot):
        raise UserError("table_columns", path=name, found=", ".join(sheet.header)[:200] or "–")
    _check_doubled(sheet, columns, said)
    rows = _varied(sheet, first, columns.path)
    table = _Table(sheet, columns, find, rows, strict=strict)
    for number, row in rows:
        table.add(number, row)
    return table.finish()


def _varied(sheet: Sheet, first: Sequence[Row], path: int) -> Sequence[Row]:
    """Return all rows, unless they name a few files over and over, which no table of labels does."""
    start = first if isinstance(sheet.rows, Sequence) else [*first, *islice(sheet.rows, _MANY_ROWS)]
    if len(start) >= _MANY_ROWS:
        names = {row[path] for _, row in start[:_MANY_ROWS] if path < len(row)}
        if len(names) * _ROWS_OF_ONE < _MANY_ROWS:
            reason = tr("it names the same few images over and over")
            raise UserError("table_unreadable", path=sheet.name, reason=reason)
    return start if isinstance(sheet.rows, Sequence) else list(chain(start, sheet.rows))


def names_path_and_label(header: list[str]) -> bool:
    """Whether a header names a column of files and one of labels."""
    return names_path(header) and position(header, LABEL_COLUMNS) is not None


def _check_doubled(sheet: Sheet, columns: Columns, said: Mapping[str, str]) -> None:
    doubled = [name for name in sheet.header if plain(name) in LABEL_COLUMNS]
    if len(doubled) > 1 and columns.label is not None and not said.get("label"):
        raise UserError("table_two_columns", path=sheet.name, found=", ".join(doubled))


class _Table:
    """Collects rows, and what is wrong with them."""

    def __init__(self, sheet: Sheet, columns: Columns, find: Find, rows: Sequence[Row], *, strict: bool) -> None:
        self._sheet = sheet
        self._columns = columns
        self._find = find
        self._strict = strict
        self._separator = "" if columns.label is None else _separator(rows, columns.label, sheet.delimiter)
        self._hot = [(at, label_name(sheet.header[at])) for at in columns.hot]
        self._rows: dict[str, int] = {}
        self._assignments: dict[str, Assignment] = {}
        self._complaints: list[str] = []
        self._problems: list[tuple[str, str]] = []
        self._unfound: list[str] = []
        self._uncertain = sum(is_uncertain(row[at]) for _, row in rows for at in columns.hot if at < len(row))
        self._multi = bool(self._separator) or any(
            sum(is_on(row[at]) for at in columns.hot if at < len(row)) != 1 for _, row in rows if columns.hot
        )

    def add(self, number: int, row: list[str]) -> None:
        """Take a row."""
        if len(row) <= max(self._columns.path, self._columns.label or 0) and self._strict:
            self._report(number, row, tr("there are too few columns"), "table_row_short")
            return
        name = _cell(row, self._columns.path, fold=False)
        found = self._find(name) if name else []
        if len(found) != 1:
            if name and not found:
                self._unfound.append(name)
            self._report(number, row, _not_one(name, found), "table_file_unclear" if found else "image_missing")
            return
        assignment = self._assignment(number, row)
        if assignment is not None:
            self._put(number, row, found[0], assignment)

    def finish(self) -> TableContent:
        """Return what was collected; raises `UserError` where anything is wrong and the table is a strict one."""
        if self._complaints and self._strict:
            shown = self._complaints[:_MAX_LISTED]
            if len(self._complaints) > len(shown):
                shown.append("…")
            problems = "; ".join(shown)
            raise UserError("table_rows", path=self._sheet.name, count=len(self._complaints), problems=problems)
        if not self._assignments:
            if self._unfound:
                example, count = self._unfound[0], len(self._unfound)
                raise UserError("table_none_found", path=self._sheet.name, count=f"{count:,}", example=example)
            raise UserError("table_empty", path=self._sheet.name)
        labels = tuple(name for _, name in self._hot)
        return TableContent(self._assignments, self._multi, labels, self._problems, self._uncertain)

    def _report(self, number: int, row: list[str], complaint: str, code: str) -> None:
        self._complaints.append(tr("row {row}: {problem}", row=number, problem=complaint))
        self._problems.append((_cell(row, self._columns.path) or f"{self._sheet.name}: {number}", code))

    def _put(self, number: int, row: list[str], path: str, assignment: Assignment) -> None:
        before = self._assignments.get(path)
        if before is not None and not self._strict and assignment.names and before.names:
            # A row for each label of a file.
            names = tuple(dict.fromkeys(before.names + assignment.names))
            if len(names) > 1:
                self._multi = True
                self._assignments[path] = Assignment(None, before.group, before.split, names, before.tags)
            return
        if path in self._rows:
            name = _cell(row, self._columns.path)
            complaint = tr("“{name}” is in row {other} already", name=name, other=self._rows[path])
            self._report(number, row, complaint, "table_row_doubled")
            return
        self._rows[path] = number
        self._assignments[path] = assignment

    def _assignment(self, number: int, row: list[str]) -> Assignment | None:
        try:
            names = self._labels(row)
        except UserError as error:
            self._report(number, row, error.message, "label_unusable")
            return None
        if names is None and self._strict and not self._separator:
            self._report(number, row, tr("the label is empty"), "label_unusable")
            return None
        split_text = _cell(row, self._columns.split)
        split = split_named(split_text)
        if split is None:
            complaint = tr("“{value}” is no split; use train, val, test or none", value=split_text)
            self._report(number, row, complaint, "table_split")
            if self._strict:
                return None
        single = names[0] if names and not self._multi else None
        return Assignment(
            label=single,
            group=_cell(row, self._columns.group) or None,
            split=split or Split.NONE,
            labels=names if self._multi else None,
            tags=tuple(tag for column, at in self._columns.tags for tag in _tags(column, _cell(row, at))),
        )

    def _labels(self, row: list[str]) -> tuple[str, ...] | None:
        if self._columns.label is None:
            return tuple(name for at, name in self._hot if at < len(row) and is_on(row[at])) if self._hot else None
        text = _cell(row, self._columns.label)
        if not text:
            return None
        if not self._separator:
            return (label_name(text),)
        return tuple(dict.fromkeys(label_name(name) for name in text.split(self._separator) if name.strip()))


def _separator(rows: Sequence[Row], at: int, delimiter: str) -> str:
    """Return what separates the labels within a cell; empty where every cell is one label."""
    for candidate in ";|":
        if candidate != delimiter and any(at < len(row) and candidate in row[at] for _, row in rows):
            return candidate
    return ""


def _tags(column: str, cell: str) -> list[str]:
    if not cell:
        return []
    if column:
        return [f"{column}={cell}"]
    return [tag.strip() for tag in cell.split(";") if tag.strip()]


def _not_one(name: str, found: list[str]) -> str:
    if not name:
        return tr("the file is empty")
    if not found:
        return tr("“{name}” is not an image in the folder", name=name)
    return tr("“{name}” may be {first} or {second}; give its path", name=name, first=found[0], second=found[1])


def _cell(row: list[str], column: int | None, *, fold: bool = True) -> str:
    if column is None or column >= len(row):
        return ""
    text = unsafe_cell(row[column])
    return unicodedata.normalize("NFC", text).strip() if fold else text.strip()
