"""The pages of a TIFF as images of their own."""

from __future__ import annotations

from core.errors import UnreadableImage
from core.images.decode import readable
from core.images.trees import Tree

_TIFF = (".tif", ".tiff", ".btf")


def pages_of(tree: Tree, path: str) -> list[str]:
    """Return the address of each page of a TIFF; that of the file where it has one, is none, or cannot be read."""
    if not path.lower().endswith(_TIFF):
        return [path]
    import tifffile

    try:
        file = tree.local(path)
        with readable(file), tifffile.TiffFile(file, _multifile=False) as tiff:
            count = len(tiff.pages)
    except UnreadableImage:
        return [path]
    return [path] if count < 2 else [f"{path}::page={at}" for at in range(count)]
