"""Hugging Face's imagefolder: a folder for each split, with the images and a file of metadata about them.

https://huggingface.co/docs/datasets/image_dataset#imagefolder. ``metadata.csv`` for one label an image,
``metadata.jsonl``, which has lists, for any number.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import IO

from core.domain.labels import LABEL_SEPARATOR
from core.domain.samples import Split
from core.domain.spreadsheet import safe_cell
from core.domain.task import Task
from core.export.dataset.loose import place_of
from core.export.dataset.names import Names
from core.export.dataset.spec import Item, Place, Stored, Subject, Writer

_FOLDERS = {Split.TRAIN: "train", Split.VAL: "validation", Split.TEST: "test", Split.NONE: "none"}


class ImageFolderWriter(Writer):
    """Writes the images and the metadata of each split."""

    def __init__(self, directory: Path, subject: Subject) -> None:
        self._names = Names()
        self._multi = subject.task is Task.MULTI
        self._folders = {split: _FOLDERS[split] if subject.is_split else "" for split in subject.splits}
        self._streams: dict[Split, IO[str]] = {}
        for split, folder in self._folders.items():
            self._names.take(folder, "metadata")
            self._names.take(folder, "coverslip")
            (directory / folder).mkdir(exist_ok=True)
            name = "metadata.jsonl" if self._multi else "metadata.csv"
            self._streams[split] = (directory / folder / name).open("x", encoding="utf-8", newline="")
            if not self._multi:
                csv.writer(self._streams[split]).writerow(("file_name", "label", "group", "tags"))

    def place(self, item: Item) -> Place:
        """Return a place in the folder of the split."""
        return place_of(self._names, self._folders[item.sample.split], item)

    def add(self, item: Item, place: Place, stored: Stored) -> str:
        """Write the line of an image."""
        sample, stream = item.sample, self._streams[item.sample.split]
        name = place.file.rpartition("/")[2]
        if self._multi:
            labels = None if item.labels is None else list(item.labels)
            said = {"file_name": name, "labels": labels, "group": sample.group, "tags": list(sample.tags)}
            stream.write(json.dumps(said, ensure_ascii=False) + "\n")
        else:
            label = item.labels[0] if item.labels else ""
            row = (name, label, sample.group or "", LABEL_SEPARATOR.join(sample.tags))
            csv.writer(stream).writerow([safe_cell(cell) for cell in row])
        return place.file

    def close(self) -> None:
        """Close the files."""
        for stream in self._streams.values():
            stream.close()
