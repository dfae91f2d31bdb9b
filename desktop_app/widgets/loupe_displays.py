"""How the images in the loupe are shown: windows and colours of their channels, for one image or for all alike.

Display only: nothing here reaches training, prediction or export.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable

import numpy as np
from PySide6.QtCore import QObject, Signal

from core.images.channels_seen import automatic_display
from core.images.deep import DeepImage
from core.images.rendering import Display

Kind = tuple[Hashable, ...]
Shared = Callable[[DeepImage], Display | None]


class LoupeDisplays(QObject):
    """The display of each image; outlives the widgets.

    Parameters
    ----------
    of_data_set
        Gives the display that the data set has for images such as this one, or None; such images start with it.

    Signals
    -------
    changed
        Images must be painted otherwise.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None, of_data_set: Shared | None = None) -> None:
        super().__init__(parent)
        self._of_data_set = of_data_set
        self._own: dict[tuple[int, Kind], Display] = {}
        self._shared: dict[Kind, Display] = {}
        self._same_for_all = False

    @property
    def same_for_all(self) -> bool:
        """Whether all images with the same channels are shown alike."""
        return self._same_for_all

    def set_same_for_all(self, same: bool, sample_id: int | None, image: DeepImage | None) -> None:
        """Show all images as this one is shown, or each in its own way again."""
        if sample_id is not None and image is not None and same:
            self._shared[kind_of(image)] = self.display(sample_id, image)
        self._same_for_all = same
        self.changed.emit()

    def display(self, sample_id: int, image: DeepImage) -> Display:
        """Return how an image is shown now."""
        shared = self._shared.get(kind_of(image)) if self._same_for_all else self._own.get((sample_id, kind_of(image)))
        return shared or self.first(image)

    def first(self, image: DeepImage) -> Display:
        """Return how an image is shown before the user changes anything."""
        given = self._of_data_set(image) if self._of_data_set is not None else None
        return given or automatic_display(image.stats, np.dtype(image.source.dtype), colour=image.colour)

    def set_display(self, sample_id: int, image: DeepImage, display: Display) -> None:
        """Show an image, or all such images, in this way."""
        if self._same_for_all:
            self._shared[kind_of(image)] = display
        else:
            self._own[sample_id, kind_of(image)] = display
        self.changed.emit()

    def keep(self, sample_id: int, image: DeepImage) -> None:
        """Go on showing an image as it is shown now, and the other planes of its file with it: their values compare."""
        if not self._same_for_all:
            self._own[sample_id, kind_of(image)] = self.display(sample_id, image)

    def forget(self) -> None:
        """Drop what was set; for another project."""
        self._own.clear()
        self._shared.clear()
        self._same_for_all = False


def kind_of(image: DeepImage) -> Kind:
    """Return what images must have in common to be shown alike."""
    return (image.source.channels, np.dtype(image.source.dtype).str, image.colour, image.channel_names)


def is_plain(image: DeepImage) -> bool:
    """Whether an image is an ordinary 8-bit picture, whose channels nobody needs to set."""
    return np.dtype(image.source.dtype) == np.uint8 and (image.source.channels == 1 or image.colour)
