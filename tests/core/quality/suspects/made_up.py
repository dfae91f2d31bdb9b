"""Made-up probabilities and wrong labels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def classifier(
    n: int, k: int, *, certainty: float = 6.0, seed: int = 0, shares: NDArray[np.float64] | None = None
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return probabilities (n, k) of a decent classifier, and the true labels."""
    random = np.random.default_rng(seed)
    true = random.choice(k, n, p=shares).astype(np.int64)
    logits = random.normal(size=(n, k)) * 1.5
    logits[np.arange(n), true] += random.normal(certainty, 2, n)
    p = np.exp(logits - logits.max(1, keepdims=True))
    return p / p.sum(1, keepdims=True), true


def spoiled(true: NDArray[np.int64], k: int, rate: float, seed: int = 1, step: int | None = None) -> NDArray[np.int64]:
    """Return labels of which a share is wrong: any other one, or always the one `step` further."""
    random = np.random.default_rng(seed)
    wrong = random.random(len(true)) < rate
    move = random.integers(1, k, len(true)) if step is None else step
    return np.where(wrong, (true + move) % k, true)


def average_precision(wrong: NDArray[np.bool_], score: NDArray[np.float64]) -> float:
    """Return the area under precision and recall."""
    ordered = wrong[np.argsort(-score, kind="stable")]
    found = np.cumsum(ordered)
    return float((found[ordered] / (np.flatnonzero(ordered) + 1)).mean())
