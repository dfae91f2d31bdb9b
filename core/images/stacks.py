"""Stacks in TIFF: which directory of the file holds which plane, channel and time, as OME's XML or ImageJ's text says.

Both come from strangers: XML is parsed without entities and document types, and whatever makes no sense means that the
file is an ordinary TIFF.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

_MAX_PLANES: Final = 2**16
_MAX_XML: Final = 2**23
_MICROMETRES: Final = {"µm": 1.0, "μm": 1.0, "um": 1.0, "micron": 1.0, "microns": 1.0, "nm": 1e-3, "mm": 1e3, "cm": 1e4}
_MICROMETRES_MORE: Final = {"m": 1e6, "pm": 1e-6, "Å": 1e-4, "\\u00B5m": 1.0, "micrometer": 1.0, "inch": 25_400.0}
UNITS: Final = _MICROMETRES | _MICROMETRES_MORE
"""Micrometres per unit of length, by the names that OME and ImageJ give."""


@dataclass(frozen=True, slots=True)
class Stack:
    """Where the planes of an image are.

    Attributes
    ----------
    directories
        The number of the directory in the file by (z, c, t); planes that are in other files are not in it.
    pixel_size_um, channel_names, taken_at
        As in `core.images.formats.Header`.
    unit_um
        Micrometres per unit of the TIFF resolution, where that has a unit of ImageJ's.
    """

    directories: dict[tuple[int, int, int], int]
    pixel_size_um: tuple[float, float] | None = None
    channel_names: tuple[str, ...] = ()
    taken_at: str | None = None
    unit_um: float | None = None


def read_stack(description: str, pages: int, samples: int) -> Stack | None:
    """Return the stack that the description of the first directory tells of, or None where it tells of none.

    Parameters
    ----------
    pages
        How many directories the file has.
    samples
        How many samples a pixel of the first directory has: as many of OME's channels are in one directory.
    """
    if description.startswith("ImageJ="):
        return _imagej(description, pages)
    if "<OME" in description[:2000] and len(description) <= _MAX_XML and description.rstrip().endswith(">"):
        return _ome(description, pages, samples)
    return None


def _imagej(description: str, pages: int) -> Stack | None:
    said = dict(line.split("=", 1) for line in description.splitlines() if "=" in line)
    channels, slices, frames = (_count(said.get(name)) for name in ("channels", "slices", "frames"))
    if not 0 < channels * slices * frames <= min(pages, _MAX_PLANES):
        channels = slices = frames = 1
    steps = product(range(frames), range(slices), range(channels))
    directories = {(z, c, t): number for number, (t, z, c) in enumerate(steps)}
    return Stack(directories, unit_um=UNITS.get(said.get("unit", "").strip()))


def _ome(description: str, pages: int, samples: int) -> Stack | None:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root = fromstring(description.strip().encode("utf-8", "replace"), forbid_dtd=True)
    except (ParseError, DefusedXmlException, LookupError, ValueError):
        return None
    uuid = root.get("UUID", "")
    for image in _children(root, "Image"):
        for pixels in _children(image, "Pixels"):
            directories = _planes(pixels, uuid, pages, samples)
            if directories:
                return _described(image, pixels, directories)
    return None


def _described(image: Any, pixels: Any, directories: dict[tuple[int, int, int], int]) -> Stack:
    sizes = [_length(pixels, f"PhysicalSize{axis}") for axis in "XY"]
    channels = [channel.get("Name") for channel in _children(pixels, "Channel")]
    names = tuple(name or f"{number + 1}" for number, name in enumerate(channels)) if any(channels) else ()
    taken = next((node.text for node in _children(image, "AcquisitionDate")), None)
    size = (sizes[0], sizes[1]) if sizes[0] and sizes[1] else None
    if taken is not None and not re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", taken.strip()):
        taken = None
    return Stack(directories, size, names, taken.strip()[:32] if taken else None)


def _planes(pixels: Any, uuid: str, pages: int, samples: int) -> dict[tuple[int, int, int], int]:
    """Return the directories of the planes that are in this very file."""
    order = (pixels.get("DimensionOrder") or "")[2:]
    sizes = {axis: _count(pixels.get(f"Size{axis}")) for axis in "ZCT"}
    if samples > 1 and sizes["C"] % samples == 0:
        sizes["C"] //= samples
    total = sizes["Z"] * sizes["C"] * sizes["T"]
    if sorted(order) != ["C", "T", "Z"] or not 0 < total <= _MAX_PLANES:
        return {}
    found: dict[tuple[int, int, int], int] = {}
    blocks = [block for node in _children(pixels, "TiffData") if (block := _block(node, uuid, order, sizes, total))]
    for start, directory, count in blocks:
        for step in range(min(count, total - start, pages - directory)):
            found[_coordinates(start + step, order, sizes)] = directory + step
    return found


def _block(node: Any, uuid: str, order: str, sizes: dict[str, int], total: int) -> tuple[int, int, int] | None:
    """Return the first plane, the first directory and the count of a TiffData element; None where it is elsewhere."""
    for child in _children(node, "UUID"):
        if child.get("FileName") and uuid and (child.text or "").strip() not in ("", uuid):
            return None
    start, step = 0, 1
    for axis in order:
        first = _whole(node.get(f"First{axis}"), 0)
        if not 0 <= first < sizes[axis]:
            return None
        start, step = start + first * step, step * sizes[axis]
    directory = _whole(node.get("IFD"), 0)
    alone = 1 if node.get("IFD") is not None else total
    count = _whole(node.get("PlaneCount"), alone)
    return (start, directory, count) if directory >= 0 and count > 0 else None


def _coordinates(plane: int, order: str, sizes: dict[str, int]) -> tuple[int, int, int]:
    at = {}
    for axis in order:
        plane, at[axis] = divmod(plane, sizes[axis])
    return at["Z"], at["C"], at["T"]


def _children(node: Any, name: str) -> Iterator[Any]:
    """Yield the children called `name` in whatever namespace."""
    for child in node:
        if isinstance(child.tag, str) and child.tag.rpartition("}")[2] == name:
            yield child


def _length(pixels: Any, name: str) -> float | None:
    try:
        value = float(pixels.get(name, ""))
    except ValueError:
        return None
    found = value * UNITS.get(pixels.get(f"{name}Unit", "µm"), 0.0)
    return found if 0 < found < 1e9 else None


def _count(text: str | None) -> int:
    """Return a size: 1 where none is given, 0 for nonsense."""
    return _whole(text, 1)


def _whole(text: str | None, default: int) -> int:
    if text is None:
        return default
    return int(text) if text.strip().isdecimal() and len(text) < 9 else 0
