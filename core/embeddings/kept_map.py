"""A map on disk, beside the features it is of: where each content is, and how far the map has come.

The file is written whole or not at all, and is only ever a short cut: where it is gone, damaged, or of other data, the
map is made again.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.paths import atomic_write

FILE_NAME: Final = "map.npz"
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Descent:
    """How far the fit of D samples has come: what the next step begins with, each (D, 2) float64."""

    iteration: int
    positions: NDArray[np.float64]
    gains: NDArray[np.float64]
    update: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class KeptMap:
    """A map as it was kept.

    Attributes
    ----------
    contents
        (N, 2) uint64 digests, as `FeatureBank.contents`.
    positions
        (N, 2) float32.
    descent
        Of the samples it is fitted to, which are in `fitted` (D, 2) by their digests; None once it is finished.
    """

    contents: NDArray[np.uint64]
    positions: NDArray[np.float32]
    fitted: NDArray[np.uint64]
    descent: Descent | None
    seed: int = 0

    def find(self, contents: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return (n,) which entry is of each of these contents (n, 2), -1 where none is."""
        if not len(self.contents):
            return np.full(len(contents), -1, dtype=np.int64)
        first = self.contents[:, 0]
        order = np.argsort(first, kind="stable")
        at = np.minimum(np.searchsorted(first, contents[:, 0], sorter=order), len(order) - 1)
        found = order[at]
        # Half of a digest finds it: two of a million whose halves agree come once in 40 million data sets.
        same = (self.contents[found] == contents).all(axis=1)
        return np.where(same, found, -1).astype(np.int64)


def read_map(folder: Path) -> KeptMap | None:
    """Return the map kept in `folder`, or None where there is none that can be read."""
    try:
        with np.load(folder / FILE_NAME, allow_pickle=False) as file:
            version, iteration, seed = (int(number) for number in file["state"])
            descent = Descent(iteration, *file["descent"]) if len(file["descent"]) else None
            kept = KeptMap(file["contents"], file["positions"], file["fitted"], descent, seed)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None
    whole = kept.positions.shape == kept.contents.shape == (len(kept.contents), 2)
    steps = descent is None or descent.positions.shape == kept.fitted.shape
    return kept if version == _VERSION and whole and steps else None


def write_map(folder: Path, kept: KeptMap) -> None:
    """Keep a map; raises `UserError` ``disk_full``, and then the one before is still there."""
    descent, none = kept.descent, np.zeros((0, 0, 2))
    steps = np.stack([descent.positions, descent.gains, descent.update]) if descent is not None else none
    with atomic_write(folder / FILE_NAME) as part, part.open("wb") as file:
        np.savez(
            file,
            state=np.array([_VERSION, descent.iteration if descent is not None else 0, kept.seed]),
            contents=kept.contents,
            positions=kept.positions,
            fitted=kept.fitted,
            descent=steps,
        )
