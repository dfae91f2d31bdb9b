"""What the loupe looks into: images opened in the background, the one that is seen first, then its neighbours.

Of an image in a file of several pages or planes another one can be looked at instead, until the image is left.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from core.images.deep import DeepImage, deep_image
from core.images.formats import Where
from core.images.layers import Layers
from desktop_app.widgets.image_canvas.tiles import TileStore
from desktop_app.widgets.loupe_displays import LoupeDisplays, Shared
from desktop_app.workers.background_cache import BackgroundCache

Opened = DeepImage | NDArray[Any]
Preview = Callable[[int], QImage | None]
_Key = tuple[int, str]
"""A sample, and the address of another page or plane of its file; empty for the sample itself."""

_BUDGET_BYTES: Final = 512 * 2**20
_MAPPED_BYTES: Final = 64 * 2**20
"""What an image that lies in a file counts for, so that they do not pile up on the disk either."""


class Read(Protocol):
    """Opens a sample's image, or what is at `path` beside it, or gives its pixels; raises `UserError`."""

    def __call__(self, sample_id: int, path: str = "", /) -> Opened: ...  # noqa: D102


class LoupePictures(QObject):
    """Images by sample, their tiles, and how they are shown.

    Parameters
    ----------
    read
        Opens a sample's image, or another page or plane, or gives its pixels, (H, W) or (H, W, C); on worker threads.
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
        read: Read,
        parent: QObject | None = None,
        *,
        preview: Preview | None = None,
        of_data_set: Shared | None = None,
    ) -> None:
        super().__init__(parent)
        self._read, self._preview = read, preview
        self.tiles = TileStore(self)
        self.displays = LoupeDisplays(self, of_data_set)
        self._layers: dict[int, Layers] = {}
        self._chosen: dict[int, Where] = {}
        self._wanted: list[int] = []
        self._cache: BackgroundCache[_Key, DeepImage] = BackgroundCache(
            self._open, _cost, budget_bytes=_BUDGET_BYTES, threads=2, parent=self
        )
        self._cache.loaded.connect(self._arrived)

    def image(self, sample_id: int) -> DeepImage | None:
        """Return the image, or the page or plane chosen of its file, if it is here."""
        return self._cache.get(self._key(sample_id))

    def layers(self, sample_id: int) -> Layers | None:
        """Return the pages or planes of the file that an image is in, if there are several; known once it was here."""
        return self._layers.get(sample_id)

    def layer(self, sample_id: int) -> Where | None:
        """Return which of them is looked at; None where there are none to choose from."""
        layers = self._layers.get(sample_id)
        return self._chosen.get(sample_id, layers.own) if layers is not None else None

    def choose(self, sample_id: int, layer: Where) -> None:
        """Look at another page or plane of the file that an image is in, with the same windows and colours."""
        image = self.image(sample_id)
        if image is not None:
            self.displays.keep(sample_id, image)
        self._chosen[sample_id] = layer
        self.want(self._wanted)

    def preview(self, sample_id: int) -> QImage | None:
        """Return a small picture of it, if there is one at hand."""
        return self._preview(sample_id) if self._preview is not None else None

    def failure(self, sample_id: int) -> str:
        """Return why there is none, or an empty text."""
        return self._cache.failure(self._key(sample_id))

    def want(self, sample_ids: Sequence[int]) -> None:
        """Open these, most urgent first, and nothing else that has not begun; what was chosen of others is let go."""
        self._wanted = list(sample_ids)
        self._chosen = {one: layer for one, layer in self._chosen.items() if one in set(self._wanted)}
        self._cache.want([*map(self._key, self._wanted), *(key for one in self._wanted[:1] for key in self._near(one))])

    def rest(self) -> None:
        """Release the images, without waiting for one that is being opened."""
        self._chosen.clear()
        self._layers.clear()
        self._cache.want([])
        self._cache.forget()
        self.tiles.clear()

    def close(self) -> None:
        """Stop the threads and drop everything."""
        self._chosen.clear()
        self._layers.clear()
        self._cache.reset()
        self.tiles.close()
        self.displays.forget()

    def _key(self, sample_id: int) -> _Key:
        layers, chosen = self._layers.get(sample_id), self._chosen.get(sample_id)
        return sample_id, "" if layers is None or chosen in (None, layers.own) else layers.address(chosen)

    def _near(self, sample_id: int) -> list[_Key]:
        """Return the next planes on both sides of the one that was chosen, to be there when they are asked for."""
        layers, chosen = self._layers.get(sample_id), self._chosen.get(sample_id)
        if layers is None or chosen is None:
            return []
        near = {layers.moved(chosen, step) for step in (1, -1)} - {chosen, layers.own}
        return [(sample_id, layers.address(one)) for one in near]

    def _arrived(self, keys: Collection[_Key]) -> None:
        for sample_id, path in keys:
            image = self._cache.get((sample_id, path)) if not path else None
            if image is not None and image.layers is not None:
                self._layers[sample_id] = image.layers
        self.loaded.emit()

    def _open(self, key: _Key) -> DeepImage:
        sample_id, path = key
        opened = self._read(sample_id, path) if path else self._read(sample_id)
        return deep_image(opened) if isinstance(opened, np.ndarray) else opened


def _cost(image: DeepImage) -> int:
    return image.source.nbytes or _MAPPED_BYTES
