"""Calibration of labels that are decided on their own: one slope and one offset per label (Platt 1999).

Fitted by Newton's method with a line search, as Lin, Lin and Weng (2007) give it. The slope stays positive, so that the
order of the samples, and with it average precision and the ROC curve, never changes.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.errors import BugError
from core.evaluation.calibration import MAX_TEMPERATURE, MIN_TEMPERATURE
from core.evaluation.metrics import Floats
from core.evaluation.thresholds import FEWEST

_STEPS: Final = 100


def sigmoid(logits: ArrayLike) -> Floats:
    """Return 1 / (1 + e^-x), of any shape, float64; stable for logits of any size."""
    x = np.asarray(logits, np.float64)
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, small) / (1.0 + small)


def fit_platt(logits: ArrayLike, truth: ArrayLike) -> tuple[Floats, Floats]:
    """Return slopes and offsets, (K,) each: sigmoid(slope * logit + offset) fits the truth best.

    The targets are smoothed as Platt proposes, (n + 1) / (n + 2) and 1 / (m + 2), so that a label without a single
    error is not called certain for ever. A label with fewer than `FEWEST` samples with or without it, or whose logits
    point the wrong way, keeps slope 1 and offset 0.

    Parameters
    ----------
    logits
        (N, K), finite.
    truth
        (N, K) bool.
    """
    scores, y = np.asarray(logits, np.float64), np.asarray(truth, bool)
    if scores.shape != y.shape or scores.ndim != 2:
        raise BugError(f"logits {scores.shape} and truth {y.shape} must be (N, K)")
    if not np.isfinite(scores).all():
        raise BugError("a logit is not finite")
    slopes, offsets = np.ones(scores.shape[1]), np.zeros(scores.shape[1])
    for k in range(scores.shape[1]):
        positives = int(y[:, k].sum())
        if min(positives, len(y) - positives) < FEWEST or not np.ptp(scores[:, k]):
            continue
        slope, offset = _fit_one(scores[:, k], y[:, k], positives)
        if 1 / MAX_TEMPERATURE <= slope <= 1 / MIN_TEMPERATURE:
            slopes[k], offsets[k] = slope, offset
    return slopes, offsets


def _fit_one(x: Floats, y: NDArray[np.bool_], positives: int) -> tuple[float, float]:
    target = np.where(y, (positives + 1) / (positives + 2), 1 / (len(y) - positives + 2))
    scale = float(np.abs(x).max())  # of one size, so that one tolerance serves all
    design = np.stack([x / scale, np.ones(len(x))], axis=1)
    at = np.array([0.0, np.log((positives + 1) / (len(y) - positives + 1))])
    loss = _loss(design @ at, target)
    for _ in range(_STEPS):
        p = sigmoid(design @ at)
        gradient = design.T @ (p - target)
        if np.abs(gradient).max() < 1e-9 * len(x):
            break
        curvature = (design * (p * (1 - p))[:, None]).T @ design + 1e-12 * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        length = 1.0
        while length > 1e-10 and _loss(design @ (at - length * step), target) > loss:
            length /= 2
        at = at - length * step
        loss = _loss(design @ at, target)
    return float(at[0]) / scale, float(at[1])


def _loss(logits: Floats, target: Floats) -> float:
    return float((np.logaddexp(0.0, logits) - target * logits).sum())
