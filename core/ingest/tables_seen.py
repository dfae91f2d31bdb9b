"""What the columns of a source's table are taken for, so that a person can say otherwise before anything is added."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from core.errors import UserError
from core.ingest.assign import FileNames, table_file
from core.ingest.formats.spec import ImportOptions
from core.ingest.formats.tables import listing_table, table_data, table_finder
from core.ingest.offers import Opened
from core.ingest.rules import GroupKind, LabelKind
from core.ingest.tables.columns import Columns, Find, guess, names_path, with_header
from core.ingest.tables.sheet import open_sheet

TABLE_FORMATS: Final = ("table", "imagefolder")
_ROWS: Final = 200
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class TableSeen:
    """A table.

    Attributes
    ----------
    header
        The names of its columns.
    columns
        For each of ``path``, ``label``, ``group``, ``split`` and ``tags``, the names of the columns taken for it.
    rows
        Its first rows.
    """

    name: str
    header: tuple[str, ...]
    columns: dict[str, tuple[str, ...]]
    rows: tuple[tuple[str, ...], ...]


def table_seen(source: Opened, format: str, options: ImportOptions) -> TableSeen | None:
    """Return the table that gives the labels of a source; None where there is none, or it cannot be read as one.

    Parameters
    ----------
    format
        The id of the format that was recognised.
    """
    try:
        return _seen(source, format, options)
    except (UserError, OSError):  # the import itself says what is wrong
        return None


def _seen(source: Opened, format: str, options: ImportOptions) -> TableSeen | None:
    if options.labels.kind is LabelKind.TABLE and options.labels.table is not None:
        file = table_file(options.labels.table, Path(source.root))
        names = [image.path for image in source.files.images]
        return _table(file.name, file.read_bytes(), FileNames(Path(source.root), file.parent, names).find, options)
    if format not in TABLE_FORMATS:
        return None
    found = listing_table(source.tree, source.files, format)
    if found is None:
        return None
    return _table(found.path, table_data(source.tree, found), table_finder(source.files, found), options)


def _table(name: str, data: bytes, find: Find, options: ImportOptions) -> TableSeen | None:
    sheet = with_header(open_sheet(name, data, names_path), find)
    rows = [row for _, row in islice(iter(sheet.rows), _ROWS)]
    said = dict(options.columns)
    if options.groups.kind is GroupKind.COLUMN:
        said["group"] = options.groups.column
    columns = guess(sheet.header, rows, find, said, name)
    if columns is None:
        return None
    shown = tuple(tuple(row) for row in rows[:_SHOWN])
    return TableSeen(name, tuple(sheet.header), _named(sheet.header, columns), shown)


def _named(header: list[str], columns: Columns) -> dict[str, tuple[str, ...]]:
    label = (columns.label,) if columns.label is not None else columns.hot
    places = {
        "path": (columns.path,),
        "label": label,
        "group": () if columns.group is None else (columns.group,),
        "split": () if columns.split is None else (columns.split,),
        "tags": tuple(at for _, at in columns.tags),
    }
    return {what: tuple(header[at] for at in found) for what, found in places.items()}
