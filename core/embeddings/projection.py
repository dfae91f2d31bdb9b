"""A map of the images: two coordinates for each, in which those that look alike lie together.

The first two principal components are there at once. A neighbour embedding (t-SNE: van der Maaten and Hinton 2008;
begun at the components and with the step size of Kobak and Berens 2019) is refined from them in the background. Of more
samples than it can be fitted to in a minute, a part is fitted and the others lie among the fitted ones they are most
like. The same data give the same map; a sample more or less leaves the others where they are.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from core.embeddings.bank import FeatureBank
from core.embeddings.components import apply_components, drawn_part, find_components
from core.embeddings.kept_map import Descent, KeptMap, read_map, write_map
from core.embeddings.placing import Places, find_places
from core.progress import Progress
from core.translation import mark

if TYPE_CHECKING:
    from openTSNE import TSNEEmbedding

MAX_FITTED: Final = 20_000
ITERATIONS: Final = 750
EXAGGERATED: Final = 250
EXAGGERATION: Final = 12.0
STEP: Final = 10
"""Iterations between two frames, and between two chances to stop."""
PERPLEXITY: Final = 30.0
_COMPONENTS: Final = 50
_LEAST: Final = 12
"""Of fewer samples the components show all there is to see."""
_AT_ONCE: Final = 1_024
_KEEP_EVERY_S: Final = 10.0
_KNOWN_ENOUGH: Final = 0.9


@dataclass(frozen=True, slots=True)
class Frame:
    """A map on its way.

    Attributes
    ----------
    positions
        (N, 2) float32 from -1 to 1, the longer side filled; NaN for samples without finite features.
    iteration, total
        How far it has come; the last frame has them equal.
    """

    positions: NDArray[np.float32]
    iteration: int
    total: int

    @property
    def finished(self) -> bool:
        """Whether no better one comes."""
        return self.iteration >= self.total


def pca_map(
    bank: FeatureBank, rows: NDArray[np.int64], progress: Progress | None = None, *, seed: int = 0
) -> NDArray[np.float32]:
    """Return (N, 2) float32 the first two principal components of features, from -1 to 1.

    Parameters
    ----------
    rows
        (N,) the samples' rows in the bank; a sample with -1, or whose features are not finite, is at NaN.

    Raises
    ------
    Cancelled
        The user stopped.
    """
    return fill_square(apply_components(bank, rows, find_components(bank, rows, 2, progress, seed=seed), progress))


def kept_positions(bank: FeatureBank, rows: NDArray[np.int64], *, seed: int = 0) -> NDArray[np.float32] | None:
    """Return (N, 2) of the finished map in the cache, as `pca_map`; None where it lacks any of the samples."""
    kept = read_map(bank.folder)
    if kept is None or kept.descent is not None or kept.seed != seed:
        return None
    there = rows >= 0
    found = kept.find(bank.contents(rows[there]))
    if not len(found) or (found < 0).any():
        return None
    positions = np.full((len(rows), 2), np.nan, dtype=np.float32)
    positions[there] = kept.positions[found]
    return fill_square(positions)


def refine_map(
    bank: FeatureBank,
    rows: NDArray[np.int64],
    progress: Progress | None = None,
    *,
    seed: int = 0,
    max_fitted: int = MAX_FITTED,
    iterations: int = ITERATIONS,
) -> Iterator[Frame]:
    """Yield ever better maps of the samples; the last one is kept in the cache, and the only one the next time.

    Parameters
    ----------
    rows
        As for `pca_map`.
    max_fitted
        Of more samples a part is fitted, and the others are placed among them.

    Raises
    ------
    Cancelled
        The user stopped, at the latest after `STEP` iterations. What was reached is kept: the next call goes on there.
        Closing the generator does the same.
    UserError
        ``disk_full``.
    """
    progress = progress or Progress()
    points = apply_components(bank, rows, find_components(bank, rows, _COMPONENTS, progress, seed=seed), progress)
    seen = np.flatnonzero(np.isfinite(points).all(axis=1))
    if len(seen) < _LEAST or not np.ptp(points[seen], axis=0).any():
        yield Frame(fill_square(points[:, :2].copy()), 1, 1)
        return
    contents = bank.contents(rows)
    kept = read_map(bank.folder)
    kept = kept if kept is not None and kept.seed == seed else None
    old = _placed_among_known(points, contents, seen, kept, progress)
    if old is not None:
        yield Frame(fill_square(old), 1, 1)
        return
    fitted = drawn_part(bank, np.where(np.isin(np.arange(len(rows)), seen), rows, -1), max_fitted)
    others = np.setdiff1d(seen, fitted)
    work = _Refinement(bank, contents, fitted, others, find_places(points[others], points[fitted], progress), seed)
    yield from work.run(points[fitted], kept, progress, iterations)


def fill_square(positions: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return positions (N, 2) moved and scaled, the same in both directions, to fill -1 to 1; NaN stays NaN."""
    seen = np.isfinite(positions).all(axis=1)
    if not seen.any():
        return np.full_like(positions, np.nan)
    low, high = positions[seen].min(axis=0), positions[seen].max(axis=0)
    reach = float((high - low).max()) / 2
    found: NDArray[np.float32] = ((positions - (low + high) / 2) / (reach or 1.0)).astype(np.float32)
    return found


def _placed_among_known(
    points: NDArray[np.float32],
    contents: NDArray[np.uint64],
    seen: NDArray[np.intp],
    kept: KeptMap | None,
    progress: Progress,
) -> NDArray[np.float32] | None:
    """Return the finished map with the few that are new in it; None where there is none, or too many are new."""
    if kept is None or kept.descent is not None:
        return None
    found = kept.find(contents[seen])
    known = found >= 0
    if known.mean() < _KNOWN_ENOUGH:
        return None
    positions = np.full((len(points), 2), np.nan, dtype=np.float32)
    positions[seen[known]] = kept.positions[found[known]]
    new = seen[~known]
    if len(new):
        anchors = seen[known][:: max(1, int(known.sum()) // MAX_FITTED)]
        positions[new] = find_places(points[new], points[anchors], progress).among(positions[anchors])
    return positions


class _Refinement:
    """The fit of some samples of a map, and the others among them."""

    def __init__(
        self,
        bank: FeatureBank,
        contents: NDArray[np.uint64],
        fitted: NDArray[np.int64],
        others: NDArray[np.int64],
        places: Places,
        seed: int,
    ) -> None:
        self._bank, self._contents, self._seed = bank, contents, seed
        self._fitted, self._others, self._places = fitted, others, places

    def run(
        self, points: NDArray[np.float32], kept: KeptMap | None, progress: Progress, iterations: int
    ) -> Iterator[Frame]:
        """Go from where the kept map stopped, or from the beginning, to the last iteration."""
        embedding, done = self._begin(points, kept, progress)
        progress.begin(mark("Refining the map"), iterations)
        progress.advance(min(done, iterations))
        written_s = time.monotonic()
        try:
            while done < iterations:
                progress.checkpoint()
                early = done < EXAGGERATED
                embedding.optimize(STEP, exaggeration=EXAGGERATION if early else 1.0, momentum=0.8, inplace=True)
                done += STEP
                if done >= iterations:
                    self._keep(embedding, None)
                elif time.monotonic() - written_s >= _KEEP_EVERY_S:
                    self._keep(embedding, done)
                    written_s = time.monotonic()
                yield Frame(fill_square(self._all(embedding)), min(done, iterations), iterations)
                progress.advance(STEP)
        finally:
            # Also where the user stopped, or closed the window: the next call goes on from here.
            if 0 < done < iterations:
                self._keep(embedding, done)

    def _begin(
        self, points: NDArray[np.float32], kept: KeptMap | None, progress: Progress
    ) -> tuple[TSNEEmbedding, int]:
        """Return the embedding to go on with, and how many iterations it has behind it."""
        from openTSNE import TSNEEmbedding

        affinities = _affinities(points, progress)
        descent = kept.descent if kept is not None else None
        if kept is None or descent is None or not np.array_equal(kept.fitted, self._contents[self._fitted]):
            descent = None
        start = points[:, :2].astype(np.float64)
        start *= 1e-4 / float(start.std(axis=0).max())
        embedding = TSNEEmbedding(
            start if descent is None else descent.positions.copy(),
            affinities,
            negative_gradient_method="fft" if len(points) > 1_500 else "bh",
            random_state=self._seed,
            n_jobs=_threads(),
        )
        if descent is None:
            return embedding, 0
        embedding.optimizer.gains, embedding.optimizer.update = descent.gains.copy(), descent.update.copy()
        return embedding, descent.iteration

    def _all(self, embedding: TSNEEmbedding) -> NDArray[np.float32]:
        positions = np.full((len(self._contents), 2), np.nan, dtype=np.float32)
        placed = np.asarray(embedding, dtype=np.float32)
        positions[self._fitted] = placed
        positions[self._others] = self._places.among(placed)
        return positions

    def _keep(self, embedding: TSNEEmbedding, done: int | None) -> None:
        """Write the map to the cache, finished where `done` is None."""
        there = np.flatnonzero(self._contents.any(axis=1))
        steps = (embedding, embedding.optimizer.gains, embedding.optimizer.update)
        descent = Descent(done, *(np.array(values, dtype=np.float64) for values in steps)) if done is not None else None
        fitted = self._contents[self._fitted]
        positions = self._all(embedding)[there]
        write_map(self._bank.folder, KeptMap(self._contents[there], positions, fitted, descent, self._seed))


def _affinities(points: NDArray[np.float32], progress: Progress) -> object:
    """Return how near each of the points (n, K) is to its nearest, as the embedding wants it."""
    import faiss
    from openTSNE.affinity import PerplexityBasedNN
    from openTSNE.nearest_neighbors import PrecomputedNeighbors

    progress.begin(mark("Finding the nearest images"))
    perplexity = min(PERPLEXITY, (len(points) - 1) / 3)
    count = min(len(points) - 1, round(3 * perplexity))
    index = faiss.IndexFlatL2(points.shape[1])
    index.add(np.ascontiguousarray(points))
    squares, found = np.zeros((len(points), count + 1), dtype=np.float32), np.zeros((len(points), count + 1), np.int64)
    for start in range(0, len(points), _AT_ONCE):
        # In parts, or the user could not stop it for ten seconds.
        progress.checkpoint()
        part = slice(start, start + _AT_ONCE)
        squares[part], found[part] = index.search(np.ascontiguousarray(points[part]), count + 1)
    progress.checkpoint()
    # Each finds itself, though not always first: equal images are equally near.
    own = found == np.arange(len(points))[:, None]
    own[~own.any(axis=1), -1] = True
    others = found[~own].reshape(len(points), count)
    distances = np.sqrt(np.maximum(squares[~own].reshape(len(points), count), 0))
    return PerplexityBasedNN(
        perplexity=perplexity, knn_index=PrecomputedNeighbors(others, distances), n_jobs=_threads(), symmetrize=True
    )


def _threads() -> int:
    """Return how many threads the fit takes: it is background work, and the window wants one."""
    return max(1, (os.cpu_count() or 2) - 1)
