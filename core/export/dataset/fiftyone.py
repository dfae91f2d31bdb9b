"""FiftyOne's classification trees: ``data/`` with the images, ``labels.json`` with what they are; one for each split.

https://docs.voxel51.com/user_guide/export_datasets.html#fiftyoneimageclassificationdataset
"""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from typing import Any

from core.domain.samples import Split
from core.domain.task import Task
from core.export.dataset.loose import SPLIT_FOLDERS, place_of
from core.export.dataset.names import Names
from core.export.dataset.spec import Item, Place, Stored, Subject, Writer


class FiftyOneWriter(Writer):
    """Collects the labels by the names of the images, and writes them at the end."""

    def __init__(self, directory: Path, subject: Subject) -> None:
        self._directory = directory
        self._names = Names()
        self._multi = subject.task is Task.MULTI
        self._classes = [label.name for label in subject.labels]
        self._number = {name: number for number, name in enumerate(self._classes)}
        self._folders = {split: SPLIT_FOLDERS[split] if subject.is_split else "" for split in subject.splits}
        self._targets: dict[Split, dict[str, Any]] = {split: {} for split in subject.splits}

    def place(self, item: Item) -> Place:
        """Return a place among the data of the split."""
        folder = self._folders[item.sample.split]
        return place_of(self._names, f"{folder}/data" if folder else "data", item, dotless=True)

    def add(self, item: Item, place: Place, stored: Stored) -> str:
        """Take the labels of an image."""
        self._targets[item.sample.split][PurePosixPath(place.file).stem] = self._target(item)
        return place.file

    def finish(self) -> None:
        """Write the labels."""
        for split, targets in self._targets.items():
            folder = self._directory / self._folders[split]
            folder.mkdir(exist_ok=True)
            text = json.dumps({"classes": self._classes, "labels": targets}, ensure_ascii=False)
            (folder / "labels.json").write_text(text, "utf-8")

    def _target(self, item: Item) -> Any:
        if item.labels is None and self._multi:
            return None
        if self._multi:
            return [{"label": self._number[name]} for name in item.labels or ()]
        sample = item.sample
        said = {"group": sample.group, "tags": list(sample.tags)}
        attributes = {key: value for key, value in said.items() if value}
        label = self._number[item.labels[0]] if item.labels else None
        return {"label": label, "attributes": attributes} if attributes else label
