"""The pages of a TIFF as images of their own."""

from __future__ import annotations

from core.errors import UnreadableImage
from core.images.trees import Tree

_TIFF = (".tif", ".tiff", ".btf")


def pages_of(tree: Tree, path: str) -> list[str]:
    """Return the address of each page of a TIFF; that of the file where it has one, is none, or cannot be read."""
    if not path.lower().endswith(_TIFF):
        return [path]
    import tifffile

    try:
        with tifffile.TiffFile(tree.local(path)) as tiff:
            count = len(tiff.pages)
    except (UnreadableImage, OSError, ValueError, tifffile.TiffFileError, RecursionError, LookupError):
        return [path]
    return [path] if count < 2 else [f"{path}::page={at}" for at in range(count)]
