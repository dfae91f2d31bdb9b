"""The pages of a TIFF, and the frames of a GIF or DICOM file, as images of their own."""

from __future__ import annotations

from typing import Final

from core.errors import UnreadableImage
from core.images.contents import describe
from core.images.decode import readable
from core.images.layers import MOST_FRAMES_OF_GIF
from core.images.stacks import Stack, read_stack
from core.images.trees import Tree

_TIFF: Final = (".tif", ".tiff", ".btf")
_OF_FRAMES: Final = (".gif", ".dcm", ".dicom", ".ima")
_MOST_FRAMES: Final = {"gif": MOST_FRAMES_OF_GIF}


def pages_of(tree: Tree, path: str) -> list[str]:
    """Return the address of each page or frame of a file; that of the file where it has one, or cannot be read.

    So it is of a GIF of more than 1,000 frames. Of a stack with several channels, each plane is one image with all of
    them: pages of single channels would be no pictures of anything.
    """
    try:
        count, stack = _read_tiff(tree, path) if path.lower().endswith(_TIFF) else (_count(tree, path), None)
    except UnreadableImage:
        return [path]
    if stack is not None and len({c for _, c, _ in stack.directories}) > 1 and len(stack.directories) == count:
        planes = _planes(stack)
        return [path] if len(planes) < 2 else [f"{path}::plane={plane}" for plane in planes]
    return [path] if count < 2 else [f"{path}::page={at}" for at in range(count)]


def _planes(stack: Stack) -> list[str]:
    """Return what names each plane and time of a stack, over all its channels."""
    times = len({t for _, _, t in stack.directories}) > 1
    places = sorted({(t, z) for z, _, t in stack.directories})
    return [f"z{z},t{t}" if times else f"z{z}" for t, z in places]


def _read_tiff(tree: Tree, path: str) -> tuple[int, Stack | None]:
    """Return how many directories a TIFF has, and the stack that it says they are."""
    if not path.lower().endswith(_TIFF):
        return 1, None
    import tifffile

    file = tree.local(path)
    with readable(file), tifffile.TiffFile(file, _multifile=False) as tiff:
        count, first = len(tiff.pages), tiff.pages.first
        said = first.description if count > 1 else ""
        return count, read_stack(said, count, first.samplesperpixel) if said else None


def _count(tree: Tree, path: str) -> int:
    lower = path.lower()
    if lower.endswith(_OF_FRAMES):
        said = describe(tree, path)
        return said.pages if said.pages <= _MOST_FRAMES.get(said.format, said.pages) else 1
    return 1
