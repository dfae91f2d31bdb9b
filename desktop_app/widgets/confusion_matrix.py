"""The confusion matrix as a picture that can be worked with: each cell opens its images.

Rows are the given labels, columns the predicted ones. The colour of a cell is its share of its row, so that a rare
label is read as easily as a common one; the number in it is a count.
"""

from __future__ import annotations

from collections.abc import Sequence

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
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def show_matrix(self, labels: Sequence[Label], counts: NDArray[np.int64]) -> None:
        """Show (K, K) counts, rows the given labels."""
        self._labels, self._counts = labels, counts
        self._current, self._hover = (0, 0), None
        self.updateGeometry()
        self.update()
        self._describe()

    def cell_rect(self, row: int, column: int) -> QRectF:
        """Return where a cell is."""
        left, top, side = self._layout()
        return QRectF(left + column * side, top + row * side, side, side)

    def sizeHint(self) -> QSize:
        """Give each cell room for its count."""
        k = max(2, len(self._labels))
        cells = self._theme.px(min(110, max(40, 560 // k))) * k
        return QSize(cells + self._theme.px(110), cells + self._theme.px(48))

    def minimumSizeHint(self) -> QSize:
        """Let the cells shrink until the counts still fit."""
        side = self._theme.px(34) * max(2, len(self._labels))
        return QSize(side + self._theme.px(110), side + self._theme.px(44))

    def _layout(self) -> tuple[float, float, float]:
        """Return the left and top of the first cell and the side of a cell."""
        metrics = QFontMetricsF(self._theme.font(SMALL_PX))
        names = [metrics.horizontalAdvance(label.name) for label in self._labels]
        left = min(max(names, default=0) + self._theme.px(24), self.width() * 0.34)
        top = float(self._theme.px(44))
        k = max(1, len(self._labels))
        side = min((self.width() - left - 2) / k, (self.height() - top - 2) / k, self._theme.px(120))
        return left, top, max(side, 1.0)

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
        theme = self._theme
        left, top, side = self._layout()
        font, head = theme.font(SMALL_PX), theme.font(HEAD_PX)
        metrics = QFontMetricsF(font)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.setFont(head)
        painter.setPen(theme.colour("muted"))
        across = QRectF(left, 0, self.width() - left, theme.px(18))
        painter.drawText(across, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, tr("predicted →"))
        painter.drawText(QRectF(0, theme.px(20), left - theme.px(8), theme.px(20)), right, tr("given ↓"))
        painter.setFont(font)
        for index, label in enumerate(self._labels):
            painter.setPen(theme.colour("text"))
            width = left - theme.px(22)
            name = metrics.elidedText(label.name, Qt.TextElideMode.ElideMiddle, width)
            row = QRectF(0, top + index * side, width, side)
            painter.drawText(row, right, name)
            self._paint_mark(painter, left - theme.px(12), row.center().y(), label)
            name = metrics.elidedText(label.name, Qt.TextElideMode.ElideMiddle, side - theme.px(18))
            advance = metrics.horizontalAdvance(name) + theme.px(14)
            start = left + index * side + max(0.0, (side - advance) / 2)
            self._paint_mark(painter, start + theme.px(5), theme.px(31), label)
            painter.setPen(theme.colour("text"))
            column = QRectF(start + theme.px(14), theme.px(20), side, theme.px(22))
            painter.drawText(column, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)

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
        left, top, side = self._layout()
        row, column = int((y - top) // side), int((x - left) // side)
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
