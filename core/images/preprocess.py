"""Preprocess: what happens to an image on its way into the network, as one value used everywhere.

First a box is taken in the image's pixels, then the box is resized to size × size by antialiased bilinear
interpolation on float, never rounded to grey levels, then every channel becomes (x / 255 - mean) / std.

The box: `STRETCH` the whole image; `CROP` the centred square of side min(H, W); `PAD` the centred square of side
max(H, W); `NATIVE` the centred square of side `size`. What is outside the image has the mean colour, 0 after
normalisation. Where a box cannot be centred exactly, the odd row is left over at the bottom and the odd column on the
right, when cropping and when padding alike: the offset is (larger - smaller) // 2.

`core.images.network_input` does it with torch, `core.images.resample` has the resizing's weights, and the exported
graph is built from the same formulas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from core.errors import UserError
from core.images.intensity import Window

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
        Of the three channels, on the scale 0…1.
    window
        The intensity window of 16-bit images; None for the full range.
    """

    size: int
    resize: ResizeMode
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    window: Window | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.size <= MAX_SIZE:
            raise UserError("preprocess_invalid", field="size", value=self.size)
        if len(self.mean) != 3 or not all(0 <= value <= 1 for value in self.mean):
            raise UserError("preprocess_invalid", field="mean", value=self.mean)
        if len(self.std) != 3 or not all(0 < value <= 100 for value in self.std):
            raise UserError("preprocess_invalid", field="std", value=self.std)

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
        window = [self.window.low, self.window.high] if self.window else None
        return {
            "size": self.size,
            "resize": self.resize.value,
            "mean": list(self.mean),
            "std": list(self.std),
            "window": window,
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Preprocess:
        """Read what `to_json` wrote.

        Raises
        ------
        UserError
            ``preprocess_invalid`` or ``window_invalid``: the values may come from a stranger.
        """
        try:
            window = values.get("window")
            return cls(
                size=int(values["size"]),
                resize=ResizeMode(values["resize"]),
                mean=_triple(values["mean"]),
                std=_triple(values["std"]),
                window=None if window is None else Window(int(window[0]), int(window[1])),
            )
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise UserError("preprocess_invalid", field="preprocess", value=str(error)) from error


def _triple(values: Any) -> tuple[float, float, float]:
    first, second, third = (float(value) for value in values)
    return first, second, third


def _offset(extent: int, side: int) -> int:
    return (extent - side) // 2 if extent >= side else -((side - extent) // 2)
