"""Making the map of a project's images off the GUI thread: embedding what is new, placing, refining.

Nothing heavy is imported with this module: torch comes with the first call on a worker thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from core.progress import Progress
from desktop_app.widgets.map.laying import laid_wide
from desktop_app.widgets.map.raster import PointCloud, cloud_of

if TYPE_CHECKING:
    from core.embeddings.bank import FeatureBank
    from core.store.project import Project
    from core.training.suggesting import PoolEmbedder

Ids = NDArray[np.int64]
_FRAME_S: Final = 0.25
_FRAME_S_OF_A_MILLION: Final = 1.5


@dataclass(frozen=True, slots=True, eq=False)
class MappedImages:
    """Where images are on the map.

    Attributes
    ----------
    ids
        (N,) of the samples, ascending.
    cloud
        Their points.
    finished
        Whether no better map comes.
    """

    ids: Ids
    cloud: PointCloud
    finished: bool


class MapWork:
    """The map of one project; `run` is called on worker threads, one at a time."""

    def __init__(self, project: Project, device: str) -> None:
        self._project, self._device = project, device
        self._embedder: PoolEmbedder | None = None

    def run(self, progress: Progress, tell: Callable[[MappedImages], object]) -> None:
        """Embed the images that are new, and tell of every better map.

        Raises
        ------
        UserError
            ``weights_missing``, ``disk_full``.
        Cancelled
            The user stopped. What was embedded is kept, and how far the map has come.
        """
        from core.backbones.device import pick_device
        from core.embeddings.labelled import read_pool
        from core.embeddings.projection import kept_positions, pca_map
        from core.training.suggesting import PoolEmbedder

        if self._embedder is None:
            self._embedder = PoolEmbedder(self._project, pick_device(self._device, spare_core=True))
        pool = read_pool(self._project)
        features = self._embedder.embed(pool, progress)
        order = np.argsort(pool.table.ids, kind="stable")
        ids, rows = pool.table.ids[order], features.rows[order]
        # What it holds of every image, a path and a key, is not needed while the map is refined, which takes minutes.
        del pool

        def show(positions: NDArray[np.float32], *, finished: bool) -> None:
            tell(MappedImages(ids, cloud_of(laid_wide(positions)), finished))

        kept = kept_positions(features.bank, rows)
        if kept is not None:
            show(kept, finished=True)
            return
        show(pca_map(features.bank, rows, progress), finished=False)
        _refine(features.bank, rows, progress, show)


def _refine(bank: FeatureBank, rows: NDArray[np.int64], progress: Progress, show: Callable[..., None]) -> None:
    """Show ever better maps, no more often than they are worth the trouble of painting them."""
    from core.embeddings.projection import refine_map

    pause_s = _FRAME_S + (_FRAME_S_OF_A_MILLION - _FRAME_S) * min(1.0, len(rows) / 1e6)
    shown_s = time.monotonic()
    for frame in refine_map(bank, rows, progress):
        if frame.finished or time.monotonic() - shown_s >= pause_s:
            show(frame.positions, finished=frame.finished)
            shown_s = time.monotonic()
