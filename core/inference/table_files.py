"""The table of predictions as a file: CSV, a spreadsheet, or Parquet; always the same columns."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Final

from core.errors import UserError
from core.inference.results import PredictionTable, columns, rows
from core.paths import atomic_write, require_output

Lines = list[list[str]]
_TEXTS: Final = frozenset({"path", "label", "labels", "decision", "error"})
_SHEET_ROWS: Final = 1_048_576


def check_out(out: Path) -> None:
    """Refuse, before any work is done, a file that `write_table` could not write.

    Raises
    ------
    UserError
        ``table_format`` for an ending that is none of `TABLE_FILES`, ``table_folder_missing``,
        ``path_not_a_file``, ``output_in_project``.
    """
    if out.suffix.lower() not in TABLE_FILES:
        raise UserError("table_format", suffix=out.suffix or out.name)
    if not out.parent.is_dir():
        raise UserError("table_folder_missing", path=str(out.parent))
    require_output(out, TABLE_FILES)


def write_table(table: PredictionTable, out: Path, *, threshold: float | None = None) -> None:
    """Write the table as its ending says, completely or not at all; what was there before is replaced.

    Numbers are numbers in spreadsheets and in Parquet; nothing is ever a formula.

    Raises
    ------
    UserError
        As `check_out`; ``table_too_long`` for a spreadsheet of more than a million rows; ``threshold_invalid``,
        ``disk_full``.
    """
    check_out(out)
    lines = [columns(table.labels, multi=table.multi), *rows(table, threshold)]
    write = TABLE_FILES[out.suffix.lower()]
    with atomic_write(out) as part:
        write(lines, part)


def _write_csv(lines: Lines, part: Path) -> None:
    """Write UTF-8.

    Excel takes that for a Western code page unless a byte order mark stands first, and some programs trip over the
    mark: it is written exactly where a character needs it.
    """
    plain = all(cell.isascii() for line in lines for cell in line)
    encoding = "utf-8" if plain else "utf-8-sig"
    with part.open("w", encoding=encoding, newline="", errors="surrogateescape") as file:
        csv.writer(file).writerows(lines)


def _write_sheet(lines: Lines, part: Path) -> None:
    import xlsxwriter

    if len(lines) > _SHEET_ROWS:
        raise UserError("table_too_long", rows=f"{len(lines) - 1:,}", most=f"{_SHEET_ROWS - 1:,}")
    texts = [name in _TEXTS for name in lines[0]]
    with xlsxwriter.Workbook(part, {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("predictions")
        sheet.freeze_panes(1, 1)
        bold = book.add_format({"bold": True})
        for column, name in enumerate(lines[0]):
            sheet.write_string(0, column, _whole(name), bold)
        for row, line in enumerate(lines[1:], start=1):
            for column, cell in enumerate(line):
                if texts[column]:
                    sheet.write_string(row, column, _whole(cell))
                elif cell:
                    sheet.write_number(row, column, float(cell))


def _write_parquet(lines: Lines, part: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    arrays = {}
    for column, name in enumerate(lines[0]):
        cells = [line[column] for line in lines[1:]]
        arrays[name] = (
            pyarrow.array([_whole(cell) or None for cell in cells], pyarrow.string())
            if name in _TEXTS
            else pyarrow.array([float(cell) if cell else None for cell in cells], pyarrow.float32())
        )
    parquet.write_table(pyarrow.table(arrays), part)


def _whole(text: str) -> str:
    """Return text that can be written as UTF-8: a name of bytes that are no text keeps a mark in place of each."""
    return text.encode("utf-8", "replace").decode("utf-8")


TABLE_FILES: Final[dict[str, Callable[[Lines, Path], None]]] = {
    ".csv": _write_csv,
    ".xlsx": _write_sheet,
    ".parquet": _write_parquet,
}
