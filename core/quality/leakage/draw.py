"""Which samples the inflation is measured on, where there are too many for all: so that leaks stay leaks."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

JUDGED: Final = 2_500
TAUGHT: Final = 5_000
IN_FOLDS: Final = 5_000


def split_rows(
    judged: NDArray[np.int64], taught: NDArray[np.int64], units: NDArray[np.int64], *, seed: int = 0
) -> NDArray[np.int64]:
    """Return rows, sorted: some of the judged, of the taught those that belong to them, and others of the taught.

    Were both drawn by chance, hardly a judged image would meet the one it shares something with.

    Parameters
    ----------
    units
        (N,) what belongs together, of all rows.
    """
    generator = np.random.default_rng(seed)
    some = _some(judged, JUDGED, generator)
    kin = np.isin(units[taught], units[some])
    close = _some(taught[kin], TAUGHT // 2, generator)
    others = _some(taught[~kin], TAUGHT - len(close), generator)
    return np.sort(np.concatenate([some, close, others]))


def unit_rows(rows: NDArray[np.int64], units: NDArray[np.int64], *, seed: int = 0) -> NDArray[np.int64]:
    """Return rows, sorted, of whole units drawn until there are `IN_FOLDS`."""
    if len(rows) <= IN_FOLDS:
        return rows
    names, index, counts = np.unique(units[rows], return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(names))
    kept = np.zeros(len(names), dtype=np.bool_)
    kept[order[: 1 + int(np.searchsorted(np.cumsum(counts[order]), IN_FOLDS))]] = True
    return rows[kept[index.ravel()]]


def _some(rows: NDArray[np.int64], most: int, generator: np.random.Generator) -> NDArray[np.int64]:
    return rows if len(rows) <= most else np.sort(generator.choice(rows, most, replace=False))
