"""How large the tiles of a grid are: smaller, a slider, larger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSlider, QWidget

from core.translation import tr
from desktop_app.theme import Theme
from desktop_app.widgets.basics import icon_button, row
from desktop_app.widgets.sample_grid.layout import MAX_ZOOM_PX, MIN_ZOOM_PX

_ZOOM_STEP: Final = 1.2


class ZoomControl(QWidget):
    """Smaller, a slider, larger; `use` is told the side of a tile in px."""

    def __init__(self, theme: Theme, zoom_px: int, use: Callable[[int], object]) -> None:
        super().__init__()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(MIN_ZOOM_PX, MAX_ZOOM_PX)
        self.slider.setValue(zoom_px)
        self.slider.setFixedWidth(theme.px(84))
        self.slider.setAccessibleName(tr("Size of the images"))
        self.slider.setToolTip(tr("Size of the images (Ctrl and the mouse wheel)"))
        self.slider.valueChanged.connect(use)
        smaller = icon_button(theme.icon("minus"), tr("Smaller"), lambda: self._scale(1 / _ZOOM_STEP))
        larger = icon_button(theme.icon("plus"), tr("Larger"), lambda: self._scale(_ZOOM_STEP))
        self.setLayout(row(smaller, self.slider, larger, spacing=theme.px(2)))

    def show_zoom(self, zoom_px: int) -> None:
        """Show another size, without telling anyone."""
        self.slider.blockSignals(True)
        self.slider.setValue(zoom_px)
        self.slider.blockSignals(False)

    def _scale(self, factor: float) -> None:
        self.slider.setValue(round(self.slider.value() * factor))
