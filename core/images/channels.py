"""Channels on their way into the network: which of an image's go in, and the intensity window each is seen through.

One window per data set and channel, never per image: brightness between images is information. What comes out are
levels, 0 where a value is at the window's low end or below and 255 at its high end or above, as float and not rounded;
an 8-bit grey or RGB image needs no map, its values are levels already.

Grey into a map of RGB images is repeated in the three channels. RGB becomes one channel by its luma (Rec. 601:
0.299 R + 0.587 G + 0.114 B) where the map says so, and is refused by a map of grey images. An 8-bit image among deeper
ones is taken as seen through the windows already: its 0 stands for their low ends and its 255 for their high ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import UnreadableImage, UserError
from core.images.intensity import Window

MAX_CHANNELS: Final = 64
LUMA: Final = (0.299, 0.587, 0.114)
DTYPES: Final = {8: "uint8", 16: "uint16", 32: "float32"}
"""The type of pixels by bits per value."""

_LARGEST: Final = 1e38
_TAIL: Final = 0.001
_LOOKED_AT: Final = 2**14
"""The most pixels of an image that an estimate looks at, in each channel."""

_FEW: Final = 3
"""Of fewer images none can be told to be unlike the others."""
_FAR: Final = 100
"""How many spans of the usual image one that is unlike the others is away from it."""

Pixels = NDArray[Any]


FULL_WINDOWS: Final = {"uint8": Window(0, 255), "uint16": Window(0, 65535)}
"""The whole range of a type; that of floats is only known from images."""


@dataclass(frozen=True, slots=True)
class ChannelMap:
    """Which channels of a data set's images go into the network.

    Attributes
    ----------
    source
        How many channels the images have.
    dtype
        ``uint8``, ``uint16`` or ``float32``: the type of the images' values.
    channels
        The image channels (from 0) that go in, in this order; one may go in several times.
    windows
        The window of each of `channels`.
    luma
        Whether the three that go in become one, by their luma.
    names
        Of the image's channels, for people; empty where they have none.
    """

    source: int
    dtype: str
    channels: tuple[int, ...]
    windows: tuple[Window, ...]
    luma: bool = False
    names: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.source <= MAX_CHANNELS:
            raise _invalid("channels", self.source)
        if self.dtype not in DTYPES.values():
            raise _invalid("dtype", self.dtype)
        if not 1 <= len(self.channels) <= MAX_CHANNELS or not all(0 <= i < self.source for i in self.channels):
            raise _invalid("channels", list(self.channels))
        if len(self.windows) != len(self.channels) or (self.luma and len(self.channels) != 3):
            raise _invalid("windows", len(self.windows))
        if not all(_tellable(window) for window in self.windows):
            raise _invalid("windows", [(window.low, window.high) for window in self.windows])
        if self.names and len(self.names) != self.source:
            raise _invalid("names", list(self.names))

    @property
    def width(self) -> int:
        """How many channels the network takes."""
        return 1 if self.luma else len(self.channels)

    @property
    def is_colour(self) -> bool:
        """Whether the network sees red, green and blue, or grey as these three: then hue means something."""
        rgb = self.source == 3 and self.channels == (0, 1, 2)
        return not self.luma and (rgb or (len(self.channels) == 3 and len(set(self.channels)) == 1))

    def fit(self, raw: Pixels) -> Pixels:
        """Return an image as the exported model takes it: (H, W, source) of `dtype`, contiguous.

        Parameters
        ----------
        raw
            (H, W) or (H, W, C), uint8, uint16 or floating. Values that are not numbers become 0.

        Raises
        ------
        UnreadableImage
            ``image_channels_wrong`` or ``image_depth_wrong``.
        """
        image = raw[..., None] if raw.ndim == 2 else raw
        if image.shape[2] == 1 and self.source == 3:
            image = np.repeat(image, 3, axis=2)
        if image.shape[2] != self.source:
            raise UnreadableImage("image_channels_wrong", found=image.shape[2], expected=self.source)
        return np.ascontiguousarray(self._typed(image))

    def levels8(self, image: Pixels) -> NDArray[np.uint8]:
        """Return (H, W, width) uint8: the levels of a fitted image, rounded; for training and for looking at."""
        lows = np.array([window.low for window in self.windows], dtype=np.float32)
        spans = np.array([window.high - window.low for window in self.windows], dtype=np.float32)
        levels = np.clip((image[..., list(self.channels)].astype(np.float32) - lows) * (255 / spans), 0, 255)
        if self.luma:
            levels = (levels @ np.array(LUMA, dtype=np.float32))[..., None]
        rounded: NDArray[np.uint8] = np.rint(levels).astype(np.uint8)
        return rounded

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values, which `from_json` reads back."""
        return {
            "source": self.source,
            "dtype": self.dtype,
            "map": list(self.channels),
            "windows": [[window.low, window.high] for window in self.windows],
            "luma": self.luma,
            "names": list(self.names),
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ChannelMap:
        """Read what `to_json` wrote.

        Raises
        ------
        UserError, KeyError, TypeError, ValueError
            The values may come from a stranger.
        """
        return cls(
            source=int(values["source"]),
            dtype=str(values["dtype"]),
            channels=tuple(int(index) for index in values["map"]),
            windows=tuple(Window(float(low), float(high)) for low, high in values["windows"]),
            luma=bool(values.get("luma", False)),
            names=tuple(str(name)[:200] for name in values.get("names", ())),
        )

    def _typed(self, image: Pixels) -> Pixels:
        """Return (H, W, source) as `dtype`."""
        if image.dtype.kind == "f":
            image = np.nan_to_num(image.astype(np.float32, copy=False), nan=0.0, posinf=np.inf, neginf=-np.inf)
        elif image.dtype not in (np.dtype(np.uint8), np.dtype(np.uint16)):
            raise UnreadableImage("image_depth_wrong", found=str(image.dtype), expected=self.dtype)
        if image.dtype == self.dtype:
            return image
        if self.dtype == "uint8":
            if image.dtype != np.uint16:
                raise UnreadableImage("image_depth_wrong", found=str(image.dtype), expected=self.dtype)
            reduced: NDArray[np.uint8] = np.rint(image.astype(np.float32) / 257).astype(np.uint8)
            return reduced
        values: Pixels = self._unseen(image) if image.dtype == np.uint8 else image
        if self.dtype == "float32":
            return values.astype(np.float32)
        return np.clip(np.rint(values), 0, 65535).astype(np.uint16)

    def _unseen(self, image: Pixels) -> NDArray[np.float32]:
        """Return the values that the windows would turn into these 8-bit levels."""
        window_of = dict(zip(self.channels, self.windows, strict=True))
        found = [window_of.get(index, Window(0, 255)) for index in range(self.source)]
        lows = np.array([window.low for window in found], dtype=np.float32)
        spans = np.array([window.high - window.low for window in found], dtype=np.float32)
        return np.asarray(lows + image.astype(np.float32) * (spans / 255), dtype=np.float32)


def parse_windows(text: str) -> tuple[Window, ...]:
    """Read windows written ``low..high``, several divided by commas; raises `ValueError` or `UserError`."""
    windows = []
    for part in text.split(","):
        low, dots, high = part.strip().partition("..")
        if not dots:
            raise ValueError(part)
        windows.append(Window(float(low), float(high)))
    return tuple(windows)


def estimate_windows(raws: Iterable[Pixels], source: int, *, seed: int = 0) -> tuple[Window, ...] | None:
    """Return the window of each channel that holds the middle 99.8 % of a data set's values.

    Every image counts the same, whatever its size, by at most 16,384 of its pixels, chosen by the seed.

    Parameters
    ----------
    raws
        (H, W) or (H, W, source) each; grey counts for every channel where `source` is 3, others are passed over.

    Returns
    -------
    tuple or None
        `source` windows; None without an image.
    """
    return _windows_at(raws, source, _TAIL, seed)


def extreme_windows(raws: Iterable[Pixels], source: int, *, seed: int = 0) -> tuple[Window, ...] | None:
    """Return the window of each channel from the least to the greatest value met; otherwise as `estimate_windows`."""
    return _windows_at(raws, source, 0.0, seed)


def _windows_at(raws: Iterable[Pixels], source: int, tail: float, seed: int) -> tuple[Window, ...] | None:
    rng = np.random.default_rng(seed)
    values: list[NDArray[np.float64]] = []
    weights: list[NDArray[np.float64]] = []
    for raw in raws:
        flat = raw.reshape(-1, 1 if raw.ndim == 2 else raw.shape[2])
        if not len(flat) or flat.shape[1] not in ({1, 3} if source == 3 else {source}):
            continue
        if len(flat) > _LOOKED_AT:
            flat = flat[rng.choice(len(flat), _LOOKED_AT, replace=False)]
        values.append(np.broadcast_to(flat, (len(flat), source)).astype(np.float64))
        weights.append(np.full(len(flat), 1 / len(flat)))
    if not values:
        return None
    usual = _usual(values) if tail else [True] * len(values)
    pooled, weight = (np.concatenate(list(compress(each, usual))) for each in (values, weights))
    return tuple(_window(pooled[:, index], weight, tail) for index in range(source))


def _usual(values: Sequence[NDArray[np.float64]]) -> list[bool]:
    """Return which images are of the same order of magnitude as most are.

    One image in other units, a float with a forgotten scale, would decide the window of all others, which then are
    black. A tenth of the images (at least one) may be passed over; where more differ, that is what the set is like.
    """
    usual = np.ones(len(values), dtype=np.bool_)
    if len(values) < _FEW:
        return usual.tolist()
    for index in range(values[0].shape[1]):
        ends = np.array([_ends(image[:, index]) for image in values])
        known = np.sort(ends[np.isfinite(ends[:, 0])], axis=0)
        if not len(known):
            continue
        low, high = map(float, known[len(known) // 2])
        span = _FAR * (high - low)
        if span > 0:
            usual &= ~((ends[:, 0] < low - span) | (ends[:, 1] > high + span))
    return usual.tolist() if (~usual).sum() <= max(1, len(values) // 10) else [True] * len(values)


def _ends(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return about where the middle 99.8 % of an image's values begin and end; no numbers where there are none."""
    found = np.sort(values[np.isfinite(values)])
    if not len(found):
        return float("nan"), float("nan")
    skipped = int(_TAIL * len(found))
    return float(found[skipped]), float(found[len(found) - 1 - skipped])


def _window(values: NDArray[np.float64], weights: NDArray[np.float64], tail: float) -> Window:
    usable = np.isfinite(values)
    values, weights = values[usable], weights[usable]
    if not len(values):
        return Window(0.0, 1.0)
    order = np.argsort(values, kind="stable")
    share = np.cumsum(weights[order]) / weights.sum()
    last = len(order) - 1
    low = float(values[order[min(last, int(np.searchsorted(share, tail, side="right")))]])
    high = float(values[order[min(last, int(np.searchsorted(share, 1 - tail, side="left")))]])
    if np.float32(low) >= np.float32(high):
        high = low + max(1.0, abs(low) * 1e-3)
    return Window(low, high)


def repeated(values: Sequence[float], channels: int) -> tuple[float, ...]:
    """Return means or deviations of red, green and blue for so many channels: their average for one, else in turns."""
    if channels == 1:
        return (sum(values) / len(values),)
    return tuple(values[index % len(values)] for index in range(channels))


def _tellable(window: Window) -> bool:
    """Return whether the ends differ as float32 too, which the network's input is computed in."""
    ends = (window.low, window.high)
    return max(map(abs, ends)) <= _LARGEST and bool(np.float32(window.low) < np.float32(window.high))


def _invalid(field: str, value: object) -> UserError:
    return UserError("preprocess_invalid", field=field, value=value)
