"""Which of several images that show the same is worth keeping, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from core.quality.facts.image_facts import ImageFacts

_LOSSLESS: Final = 101.0
_SHARP: Final = 0.8
"""Of the sharpest one's slope: what has less is blurred. An encoder's blocks make edges too, but weaker ones."""
_COLUMNS: Final = ("width", "height", "edge_slope", "jpeg_quality", "bytes_per_pixel", "bit_depth")


@dataclass(frozen=True, slots=True)
class Standing:
    """What speaks for an image; NaN where nothing is known.

    Attributes
    ----------
    pixels
        How many it has.
    depth
        Bits of a value.
    sharpness
        `edge_slope` of its facts: near 1 for hard edges.
    quality
        Of its JPEG encoding, 1 to 100; 101 for a format that loses nothing.
    bytes_per_pixel
        Of its file.
    """

    pixels: float
    depth: float
    sharpness: float
    quality: float
    bytes_per_pixel: float

    def key(self, sharpest: float) -> tuple[float, ...]:
        """Return what sorts the best first: resolution, bits, not blurred, encoding; `sharpest` of all it is among."""
        blurred = float(_known(self.sharpness) < _SHARP * sharpest)
        return (
            -_known(self.pixels),
            -_known(self.depth),
            blurred,
            -_known(self.quality),
            -_known(self.bytes_per_pixel),
            -_known(self.sharpness),
        )


_REASONS: Final = ("resolution", "depth", "sharpness", "encoding", "size", "sharpness")


def best_first(members: Mapping[int, Standing]) -> tuple[list[int], str]:
    """Return the members, by row, the best first, and why: ``resolution``, ``depth``, ``sharpness`` (the others are
    blurred), ``encoding``, ``size`` (of the file), or ``first`` where they are alike."""
    sharpest = max(_known(standing.sharpness) for standing in members.values())
    keys = {row: standing.key(sharpest) for row, standing in members.items()}
    ranked = sorted(members, key=lambda row: (keys[row], row))
    best, second = keys[ranked[0]], keys[ranked[1]] if len(ranked) > 1 else keys[ranked[0]]
    reason = next((name for name, one, other in zip(_REASONS, best, second, strict=True) if one < other), "first")
    return ranked, reason


def standings(facts: ImageFacts | None, count: int) -> list[Standing]:
    """Return what speaks for each of N images."""
    if facts is None:
        return [Standing(np.nan, np.nan, np.nan, np.nan, np.nan)] * count
    numbers = facts.columns(list(_COLUMNS)).astype(np.float64)
    width, height, sharp, quality, size, depth = numbers.T
    quality = np.where(np.isnan(quality), _LOSSLESS, quality)
    table = np.stack([width * height, depth, sharp, quality, size], axis=1)
    return [Standing(*row) for row in table.tolist()]


def _known(value: float) -> float:
    return 0.0 if np.isnan(value) else value
