"""How much each label counts in the loss, so that rare ones are not drowned by common ones."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.training.config import ClassWeights

_BETA: Final = 0.999
_LARGEST: Final = 100.0  # more than that, and one image in a batch decides its whole step


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
    weights: NDArray[np.float64] = 1 / _mass(counts, kind)
    scale = len(y) / float(weights[y].sum())
    return (weights * scale).astype(np.float32)


def positive_weights(y: NDArray[np.bool_], kind: ClassWeights) -> NDArray[np.float32] | None:
    """Return how much the presence of each label counts against its absence; None where both count alike.

    The same idea for many labels an image: ``balanced`` is (images without) / (images with), ``effective`` the same of
    their effective numbers. At most 100.

    Parameters
    ----------
    y
        (N, K) bool, of the training samples.

    Returns
    -------
    ndarray
        (K,) float32, positive.
    """
    if kind is ClassWeights.NONE:
        return None
    present = y.sum(axis=0).astype(np.float64)
    masses = [_mass(np.maximum(counts, 1), kind) for counts in (len(y) - present, present)]
    return np.clip(masses[0] / masses[1], 1 / _LARGEST, _LARGEST).astype(np.float32)


def _mass(counts: NDArray[np.float64], kind: ClassWeights) -> NDArray[np.float64]:
    return counts if kind is ClassWeights.BALANCED else np.asarray(-np.expm1(counts * np.log(_BETA)) / (1 - _BETA))
