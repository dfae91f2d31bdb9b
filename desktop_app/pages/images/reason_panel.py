"""Asking why images are uncertain or ungradable: one line, and the reasons given lately a key away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QWidget

from core.domain.samples import SampleState
from core.translation import mark, mark_n, tr, tr_n
from desktop_app.theme import Theme
from desktop_app.widgets.basics import button, row, text
from desktop_app.widgets.overlay import Overlay, fitting_height

_TITLES: Final = {
    SampleState.UNCERTAIN: mark_n("Mark {n} image as uncertain", "Mark {n} images as uncertain"),
    SampleState.UNGRADABLE: mark_n("Mark {n} image as ungradable", "Mark {n} images as ungradable"),
}
_MEANINGS: Final = {
    SampleState.UNCERTAIN: mark("You cannot tell which label is right. Left out of training until you can."),
    SampleState.UNGRADABLE: mark("Nobody could tell from such an image. Left out of training."),
}
_WIDTH_PX: Final = 340
_ROW_PX: Final = 30
_MOST: Final = 8


class ReasonPanel(Overlay):
    """Signals: `given` (str), the reason, perhaps empty; `cleared`, they are certain again."""

    given = Signal(str)
    cleared = Signal()

    def __init__(
        self, host: QWidget, theme: Theme, state: SampleState, count: int, recent: Sequence[str], *, again: str
    ) -> None:
        """`again` is the key that gives the last reason without asking."""
        super().__init__(host, theme, self._above_middle)
        self._theme, self._recent = theme, list(recent)[:_MOST]
        self.line = QLineEdit()
        self.line.setPlaceholderText(tr("Reason (can be left empty)"))
        self.line.setAccessibleName(tr("Reason (can be left empty)"))
        self.line.returnPressed.connect(lambda: self._give(self.line.text().strip()))
        self.line.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Reasons given lately"))
        for number, reason in enumerate(self._recent, 1):
            item = QListWidgetItem(f"{number}   {reason}")
            item.setData(Qt.ItemDataRole.UserRole, reason)
            item.setSizeHint(QSize(0, theme.px(_ROW_PX)))
            self.list.addItem(item)
        self.list.itemClicked.connect(self._chosen)
        self.list.itemActivated.connect(self._chosen)
        self.list.setFixedHeight(theme.px(_ROW_PX) * max(1, len(self._recent)) + theme.px(10))
        px = theme.px
        self.body.setContentsMargins(px(14), px(12), px(14), px(12))
        self.body.addWidget(text(tr_n(*_TITLES[state], count), "subtitle"))
        self.body.addWidget(text(tr(_MEANINGS[state]), "small", wrap=True))
        self.body.addWidget(self.line)
        self.body.addWidget(self.list)
        self.list.setVisible(bool(self._recent))  # once it has a parent: before, it would be a window
        if self._recent:
            hint = tr("{key} gives the last reason again, at once.", key=again)
            self.body.addWidget(text(hint, "small", wrap=True))
        self.take = button(tr("Mark"), lambda: self._give(self.line.text().strip()), kind="primary")
        self.clear = button(tr("Certain again"), self._clear)
        self.body.addLayout(row(self.clear, None, self.take))
        self.closed.connect(self.deleteLater)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take a digit in an empty line as the number of a reason; go into the list with ↓."""
        if watched is self.line and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            digit = event.text()
            if not self.line.text() and digit.isdecimal() and 1 <= int(digit) <= len(self._recent):
                self._give(self._recent[int(digit) - 1])
                return True
            if event.key() == Qt.Key.Key_Down and self._recent:
                self.list.setFocus(Qt.FocusReason.TabFocusReason)
                self.list.setCurrentRow(0)
                return True
            return False
        return super().eventFilter(watched, event)

    def _chosen(self, item: QListWidgetItem) -> None:
        self._give(str(item.data(Qt.ItemDataRole.UserRole)))

    def _give(self, reason: str) -> None:
        self.close_panel()
        self.given.emit(reason)

    def _clear(self) -> None:
        self.close_panel()
        self.cleared.emit()

    def _above_middle(self, room: QRect, panel: QWidget) -> QRect:
        width = min(self._theme.px(_WIDTH_PX), room.width() - 32)
        height = fitting_height(panel, width)
        return QRect((room.width() - width) // 2, room.height() // 7, width, height)
