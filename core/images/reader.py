"""Reading the images of a project by source and path, whatever kind of source it is; never outside of the source."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.samples import Source
from core.errors import BugError, UnreadableImage
from core.images.decode import decode, readable
from core.images.formats import Raw
from core.images.idx_file import IdxImages, open_idx_images
from core.images.intensity import Window, to_rgb8

FOLDER: Final = "folder"
IDX: Final = "idx"
_MAX_IDX_FILES: Final = 4


class ImageReader:
    """Reads the images of some sources; any thread may use it.

    Parameters
    ----------
    sources
        By id, as `core.store.sources.sources` gives them.
    """

    def __init__(self, sources: Mapping[int, Source]) -> None:
        self._sources = dict(sources)
        self._roots = {key: os.path.realpath(source.root) for key, source in sources.items()}
        self._idx: OrderedDict[Path, IdxImages] = OrderedDict()
        self._idx_lock = threading.Lock()

    def raw(self, source_id: int, path: str) -> Raw:
        """Return the pixels as `core.images.decode.decode` does; raises `UnreadableImage`."""
        if self.kind(source_id) == IDX:
            return self._idx_image(source_id, path)
        return decode(self.file(source_id, path))

    def rgb8(self, source_id: int, path: str, window: Window | None = None) -> NDArray[np.uint8]:
        """Return (H, W, 3) uint8, 16-bit images through `window`; raises `UnreadableImage`."""
        return to_rgb8(self.raw(source_id, path), window)

    def kind(self, source_id: int) -> str:
        """Return how the source is read: `FOLDER` or `IDX`."""
        if source_id not in self._sources:
            raise BugError(f"no source {source_id}")
        return self._sources[source_id].kind

    def file(self, source_id: int, path: str) -> Path:
        """Return where a sample's file is, having made sure that it is inside its source.

        Raises
        ------
        UnreadableImage
            ``image_outside`` for an absolute path, one with “..”, or a link that leads out of the source.
        """
        if source_id not in self._roots:
            raise BugError(f"no source {source_id}")
        return inside(self._roots[source_id], path)

    def _idx_image(self, source_id: int, path: str) -> NDArray[np.uint8]:
        name, _, index = path.rpartition("#")
        file = self.file(source_id, name)
        with readable(file):
            images = self._idx_images(file)
            if not index.isdecimal() or int(index) >= len(images):
                raise UnreadableImage("image_missing", path=path)
            image: NDArray[np.uint8] = images[int(index)]
            return image

    def _idx_images(self, file: Path) -> IdxImages:
        # Held while loading, so that sixteen threads do not unpack the same file sixteen times.
        with self._idx_lock:
            images = self._idx.get(file)
            if images is None:
                images = self._idx[file] = open_idx_images(file)
                if len(self._idx) > _MAX_IDX_FILES:
                    self._idx.popitem(last=False)
            self._idx.move_to_end(file)
            return images


def inside(root: str, path: str) -> Path:
    """Return ``root/path`` where that is inside of `root` (a real path), links followed.

    Raises
    ------
    UnreadableImage
        ``image_outside``, ``image_missing`` or ``image_link_loop``.
    """
    parts = PurePosixPath(path)
    if not path or parts.is_absolute() or ".." in parts.parts or (os.name == "nt" and PureWindowsPath(path).drive):
        raise UnreadableImage("image_outside", path=path)
    full = os.path.join(root, *parts.parts)  # noqa: PTH118
    try:
        real = os.path.realpath(full)
    except (OSError, ValueError):
        raise UnreadableImage("image_missing", path=full) from None
    if real != full and os.path.commonpath([real, root]) != root:
        raise UnreadableImage("image_outside", path=full)
    return Path(full)
