"""A folder for each label, in folders of the splits where there are any."""

from __future__ import annotations

from pathlib import Path

from core.domain.samples import Split
from core.export.dataset.loose import SPLIT_FOLDERS, place_of
from core.export.dataset.names import Names
from core.export.dataset.spec import Item, Place, Stored, Subject, Writer


class FoldersWriter(Writer):
    """Puts an image into the folder of its label (of several, the first); without one, beside the folders."""

    def __init__(self, directory: Path, subject: Subject) -> None:
        self._names = Names()
        self._names.take("", "coverslip")
        self._folders: dict[tuple[Split, str], str] = {}
        for split in subject.splits:
            above = self._names.take("", SPLIT_FOLDERS[split]) if subject.is_split else ""
            self._folders[split, ""] = above
            for label in subject.labels:
                self._folders[split, label.name] = self._names.take(above, label.name)

    def place(self, item: Item) -> Place:
        """Return a place in the folder of the image's label."""
        label = item.labels[0] if item.labels else ""
        return place_of(self._names, self._folders[item.sample.split, label], item)

    def add(self, item: Item, place: Place, stored: Stored) -> str:
        """Its place says it all."""
        return place.file
