"""Reading the images of a project by source and path, whatever kind of source it is; never outside of the source."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.domain.address import parse_address
from core.domain.samples import Source
from core.errors import BugError, UnreadableImage, UserError
from core.images.contents import describe
from core.images.decode import ImageInfo
from core.images.formats import Raw
from core.images.intensity import Window, to_rgb8
from core.images.open_tree import open_tree
from core.images.parts.table import encoded, read_raw
from core.images.trees import Tree


class ImageReader:
    """Reads the images of some sources; any thread may use it.

    Parameters
    ----------
    sources
        By id, as `core.store.sources.sources` gives them.
    """

    def __init__(self, sources: Mapping[int, Source]) -> None:
        self._sources = dict(sources)
        self._trees: dict[int, Tree] = {}
        self._lock = threading.Lock()

    def raw(self, source_id: int, path: str) -> Raw:
        """Return the pixels as `core.images.decode.decode` does; raises `UnreadableImage`."""
        return read_raw(self.tree(source_id), path)

    def encoded(self, source_id: int, path: str) -> bytes | None:
        """Return the bytes of an image file; None for a part that is only pixels; raises `UnreadableImage`."""
        return encoded(self.tree(source_id), path)

    def info(self, source_id: int, path: str) -> ImageInfo:
        """Return what the header says: size, channels, pixel size, pages, when taken; raises `UnreadableImage`."""
        return describe(self.tree(source_id), path)

    def rgb8(self, source_id: int, path: str, window: Window | None = None) -> NDArray[np.uint8]:
        """Return (H, W, 3) uint8, 16-bit images through `window`; raises `UnreadableImage`."""
        return to_rgb8(self.raw(source_id, path), window)

    def kind(self, source_id: int) -> str:
        """Return how the source is read: one of `core.images.trees.KINDS`."""
        return self._source(source_id).kind

    def file(self, source_id: int, path: str) -> Path:
        """Return where a sample's file is on this computer, or the file that it is a part of.

        Raises
        ------
        UnreadableImage
            ``image_outside`` for an absolute path, one with “..”, or a link that leads out of the source.
        """
        return self.tree(source_id).local(parse_address(path).container)

    def tree(self, source_id: int) -> Tree:
        """Return the source's files; raises `UnreadableImage` where the source as a whole cannot be opened."""
        with self._lock:
            if source_id not in self._trees:
                source = self._source(source_id)
                try:
                    self._trees[source_id] = open_tree(source)
                except UserError as error:
                    # Of each image it is only true that it is not there now; others can still be read.
                    raise UnreadableImage("image_missing", path=source.root) from error
            return self._trees[source_id]

    def _source(self, source_id: int) -> Source:
        if source_id not in self._sources:
            raise BugError(f"no source {source_id}")
        return self._sources[source_id]
