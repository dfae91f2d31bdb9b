"""A folder of images and one table: the table that is beside every format is all there is to this one."""

from __future__ import annotations

from pathlib import Path

from core.export.dataset.loose import place_of
from core.export.dataset.names import Names
from core.export.dataset.spec import Item, Place, Stored, Subject, Writer

_IMAGES = "images"


class CsvWriter(Writer):
    """Puts every image into one folder."""

    def __init__(self, directory: Path, subject: Subject) -> None:
        self._names = Names()

    def place(self, item: Item) -> Place:
        """Return a place in the folder of images."""
        return place_of(self._names, _IMAGES, item)

    def add(self, item: Item, place: Place, stored: Stored) -> str:
        """The table says it all."""
        return place.file
