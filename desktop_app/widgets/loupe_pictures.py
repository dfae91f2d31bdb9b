"""What the loupe looks into: images opened in the background, the one that is seen first, then its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from core.images.deep import DeepImage, deep_image
from desktop_app.widgets.image_canvas.tiles import TileStore
from desktop_app.widgets.loupe_displays import LoupeDisplays, Shared
from desktop_app.workers.background_cache import BackgroundCache

Opened = DeepImage | NDArray[Any]
Preview = Callable[[int], QImage | None]

_BUDGET_BYTES: Final = 512 * 2**20
_MAPPED_BYTES: Final = 64 * 2**20
"""What an image that lies in a file counts for, so that they do not pile up on the disk either."""


class LoupePictures(QObject):
    """Images by sample, their tiles, and how they are shown.

    Parameters
    ----------
    read
        Opens a sample's image, or gives its pixels, (H, W) or (H, W, C); on worker threads. Raises `UserError`.
    preview
        Gives a small picture of a sample at once, if there is one.
    of_data_set
        As in `LoupeDisplays`.

    Attributes
    ----------
    tiles
        What canvases paint from.
    displays
        Windows and colours of the channels.

    Signals
    -------
    loaded
        Images arrived, well or not.
    """

    loaded = Signal()

    def __init__(
        self,
        read: Callable[[int], Opened],
        parent: QObject | None = None,
        *,
        preview: Preview | None = None,
        of_data_set: Shared | None = None,
    ) -> None:
        super().__init__(parent)
        self._read, self._preview = read, preview
        self.tiles = TileStore(self)
        self.displays = LoupeDisplays(self, of_data_set)
        self._cache: BackgroundCache[int, DeepImage] = BackgroundCache(
            self._open, _cost, budget_bytes=_BUDGET_BYTES, threads=2, parent=self
        )
        self._cache.loaded.connect(lambda _: self.loaded.emit())

    def image(self, sample_id: int) -> DeepImage | None:
        """Return the image, if it is here."""
        return self._cache.get(sample_id)

    def preview(self, sample_id: int) -> QImage | None:
        """Return a small picture of it, if there is one at hand."""
        return self._preview(sample_id) if self._preview is not None else None

    def failure(self, sample_id: int) -> str:
        """Return why there is none, or an empty text."""
        return self._cache.failure(sample_id)

    def want(self, sample_ids: Sequence[int]) -> None:
        """Open these, most urgent first, and nothing else that has not begun."""
        self._cache.want(sample_ids)

    def rest(self) -> None:
        """Release the images, without waiting for one that is being opened."""
        self._cache.want([])
        self._cache.forget()
        self.tiles.clear()

    def close(self) -> None:
        """Stop the threads and drop everything."""
        self._cache.reset()
        self.tiles.close()
        self.displays.forget()

    def _open(self, sample_id: int) -> DeepImage:
        opened = self._read(sample_id)
        return deep_image(opened) if isinstance(opened, np.ndarray) else opened


def _cost(image: DeepImage) -> int:
    return image.source.nbytes or _MAPPED_BYTES
