"""Where an image is inside its source: a file, or a part of one.

    cells/a.png                  a file
    stack.tif::page=3            a page of it (TIFF, GIF, a frame of DICOM), from 0
    stack.ome.tif::plane=z3      one plane in depth (and time: z3,t0); without it, the maximum over all in depth
    field.png::box=10,20,64,64   x, y, width, height in pixels of the upright image
    film.mp4::frame=120          a frame of a video, in the order shown, from 0
    shard-0.tar::member=a/b.jpg  a file inside a tar
    data.npz::item=test_images/7 a row of an array (IDX and CIFAR have one array and need no name: ``item=7``)
    slide.svs::tile=0,0,256,256,1  x, y (of level 0), width, height (of the level), level

Parts may follow each other, each one a part of what stands before it: ``shard.tar::member=a.tif::page=2``. A file whose
own name looks like a part is never taken in: see `is_reserved`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_INDEX: Final = r"[0-9]{1,9}"
_PLACE: Final = r"-?[0-9]{1,9}"
PART_VALUES: Final[dict[str, re.Pattern[str]]] = {
    "page": re.compile(_INDEX),
    "plane": re.compile(rf"z{_INDEX}|t{_INDEX}|z{_INDEX},t{_INDEX}"),
    "box": re.compile(rf"{_PLACE},{_PLACE},{_INDEX},{_INDEX}"),
    "frame": re.compile(_INDEX),
    "member": re.compile(r".+", re.DOTALL),
    "item": re.compile(rf"(?:[^/:]+/)?{_INDEX}(?:\.z{_INDEX})?"),
    "tile": re.compile(rf"{_INDEX},{_INDEX},{_INDEX},{_INDEX},[0-9]{{1,2}}"),
}
"""What may follow the ``=`` of each part."""

_MARK: Final = re.compile(rf"::({'|'.join(PART_VALUES)})=")


@dataclass(frozen=True, slots=True)
class Address:
    """A file (or what holds the part: an address itself where parts follow each other), and the part of it, if any.

    Attributes
    ----------
    file
        Relative POSIX path.
    part
        A key of `PART_VALUES`, or None for the whole file.
    value
        Which part; empty for the whole file.
    """

    file: str
    part: str | None = None
    value: str = ""

    def __str__(self) -> str:
        return self.file if self.part is None else f"{self.file}::{self.part}={self.value}"

    @property
    def container(self) -> str:
        """The real file that the address leads into, however many parts follow each other."""
        address = self
        while address.part is not None:
            address = parse_address(address.file)
        return address.file


def parse_address(path: str) -> Address:
    """Return what a sample's path says: the last part that is well written, of what stands before it."""
    if "::" not in path:  # nearly always: a million paths are read in a second so
        return Address(path)
    for found in reversed(list(_MARK.finditer(path))):
        value = path[found.end() :]
        if found.start() and PART_VALUES[found[1]].fullmatch(value):
            return Address(path[: found.start()], found[1], value)
    return Address(path)


def is_reserved(path: str) -> bool:
    """Return whether a file's own path would be read as a part of another file."""
    return parse_address(path).part is not None
