"""The one image in sight, large, with nothing but its pixels."""

from __future__ import annotations

from PySide6.QtCore import Qt

from core.images.deep import DeepImage
from core.translation import tr
from desktop_app.theme import Theme
from desktop_app.widgets.image_canvas.canvas import ImageCanvas
from desktop_app.widgets.loupe_pictures import LoupePictures


class Sight(ImageCanvas):
    """A canvas that leaves all keys to the reading; every image is shown as the loupe first shows it."""

    def __init__(self, theme: Theme, pictures: LoupePictures) -> None:
        super().__init__(theme, pictures.tiles)
        self._pictures = pictures
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_sample(self, image: DeepImage | None, failure: str) -> None:
        """Show an image; why there is none; or that it is on its way."""
        if image is None:
            self.show_message(failure or tr("Reading the image…"))
            return
        changed = image is not self.image
        self.show_image(image, self._pictures.displays.first(image))
        if changed:
            self.fit()
