"""Augmentation: a preset, a sheet of the user's own images as the network will see them, and a slider for each kind."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QSlider, QWidget

from core.training.augmentations import AUGMENTATIONS, AugmentationSpec
from core.translation import mark, tr
from desktop_app.pages.train.controller import TrainController
from desktop_app.theme import GRID, RADIUS_THUMBNAIL, Theme
from desktop_app.widgets.basics import text
from desktop_app.widgets.card import Card
from desktop_app.widgets.chips import ChoiceChips

PRESET_TITLES: Final = {
    "cells": mark("Any orientation"),
    "natural": mark("Upright"),
    "none": mark("None"),
}
SHEET_COLUMNS: Final = 5
_SETTLE_MS: Final = 120


class AugmentationCard(Card):
    """The augmentations and what they do to real images."""

    def __init__(self, controller: TrainController, theme: Theme) -> None:
        super().__init__(theme, tr("Augmentation"))
        self._controller = controller
        self._presets = ChoiceChips(
            [(value, tr(title)) for value, title in PRESET_TITLES.items()],
            str(controller.config.augmentation),
            lambda value: controller.set_values(augmentation=value, strengths={}),
            name=tr("Augmentation"),
            wrap=True,
        )
        self.sheet = AugmentedSheet(theme)
        self.add(self._presets)
        self.add(self.sheet)
        self._sliders: dict[str, StrengthSlider] = {}
        self.add(self._slider_grid())
        # A slider that is dragged changes its value many times: draw the sheet when it rests.
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(_SETTLE_MS)
        self._settled.timeout.connect(self._ask_sheet)
        controller.config_changed.connect(self._show)
        controller.runs_changed.connect(self._settled.start)
        self._show()

    def _slider_grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(self.theme.px(GRID * 1.5))
        grid.setVerticalSpacing(self.theme.px(4))
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(2, self.theme.px(56))
        for index, spec in enumerate(AUGMENTATIONS.values()):
            slider = StrengthSlider(spec, self._controller)
            label = text(tr(spec.title), "muted")
            label.setToolTip(tr(spec.tip))
            label.setBuddy(slider)
            slider.value_text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(label, index, 0)
            grid.addWidget(slider, index, 1)
            grid.addWidget(slider.value_text, index, 2)
            self._sliders[spec.id] = slider
        return grid

    def _show(self) -> None:
        config = self._controller.config
        self._presets.choose(str(config.augmentation))
        for name, strength in config.augmentation_strengths.items():
            self._sliders[name].show_strength(strength)
        self._settled.start()

    def _ask_sheet(self) -> None:
        self._controller.ask_sheet(SHEET_COLUMNS, self.sheet.show_images)


class StrengthSlider(QSlider):
    """The strength of one augmentation, from 0 (off)."""

    def __init__(self, spec: AugmentationSpec, controller: TrainController) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._spec, self._controller = spec, controller
        self.value_text = text("", "small")
        self.setRange(0, round(spec.maximum / spec.step))
        self.setAccessibleName(tr(spec.title))
        self.setToolTip(tr(spec.tip))
        self.valueChanged.connect(self._moved)

    def show_strength(self, strength: float) -> None:
        """Stand at `strength`, telling nobody."""
        self.blockSignals(True)
        self.setValue(round(strength / self._spec.step))
        self.blockSignals(False)
        self._show_text()

    def _moved(self) -> None:
        self._show_text()
        self._controller.set_strength(self._spec.id, round(self.value() * self._spec.step, 4))

    def _show_text(self) -> None:
        self.value_text.setText(strength_text(self._spec, self.value() * self._spec.step))


def strength_text(spec: AugmentationSpec, strength: float) -> str:
    """Return a strength with its unit, such as ``±15°`` or ``50 %``."""
    if strength == 0:
        return tr("off")
    match spec.unit:
        case "degrees":
            return f"±{strength:.0f}°"
        case "share":
            return f"{100 * strength:.0f} %"
        case "pixels":
            return tr("{n} px", n=f"{strength:.1f}")
        case _:
            return f"±{100 * strength:.0f} %"


class AugmentedSheet(QWidget):
    """Rows of images; the first row as they are, those below as the network may see them."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._images: list[QImage] = []
        self.setAccessibleName(tr("Images as the network will see them"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_images(self, images: NDArray[np.uint8]) -> None:
        """Show (N, S, S, 3) uint8 images, `SHEET_COLUMNS` in a row."""
        self._images = [
            QImage(np.ascontiguousarray(image).data, image.shape[1], image.shape[0], 3 * image.shape[1],
                   QImage.Format.Format_RGB888).copy()
            for image in images
        ]  # fmt: skip
        self.update()

    def _tile_px(self) -> float:
        gaps = self._theme.px(6) * (SHEET_COLUMNS - 1)
        return (self.width() - gaps) / SHEET_COLUMNS

    def sizeHint(self) -> QSize:
        """Two rows of tiles of the usual width."""
        side = self._theme.px(62)
        return QSize(side * SHEET_COLUMNS, side * 2 + self._theme.px(6))

    def resizeEvent(self, event: object) -> None:
        """Keep the tiles square."""
        self.setFixedHeight(round(2 * self._tile_px()) + self._theme.px(6))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tiles."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        side, step = self._tile_px(), self._tile_px() + self._theme.px(6)
        for index in range(2 * SHEET_COLUMNS):
            path = QPainterPath()
            x, y = index % SHEET_COLUMNS * step, index // SHEET_COLUMNS * step
            path.addRoundedRect(x, y, side, side, self._theme.px(RADIUS_THUMBNAIL), self._theme.px(RADIUS_THUMBNAIL))
            painter.fillPath(path, self._theme.colour("sunken"))
            if index < len(self._images):
                painter.setClipPath(path)
                painter.drawImage(path.boundingRect(), self._images[index])
                painter.setClipping(False)
        painter.end()
