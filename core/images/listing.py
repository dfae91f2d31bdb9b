"""Which files of a tree are images, in the same order every time: one rule for importing and for predicting."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Final

from core.images.formats import IMAGE_SUFFIXES
from core.images.trees import Skipped, Tree, TreeFile
from core.progress import Progress

_FOLDER_CODES: Final = frozenset({"folder_linked", "image_denied"})


@dataclass(slots=True)
class Listing:
    """What was found.

    Attributes
    ----------
    files
        By path, sorted.
    skipped
        What was left out though it may hold images, printable, with the code of the reason.
    """

    files: list[TreeFile] = field(default_factory=list)
    skipped: Skipped = field(default_factory=list)


def tree_images(tree: Tree, progress: Progress) -> Listing:
    """Return the files of `tree` that are images by their names."""
    skipped: Skipped = []
    listing = Listing([file for file in tree.files(progress, skipped) if is_image_name(file.path)])
    listing.skipped = sorted(row for row in skipped if row[1] in _FOLDER_CODES or is_image_name(row[0]))
    listing.files.sort(key=lambda file: file.path)
    return listing


def is_image_name(path: str) -> bool:
    """Return whether a file is an image by its name."""
    return os.path.splitext(path)[1].lower() in IMAGE_SUFFIXES  # noqa: PTH122
