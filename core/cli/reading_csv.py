"""The readings as a table that a spreadsheet opens."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from core.domain.spreadsheet import safe_cell
from core.errors import UserError
from core.paths import atomic_write, disk_errors, require_output
from core.store.labels import label_names
from core.store.project import Project
from core.store.reading_passes import find_pass, readings_of
from core.store.samples import samples_by_id

HEADER: Final = ("pass", "reader", "position", "sample", "path", "repeat", "labels", "state", "note", "at")


def write_readings(project: Project, pass_ids: Sequence[int], out: Path) -> int:
    """Write every reading made in these passes, in the order they were made, as UTF-8 CSV; return how many.

    Raises
    ------
    UserError
        ``table_format``, ``table_folder_missing``, ``reading_pass_missing`` or ``disk_full``.
    """
    if out.suffix.lower() != ".csv":
        raise UserError("table_format", suffix=out.suffix or "–")
    if not out.parent.is_dir():
        raise UserError("table_folder_missing", path=str(out.parent))
    names, rows = label_names(project), []
    for pass_id in pass_ids:
        one = find_pass(project, pass_id)
        made = [reading for reading in readings_of(project, pass_id) if reading.at is not None]
        paths = {sample.id: sample.path for sample in samples_by_id(project, sorted({r.sample_id for r in made}))}
        rows += [
            (
                one.name,
                one.reader,
                str(reading.position + 1),
                str(reading.sample_id),
                paths[reading.sample_id],
                str(int(reading.is_repeat)),
                ";".join(names[label_id] for label_id in reading.label_ids),
                str(reading.state),
                reading.note,
                reading.at or "",
            )
            for reading in made
        ]
    lines = [HEADER, *([safe_cell(cell) for cell in row] for row in rows)]
    require_output(out, (".csv",))
    with (
        disk_errors(out),
        atomic_write(out) as part,
        part.open("w", encoding="utf-8-sig", newline="", errors="surrogateescape") as file,
    ):
        csv.writer(file).writerows(lines)
    return len(rows)
