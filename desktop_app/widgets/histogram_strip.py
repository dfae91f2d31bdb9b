"""A histogram as a low strip, with the window that is chosen laid over it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop_app.theme import Theme

_HEIGHT_PX = 28


class HistogramStrip(QWidget):
    """Counts of values from `low` to `high`; what lies in the window is drawn strong, the rest faint."""

    def __init__(self, theme: Theme, name: str) -> None:
        super().__init__()
        self._theme = theme
        self._counts: Sequence[int] = ()
        self._range, self._window = (0.0, 1.0), (0.0, 1.0)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(theme.px(_HEIGHT_PX))
        self.setMinimumWidth(theme.px(48))

    def show_counts(self, counts: Sequence[int], low: float, high: float) -> None:
        """Show these counts, in bins of equal width from `low` to `high`."""
        self._counts, self._range = counts, (low, high)
        self.update()

    def show_window(self, low: float, high: float) -> None:
        """Show which values are within the window."""
        self._window = (low, high)
        self.update()

    def sizeHint(self) -> QSize:
        """A strip of the usual length."""
        return QSize(self._theme.px(120), self._theme.px(_HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the bars; their heights are by the square root, so that rare values can be seen."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("sunken"))
        most = max(self._counts, default=0) ** 0.5
        if most:
            low, high = self._range
            width = self.width() / len(self._counts)
            for index, count in enumerate(self._counts):
                middle = low + (index + 0.5) / len(self._counts) * (high - low)
                within = self._window[0] <= middle <= self._window[1]
                height = count**0.5 / most * (self.height() - 2)
                colour = self._theme.colour("accent" if within else "muted")
                painter.fillRect(QRectF(index * width, self.height() - height, max(1.0, width - 1), height), colour)
        painter.end()
