"""Made-up features: kinds of samples that a head can tell apart, and others that it can't."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FEATURES = 24


def blobs(count: int, kinds: int = 3, *, apart: float = 3.0, seed: int = 0) -> tuple[NDArray, NDArray]:
    """Return features (N, F) float32 around a centre of each kind, and the kinds (N,)."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(kinds, FEATURES)) * apart / np.sqrt(FEATURES) * 3
    y = np.arange(count) % kinds
    return (centres[y] + random.normal(size=(count, FEATURES))).astype(np.float32), y


def one_hot(y: NDArray, kinds: int = 3) -> NDArray:
    return np.eye(kinds, dtype=np.float32)[y]
