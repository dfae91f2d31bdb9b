"""A row of an array of images: IDX, CIFAR, NPZ, or of a table of image files: Parquet."""

from __future__ import annotations

from core.images.formats import Fault, Raw
from core.images.items import ItemFile, open_items
from core.images.parts.whole import Whole
from core.images.tar_index import is_plain_file


def item_file(whole: Whole) -> ItemFile:
    """Return the file of images, opened once and kept; raises `Fault`."""
    file = whole.local()
    if not is_plain_file(file):
        raise Fault("image_missing")
    return whole.opened.get(whole.key("items"), lambda: open_items(file, whole.tree.scratch))


def item(whole: Whole, value: str) -> Raw:
    """Return the pixels of a row; raises `Fault`."""
    return item_file(whole).image(value)


def item_bytes(whole: Whole, value: str) -> bytes | None:
    """Return the bytes of a row that is an image file, None for a row of an array; raises `Fault`."""
    return item_file(whole).encoded(value)
