"""How much each label counts in the loss."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.training.config import ClassWeights

_BETA = 0.999


def class_weights(y: NDArray[np.int64], n_labels: int, kind: ClassWeights) -> NDArray[np.float32] | None:
    """Return one weight per label, with a mean of 1 over the samples; None where all count alike.

    Parameters
    ----------
    y
        (N,) label indexes of the training samples, each of the K labels at least once.
    kind
        ``balanced``: inversely to the label's count; ``effective``: to its effective number of samples,
        (1 - 0.999**n) / (1 - 0.999) (Cui et al. 2019), which is milder for labels of many samples.

    Returns
    -------
    ndarray
        (K,) float32, positive.
    """
    if kind is ClassWeights.NONE:
        return None
    counts = np.maximum(np.bincount(y, minlength=n_labels), 1).astype(np.float64)
    mass = counts if kind is ClassWeights.BALANCED else -np.expm1(counts * np.log(_BETA)) / (1 - _BETA)
    weights: NDArray[np.float64] = 1 / mass
    scale = len(y) / float(weights[y].sum())
    return (weights * scale).astype(np.float32)
