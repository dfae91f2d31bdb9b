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
    """Return (M,) errors to be expected with `at` (M,) examples: the mean of the curves, by how well they fit.

    Parameters
    ----------
    counts
        (P,) examples at each point of the curve, rising, > 0.
    errors
        (P,) the errors there.
    noise
        (P,) standard deviation of the points, > 0.
    """
    curve, trust = _curves(counts, errors[None], noise, at)
    found: NDArray[np.float64] = trust[0] @ curve[0]
    return found


def possible_errors(
    counts: NDArray[np.float64],
    errors: NDArray[np.float64],
    noise: NDArray[np.float64],
    at: NDArray[np.float64],
    generator: np.random.Generator,
) -> NDArray[np.float64]:
    """Return (R, M) errors with `at` (M,) examples: for R resamples (R, P) a curve each, drawn by how well it fits."""
    curve, trust = _curves(counts, errors, noise, at)
    chosen = (np.cumsum(trust, axis=1) < generator.random((len(errors), 1))).sum(axis=1)
    found: NDArray[np.float64] = curve[np.arange(len(errors)), np.minimum(chosen, trust.shape[1] - 1)]
    return found


def _curves(
    counts: NDArray[np.float64], errors: NDArray[np.float64], noise: NDArray[np.float64], at: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (R, C, M) what each of the grid's C curves says, and (R, C) how far each is to be trusted."""
    scale, (r, m) = counts[-1], (len(errors), len(at))
    # (S, P) and (S, M): the falling part with 1 at the last point
    falling = (counts / scale) ** -_STEEPNESS[:, None]
    ahead = (at / scale) ** -_STEEPNESS[:, None]
    floors = _FLOORS[:, None] * np.maximum(errors[:, -1], 0.0)
    weights = 1.0 / noise**2
    # (F, R, P): what is left above each floor; (F, R, S): the factor that fits it best
    above = errors[None] - floors[:, :, None]
    factor = np.maximum((above * weights) @ falling.T / ((falling**2) @ weights), 0.0)
    off = above[:, :, None, :] - factor[..., None] * falling
    misfit = (off**2 * weights).sum(axis=3).transpose(1, 0, 2).reshape(r, -1)
    trust = np.exp(-0.5 * (misfit - misfit.min(axis=1, keepdims=True)))
    curve = (floors[:, :, None, None] + factor[..., None] * ahead).transpose(1, 0, 2, 3).reshape(r, -1, m)
    return np.clip(curve, 0.0, 1.0), trust / trust.sum(axis=1, keepdims=True)
