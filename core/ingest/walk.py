"""Finding the image files of a folder, in the same order every time, without ever leaving the folder."""

from __future__ import annotations

from pathlib import Path

from core.images.folder_tree import FolderTree
from core.images.listing import Listing, tree_images
from core.progress import Progress


def list_images(root: Path, progress: Progress) -> Listing:
    """Return the files below `root` (a real path) that are images by their names.

    Hidden files, hidden folders and projects are passed over. Linked folders are not followed, so that there are no
    loops and nothing is found twice; linked files are taken where the link stays inside the folder.
    """
    return tree_images(FolderTree(root), progress)
