"""Data for the checks of whole data sets: made-up features with labels, groups and splits, without images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.domain.samples import SampleTable
from core.embeddings.bank import FeatureBank, PoolFeatures
from core.images.reader import ImageReader
from core.quality.data import QualityData

WIDTH = 16


def clouds(
    given: NDArray, *, apart: float = 6.0, seed: int = 0, groups: NDArray | None = None, shift: float = 0.0
) -> NDArray:
    """Return features (N, 16) around a centre of each label, which those of a group leave together by `shift`."""
    random = np.random.default_rng(seed)
    centres = (
        np.eye(64, WIDTH)[: given.max() + 1] if given.max() < WIDTH else random.normal(size=(given.max() + 1, WIDTH))
    )
    features = 8.0 / WIDTH**0.5 + apart * centres[given] + random.normal(size=(len(given), WIDTH))
    if groups is not None:
        features += shift * random.normal(size=(groups.max() + 1, WIDTH))[groups]
    return features.astype(np.float32)


def made_up(
    folder: Path,
    features: NDArray | None,
    given: NDArray | None = None,
    *,
    held: NDArray | None = None,
    groups: NDArray | None = None,
    splits: NDArray | None = None,
    paths: list[str] | None = None,
    n_labels: int | None = None,
    duplicates: tuple[tuple[int, ...], ...] = (),
) -> QualityData:
    """Return data of N samples: `given` (N,), -1 without a label, or `held` (N, K), several labels each."""
    n = len(given) if given is not None else len(held)
    if held is None:
        width = n_labels or max(0, int(given.max(initial=-1)) + 1)
        own, labelled = given[:, None] == np.arange(width), given >= 0
    else:
        own, labelled, width = held, np.ones(n, bool), held.shape[1]
    keys = [f"digest {row}" for row in range(n)]
    pool = None
    if features is not None:
        bank = FeatureBank(folder / "bank", features.shape[1])
        bank.add(keys, features)
        pool = PoolFeatures(bank, bank.rows(keys))
    ids, none = np.arange(1, n + 1), np.full(n, -1)
    table = SampleTable(
        ids,
        np.where(own.any(axis=1), own.argmax(axis=1) + 1, -1) if width else none,
        none if groups is None else groups,
        np.zeros(n, np.int8) if splits is None else splits.astype(np.int8),
        np.ones(n, np.int64),
        paths or [f"image{row}.png" for row in range(n)],
    )
    return QualityData(
        table=table,
        keys=keys,
        label_names=tuple(chr(65 + k) if width <= 26 else f"L{k}" for k in range(width)),
        label_ids=np.arange(1, width + 1),
        given=given if given is not None else none,
        held=own,
        labelled=labelled,
        independent=held is not None,
        reader=ImageReader([]),
        features=pool,
        duplicates=duplicates,
    )
