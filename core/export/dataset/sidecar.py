"""Writing what is beside every data set: `core.ingest.formats.sidecar`."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Final

from core.domain.samples import SampleState, Split
from core.domain.spreadsheet import guarded_cell
from core.export.dataset.spec import Item, Subject
from core.ingest.formats.sidecar import COLUMNS, FACTS, TABLE, VERSION, join_labels, join_names
from core.version import VERSION as APP_VERSION

_ROWS: Final = 4096


class Sidecar:
    """Writes ``coverslip.csv``, which a spreadsheet opens as it is, row by row, and ``coverslip.json`` at the end."""

    def __init__(self, directory: Path, subject: Subject, format: str) -> None:
        self._directory = directory
        self._subject = subject
        self._format = format
        self._stream = (directory / TABLE).open("x", encoding="utf-8-sig", newline="")
        # Thousands of rows at a time: at each write to the disk, threads that copy would take their turn.
        self._rows: list[list[str]] = [list(COLUMNS)]
        self._cells: dict[tuple[str, ...] | None, str] = {}

    def add(self, item: Item, address: str) -> None:
        """Write the row of an image that is at `address` in the data set."""
        sample = item.sample
        row = (
            address,
            self._cell(item.labels),
            sample.group or "",
            "" if sample.split is Split.NONE else sample.split.value,
            join_names(sample.tags) if sample.tags else "",
            "" if sample.state is SampleState.NONE else sample.state.value,
            sample.reason or "",
            "1" if sample.excluded else "",
            "1" if sample.pinned else "",
            sample.path,
            sample.digest,
        )
        self._rows.append([guarded_cell(cell) if cell else "" for cell in row])
        if len(self._rows) >= _ROWS:
            self._write()

    def _cell(self, labels: tuple[str, ...] | None) -> str:
        """Return an image's labels as one cell; most images have the same few."""
        known = self._cells.get(labels)
        if known is None:
            known = self._cells[labels] = join_labels(labels)
        return known

    def close(self) -> None:
        """Close the table, complete or not."""
        self._write()
        self._stream.close()

    def _write(self) -> None:
        if self._rows:
            text = io.StringIO(newline="")
            csv.writer(text).writerows(self._rows)
            self._stream.write(text.getvalue())
            self._rows = []

    def finish(self, images: int) -> None:
        """Say what holds for all."""
        self.close()
        names = {label.id: label.name for label in self._subject.labels}
        facts = {
            "coverslip": VERSION,
            "version": APP_VERSION,
            "format": self._format,
            "task": self._subject.task.value,
            "images": images,
            "labels": [
                {
                    "name": label.name,
                    "colour": label.colour,
                    "key": label.key,
                    "parent": names.get(label.parent_id) if label.parent_id is not None else None,
                }
                for label in self._subject.labels
            ],
        }
        (self._directory / FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=2) + "\n", "utf-8")
