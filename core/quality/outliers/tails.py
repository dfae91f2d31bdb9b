"""How far out a number lies, by a tail that is learnt from the data themselves and that outliers can't bend.

The upper half of a data set's own numbers tells how its tail falls off: a Weibull law through the median, the 75th and
the 95th percentile, which a few per cent of outliers hardly move (quantile matching: Castillo and Hadi 1997). What lies
beyond is judged by that law (peaks over a threshold: Siffer et al. 2017, without its sensitivity to the extremes that
are to be found).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

MIN_NUMBERS: Final = 20
"""From fewer, no tail can be told."""
_SHAPES: Final = (1.0, 2.0)
"""From an exponential tail (1), which is heavy, to that of squares (2); a normal one comes out at 1.35."""
_LEAST_SPREAD: Final = 0.01
"""Of logarithms: a data set whose distances differ by less than 1 % has no outliers that anyone would see."""


@dataclass(frozen=True, slots=True)
class Tail:
    """The upper tail of some numbers.

    Attributes
    ----------
    middle
        Their median.
    scale, shape
        Of the Weibull law of what lies above it.
    usual
        Their 5th and 95th percentile.
    """

    middle: float
    scale: float
    shape: float
    usual: tuple[float, float]

    def beyond(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return (n,) the chance, 0 to 1, of a number as large as each; 1 for one that isn't finite."""
        above = np.maximum(np.where(np.isfinite(numbers), numbers, self.middle) - self.middle, 0.0)
        chance: NDArray[np.float64] = 0.5 * np.exp(-((above / self.scale) ** self.shape))
        return np.where(above > 0, chance, 1.0)


def fit_tail(numbers: NDArray[np.float64]) -> Tail | None:
    """Learn the tail of numbers (n,); those that aren't finite are left out. None where there are too few."""
    known = numbers[np.isfinite(numbers)]
    if len(known) < MIN_NUMBERS:
        return None
    low, middle, upper, high = np.quantile(known, [0.05, 0.5, 0.75, 0.95]).tolist()
    # Of the upper half, half lies beyond `upper` and a tenth beyond `high`.
    near, far = max(upper - middle, _LEAST_SPREAD / 2), max(high - middle, _LEAST_SPREAD)
    ratio = max(far / near, 1.01)
    shape = float(np.clip(np.log(np.log(10) / np.log(2)) / np.log(ratio), *_SHAPES))
    return Tail(middle, far / float(np.log(10) ** (1 / shape)), shape, (low, high))


def unlikeliness(chance: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return (n,) scores, 0 to 1: 0.5 where one as far out was to be expected among `count` by chance alone."""
    score: NDArray[np.float64] = 1.0 / (1.0 + chance * count)
    return score
