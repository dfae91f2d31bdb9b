"""What the formats share whose images are files of their own."""

from __future__ import annotations

from core.domain.samples import Split
from core.export.dataset.names import Names, own_name
from core.export.dataset.spec import Item, Place

SPLIT_FOLDERS = {Split.TRAIN: "train", Split.VAL: "val", Split.TEST: "test", Split.NONE: "none"}


def place_of(names: Names, folder: str, item: Item, *, dotless: bool = False) -> Place:
    """Return a place of its own in `folder` for an image, named as it was.

    Parameters
    ----------
    dotless
        Whether the name must hold no dot before its suffix.
    """
    stem, suffix = own_name(item)
    return Place(names.take(folder, stem.replace(".", "_") if dotless else stem, suffix), item.sample.path)
