"""The kinds of parts an image can be, one row each, and reading whatever an address stands for."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from core.domain.address import Address, parse_address
from core.errors import UnreadableImage
from core.images.decode import decode_bytes, readable
from core.images.formats import Raw
from core.images.parts.box import box
from core.images.parts.frame import frame
from core.images.parts.item import item, item_bytes
from core.images.parts.member import member, member_bytes
from core.images.parts.page import page, plane
from core.images.parts.tile import tile
from core.images.parts.whole import PartSpec, Whole
from core.images.slides import is_slide, read_slide
from core.images.trees import Tree

PARTS: Final[dict[str, PartSpec]] = {
    spec.name: spec
    for spec in (
        PartSpec("page", page),
        PartSpec("plane", plane),
        PartSpec("box", box),
        PartSpec("frame", frame),
        PartSpec("member", member, data=member_bytes),
        PartSpec("item", item, data=item_bytes, bare_digest=True),
        PartSpec("tile", tile),
    )
}


def read_raw(tree: Tree, path: str) -> Raw:
    """Return the pixels of what an address of `tree` stands for.

    Raises
    ------
    UnreadableImage
        With the reason as its code.
    UserError
        ``extra_missing`` where the optional package that reads it is not installed.
    """
    address = parse_address(path)
    if address.part is None and is_slide(path):
        with readable(shown(tree, path)):
            return read_slide(tree.local(path), tree.opened)
    if address.part is None:
        return decode_bytes(tree.read_image(path), shown(tree, path))
    with readable(shown(tree, path)):
        return _spec(address, path).raw(whole(tree, address.file), address.value)


def read_bytes(tree: Tree, path: str) -> bytes:
    """Return the bytes of a file, or of a part that is a file of its own; raises `UnreadableImage`."""
    data = encoded(tree, path)
    if data is None:
        raise UnreadableImage("image_unsupported", path=str(shown(tree, path)))
    return data


def encoded(tree: Tree, path: str) -> bytes | None:
    """Return the bytes of an image file, or of a part that is one; None for slides and parts that are only pixels.

    Raises
    ------
    UnreadableImage
        With the reason as its code.
    """
    address = parse_address(path)
    if address.part is None:
        return None if is_slide(path) else tree.read_image(path)
    spec = _spec(address, path)
    if spec.data is None:
        return None
    with readable(shown(tree, path)):
        return spec.data(whole(tree, address.file), address.value)


def whole(tree: Tree, path: str) -> Whole:
    """Return what is at `path` as something that has parts."""
    return Whole(tree, path, read_bytes, read_raw)


def shown(tree: Tree, path: str) -> Path:
    """Return how a sample's place is shown in messages."""
    return Path(tree.root) / path


def _spec(address: Address, path: str) -> PartSpec:
    if address.part not in PARTS:
        raise UnreadableImage("image_unsupported", path=path)
    return PARTS[address.part]
