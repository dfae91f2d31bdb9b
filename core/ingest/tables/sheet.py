"""A table as rows of text, whatever file it is in: CSV, TSV, XLSX, JSON Lines or Parquet.

One thing must stay true: a table is data. Nothing in it is evaluated, and no file of it is unpacked beyond `MAX_BYTES`.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from core.errors import UserError
from core.translation import tr

MAX_BYTES: Final = 2**29
MAX_ROWS: Final = 20_000_000
SHEET_SUFFIXES: Final = (".csv", ".tsv", ".txt", ".xlsx", ".jsonl", ".parquet")
_MOST_CELLS, _MOST_COLUMNS = 2**24, 2**14
_MOST_LINED_CELLS, _ROW_CELLS = 2**25, 8
_HOLLOW_CELLS, _HOLLOW_RATIO = 2**20, 100
_PLACE: Final = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,3})([0-9]{1,7})["']""")
_SHARED: Final = re.compile(rb"</(?:\w+:)?si\s*>")
_VALUE: Final = re.compile(rb"<(?:\w+:)?v\b[^>]{0,99}>\s{0,9}([0-9]{1,7})\s{0,9}<")
_LONG_TEXT: Final = 2**10
_LINE: Final = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n)|[^\r\n]++")
_DELIMITERS: Final = ",;\t|"
# What may come before the header: blank lines (with Excel, of separators) and Excel's line that names the separator.
_BLANK_LINES: Final = r'(?:[ ,;\t|"]*+(?:\r\n?|\n))*+'
_PREAMBLE: Final = re.compile(
    rf'{_BLANK_LINES}(?:"?sep=([^\r\n])"?[ ,;\t|]*(?:\r\n?|\n){_BLANK_LINES})?', re.IGNORECASE
)

Row = tuple[int, list[str]]
"""The number of a row as a person counts it, and its cells."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: the names of its columns, its rows, and the delimiter where it is text (else empty)."""

    name: str
    header: list[str]
    rows: Iterable[Row]
    delimiter: str = ""


Choose = Callable[[list[str]], bool]
"""Whether a header, read with one of the possible delimiters, makes sense."""


def open_sheet(name: str, data: bytes, choose: Choose) -> Sheet:
    """Return the table in a file.

    Parameters
    ----------
    name
        The file's name, shown in errors; its suffix says what the bytes are.
    choose
        Says with which delimiter the header of a text makes sense; the first one that does is taken.

    Raises
    ------
    UserError
        ``table_encoding`` or ``table_unreadable``; ``table_rows`` from the rows, where the quoting of a CSV is wrong.
    """
    if len(data) > MAX_BYTES:
        raise UserError("table_encoding", path=name)
    lower = name.lower()
    if lower.endswith(".xlsx"):
        sheet = _xlsx(name, data)
    elif lower.endswith(".jsonl"):
        sheet = _json_lines(name, data)
    elif lower.endswith(".parquet"):
        sheet = _parquet(name, data)
    else:
        sheet = _text(name, data, choose)
    _check_columns(name, len(sheet.header))
    return sheet


def _check_columns(name: str, count: int) -> None:
    if count > _MOST_COLUMNS:  # as many as a spreadsheet has; each is looked at
        raise UserError("table_unreadable", path=name, reason=tr("it has more than 16,384 columns"))


def plain(name: str) -> str:
    """Return a column's name as names are compared."""
    return unicodedata.normalize("NFC", name).strip().casefold()


def decoded(name: str, data: bytes) -> str:
    """Return the text of a table: UTF-8 (with or without a byte-order mark), UTF-16 with one, or CP949.

    Raises
    ------
    UserError
        ``table_encoding`` where it is none of them or holds null characters.
    """
    encodings = ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "cp949"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UserError("table_encoding", path=name)


def _text(name: str, data: bytes, choose: Choose) -> Sheet:
    text, delimiters, skipped = _preamble(decoded(name, data))
    headers = {delimiter: _first_row(text, delimiter) for delimiter in delimiters}
    fitting = [delimiter for delimiter, header in headers.items() if choose(header)]
    delimiter = fitting[0] if fitting else max(headers, key=lambda one: len(headers[one]))
    return Sheet(name, headers[delimiter], _text_rows(name, text, delimiter, skipped), delimiter)


def _text_rows(name: str, text: str, delimiter: str, skipped: int) -> Iterator[Row]:
    reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
    try:
        next(reader, None)
        for row in reader:
            if any(cell.strip() for cell in row):
                yield skipped + reader.line_num, row
    except csv.Error as error:
        problem = tr("the quoting is wrong ({reason})", reason=error)
        row_problem = tr("row {row}: {problem}", row=skipped + reader.line_num, problem=problem)
        raise UserError("table_rows", path=name, count=1, problems=row_problem) from error


def _preamble(text: str) -> tuple[str, str, int]:
    """Return the text from its header on, the delimiters it may have, and how many lines came before."""
    found = _PREAMBLE.match(text)
    if found is None:
        return text, _DELIMITERS, 0
    skipped = len(io.StringIO(found.group(), newline=None).readlines())
    named = found.group(1) or ""
    return text[found.end() :], named if named in _DELIMITERS and named else _DELIMITERS, skipped


def _first_row(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader(_lines(text), delimiter=delimiter), [])
    except csv.Error:
        return []


def _lines(text: str) -> Iterator[str]:
    """Yield lines with their ends, one at a time: a `StringIO` would take four times the memory of the text."""
    return (found.group() for found in _LINE.finditer(text))


def _xlsx(name: str, data: bytes) -> Sheet:
    import python_calamine

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MAX_BYTES:
                raise UserError("table_unreadable", path=name, reason=tr("it unpacks to more than 512 MB"))
            if _area(packed) > _MOST_CELLS or _shared_bytes(packed) > MAX_BYTES:
                raise UserError("table_unreadable", path=name, reason=tr("it unpacks to more than 512 MB"))
        with python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            cells = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except UserError:
        raise
    except (
        python_calamine.CalamineError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        ValueError,
        OSError,
        IndexError,
        RuntimeError,
    ) as error:
        raise UserError("table_unreadable", path=name, reason=str(error)) from error
    rows = [(number, [_cell(cell) for cell in row]) for number, row in enumerate(cells, 1)]
    filled = [row for row in rows if any(cell.strip() for cell in row[1])]
    return Sheet(name, filled[0][1] if filled else [], filled[1:])


def _area(book: zipfile.ZipFile) -> int:
    """Return how many cells the largest sheet reaches over: room is made for all of them, were there only two."""
    largest = 0
    for part in book.namelist():
        right = below = 1
        for found in _PLACE.finditer(book.read(part)):  # whatever its name: the workbook says which part is a sheet
            letters, number = found.groups()
            below = max(below, int(number))
            right = max(right, sum((letter - 64) * 26**at for at, letter in enumerate(reversed(letters.upper()))))
        largest = max(largest, right * below)
    return largest


def _shared_bytes(book: zipfile.ZipFile) -> int:
    """Return about how many bytes the texts take that cells share, once each cell has its own."""
    lengths: list[int] = []
    for part in book.namelist():
        ends = [found.end() for found in _SHARED.finditer(book.read(part))]
        lengths += [end - start for start, end in pairwise([0, *ends])]
    if max(lengths, default=0) < _LONG_TEXT:
        return 0
    used = Counter(int(found[1]) for part in book.namelist() for found in _VALUE.finditer(book.read(part)))
    return sum(count * lengths[at] for at, count in used.items() if at < len(lengths))


def _json_lines(name: str, data: bytes) -> Sheet:
    header: dict[str, int] = {}
    rows: list[Row] = []
    room = _MOST_LINED_CELLS
    for number, line in enumerate(decoded(name, data).splitlines(), 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise UserError("table_unreadable", path=name, reason=f"{number}: {error}") from error
        if not isinstance(found, dict):
            raise UserError("table_unreadable", path=name, reason=tr("line {n} is no object", n=number))
        rows.append((number, _ordered(found, header)))
        # Each row has a cell for every name before it: a name of its own on each line would make far too many.
        room -= len(header) + _ROW_CELLS
        if room < 0:
            raise UserError("table_unreadable", path=name, reason=tr("it unpacks to more than 512 MB"))
    return Sheet(name, list(header), rows)


def _ordered(found: Mapping[str, object], header: dict[str, int]) -> list[str]:
    for key in found:
        header.setdefault(str(key), len(header))
    cells = [""] * len(header)
    for key, value in found.items():
        cells[header[str(key)]] = _cell(value)
    return cells


def _parquet(name: str, data: bytes) -> Sheet:
    import pyarrow
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(pyarrow.BufferReader(data))
        groups = [file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups)]
        cells = file.metadata.num_rows * file.metadata.num_columns
        hollow = cells > max(_HOLLOW_CELLS, _HOLLOW_RATIO * len(data))  # one value said to stand in all of them
        _check_columns(name, file.metadata.num_columns)
        if file.metadata.num_rows > MAX_ROWS or sum(groups) > MAX_BYTES or hollow:
            raise UserError("table_unreadable", path=name, reason=tr("it unpacks to more than 512 MB"))
        columns = [column for column in file.schema_arrow.names if not _is_binary(file.schema_arrow.field(column))]
        table = file.read(columns=columns)
        values = [table.column(column).to_pylist() for column in columns]
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise UserError("table_unreadable", path=name, reason=str(error)) from error
    rows = [(number, [_cell(cell) for cell in row]) for number, row in enumerate(zip(*values, strict=True), 1)]
    return Sheet(name, columns, rows)


def _is_binary(field: object) -> bool:
    return "binary" in str(getattr(field, "type", ""))


def _cell(value: object) -> str:
    """Return a cell as text: numbers without a needless “.0”, lists with “;” between their items."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list | tuple):
        return ";".join(_cell(item) for item in value) or ";"
    return str(value)
