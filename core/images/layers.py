"""What else there is to see in the file that an image is in: its pages or frames, or its planes in depth and time.

Only to look at, and to choose what is imported: an image itself stays what its address says.
"""

from __future__ import annotations

import mmap
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from core.domain.address import Address, parse_address
from core.errors import UnreadableImage
from core.images import dicom, gif, tiff
from core.images.decode import page_where, plane_where, readable
from core.images.formats import Where, sniff
from core.images.npz_file import NpzImages
from core.images.parts.item import item_file
from core.images.parts.table import read_bytes, shown, whole
from core.images.stacks import Stack
from core.images.trees import FOLDER, Tree

MOST_FRAMES_OF_GIF: Final = 1000
"""Each frame of a GIF is painted over all before it: of thousands, reading each would take hours."""
_FEW: Final = 2
_MAY_HAVE: Final = frozenset({".tif", ".tiff", ".btf", ".tf2", ".tf8", ".gif", ".dcm", ".dicom", ".ima", ""})


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers of a file: pages, or planes; at least two.

    Attributes
    ----------
    path
        The image itself, one of the layers, or made of them.
    file, rest
        The address of the file, and what follows the layer in the address: boxes.
    own
        Which layer the image itself is. Of planes in depth `z` is None for the brightest of all at each place.
    pages
        How many pages or frames there are; 1 where there are planes.
    depths, times
        The planes in depth and the times that there are, from 0; with `pages`, none.
    frames
        Whether the pages are frames of a GIF or DICOM file.
    array
        Whether the file is a volume in an array.
    """

    path: str
    file: str
    rest: str
    own: Where
    pages: int = 1
    depths: tuple[int, ...] = ()
    times: tuple[int, ...] = ()
    frames: bool = False
    array: bool = False

    def address(self, where: Where) -> str:
        """Return the address of a layer."""
        if where == self.own:
            return self.path
        if where.page is not None:
            return f"{self.file}::page={where.page}{self.rest}"
        if self.array:
            return f"{self.file}{'' if where.z is None else f'.z{where.z}'}{self.rest}"
        time = f"t{where.t}" if len(self.times) > 1 else ""
        plane = ",".join(part for part in ("" if where.z is None else f"z{where.z}", time) if part)
        return f"{self.file}::plane={plane}{self.rest}" if plane else f"{self.file}{self.rest}"

    def moved(self, where: Where, steps: int) -> Where:
        """Return the page or plane so many steps on, as far as there is one; before the first, the brightest of all."""
        if where.page is not None:
            return Where(page=_within(where.page + steps, self.pages))
        at = self.depths.index(where.z) + 1 if where.z in self.depths else 0
        at = _within(at + steps, len(self.depths) + 1) if len(self.depths) > 1 else 0
        return replace(where, z=self.depths[at - 1] if at else None)

    def later(self, where: Where, steps: int) -> Where:
        """Return the same plane so many times later, as far as there is one."""
        if len(self.times) < _FEW:
            return where
        at = self.times.index(where.t) if where.t in self.times else 0
        return replace(where, t=self.times[_within(at + steps, len(self.times))])


def layers_of(tree: Tree, path: str) -> Layers | None:
    """Return the layers of the file that the image at an address is in; None where there is one only.

    So it is of what cannot be read, and of GIFs of more than 1,000 frames.
    """
    address, rest = parse_address(path), ""
    while address.part == "box":
        rest = f"::box={address.value}{rest}"
        address = parse_address(address.file)
    with suppress(UnreadableImage), readable(shown(tree, path)):
        if address.part == "item":
            return _of_volume(tree, path, address, rest)
        return _of_file(tree, path, address, rest)
    return None


def _of_volume(tree: Tree, path: str, address: Address, rest: str) -> Layers | None:
    name, _, place = address.value.rpartition("/")
    index, _, plane = place.partition(".z")
    rows = item_file(whole(tree, address.file)).images.get(name)
    if not (isinstance(rows, NpzImages) and rows.volumes) or rows.shape[1] < _FEW:
        return None
    file = f"{address.file}::item={name}/{index}" if name else f"{address.file}::item={index}"
    own = Where(z=int(plane) if plane else None)
    return Layers(path, file, rest, own, depths=tuple(range(rows.shape[1])), array=True)


def _of_file(tree: Tree, path: str, address: Address, rest: str) -> Layers | None:
    inside = address.part in ("page", "plane")
    file = address.file if inside else str(address)
    if address.part in ("tile", "frame") or Path(file).suffix.lower() not in _MAY_HAVE:
        return None
    own = Where()
    if inside:
        own = page_where(address.value) if address.part == "page" else plane_where(address.value)
    pages, stack, frames = _read(tree, file)
    planes = sorted(stack.directories) if stack is not None and own.page is None else []
    depths, times = (tuple(sorted({place[axis] for place in planes})) for axis in (0, 2))
    if len(depths) > 1 or len(times) > 1:
        own = replace(own, t=own.t if own.t is not None else times[0])
        return Layers(path, file, rest, own, depths=depths, times=times)
    if pages < _FEW or len(planes) == pages:  # channels alone: they are all in the image
        return None
    return Layers(path, file, rest, Where(page=own.page or 0), pages=pages, frames=frames)


def _read(tree: Tree, file: str) -> tuple[int, Stack | None, bool]:
    """Return how many pages a file has, the stack that it says they are, and whether they are frames."""
    if tree.kind == FOLDER and parse_address(file).part is None:
        with tree.local(file).open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return _read_data(data)
    return _read_data(read_bytes(tree, file))


def _read_data(data: bytes | mmap.mmap) -> tuple[int, Stack | None, bool]:
    kind = sniff(data[:132])
    if kind == "tiff":
        return *tiff.read_directories(data), False
    if kind == "gif":
        pages = gif.read_header(bytes(data)).pages
        return pages if pages <= MOST_FRAMES_OF_GIF else 1, None, True
    if kind == "dicom":
        return dicom.read_header(bytes(data)).pages, None, True
    return 1, None, False


def _within(at: int, count: int) -> int:
    return max(0, min(at, count - 1))
