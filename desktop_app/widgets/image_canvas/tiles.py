"""The tiles that canvases paint: cut from their sources and coloured in the background, within one budget for all."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from weakref import WeakValueDictionary

import numpy as np
from PySide6.QtCore import QObject, QRectF, QTimer, Signal
from PySide6.QtGui import QImage

from core.errors import Cancelled
from core.images.pyramid import PixelSource
from core.images.rendering import Display, render
from desktop_app.workers.background_cache import BackgroundCache
from desktop_app.workers.thumbnail_loader import to_image

TILE_PX: Final = 512
BUDGET_BYTES: Final = 256 * 2**20


@dataclass(frozen=True, slots=True)
class TileKey:
    """One tile: of which source, at which level, in which place, seen how."""

    source: int
    level: int
    column: int
    row: int
    display: Display


class TileStore(QObject):
    """Tiles by key; several canvases share one, and each says anew what it wants.

    Signals
    -------
    loaded
        Some arrived; at most once a frame.
    """

    loaded = Signal()

    def __init__(self, parent: QObject | None = None, *, budget_bytes: int = BUDGET_BYTES) -> None:
        super().__init__(parent)
        self._numbers = itertools.count(1)
        self._sources: WeakValueDictionary[int, PixelSource] = WeakValueDictionary()
        self._wanted: dict[Hashable, Sequence[TileKey]] = {}
        self._cache: BackgroundCache[TileKey, QImage] = BackgroundCache(
            self._make, lambda image: int(image.sizeInBytes()), budget_bytes=budget_bytes, threads=2, parent=self
        )
        self._cache.loaded.connect(lambda _: self.loaded.emit())
        # Canvases that paint in the same frame are heard together: what one wants must not drop what another does.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._ask)

    def number_of(self, source: PixelSource) -> int:
        """Return what stands for `source` in keys; it isn't kept alive by that."""
        for number, known in self._sources.items():
            if known is source:
                return number
        number = next(self._numbers)
        self._sources[number] = source
        return number

    def tile(self, key: TileKey) -> QImage | None:
        """Return a tile, if it is here."""
        return self._cache.get(key)

    def want(self, owner: Hashable, keys: Sequence[TileKey]) -> None:
        """Be told what `owner` wants now, most urgent first; what it wanted before is forgotten."""
        self._wanted[owner] = keys
        self._soon.start()

    def leave(self, owner: Hashable) -> None:
        """Be told that `owner` wants nothing any more."""
        self._wanted.pop(owner, None)

    def clear(self) -> None:
        """Drop every tile; the threads stay."""
        self._wanted.clear()
        self._cache.want([])
        self._cache.forget()

    def close(self) -> None:
        """Stop the threads and drop everything; what is wanted later starts anew."""
        self._wanted.clear()
        self._cache.reset()

    @property
    def bytes_used(self) -> int:
        """Bytes that the tiles held take."""
        return self._cache.bytes_used

    def _ask(self) -> None:
        in_turn = itertools.zip_longest(*self._wanted.values())
        self._cache.want(key for keys in in_turn for key in keys if key is not None)

    def _make(self, key: TileKey) -> QImage:
        source = self._sources.get(key.source)
        if source is None:
            raise Cancelled
        raw = source.region(key.level, key.column * TILE_PX, key.row * TILE_PX, TILE_PX, TILE_PX)
        if 0 in raw.shape:
            raise Cancelled
        return to_image(render(np.ascontiguousarray(raw), key.display))


def tiles_in(seen: QRectF, downsample: float, size: tuple[int, int]) -> Iterator[tuple[int, int, QRectF]]:
    """Yield (column, row, the part of the image it shows) of the tiles of a level that are in sight, middle first.

    Parameters
    ----------
    seen
        What is in sight, in pixels of the full image.
    size
        Width and height of the full image.
    """
    side = TILE_PX * downsample
    if seen.isEmpty():
        return
    columns = range(int(seen.left() // side), int((seen.right() - 1e-6) // side) + 1)
    rows = range(int(seen.top() // side), int((seen.bottom() - 1e-6) // side) + 1)
    middle = seen.center()
    places = sorted(
        ((column, row) for column in columns for row in rows),
        key=lambda at: ((at[0] + 0.5) * side - middle.x()) ** 2 + ((at[1] + 0.5) * side - middle.y()) ** 2,
    )
    whole = QRectF(0, 0, *size)
    for column, row in places:
        yield column, row, QRectF(column * side, row * side, side, side).intersected(whole)
