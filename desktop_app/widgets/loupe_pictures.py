"""What the loupe shows: an image in full, with smaller versions to zoom out on, made in the background."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from desktop_app.workers.background_cache import BackgroundCache
from desktop_app.workers.thumbnail_loader import to_image

Pixels = NDArray[np.uint8] | NDArray[np.uint16]
Windows = tuple[tuple[int, int], ...]
"""(low, high) of each channel: the values shown as black and as full; display only."""
_Key = tuple[int, Windows | None]

_BUDGET_BYTES: Final = 512 * 2**20
_RAWS_KEPT: Final = 3
_SMALLEST_LEVEL_PX: Final = 512
_TAIL_PERCENT: Final = 0.1


@dataclass(frozen=True, slots=True)
class LoupePicture:
    """One image, ready to be shown.

    Attributes
    ----------
    raw
        (H, W) or (H, W, 3), 8 or 16 bits: the pixels as they are.
    levels
        The picture, and versions each half as large as the one before.
    windows
        The display windows used; None for 8 bits.
    limits
        The least and the greatest value.
    """

    raw: Pixels
    levels: tuple[QImage, ...]
    windows: Windows | None
    limits: tuple[int, int]

    @property
    def width(self) -> int:
        """Pixels across."""
        return int(self.raw.shape[1])

    @property
    def height(self) -> int:
        """Pixels down."""
        return int(self.raw.shape[0])

    def values_at(self, x: int, y: int) -> tuple[int, ...] | None:
        """Return the values of a pixel, one a channel, or None outside of the image."""
        if not (0 <= x < self.width and 0 <= y < self.height):
            return None
        return tuple(int(value) for value in np.atleast_1d(self.raw[y, x]))


class LoupePictures(QObject):
    """Pictures by sample and display windows; `read` gives the pixels of a sample, on worker threads."""

    loaded = Signal()

    def __init__(self, read: Callable[[int], Pixels], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._read = read
        self._raws: OrderedDict[int, Pixels] = OrderedDict()
        self._raws_lock = threading.Lock()
        self._cache: BackgroundCache[_Key, LoupePicture] = BackgroundCache(
            self._make, _cost, budget_bytes=_BUDGET_BYTES, threads=2, parent=self
        )
        self._cache.loaded.connect(lambda _: self.loaded.emit())

    def picture(self, sample_id: int, windows: Windows | None) -> LoupePicture | None:
        """Return the picture, if it is here."""
        return self._cache.get((sample_id, windows))

    def failure(self, sample_id: int) -> str:
        """Return why there is none, or an empty text."""
        return self._cache.failure((sample_id, None))

    def want(self, sample_id: int, windows: Windows | None, neighbours: Sequence[int]) -> None:
        """Load this one first, then its neighbours."""
        self._cache.want([(sample_id, windows), *((other, None) for other in neighbours)])

    def close(self) -> None:
        """Stop the threads and drop everything."""
        self._cache.reset()
        self._raws.clear()

    def _make(self, key: _Key) -> LoupePicture:
        sample_id, windows = key
        raw = self._raw(sample_id)
        if raw.dtype == np.uint16:
            windows = windows or auto_windows(raw)
        limits = (int(raw.min()), int(raw.max()))
        return LoupePicture(raw, _levels(to_image(through_windows(raw, windows))), windows, limits)

    def _raw(self, sample_id: int) -> Pixels:
        with self._raws_lock:
            known = self._raws.get(sample_id)
        if known is not None:
            return known
        raw = self._read(sample_id)
        with self._raws_lock:
            self._raws[sample_id] = raw
            while len(self._raws) > _RAWS_KEPT:
                self._raws.popitem(last=False)
        return raw


def auto_windows(raw: Pixels) -> Windows:
    """Return, for each channel, the window that leaves out one value in a thousand at either end."""
    channels = raw.reshape(-1, 1 if raw.ndim == 2 else raw.shape[2])
    low, high = np.percentile(channels, (_TAIL_PERCENT, 100 - _TAIL_PERCENT), axis=0)
    return tuple((int(a), max(int(a) + 1, int(b))) for a, b in zip(low, high, strict=True))


def through_windows(raw: Pixels, windows: Windows | None) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8 of pixels seen through the window of each channel; 8-bit ones are left as they are."""
    channels = [raw] if raw.ndim == 2 else [raw[..., i] for i in range(raw.shape[2])]
    if raw.dtype == np.uint16 and windows is not None:
        channels = [_table(low, high)[channel] for channel, (low, high) in zip(channels, windows, strict=True)]
    if len(channels) == 1:
        channels *= 3
    stacked: NDArray[np.uint8] = np.stack(channels, axis=2).astype(np.uint8, copy=False)
    return stacked


def _table(low: int, high: int) -> NDArray[np.uint8]:
    levels = (np.arange(2**16) - low) * 255 / max(1, high - low) + 0.5
    table: NDArray[np.uint8] = np.clip(np.floor(levels), 0, 255).astype(np.uint8)
    return table


def _levels(image: QImage) -> tuple[QImage, ...]:
    levels = [image]
    while max(levels[-1].width(), levels[-1].height()) > _SMALLEST_LEVEL_PX:
        last = levels[-1]
        size = last.size() / 2
        levels.append(
            last.scaled(
                max(1, size.width()),
                max(1, size.height()),
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        )
    return tuple(levels)


def _cost(picture: LoupePicture) -> int:
    return int(picture.raw.nbytes) + sum(int(level.sizeInBytes()) for level in picture.levels)
