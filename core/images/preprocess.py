"""Preprocess: what happens to an image on its way into the network, as one value used everywhere.

First a box is taken in the image's pixels, then the box is resized to size × size by antialiased bilinear
interpolation on float, never rounded to grey levels, then every channel becomes (x / 255 - mean) / std.

The box: `STRETCH` the whole image; `CROP` the centred square of side min(H, W); `PAD` the centred square of side
max(H, W); `NATIVE` the centred square of side `size`. What is outside the image has the mean colour, 0 after
normalisation. Where a box cannot be centred exactly, the odd row is left over at the bottom and the odd column on the
right, when cropping and when padding alike: the offset is (larger - smaller) // 2.

Images of 8 bits, grey or RGB, are (H, W, 3) uint8 before that. Any others go through a `ChannelMap` first, which
chooses channels and makes levels from 0 to 255 of measured values.

`core.images.network_input` does it with torch, `core.images.resample` has the resizing's weights, and the exported
graph is built from the same formulas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np

from core.errors import UnreadableImage, UserError
from core.images.channels import ChannelMap
from core.images.formats import Raw
from core.images.intensity import Window, to_rgb8

MAX_SIZE: Final = 2048


class ResizeMode(StrEnum):
    """Which box of the image is resized to the network's input; see the module."""

    STRETCH = "stretch"
    CROP = "crop"
    PAD = "pad"
    NATIVE = "native"


@dataclass(frozen=True, slots=True)
class Box:
    """Rows `top` to `top + height` and columns `left` to `left + width` of an image; may reach outside of it."""

    top: int
    left: int
    height: int
    width: int


@dataclass(frozen=True, slots=True)
class Preprocess:
    """One way into the network.

    Attributes
    ----------
    size
        Side of the network's input, in pixels (1…2048).
    resize
        Which box of the image is resized.
    mean, std
        Of the network's channels (three without a map), on the scale 0…1.
    window
        Without a map: the intensity window of 16-bit images; None for the full range.
    channels
        Which channels go in, and through which windows; None for 8-bit grey or RGB.
    """

    size: int
    resize: ResizeMode
    mean: tuple[float, ...]
    std: tuple[float, ...]
    window: Window | None = None
    channels: ChannelMap | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.size <= MAX_SIZE:
            raise UserError("preprocess_invalid", field="size", value=self.size)
        if len(self.mean) != self.width or not all(0 <= value <= 1 for value in self.mean):
            raise UserError("preprocess_invalid", field="mean", value=self.mean)
        if len(self.std) != self.width or not all(0 < value <= 100 for value in self.std):
            raise UserError("preprocess_invalid", field="std", value=self.std)

    @property
    def width(self) -> int:
        """How many channels the network takes."""
        return self.channels.width if self.channels else 3

    @property
    def source(self) -> int:
        """How many channels an image has as `image` gives it, and as the exported model takes it."""
        return self.channels.source if self.channels else 3

    @property
    def dtype(self) -> str:
        """The type of these images' values: ``uint8``, ``uint16`` or ``float32``."""
        return self.channels.dtype if self.channels else "uint8"

    @property
    def is_colour(self) -> bool:
        """Whether the network sees red, green and blue."""
        return self.channels.is_colour if self.channels else True

    def image(self, raw: Raw) -> Raw:
        """Return decoded pixels as `to_network` and the exported model take them: (H, W, source) of `dtype`.

        Parameters
        ----------
        raw
            (H, W) or (H, W, C), uint8, uint16 or floating.

        Raises
        ------
        UnreadableImage
            ``image_channels_wrong`` or ``image_depth_wrong``: the image is of another kind than the data set.
        """
        if self.channels:
            return self.channels.fit(raw)
        found = 1 if raw.ndim == 2 else raw.shape[2]
        if found not in (1, 3):
            raise UnreadableImage("image_channels_wrong", found=found, expected=3)
        if raw.dtype not in (np.dtype(np.uint8), np.dtype(np.uint16)):
            raise UnreadableImage("image_depth_wrong", found=str(raw.dtype), expected="uint8")
        return to_rgb8(raw[..., 0] if raw.ndim == 3 and found == 1 else raw, self.window)

    def box(self, height: int, width: int) -> Box:
        """Return the box to take from an image of `height` × `width` pixels."""
        match self.resize:
            case ResizeMode.STRETCH:
                return Box(0, 0, height, width)
            case ResizeMode.CROP:
                side = min(height, width)
            case ResizeMode.PAD:
                side = max(height, width)
            case ResizeMode.NATIVE:
                side = self.size
        return Box(_offset(height, side), _offset(width, side), side, side)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON values, which `from_json` reads back."""
        values: dict[str, Any] = {
            "size": self.size,
            "resize": self.resize.value,
            "mean": list(self.mean),
            "std": list(self.std),
            "window": [self.window.low, self.window.high] if self.window else None,
        }
        # Left out where there is none: what was cached under these values before stays known.
        return values | ({"channels": self.channels.to_json()} if self.channels else {})

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Preprocess:
        """Read what `to_json` wrote.

        Raises
        ------
        UserError
            ``preprocess_invalid`` or ``window_invalid``: the values may come from a stranger.
        """
        try:
            window, channels = values.get("window"), values.get("channels")
            return cls(
                size=int(values["size"]),
                resize=ResizeMode(values["resize"]),
                mean=tuple(float(value) for value in values["mean"]),
                std=tuple(float(value) for value in values["std"]),
                window=None if window is None else Window(int(window[0]), int(window[1])),
                channels=None if channels is None else ChannelMap.from_json(channels),
            )
        except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
            raise UserError("preprocess_invalid", field="preprocess", value=str(error)) from error


def _offset(extent: int, side: int) -> int:
    return (extent - side) // 2 if extent >= side else -((side - extent) // 2)
