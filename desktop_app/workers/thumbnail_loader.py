"""Thumbnails for a grid, loaded in the background: by id and size, as pictures ready to paint."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from desktop_app.workers.background_cache import BackgroundCache

SIZES_PX: Final = (128, 256, 512, 1024)
BUDGET_BYTES: Final = 256 * 2**20
ReadThumbnail = Callable[[int, int], NDArray[np.uint8]]


def to_image(pixels: NDArray[np.uint8]) -> QImage:
    """Return (H, W, 3) RGB pixels as a picture that owns its memory, in the format that paints fastest."""
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    view = QImage(pixels.data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return view.convertToFormat(QImage.Format.Format_RGB32)


def size_for(tile_px: int) -> int:
    """Return the thumbnail size, in pixels, that a tile of `tile_px` device pixels is painted from."""
    return next((size for size in SIZES_PX if size >= tile_px), SIZES_PX[-1])


class ThumbnailLoader(QObject):
    """Pictures by (id, size).

    Parameters
    ----------
    read
        ``read(id, size_px)`` returns (h, w, 3) uint8 RGB with its longer side at most `size_px`; called on worker
        threads. Raises `UserError` with the reason where the image cannot be read.

    Signals
    -------
    loaded
        (ids) of which pictures have arrived, or the reasons why there are none; at most once a frame.
    """

    loaded = Signal(object)

    def __init__(self, read: ReadThumbnail, *, budget_bytes: int = BUDGET_BYTES, parent: QObject | None = None) -> None:
        super().__init__(parent)
        threads = max(2, min(6, os.cpu_count() or 2))
        self._cache: BackgroundCache[tuple[int, int], QImage] = BackgroundCache(
            lambda key: to_image(read(*key)),
            lambda image: int(image.sizeInBytes()),
            budget_bytes=budget_bytes,
            threads=threads,
            parent=self,
        )
        self._cache.loaded.connect(lambda keys: self.loaded.emit([sample_id for sample_id, _ in keys]))

    def image(self, sample_id: int, size_px: int) -> QImage | None:
        """Return the picture at `size_px`, or at another size while that is on its way, or nothing yet."""
        exact = self._cache.get((sample_id, size_px))
        if exact is not None:
            return exact
        others = (self._cache.get((sample_id, size)) for size in SIZES_PX if size != size_px)
        return next((image for image in others if image is not None), None)

    def failure(self, sample_id: int, size_px: int) -> str:
        """Return why there is no picture, or an empty text."""
        return self._cache.failure((sample_id, size_px))

    def want(self, sample_ids: Iterable[int], size_px: int) -> None:
        """Load these, most urgent first; what was wanted before and has not begun is dropped."""
        self._cache.want((sample_id, size_px) for sample_id in sample_ids)

    def forget(self, sample_ids: Iterable[int] | None = None) -> None:
        """Drop the pictures of these, or all, for instance when the files may have changed."""
        if sample_ids is None:
            self._cache.forget()
        else:
            self._cache.forget((sample_id, size) for sample_id in sample_ids for size in SIZES_PX)

    def reset(self) -> None:
        """Drop everything and wait for what is being read."""
        self._cache.reset()

    def close(self) -> None:
        """Stop the threads."""
        self._cache.close()

    @property
    def bytes_used(self) -> int:
        """Bytes that the pictures held take."""
        return self._cache.bytes_used
