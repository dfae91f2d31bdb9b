"""The length of a scale bar: round, and as long as fits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

_UNITS: Final = ((1e3, "mm"), (1.0, "µm"), (1e-3, "nm"))


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """`length_px` on the screen, and what to write beside it."""

    length_px: float
    text: str


def scale_bar(um_per_screen_px: float, longest_px: float) -> ScaleBar | None:
    """Return the longest bar of 1, 2 or 5 times a power of ten that is at most `longest_px`; None for no scale."""
    if not (math.isfinite(um_per_screen_px) and um_per_screen_px > 0 and longest_px > 0):
        return None
    longest_um = um_per_screen_px * longest_px
    power = 10.0 ** math.floor(math.log10(longest_um))
    length = max(step * power for step in (1, 2, 5) if step * power <= longest_um * (1 + 1e-9))
    factor, unit = next(((factor, unit) for factor, unit in _UNITS if length >= factor * (1 - 1e-9)), _UNITS[-1])
    return ScaleBar(length / um_per_screen_px, f"{length / factor:,.6g} {unit}")
