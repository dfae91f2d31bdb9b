"""The pictures of a folder that was predicted: thumbnails and full images, read in the background by row."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from core.domain.samples import Source
from core.errors import Cancelled
from desktop_app.widgets.loupe_pictures import LoupePictures
from desktop_app.workers.thumbnail_loader import SIZES_PX, ThumbnailLoader

if TYPE_CHECKING:
    from core.images.deep import DeepImage
    from core.images.display import Display
    from core.images.intensity import Window
    from core.images.reader import ImageReader

_PREVIEW_BYTES: Final = 32 * 2**20
_SOURCE: Final = 0
Pixels = NDArray[np.uint8] | NDArray[np.uint16]


@dataclass(frozen=True, slots=True)
class _Folder:
    reader: ImageReader
    paths: list[str]
    window: Window | None
    display: Display | None


class FolderPictures(QObject):
    """Reads the images of one folder at a time.

    Attributes
    ----------
    thumbnails
        For grids; outlives the folders.
    previews
        Larger ones, of the image that is looked at.
    loupe
        In full.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder: _Folder | None = None
        self.thumbnails = ThumbnailLoader(self.thumbnail, parent=self)
        self.previews = ThumbnailLoader(self.thumbnail, budget_bytes=_PREVIEW_BYTES, parent=self)
        self.loupe = LoupePictures(self.deep, self, preview=self.at_hand)

    def use(self, root: Path, paths: list[str], window: Window | None, display: Display | None = None) -> None:
        """Read ``root/paths[row]`` from now on; waits for the images being read from the folder before."""
        from core.images.reader import ImageReader

        self.forget()
        self._folder = _Folder(ImageReader({_SOURCE: Source(_SOURCE, "folder", str(root))}), paths, window, display)

    def forget(self) -> None:
        """Stop the threads and drop everything, until a folder is used again."""
        self._folder = None
        self.thumbnails.reset()
        self.previews.reset()
        self.loupe.close()

    def close(self) -> None:
        """Stop the threads for good, whatever a grid still asks for."""
        self._folder = None
        self.thumbnails.close()
        self.previews.close()
        self.loupe.close()

    def thumbnail(self, row: int, size_px: int) -> NDArray[np.uint8]:
        """Return (h, w, 3) uint8, its longer side at most `size_px`; for worker threads.

        Raises
        ------
        UnreadableImage
            With the reason.
        """
        from core.images.thumbnails import thumbnail

        folder = self._opened()
        return thumbnail(
            folder.reader, _SOURCE, folder.paths[row], size_px, window=folder.window, display=folder.display
        )

    def raw(self, row: int) -> Pixels:
        """Return the pixels as they are, (H, W) or (H, W, 3), 8 or 16 bits; for worker threads; may raise likewise."""
        folder = self._opened()
        return folder.reader.raw(_SOURCE, folder.paths[row])

    def deep(self, row: int, path: str = "", /) -> DeepImage:
        """Return the image to look into, however large it is; for worker threads; may raise likewise.

        `path` is the address of another page or plane of its file, to look at instead.
        """
        from core.images.deep import open_sample

        folder = self._opened()
        return open_sample(folder.reader, _SOURCE, path or folder.paths[row])

    def at_hand(self, row: int) -> QImage | None:
        """Return the largest picture of an image that is here already, if any is."""
        return self.previews.image(row, SIZES_PX[-1]) or self.thumbnails.image(row, SIZES_PX[-1])

    def _opened(self) -> _Folder:
        folder = self._folder
        if folder is None:
            raise Cancelled
        return folder
