"""Which column of a table says what: by the columns' names, by what is in them, or as the user says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from core.errors import UserError
from core.ingest.tables.sheet import Sheet, plain

PATH_COLUMNS: Final = (
    "path",
    "file",
    "filename",
    "image",
    "file_name",
    "filepath",
    "file_path",
    "image_path",
    "image_name",
    "image_id",
    "image index",
    "파일",
    "경로",
)
LABEL_COLUMNS: Final = ("label", "class", "category")
_OTHER_LABEL_COLUMNS: Final = (
    "labels",
    "label_name",
    "class_name",
    "classes",
    "finding labels",
    "diagnosis",
    "dx",
    "target",
    "라벨",
    "분류",
)
GROUP_COLUMNS: Final = (
    "group",
    "patient",
    "patient_id",
    "patient id",
    "subject",
    "subject_id",
    "slide",
    "slide_id",
    "lesion_id",
    "plate",
    "video",
    "환자",
)
SPLIT_COLUMNS: Final = ("split", "set", "partition", "subset")
_TAG_COLUMNS: Final = ("tag", "tags")
_UNCERTAIN: Final = frozenset({"-1", "-1.0"})
_ON, _OFF = frozenset({"1", "1.0", "true", "yes"}), frozenset({"0", "0.0", "", "false", "no"})

Find = Callable[[str], list[str]]
"""Gives the files that a name in a table may mean."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The positions of the columns.

    Attributes
    ----------
    path
        The file.
    label
        Its label or list of labels; None where `hot` holds them, or nothing does.
    hot
        The columns that are a label each, 1 where it is given.
    group, split
        None where there is none.
    tags
        The columns whose cells are tags; by name, empty for one that holds a list of tags.
    """

    path: int
    label: int | None
    hot: tuple[int, ...]
    group: int | None
    split: int | None
    tags: tuple[tuple[str, int], ...] = ()


def names_path(header: Sequence[str]) -> bool:
    """Whether a header names a column of files."""
    return position(header, PATH_COLUMNS) is not None


def with_header(sheet: Sheet, find: Find) -> Sheet:
    """Return a table as it is, or, where its first row names a file and is no header, with a header before it.

    Then the column of that name is the path, and the first of the others the label.
    """
    if names_path(sheet.header):
        return sheet
    path = next((at for at, cell in enumerate(sheet.header) if cell.strip() and len(find(cell.strip())) == 1), None)
    if path is None:
        return sheet
    label = next((at for at in range(len(sheet.header)) if at != path), None)
    names = ["path" if at == path else "label" if at == label else str(at + 1) for at in range(len(sheet.header))]
    return Sheet(sheet.name, names, chain([(1, sheet.header)], sheet.rows), sheet.delimiter)


def guess(
    header: Sequence[str], rows: Sequence[Sequence[str]], find: Find, said: Mapping[str, str], table: str
) -> Columns | None:
    """Return the columns; None where nothing in the table names the files.

    Parameters
    ----------
    rows
        Some rows to look at.
    said
        What the user said: a column's name by ``path``, ``label``, ``group``, ``split``, ``tags``; several labels or
        tags separated by commas.
    table
        The table's name, for errors.

    Raises
    ------
    UserError
        ``table_no_column`` where a column that the user names is not there.
    """
    path = _said(header, said.get("path"), table)
    if path is None:
        path = position(header, PATH_COLUMNS)
    if path is None or not any(find(row[path].strip()) for row in rows if len(row) > path):
        path = path if said.get("path") else _by_content(header, rows, find, path)
    if path is None:
        return None
    group = _said(header, said.get("group"), table)
    split = _said(header, said.get("split"), table)
    group = position(header, GROUP_COLUMNS) if group is None else group
    split = position(header, SPLIT_COLUMNS) if split is None else split
    tags = _tags(header, said.get("tags"), table)
    taken = {path, group, split, *(at for _, at in tags)}
    label, hot = _labels(header, rows, taken, said.get("label"), table)
    return Columns(path, label, hot, group, split, tags)


def is_on(cell: str) -> bool:
    """Whether a cell of a one-hot column says that the label is given."""
    return cell.strip().casefold() in _ON


def is_uncertain(cell: str) -> bool:
    """Whether a cell of a one-hot column says that nobody knows, as CheXpert does; the label is not given then."""
    return cell.strip() in _UNCERTAIN


def position(header: Sequence[str], wanted: Sequence[str]) -> int | None:
    """Return the position of the first of the `wanted` names that is there."""
    names = [plain(name) for name in header]
    return next((names.index(name) for name in wanted if name in names), None)


def _said(header: Sequence[str], name: str | None, table: str) -> int | None:
    if not name:
        return None
    at = position(header, (plain(name),))
    if at is None:
        raise UserError("table_no_column", path=table, name=name, found=", ".join(header))
    return at


def _tags(header: Sequence[str], said: str | None, table: str) -> tuple[tuple[str, int], ...]:
    if said:
        named = [name.strip() for name in said.split(",") if name.strip()]
        return tuple((name, at) for name in named if (at := _said(header, name, table)) is not None)
    at = position(header, _TAG_COLUMNS)
    return () if at is None else (("", at),)


def _labels(
    header: Sequence[str], rows: Sequence[Sequence[str]], taken: set[int | None], said: str | None, table: str
) -> tuple[int | None, tuple[int, ...]]:
    if said:
        found = [at for name in said.split(",") if (at := _said(header, name.strip(), table)) is not None]
        return (found[0], ()) if len(found) == 1 else (None, tuple(found))
    label = position(header, (*LABEL_COLUMNS, *_OTHER_LABEL_COLUMNS))
    if label is not None:
        return label, ()
    hot = tuple(at for at in range(len(header)) if at not in taken and header[at].strip() and _is_hot(rows, at))
    return None, hot if len(hot) > 1 else ()


def _is_hot(rows: Sequence[Sequence[str]], at: int) -> bool:
    cells = {row[at].strip().casefold() if at < len(row) else "" for row in rows}
    return bool(cells - {""}) and cells <= _ON | _OFF | _UNCERTAIN and bool(cells & (_ON | _OFF - {""}))


def _by_content(header: Sequence[str], rows: Sequence[Sequence[str]], find: Find, otherwise: int | None) -> int | None:
    """Return the column in which most cells name one file."""
    hits = [sum(1 for row in rows if at < len(row) and len(find(row[at].strip())) == 1) for at in range(len(header))]
    best = max(range(len(hits)), key=hits.__getitem__, default=None)
    return best if best is not None and hits[best] > len(rows) / 2 else otherwise
