"""What the points of a map are coloured by: a category each, or a number each.

A category has its colour and glyph, as labels have everywhere; numbers go along a ramp that rises steadily in lightness
(after viridis: Smith and van der Walt 2015), so that it is read without telling colours apart, and away from the
background, so that much stands out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.labels import UNLABELLED_COLOUR

RAMP_STEPS: Final = 256
_NO_NUMBER: Final = UNLABELLED_COLOUR[0]
_ON_LIGHT: Final = ("#DCC93A", "#74BE62", "#2B9588", "#33638D", "#432A75", "#2F0F4A")
_ON_DARK: Final = ("#56478F", "#3F6C9B", "#2B9488", "#5BB968", "#B5D33D", "#FBE84F")


@dataclass(frozen=True, slots=True)
class Category:
    """One colour of a map, and what it stands for."""

    name: str
    colour: str
    glyph: str


@dataclass(frozen=True, slots=True, eq=False)
class Colouring:
    """A colour for each of N points.

    Attributes
    ----------
    codes
        (N,) uint16 indexes into `colours`.
    colours
        ``#RRGGBB``, one a code.
    categories
        What the codes stand for, where they are categories; empty where they are steps of a ramp.
    counts
        How many points each category has.
    low, high
        The numbers at the ends of the ramp.
    behind
        The code of points of which nothing is to be said: they stand back behind the others; -1 for none.
    """

    codes: NDArray[np.uint16]
    colours: tuple[str, ...]
    categories: tuple[Category, ...] = ()
    counts: tuple[int, ...] = ()
    low: float = 0.0
    high: float = 1.0
    behind: int = -1

    def __len__(self) -> int:
        return len(self.codes)


def by_category(codes: NDArray[np.integer], categories: Sequence[Category], *, behind: int = -1) -> Colouring:
    """Colour points by the index (N,) of the category each has; those of category `behind` stand back."""
    counts = np.bincount(codes, minlength=len(categories)) if len(codes) else np.zeros(len(categories), dtype=np.int64)
    return Colouring(
        codes.astype(np.uint16),
        tuple(category.colour for category in categories),
        tuple(categories),
        tuple(counts.tolist()),
        behind=behind,
    )


def by_number(
    values: NDArray[np.floating], *, dark: bool, low: float | None = None, high: float | None = None
) -> Colouring:
    """Colour points by a number (N,) each, NaN for those without one; the ramp spans all of them, or low to high."""
    known = values[np.isfinite(values)]
    low = low if low is not None else float(known.min(initial=np.inf)) if len(known) else 0.0
    high = high if high is not None else float(known.max(initial=-np.inf)) if len(known) else 1.0
    share = (np.nan_to_num(values, nan=low) - low) / ((high - low) or 1.0)
    codes = np.clip(share * (RAMP_STEPS - 1), 0, RAMP_STEPS - 1).astype(np.uint16)
    codes[~np.isfinite(values)] = RAMP_STEPS
    return Colouring(codes, (*ramp(dark=dark), _NO_NUMBER), low=low, high=high, behind=RAMP_STEPS)


def ramp(*, dark: bool) -> tuple[str, ...]:
    """Return `RAMP_STEPS` colours, from little to much, to be seen on a light or a dark surface."""
    stops = [[int(stop[i : i + 2], 16) for i in (1, 3, 5)] for stop in (_ON_DARK if dark else _ON_LIGHT)]
    at = np.linspace(0, len(stops) - 1, RAMP_STEPS)
    channels = [np.interp(at, range(len(stops)), column).round().astype(int) for column in zip(*stops, strict=True)]
    return tuple(f"#{r:02X}{g:02X}{b:02X}" for r, g, b in zip(*(channel.tolist() for channel in channels), strict=True))
