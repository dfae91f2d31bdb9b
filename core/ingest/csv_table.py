"""A table of labels: which file has which label, group and split, as text with a header and a row per image.

The table is taken whole or not at all: every row that is wrong is reported with its number.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from core.domain.labels import label_name
from core.domain.samples import Split
from core.errors import UserError
from core.translation import tr

MAX_BYTES: Final = 2**29
_MAX_LISTED: Final = 10

_PATH_COLUMNS: Final = ("path", "file", "filename", "image", "file_name", "filepath", "file_path", "image_path")
_LABEL_COLUMNS: Final = ("label", "class", "category")
_GROUP_COLUMNS: Final = ("group",)
_SPLIT_COLUMNS: Final = ("split",)
_DELIMITERS: Final = ",;\t|"
# What may come before the header: blank lines (with Excel, of separators) and Excel's line that names the separator.
_BLANK_LINES: Final = r'(?:[ ,;\t|"]*+(?:\r\n?|\n))*+'
_PREAMBLE: Final = re.compile(
    rf'{_BLANK_LINES}(?:"?sep=([^\r\n])"?[ ,;\t|]*(?:\r\n?|\n){_BLANK_LINES})?', re.IGNORECASE
)
_SPLITS: Final = {
    "": Split.NONE,
    "none": Split.NONE,
    "train": Split.TRAIN,
    "training": Split.TRAIN,
    "val": Split.VAL,
    "valid": Split.VAL,
    "validation": Split.VAL,
    "test": Split.TEST,
    "testing": Split.TEST,
}


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a rule says of one file; names are NFC and trimmed."""

    label: str | None = None
    group: str | None = None
    split: Split = Split.NONE


@dataclass(frozen=True, slots=True)
class _Columns:
    """The positions of the columns; None where there is none."""

    path: int
    label: int
    group: int | None
    split: int | None


def split_named(name: str) -> Split | None:
    """Return the split that a word such as “validation” means; None where it means none."""
    return _SPLITS.get(name.strip().lower())


def read_table(file: Path, find: Callable[[str], list[str]], group_column: str = "") -> dict[str, Assignment]:
    """Return what the table says of each file.

    Parameters
    ----------
    file
        UTF-8 (with or without a byte-order mark), UTF-16 with one, or CP949; separated by comma, semicolon, tab or |.
    find
        Gives the imported files that a name in the table may mean.
    group_column
        The column of groups; empty for “group”, if there is one.

    Raises
    ------
    UserError
        ``table_missing``, ``table_encoding``, ``table_columns``, ``table_no_column``, ``table_two_columns``,
        ``table_empty`` or ``table_rows``.
    """
    text, delimiters, skipped = _preamble(_decode(file))
    delimiter, columns = _header(text, file, group_column, delimiters)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    table = _Table(file, columns, find)
    try:
        next(reader)
        for row in reader:
            if any(cell.strip() for cell in row):
                table.add(skipped + reader.line_num, row)
    except csv.Error as error:
        table.report(skipped + reader.line_num, tr("the quoting is wrong ({reason})", reason=error))
    return table.finish()


class _Table:
    """Collects rows, and what is wrong with them."""

    def __init__(self, file: Path, columns: _Columns, find: Callable[[str], list[str]]) -> None:
        self._file = file
        self._columns = columns
        self._find = find
        self._rows: dict[str, int] = {}
        self._assignments: dict[str, Assignment] = {}
        self._problems: list[str] = []

    def report(self, number: int, problem: str) -> None:
        """Note what is wrong with a row."""
        self._problems.append(tr("row {row}: {problem}", row=number, problem=problem))

    def add(self, number: int, row: list[str]) -> None:
        """Take a row."""
        needed = max(self._columns.path, self._columns.label)
        if len(row) <= needed:
            self.report(number, tr("there are too few columns"))
            return
        name = row[self._columns.path].strip()
        found = self._find(name)
        if len(found) != 1:
            self.report(number, _not_one(name, found))
            return
        if found[0] in self._rows:
            self.report(number, tr("“{name}” is in row {other} already", name=name, other=self._rows[found[0]]))
            return
        self._rows[found[0]] = number
        assignment = self._assignment(number, row)
        if assignment is not None:
            self._assignments[found[0]] = assignment

    def finish(self) -> dict[str, Assignment]:
        """Return what was collected; raises `UserError` where anything is wrong."""
        if self._problems:
            shown = self._problems[:_MAX_LISTED]
            if len(self._problems) > len(shown):
                shown.append("…")
            raise UserError("table_rows", path=str(self._file), count=len(self._problems), problems="; ".join(shown))
        if not self._assignments:
            raise UserError("table_empty", path=str(self._file))
        return self._assignments

    def _assignment(self, number: int, row: list[str]) -> Assignment | None:
        text = row[self._columns.label]
        try:
            label = label_name(text)
        except UserError as error:
            self.report(number, error.message if text.strip() else tr("the label is empty"))
            return None
        split_text = _cell(row, self._columns.split)
        split = split_named(split_text)
        if split is None:
            self.report(number, tr("“{value}” is no split; use train, val, test or none", value=split_text))
            return None
        return Assignment(label, _cell(row, self._columns.group) or None, split)


def _not_one(name: str, found: list[str]) -> str:
    if not name:
        return tr("the file is empty")
    if not found:
        return tr("“{name}” is not an image in the folder", name=name)
    return tr("“{name}” may be {first} or {second}; give its path", name=name, first=found[0], second=found[1])


def _cell(row: list[str], column: int | None) -> str:
    if column is None or column >= len(row):
        return ""
    return unicodedata.normalize("NFC", row[column]).strip()


def _decode(file: Path) -> str:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise UserError("table_encoding", path=str(file))
        data = file.read_bytes()
    except (OSError, ValueError) as error:
        raise UserError("table_missing", path=str(file)) from error
    encodings = ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp949"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UserError("table_encoding", path=str(file))


def _preamble(text: str) -> tuple[str, str, int]:
    """Return the text from its header on, the delimiters it may have, and how many lines came before."""
    found = _PREAMBLE.match(text)
    if found is None:
        return text, _DELIMITERS, 0
    skipped = len(io.StringIO(found.group(), newline=None).readlines())
    named = found.group(1) or ""
    return text[found.end() :], named if named in _DELIMITERS and named else _DELIMITERS, skipped


def _header(text: str, file: Path, group_column: str, delimiters: str) -> tuple[str, _Columns]:
    """Return the delimiter with which the header makes sense, and the columns."""
    headers = {delimiter: _first_row(text, delimiter) for delimiter in delimiters}
    for delimiter, names in headers.items():
        path, label = _position(names, _PATH_COLUMNS), _position(names, _LABEL_COLUMNS)
        if path is not None and label is not None:
            doubled = [name for name in names if _plain(name) in _LABEL_COLUMNS]
            if len(doubled) > 1:
                raise UserError("table_two_columns", path=str(file), found=", ".join(doubled))
            group = _position(names, (_plain(group_column),) if group_column else _GROUP_COLUMNS)
            if group is None and group_column:
                raise UserError("table_no_column", path=str(file), name=group_column, found=", ".join(names))
            return delimiter, _Columns(path, label, group, _position(names, _SPLIT_COLUMNS))
    likely = max(headers.values(), key=len)
    raise UserError("table_columns", path=str(file), found=", ".join(likely)[:200] or "–")


def _first_row(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return []


def _position(names: list[str], wanted: tuple[str, ...]) -> int | None:
    plain = [_plain(name) for name in names]
    return next((plain.index(name) for name in wanted if name in plain), None)


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold()
