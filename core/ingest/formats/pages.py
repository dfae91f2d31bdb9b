"""The pages of a TIFF, and the frames of a GIF or DICOM file, as images of their own."""

from __future__ import annotations

from typing import Final

from core.errors import UnreadableImage
from core.images.contents import describe
from core.images.decode import readable
from core.images.trees import Tree

_TIFF: Final = (".tif", ".tiff", ".btf")
_OF_FRAMES: Final = (".gif", ".dcm", ".dicom", ".ima")
_MOST_FRAMES: Final = {"gif": 1000}
"""Each frame of a GIF is painted over all before it: of thousands, reading each would take hours."""


def pages_of(tree: Tree, path: str) -> list[str]:
    """Return the address of each page or frame of a file; that of the file where it has one, or cannot be read.

    So it is of a GIF of more than 1,000 frames.
    """
    try:
        count = _count(tree, path)
    except UnreadableImage:
        return [path]
    return [path] if count < 2 else [f"{path}::page={at}" for at in range(count)]


def _count(tree: Tree, path: str) -> int:
    lower = path.lower()
    if lower.endswith(_OF_FRAMES):
        said = describe(tree, path)
        return said.pages if said.pages <= _MOST_FRAMES.get(said.format, said.pages) else 1
    if not lower.endswith(_TIFF):
        return 1
    import tifffile

    file = tree.local(path)
    with readable(file), tifffile.TiffFile(file, _multifile=False) as tiff:
        return len(tiff.pages)
