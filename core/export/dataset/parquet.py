"""Parquet with the images in it, as Hugging Face publishes data sets; each split has its own files.

https://huggingface.co/docs/datasets/image_load. The image is ``struct<bytes, path>``; a label is its number, and the
names are in the note that ``datasets`` reads, under ``huggingface``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from core.domain.samples import Split
from core.domain.task import Task
from core.export.dataset.loose import place_of
from core.export.dataset.names import Names
from core.export.dataset.spec import Item, Place, Stored, Subject, Writer

_NAMES: Final = {Split.TRAIN: "train", Split.VAL: "validation", Split.TEST: "test", Split.NONE: "all"}
_GROUP_ROWS: Final = 100
_GROUP_BYTES: Final = 2**25
MAX_BYTES: Final = 2**29
"""About how many bytes a file holds."""


class _Shards:
    """The files of one split."""

    def __init__(self, directory: Path, name: str, schema: Any) -> None:
        self._directory = directory
        self._name = name
        self._schema = schema
        self._made = 0
        self._rows: list[dict[str, Any]] = []
        self._in_rows = 0
        self._in_file = 0
        self._count = 0
        self._writer: Any = None

    def add(self, row: dict[str, Any], size: int) -> str:
        """Take a row with an image of so many bytes; returns the address that it gets."""
        import pyarrow.parquet as pq

        if self._writer is not None and self._in_file >= MAX_BYTES:
            self.close()
        if self._writer is None:
            # Images are compressed already.
            place = self._directory / self._file()
            self._writer = pq.ParquetWriter(place, self._schema, compression="none", use_dictionary=["group"])
            self._made += 1
            self._count = self._in_file = 0
        self._rows.append(row)
        self._in_rows += size
        self._in_file += size
        self._count += 1
        if len(self._rows) >= _GROUP_ROWS or self._in_rows >= _GROUP_BYTES:
            self._flush()
        return f"{self._file(self._made - 1)}::item={self._count - 1}"

    def close(self) -> None:
        """Finish the file that is open."""
        if self._writer is not None:
            self._flush()
            self._writer.close()
            self._writer = None

    def _file(self, number: int | None = None) -> str:
        return f"data/{self._name}-{self._made if number is None else number:05d}.parquet"

    def _flush(self) -> None:
        import pyarrow as pa

        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, self._schema))
            self._rows, self._in_rows = [], 0


class ParquetWriter(Writer):
    """Writes a row for each image."""

    def __init__(self, directory: Path, subject: Subject) -> None:
        (directory / "data").mkdir()
        schema = _schema(subject)
        self._names = Names()
        self._multi = subject.task is Task.MULTI
        self._numbers = {label.name: number for number, label in enumerate(subject.labels)}
        self._shards = {split: _Shards(directory, _NAMES[split], schema) for split in subject.splits}

    def place(self, item: Item) -> Place:
        """Return the name of the image."""
        return place_of(self._names, "", item)

    def add(self, item: Item, place: Place, stored: Stored) -> str:
        """Write the row of an image."""
        numbers = None if item.labels is None else [self._numbers[name] for name in item.labels]
        row: dict[str, Any] = {
            "image": {"bytes": stored.data, "path": place.file} if stored.found else None,
            "group": item.sample.group,
            "tags": list(item.sample.tags),
        }
        row |= {"labels": numbers} if self._multi else {"label": numbers[0] if numbers else None}
        return self._shards[item.sample.split].add(row, len(stored.data))

    def close(self) -> None:
        """Finish the files."""
        for shards in self._shards.values():
            shards.close()


def _schema(subject: Subject) -> Any:
    import pyarrow as pa

    names = {"names": [label.name for label in subject.labels], "_type": "ClassLabel"}
    text = {"dtype": "string", "_type": "Value"}
    multi = subject.task is Task.MULTI
    features = {
        "image": {"_type": "Image"},
        "labels" if multi else "label": {"feature": names, "_type": "Sequence"} if multi else names,
        "group": text,
        "tags": {"feature": text, "_type": "Sequence"},
    }
    fields = [
        pa.field("image", pa.struct([("bytes", pa.binary()), ("path", pa.string())])),
        pa.field("labels", pa.list_(pa.int64())) if multi else pa.field("label", pa.int64()),
        pa.field("group", pa.string()),
        pa.field("tags", pa.list_(pa.string())),
    ]
    return pa.schema(fields, metadata={"huggingface": json.dumps({"info": {"features": features}})})
