"""A layout that sets its items in lines, as words in a paragraph: for chips and buttons in a narrow column."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Items from left to right, broken into lines where the width ends.

    Attributes
    ----------
    reserved
        Room in px that is kept free at the end of the first line, for something that stands there.
    last_at_end
        Whether the last item stands at the end of its line.
    """

    def __init__(self, parent: QWidget | None = None, *, spacing: int = 8) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self.reserved = 0
        self.last_at_end = False
        self.setSpacing(spacing)
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        """Take an item (Qt calls this)."""
        self._items.append(item)

    def count(self) -> int:
        """Return how many items there are."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return an item, or None beyond the last."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Remove and return an item, or None beyond the last."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Return that it wants no more room than it needs."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Return that its height follows from its width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height needed at `width`."""
        return self._arrange(QRect(0, 0, width, 0), move=False)

    def setGeometry(self, rect: QRect) -> None:
        """Put the items in their places."""
        super().setGeometry(rect)
        self._arrange(rect, move=True)

    def sizeHint(self) -> QSize:
        """Return the smallest size."""
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """Return the size of the largest item."""
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        x, y, end = rect.x(), rect.y(), rect.right() + 1 - self.reserved
        line: list[tuple[QLayoutItem, QRect]] = []
        high = 0
        for item in self._items:
            if item.isEmpty():  # hidden: it takes no room, and leaves no gap
                continue
            hint = item.sizeHint()
            if line and x + hint.width() > end:
                _place(line, high, move=move)
                x, y, end, line, high = rect.x(), y + high + self.spacing(), rect.right() + 1, [], 0
            line.append((item, QRect(QPoint(x, y), hint)))
            x += hint.width() + self.spacing()
            high = max(high, hint.height())
        if line and self.last_at_end and line[-1][0] is self._items[-1]:
            line[-1][1].moveRight(end - 1)
        _place(line, high, move=move)
        return y + high - rect.y()


def _place(line: Sequence[tuple[QLayoutItem, QRect]], high: int, *, move: bool) -> None:
    """Put the items of a line side by side, their middles at one height."""
    for item, place in line if move else ():
        item.setGeometry(place.translated(0, (high - place.height()) // 2))


def flowing(*widgets: QWidget, spacing: int = 8) -> QWidget:
    """Return a widget that holds others in lines, as high as they need at its width."""
    made = QWidget()
    layout = FlowLayout(made, spacing=spacing)
    for widget in widgets:
        layout.addWidget(widget)
    policy = made.sizePolicy()
    policy.setHeightForWidth(True)
    made.setSizePolicy(policy)
    return made
