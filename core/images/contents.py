"""What a sample holds, found by reading it once: its digest, and what its header says.

The digest is of what the sample itself is: the bytes of a file, or of a file inside a tar; otherwise the pixels, with
their shape and type, so that equal crops of different images, or of one image encoded twice, are equal. Rows of arrays
(``item``) are known by their bare pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.domain.address import parse_address
from core.errors import UnreadableImage
from core.images.decode import (
    ImageInfo,
    info_of,
    page_where,
    plane_where,
    read_info_bytes,
    readable,
    verify_bytes,
)
from core.images.formats import Raw
from core.images.hashing import bytes_digest
from core.images.parts.table import PARTS, encoded, read_bytes, read_raw, shown, whole
from core.images.slides import slide_header, tile_header
from core.images.trees import Tree


@dataclass(frozen=True, slots=True)
class Contents:
    """What a sample holds.

    Attributes
    ----------
    digest
        32 hexadecimal digits; empty where nothing could be read.
    info
        None where `problem` says why it cannot be read.
    """

    digest: str
    info: ImageInfo | None
    problem: UnreadableImage | None = None


def examine(tree: Tree, path: str) -> Contents:
    """Return what the sample at an address holds; one that cannot be read has its reason as `problem`."""
    digest = ""
    try:
        data = encoded(tree, path)
        if data is not None:
            digest = bytes_digest(data)
            return Contents(digest, verify_bytes(data, f"{tree.root}/{path}"))
        raw = read_raw(tree, path)
    except UnreadableImage as error:
        return Contents(digest, None, error)
    part = parse_address(path).part
    return Contents(raw_digest(raw, bare=part is not None and PARTS[part].bare_digest), _info(raw, part or "slide"))


def describe(tree: Tree, path: str) -> ImageInfo:
    """Return what the header of the sample at an address says; raises `UnreadableImage`.

    Pixels are decoded only of parts that have no header of their own: boxes, rows of arrays, frames of videos.
    """
    address, place = parse_address(path), shown(tree, path)
    data = encoded(tree, path)
    if data is not None:
        return read_info_bytes(data, place)
    with readable(place):
        if address.part is None:
            return info_of(slide_header(tree.local(path), tree.opened))
        if address.part == "tile":
            return info_of(tile_header(whole(tree, address.file).local(), address.value, tree.opened))
        if address.part in ("page", "plane"):
            where = page_where(address.value) if address.part == "page" else plane_where(address.value)
            return read_info_bytes(read_bytes(tree, address.file), place, where)
    return _info(read_raw(tree, path), address.part)


def facts_of(tree: Tree, path: str) -> ImageInfo | None:
    """Return what the file says of an image's pixels: their size, and the channels' names; raises `UnreadableImage`.

    A box has those of the image that it was cut out of. None for parts of what is no image itself: videos, arrays.
    """
    address = parse_address(path)
    while address.part == "box":
        address = parse_address(address.file)
    if address.part in (None, "page", "plane", "tile") or PARTS[address.part].data is not None:
        return describe(tree, str(address))
    return None


def raw_digest(raw: Raw, *, bare: bool = False) -> str:
    """Return the digest of pixels; `bare`: without their shape and type."""
    pixels = np.ascontiguousarray(raw)
    if bare:
        return bytes_digest(pixels.data)
    head = f"{pixels.dtype.name} {'x'.join(map(str, pixels.shape))}\n".encode()
    return bytes_digest(head + pixels.tobytes())


def _info(raw: Raw, part: str) -> ImageInfo:
    channels = 1 if raw.ndim == 2 else raw.shape[2]
    return ImageInfo(raw.shape[1], raw.shape[0], channels, 8 * raw.dtype.itemsize, part)
