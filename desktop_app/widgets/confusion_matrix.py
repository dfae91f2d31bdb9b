"""The confusion matrix as a picture that can be worked with: each cell opens its images.

Rows are the given labels, columns the predicted ones. The colour of a cell is its share of its row, so that a rare
label is read as easily as a common one; the number in it is a count.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.domain.labels import Label
from core.translation import tr
from desktop_app.contrast import contrast
from desktop_app.theme import HEAD_PX, SMALL_PX, Theme, blend
from desktop_app.widgets.label_pill import paint_glyph

_MOVES = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}


_NAME_PX: Final = 120
_SLOPE: Final = math.sqrt(0.5)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the cells are, in px: the left and the top of the first, their side; whether the names above slant."""

    left: float
    top: float
    side: float
    slanted: bool


class ConfusionMatrix(QWidget):
    """Counts of given against predicted labels.

    Signals
    -------
    cell_chosen(int, int)
        A cell was clicked, or Enter pressed on it: the indexes of the given and of the predicted label.
    """

    cell_chosen = Signal(int, int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._labels: Sequence[Label] = ()
        self._counts: NDArray[np.int64] = np.zeros((0, 0), dtype=np.int64)
        self._current = (0, 0)
        self._hover: tuple[int, int] | None = None
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Confusion matrix"))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_matrix(self, labels: Sequence[Label], counts: NDArray[np.int64]) -> None:
        """Show (K, K) counts, rows the given labels."""
        self._labels, self._counts = labels, counts
        self._current, self._hover = (0, 0), None
        self.updateGeometry()
        self.update()
        self._describe()

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Return where a cell is."""
        place = self._place(self.width())
        return QRectF(place.left + column * place.side, place.top + row * place.side, place.side, place.side)

    def sizeHint(self) -> QSize:
        """Give each cell room for its count."""
        k, side = max(2, len(self._labels)), self._cell_px()
        width = math.ceil(self._names_left(2**16) + side * k + self._beyond(side)) + 4
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Let the cells shrink until the counts still fit."""
        width = self._theme.px(34) * max(2, len(self._labels)) + self._theme.px(110)
        return QSize(width, self._theme.px(44 + 34 * 2))

    def hasHeightForWidth(self) -> bool:
        """Return that its cells are square: its height follows from its width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of names and cells at `width`."""
        place = self._place(width)
        return math.ceil(place.top + place.side * max(1, len(self._labels))) + 2

    def _cell_px(self) -> int:
        k = max(2, len(self._labels))
        return self._theme.px(min(110, max(40, 450 // k)))

    def _longest(self) -> float:
        """Return the width of the longest name with its glyph."""
        metrics = QFontMetricsF(self._theme.font(SMALL_PX))
        longest = max((metrics.horizontalAdvance(label.name) for label in self._labels), default=0.0)
        return min(longest, self._theme.px(_NAME_PX)) + self._theme.px(16)

    def _names_left(self, width: int) -> float:
        return min(self._longest() + self._theme.px(10), width * 0.34)

    def _slants(self, side: float) -> bool:
        return self._longest() + self._theme.px(4) > side

    def _beyond(self, side: float) -> float:
        """Return how far the last of the names above reaches beyond the cells."""
        return max(0.0, _SLOPE * self._longest() - side / 2) if self._slants(side) else 0.0

    def _place(self, width: int) -> _Place:
        """Return where the cells are; the names above slant where the cells are too narrow for them."""
        k, px = max(1, len(self._labels)), self._theme.px
        left, most = self._names_left(width), float(self._cell_px())
        side = max(1.0, min((width - left - 2) / k, most))
        if not self._slants(side):
            return _Place(left, float(px(44)), side, slanted=False)
        side = max(1.0, min((width - left - self._beyond(side) - 2) / k, most))
        return _Place(left, px(22) + _SLOPE * self._longest(), side, slanted=True)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw names, cells and counts."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shares = self._counts / np.maximum(self._counts.sum(axis=1, keepdims=True), 1)
        self._paint_names(painter)
        for row in range(len(self._labels)):
            for column in range(len(self._labels)):
                self._paint_cell(painter, row, column, float(shares[row, column]))
        painter.end()

    def _paint_names(self, painter: QPainter) -> None:
        theme, place = self._theme, self._place(self.width())
        left, top, side = place.left, place.top, place.side
        metrics = QFontMetricsF(theme.font(SMALL_PX))
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(theme.font(HEAD_PX))
        painter.setPen(theme.colour("muted"))
        across = QRectF(0, 0, left - theme.px(8), theme.px(18)) if place.slanted else QRectF(left, 0, 200, theme.px(18))
        across_side = right if place.slanted else Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(across, across_side, tr("predicted →"))
        painter.drawText(QRectF(0, top - theme.px(24), left - theme.px(8), theme.px(20)), right, tr("given ↓"))
        painter.setFont(theme.font(SMALL_PX))
        for index, label in enumerate(self._labels):
            painter.setPen(theme.colour("text"))
            width = left - theme.px(22)
            name = metrics.elidedText(label.name, Qt.TextElideMode.ElideMiddle, width)
            row = QRectF(0, top + index * side, width, side)
            painter.drawText(row, right, name)
            self._paint_mark(painter, left - theme.px(12), row.center().y(), label)
            self._paint_column_name(painter, index, label, place)

    def _paint_column_name(self, painter: QPainter, index: int, label: Label, place: _Place) -> None:
        theme = self._theme
        metrics = QFontMetricsF(theme.font(SMALL_PX))
        room = theme.px(_NAME_PX) if place.slanted else place.side - theme.px(18)
        name = metrics.elidedText(label.name, Qt.TextElideMode.ElideMiddle, room)
        middle = place.left + (index + 0.5) * place.side
        painter.save()
        if place.slanted:
            self._paint_mark(painter, middle, place.top - theme.px(8), label)
            painter.translate(middle, place.top - theme.px(10))
            painter.rotate(-45)
        else:
            painter.translate(middle - (metrics.horizontalAdvance(name) + theme.px(14)) / 2, theme.px(31))
            self._paint_mark(painter, theme.px(5), 0, label)
        painter.setPen(theme.colour("text"))
        line = QRectF(theme.px(14), -theme.px(11), metrics.horizontalAdvance(name) + 2, theme.px(22))
        painter.drawText(line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)
        painter.restore()

    def _paint_mark(self, painter: QPainter, x: float, y: float, label: Label) -> None:
        side = self._theme.px(9)
        paint_glyph(painter, QRectF(x - side / 2, y - side / 2, side, side), label.glyph, label.colour)

    def _paint_cell(self, painter: QPainter, row: int, column: int, share: float) -> None:
        theme, tokens = self._theme, self._theme.tokens
        rect = self.cell_rect(row, column).adjusted(1.5, 1.5, -1.5, -1.5)
        count = int(self._counts[row, column])
        tint = tokens.accent if row == column else tokens.bad
        # The root lets a few mistakes among thousands still be seen.
        fill = blend(tint, tokens.sunken, 0.12 + 0.78 * share**0.5 if count else 0.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawRoundedRect(rect, theme.px(4), theme.px(4))
        if (row, column) == self._hover or (self.hasFocus() and (row, column) == self._current):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("accent" if (row, column) == self._current else "border_strong"), 2))
            painter.drawRoundedRect(rect, theme.px(4), theme.px(4))
        ink = max((tokens.text, tokens.surface), key=lambda colour: contrast(colour, fill.name()))
        painter.setPen(ink if count else theme.colour("muted"))
        painter.setFont(theme.font(SMALL_PX, bold=row == column, tabular=True))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, f"{count:,}" if count else "·")

    def _cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        place = self._place(self.width())
        row, column = int((y - place.top) // place.side), int((x - place.left) // place.side)
        inside = 0 <= row < len(self._labels) and 0 <= column < len(self._labels)
        return (row, column) if inside else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Mark the cell under the pointer."""
        cell = self._cell_at(event.position().x(), event.position().y())
        if cell != self._hover:
            self._hover = cell
            self.setCursor(Qt.CursorShape.PointingHandCursor if cell else Qt.CursorShape.ArrowCursor)
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Mark nothing."""
        self._hover = None
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Choose the cell that was clicked."""
        cell = self._cell_at(event.position().x(), event.position().y())
        if cell is not None and event.button() is Qt.MouseButton.LeftButton:
            self._current = cell
            self.update()
            self._choose(cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrows; Enter or Space chooses."""
        key, k = Qt.Key(event.key()), len(self._labels)
        if key in _MOVES and k:
            row, column = (min(k - 1, max(0, at + by)) for at, by in zip(self._current, _MOVES[key], strict=True))
            self._current = (row, column)
            self._describe()
            self.update()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and k:
            self._choose(self._current)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Explain the cell under the pointer."""
        if isinstance(event, QHelpEvent):
            cell = self._cell_at(event.pos().x(), event.pos().y())
            QToolTip.showText(event.globalPos(), self._words(cell) if cell else "", self)
            return True
        return super().event(event)

    def _choose(self, cell: tuple[int, int]) -> None:
        if self._counts[cell]:
            self.cell_chosen.emit(*cell)

    def _words(self, cell: tuple[int, int]) -> str:
        given, predicted = (self._labels[index].name for index in cell)
        n, total = int(self._counts[cell]), int(self._counts[cell[0]].sum())
        return tr(
            "{n} of {total} images labelled {given} were predicted as {predicted}. Click to see them.",
            n=f"{n:,}",
            total=f"{total:,}",
            given=given,
            predicted=predicted,
        )

    def _describe(self) -> None:
        self.setAccessibleDescription(self._words(self._current) if self._labels else "")
