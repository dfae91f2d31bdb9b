"""The pictures of the open project: thumbnails and full images, read in the background, whatever project is open."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from core.errors import Cancelled
from desktop_app.workers.thumbnail_loader import SIZES_PX, ThumbnailLoader

if TYPE_CHECKING:
    from core.domain.samples import Source
    from core.images.deep import DeepImage
    from core.images.display import Display
    from core.images.reader import ImageReader
    from core.images.rendering import Display as Rendering
    from core.store.project import Project

_PREVIEW_BYTES: Final = 32 * 2**20
Pixels = NDArray[np.uint8] | NDArray[np.uint16]


class ProjectPictures(QObject):
    """Reads the samples of one project at a time.

    Attributes
    ----------
    thumbnails
        For grids; outlives the projects.
    previews
        Larger ones, of the sample that is looked at.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project: Project | None = None
        self._made: tuple[ImageReader, dict[int, Source]] | None = None
        self._look: tuple[Display | None] | None = None
        self._reader_lock = threading.Lock()
        self.thumbnails = ThumbnailLoader(self.thumbnail, parent=self)
        self.previews = ThumbnailLoader(self.thumbnail, budget_bytes=_PREVIEW_BYTES, parent=self)

    def use(self, project: Project | None) -> None:
        """Read from `project` from now on, or from none; waits for the images being read from the one before."""
        self._project = None
        for loader in (self.thumbnails, self.previews):
            if project is not None:
                loader.reset()
            else:
                loader.close()
                loader.forget()
        self._made = self._look = None
        self._project = project

    def look(self) -> Display | None:
        """Return how the project's images are shown; None for 8-bit grey and RGB. For any thread."""
        from core.store.display import display

        known = self._look
        if known is None:
            known = self._look = (display(self._opened()),)
        return known[0]

    def shared(self, image: DeepImage) -> Rendering | None:
        """Return how images such as this one are shown in the loupe at first; None where nothing is settled."""
        from core.images.display import rendering

        look = self.look()
        plain = image.source.dtype == np.uint8 and (image.colour or image.source.channels == 1)
        if look is None or plain or len(look.channels) != image.source.channels:
            return None
        return rendering(look)

    def forget(self, sample_ids: Sequence[int] | None = None) -> None:
        """Read these files, or all and how they are shown, again when they are wanted next."""
        self._look = None
        self.thumbnails.forget(sample_ids)
        self.previews.forget(sample_ids)

    def thumbnail(self, sample_id: int, size_px: int) -> NDArray[np.uint8]:
        """Return (h, w, 3) uint8, its longer side at most `size_px`; for worker threads.

        Raises
        ------
        UnreadableImage
            With the reason.
        """
        from core.images.thumbnails import thumbnail
        from core.store.samples import samples_by_id

        project = self._opened()
        [sample] = samples_by_id(project, [sample_id])
        return thumbnail(
            self._reader(project),
            sample.source_id,
            sample.path,
            size_px,
            display=self.look(),
            digest=sample.digest,
            cache_dir=project.cache_dir / "thumbnails",
        )

    def raw(self, sample_id: int) -> Pixels:
        """Return the pixels as they are, (H, W) or (H, W, 3), 8 or 16 bits; for worker threads; may raise likewise."""
        from core.store.samples import samples_by_id

        project = self._opened()
        [sample] = samples_by_id(project, [sample_id])
        return self._reader(project).raw(sample.source_id, sample.path)

    def deep(self, sample_id: int, path: str = "", /) -> DeepImage:
        """Return the image to look into, however large it is; for worker threads; may raise likewise.

        `path` is the address of another page or plane of its file, to look at instead.
        """
        from core.images.deep import open_sample
        from core.store.samples import samples_by_id

        project = self._opened()
        [sample] = samples_by_id(project, [sample_id])
        return open_sample(self._reader(project), sample.source_id, path or sample.path)

    def at_hand(self, sample_id: int) -> QImage | None:
        """Return the largest picture of a sample that is here already, if any is."""
        return self.previews.image(sample_id, SIZES_PX[-1]) or self.thumbnails.image(sample_id, SIZES_PX[-1])

    def _opened(self) -> Project:
        project = self._project
        if project is None:
            raise Cancelled
        return project

    def _reader(self, project: Project) -> ImageReader:
        """Return a reader that knows the sources; an import may have added or relocated one a moment ago."""
        from core.images.reader import ImageReader
        from core.store.sources import sources

        with self._reader_lock:
            known = sources(project)
            if self._made is None or self._made[1] != known:
                self._made = ImageReader(known), known
            return self._made[0]
