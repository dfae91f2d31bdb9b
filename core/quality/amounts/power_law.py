"""Learning curves: an error that falls with the number of examples as an inverse power, and what more would bring.

error(n) = floor + rest * n^-steepness (Cortes et al. 1994; on small medical sets Figueroa et al. 2012; Hestness et al.
2017). Four to six points don't settle three numbers, so that every floor and steepness of a grid is tried, with the
best factor for each, and the ones that fit best are averaged by how well they do.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_STEEPNESS: Final = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8, 1.0])
_FLOORS: Final = np.array([0.0, 0.25, 0.5, 0.7, 0.85, 1.0])
"""As shares of the error that is left with all examples."""


def predicted_errors(
    counts: NDArray[np.float64], errors: NDArray[np.float64], noise: NDArray[np.float64], at: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return (R, M) errors to be expected with `at` (M,) examples.

    Parameters
    ----------
    counts
        (P,) examples at each point of the curve, rising, > 0.
    errors
        (R, P) the errors there, of R resamples: each has a curve of its own.
    noise
        (P,) standard deviation of the points, > 0.
    """
    scale = counts[-1]
    # (S, P) and (S, M): the falling part with 1 at the last point
    falling = (counts / scale) ** -_STEEPNESS[:, None]
    ahead = (at / scale) ** -_STEEPNESS[:, None]
    floors = _FLOORS[:, None] * np.maximum(errors[:, -1], 0.0)
    weights = 1.0 / noise**2
    # (F, R, P): what is left above each floor; (F, R, S): the factor that fits it best
    above = errors[None] - floors[:, :, None]
    factor = np.maximum((above * weights) @ falling.T / ((falling**2) @ weights), 0.0)
    off = above[:, :, None, :] - factor[..., None] * falling
    misfit = (off**2 * weights).sum(axis=3)
    trust = np.exp(-0.5 * (misfit - misfit.min(axis=(0, 2), keepdims=True)))
    curve = floors[:, :, None, None] + factor[..., None] * ahead
    found: NDArray[np.float64] = (curve * trust[..., None]).sum(axis=(0, 2)) / trust.sum(axis=(0, 2))[:, None]
    return np.clip(found, 0.0, 1.0)
