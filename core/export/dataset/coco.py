"""COCO: the images in ``data/``, and ``labels.json`` with a box for each label that one of them has.

https://cocodataset.org/#format-data. The box of a whole image is the image; of a sample that is a box of an image, the
image is written once, and the box is the sample's.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from core.domain.address import parse_address
from core.domain.samples import Split
from core.export.dataset.names import Names, own_name
from core.export.dataset.spec import Item, Place, Stored, Subject, Writer
from core.version import VERSION

_BOX: Final = "box"


class CocoWriter(Writer):
    """Collects images and annotations, and writes them at the end."""

    def __init__(self, directory: Path, subject: Subject) -> None:
        self._directory = directory
        self._subject = subject
        self._names = Names()
        self._numbers = {label.name: number for number, label in enumerate(subject.labels, 1)}
        self._places: dict[tuple[int, str], str] = {}
        self._images: dict[str, dict[str, Any]] = {}
        self._annotations: list[dict[str, Any]] = []

    def place(self, item: Item) -> Place:
        """Return the place of the image, or of the one that the sample is a box of."""
        sample = item.sample
        address = parse_address(sample.path)
        source = address.file if address.part == _BOX else sample.path
        key = (sample.source_id, source)
        new = key not in self._places
        if new:
            self._places[key] = self._names.take("data", *own_name(item, source))
        return Place(self._places[key], source, new)

    def add(self, item: Item, place: Place, stored: Stored) -> str:
        """Take an image, and an annotation for each of its labels."""
        sample, address = item.sample, parse_address(item.sample.path)
        is_box = address.part == _BOX
        row = self._images.setdefault(
            place.file, {"id": len(self._images) + 1, "file_name": place.file.rpartition("/")[2]}
        )
        box = [int(number) for number in address.value.split(",")] if is_box else [0, 0, sample.width, sample.height]
        if not is_box:
            row |= {"width": sample.width, "height": sample.height, "labelled": item.labels is not None}
            row |= {"group": sample.group} if sample.group is not None else {}
            row |= {"tags": list(sample.tags)} if sample.tags else {}
        if sample.split is not Split.NONE:
            row["split"] = sample.split.value
        self._annotations += [
            {
                "id": number,
                "image_id": row["id"],
                "category_id": self._numbers[name],
                "bbox": box,
                "area": box[2] * box[3],
                "iscrowd": 0,
            }
            for number, name in enumerate(item.labels or (), len(self._annotations) + 1)
        ]
        return f"{place.file}::{_BOX}={address.value}" if is_box else place.file

    def finish(self) -> None:
        """Write the document."""
        parents = {label.id: label.name for label in self._subject.labels}
        document = {
            "info": {"description": f"Coverslip {VERSION}", "task": self._subject.task.value},
            "images": list(self._images.values()),
            "annotations": self._annotations,
            "categories": [
                {
                    "id": self._numbers[label.name],
                    "name": label.name,
                    "supercategory": parents.get(label.parent_id, "") if label.parent_id is not None else "",
                }
                for label in self._subject.labels
            ],
        }
        (self._directory / "labels.json").write_text(json.dumps(document, ensure_ascii=False), "utf-8")
