"""The threshold: how many images are answered at it, how many are refused, and what to do with the answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QVBoxLayout, QWidget

from core.translation import tr, tr_n
from desktop_app.pages.predict.controller import PredictController
from desktop_app.theme import GRID, Theme
from desktop_app.widgets.basics import SectionTitle, button, row, text
from desktop_app.widgets.card import Card

STEPS: Final = 1000
_SLIDER_EDGE_PX: Final = 7  # half of the handle: where the groove's 0 and 1 are


class ConfidencePlot(QWidget):
    """How the confidences are spread from 0 to 1; what is below the threshold is grey. Heights are square roots."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._counts: NDArray[np.int64] = np.zeros(0, np.int64)
        self._threshold = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("How the confidences are spread"))

    def show_counts(self, counts: NDArray[np.int64]) -> None:
        """Show (B,) counts of equal steps from 0 to 1."""
        self._counts = counts
        self.update()

    def show_threshold(self, threshold: float) -> None:
        """Move the threshold."""
        self._threshold = threshold
        self.update()

    def sizeHint(self) -> QSize:
        """Return a low strip."""
        return QSize(self._theme.px(240), self._theme.px(44))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars and the threshold."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        edge, bottom = float(_SLIDER_EDGE_PX), self.height() - 1.0
        width = self.width() - 2 * edge
        painter.setPen(QPen(self._theme.colour("border"), 1))
        painter.drawLine(QPointF(edge, bottom), QPointF(edge + width, bottom))
        if not len(self._counts) or not self._counts.max():
            return
        step = width / len(self._counts)
        heights = np.sqrt(self._counts / self._counts.max()) * (self.height() - 4)
        painter.setPen(Qt.PenStyle.NoPen)
        for i in np.flatnonzero(self._counts).tolist():
            refused = (i + 0.5) / len(self._counts) < self._threshold
            painter.setBrush(self._theme.colour("border_strong" if refused else "accent"))
            height = max(2.0, float(heights[i]))
            bar = QRectF(edge + i * step + 0.5, bottom - height, max(1.0, step - 1.5), height)
            painter.drawRoundedRect(bar, 1.5, 1.5)
        x = edge + self._threshold * width
        painter.setPen(QPen(self._theme.colour("text"), 1.5))
        painter.drawLine(QPointF(x, 0), QPointF(x, bottom))


class ThresholdCard(Card):
    """A slider under the spread of the confidences, and beside it what it means."""

    def __init__(
        self,
        controller: PredictController,
        theme: Theme,
        *,
        save: Callable[[], object],
        sort: Callable[[], object],
        add: Callable[[], object],
    ) -> None:
        super().__init__(theme)
        self._controller = controller
        self._value = text("", "strong")
        self._plot = ConfidencePlot(theme)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, STEPS)
        self.slider.setSingleStep(STEPS // 100)
        self.slider.setPageStep(STEPS // 20)
        self.slider.setAccessibleName(tr("Threshold"))
        self.slider.setToolTip(tr("Below this confidence the model abstains: a person should look at those images."))
        self.slider.valueChanged.connect(lambda value: controller.set_threshold(value / STEPS))
        self._answered, self._share, self._rest = text("", "big"), text("", "muted"), text("", "muted")
        self.save = button(tr("Save table…"), save, icon=theme.icon("table"))
        self.sort = button(tr("Sort into folders…"), sort, icon=theme.icon("folder"))
        self.sort.setToolTip(tr("Copies the images into a folder for each label; nothing is moved."))
        self.add_button = button(tr("Add to project…"), add, icon=theme.icon("folder-plus"))
        self._build(theme)
        controller.view_changed.connect(self._refresh)
        controller.results_changed.connect(self._show_results)
        self._show_results()

    def _build(self, theme: Theme) -> None:
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addLayout(row(SectionTitle(tr("Threshold"), theme), None, self._value))
        left.addSpacing(theme.px(4))
        left.addWidget(self._plot)
        left.addWidget(self.slider)
        right = QVBoxLayout()
        right.setSpacing(theme.px(4))
        line = row(self._answered, self._share, None)
        line.setAlignment(self._share, Qt.AlignmentFlag.AlignBottom)
        right.addLayout(line)
        right.addWidget(self._rest)
        right.addStretch(1)
        right.addLayout(row(self.save, self.sort, self.add_button, None))
        both = QHBoxLayout()
        both.setSpacing(theme.px(GRID * 3))
        both.addLayout(left, 1)
        both.addLayout(right)
        self.add(both)

    def _show_results(self) -> None:
        if self._controller.results is not None:
            self._plot.show_counts(self._controller.results.index.histogram())
        self._refresh()

    def _refresh(self) -> None:
        threshold, counts = self._controller.threshold, self._controller.counts
        self.slider.blockSignals(True)
        self.slider.setValue(round(threshold * STEPS))
        self.slider.blockSignals(False)
        self._value.setText(f"{threshold:.2f}")
        self._plot.show_threshold(threshold)
        if counts is None:
            return
        self._answered.setText(f"{counts.answered:,}")
        share = f"{100 * counts.answered / counts.total:.1f} %" if counts.total else "–"
        self._share.setText(tr("of {n} answered · {share}", n=f"{counts.total:,}", share=share))
        parts = [tr_n("{n} refused", "{n} refused", counts.refused)]
        if counts.unreadable:
            parts.append(tr_n("{n} unreadable", "{n} unreadable", counts.unreadable))
        self._rest.setText(" · ".join(parts))
        self.save.setEnabled(counts.total > 0)
        self.add_button.setVisible(self._controller.context.project is not None)
        self.sort.setEnabled(counts.total > counts.unreadable)
