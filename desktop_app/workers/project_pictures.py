"""The pictures of the open project: thumbnails and full images, read in the background, whatever project is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from core.errors import Cancelled
from desktop_app.workers.thumbnail_loader import ThumbnailLoader

if TYPE_CHECKING:
    from core.images.reader import ImageReader
    from core.store.project import Project

Pixels = NDArray[np.uint8] | NDArray[np.uint16]


class ProjectPictures(QObject):
    """Reads the samples of one project at a time.

    Attributes
    ----------
    thumbnails
        For grids; outlives the projects.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._open: tuple[Project, ImageReader] | None = None
        self.thumbnails = ThumbnailLoader(self.thumbnail, parent=self)

    def use(self, project: Project | None) -> None:
        """Read from `project` from now on; waits for the images being read from the one before."""
        self._open = None
        self.thumbnails.reset()
        if project is not None:
            from core.images.reader import ImageReader
            from core.store.sources import sources

            self._open = project, ImageReader(sources(project))

    def close(self) -> None:
        """Stop the threads."""
        self._open = None
        self.thumbnails.close()

    def thumbnail(self, sample_id: int, size_px: int) -> NDArray[np.uint8]:
        """Return (h, w, 3) uint8, its longer side at most `size_px`; for worker threads.

        Raises
        ------
        UnreadableImage
            With the reason.
        """
        from core.images.thumbnails import thumbnail
        from core.store.samples import samples_by_id

        project, reader = self._opened()
        [sample] = samples_by_id(project, [sample_id])
        return thumbnail(
            reader,
            sample.source_id,
            sample.path,
            size_px,
            digest=sample.digest,
            cache_dir=project.cache_dir / "thumbnails",
        )

    def raw(self, sample_id: int) -> Pixels:
        """Return the pixels as they are, (H, W) or (H, W, 3), 8 or 16 bits; for worker threads; may raise likewise."""
        from core.store.samples import samples_by_id

        project, reader = self._opened()
        [sample] = samples_by_id(project, [sample_id])
        return reader.raw(sample.source_id, sample.path)

    def _opened(self) -> tuple[Project, ImageReader]:
        opened = self._open
        if opened is None:
            raise Cancelled
        return opened
