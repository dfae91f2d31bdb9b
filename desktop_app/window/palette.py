"""The palette (Ctrl+K): every command of the window by a few of its letters, and a search of the images."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPen, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QLineEdit, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from core.domain.fuzzy import ranked
from core.translation import tr
from desktop_app import theme as looks
from desktop_app.actions import Action
from desktop_app.theme import Theme
from desktop_app.widgets.overlay import Overlay

_ROW_PX, _ROWS_SHOWN, _WIDTH_PX = 34, 11, 640
_ACTION = Qt.ItemDataRole.UserRole


class Palette(Overlay):
    """A line to type in, and what it finds; Enter does it."""

    def __init__(
        self,
        host: QWidget,
        theme: Theme,
        actions: Callable[[], Sequence[Action]],
        on_search: Callable[[str], object],
        can_search: Callable[[], bool],
    ) -> None:
        super().__init__(host, theme, self._centred)
        self._theme, self._actions, self._on_search, self._can_search = theme, actions, on_search, can_search
        self.line = QLineEdit()
        self.line.setPlaceholderText(tr("Type a command, or what to look for among the images"))
        self.line.setAccessibleName(tr("Command or search"))
        self.line.setClearButtonEnabled(False)
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self._find)
        self.list = QListView()
        self.list.setAccessibleName(tr("Commands"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setItemDelegate(_RowDelegate(theme, self.list))
        self.list.setMouseTracking(True)
        self.list.setUniformItemSizes(True)
        self._model = QStandardItemModel(self)
        self.list.setModel(self._model)
        self.list.clicked.connect(lambda _: self._do())
        self.list.entered.connect(self.list.setCurrentIndex)
        self.body.setSpacing(theme.px(6))
        self.body.addWidget(self.line)
        self.body.addWidget(self.list)

    def open(self, focus: QWidget | None = None) -> None:
        """Show all that can be done now."""
        self.line.clear()
        self._find("")
        super().open(self.line)

    def found(self) -> list[str]:
        """Return the texts shown, from top to bottom."""
        return [self._model.item(row).text() for row in range(self._model.rowCount())]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move in the list and choose from it, while the cursor stays in the line."""
        if watched is self.line and isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            return self._key(Qt.Key(event.key()))
        return super().eventFilter(watched, event)

    def _key(self, key: Qt.Key) -> bool:
        moves = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
        if key in moves and self._model.rowCount():
            step, last = moves[key], self._model.rowCount() - 1
            row = self.list.currentIndex().row() + step
            row = row % (last + 1) if abs(step) == 1 else max(0, min(last, row))
            self.list.setCurrentIndex(self._model.index(row, 0))
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._do()
            return True
        if key is Qt.Key.Key_Escape:
            self.close_panel()
            return True
        return False

    def _find(self, typed: str) -> None:
        possible = [action for action in self._actions() if action.enabled_when() and action.id != "view.palette"]
        self._model.clear()
        for action in ranked(typed, possible, lambda a: a.shown_text):
            self._model.appendRow(_item(action.shown_text, action))
        if typed.strip() and self._can_search():
            self._model.appendRow(_item(tr("Search the images for “{text}”", text=typed.strip()), None))
        if not self._model.rowCount():
            nothing = _item(tr("No command fits."), None)
            nothing.setEnabled(False)
            self._model.appendRow(nothing)
        self.list.setCurrentIndex(self._model.index(0, 0))
        if self.isVisible():
            self.arrange()

    def _do(self) -> None:
        index = self.list.currentIndex()
        if not index.isValid() or not index.flags() & Qt.ItemFlag.ItemIsEnabled:
            return
        action, typed = index.data(_ACTION), self.line.text().strip()
        self.close_panel()
        if action is not None:
            action.trigger()
        else:
            self._on_search(typed)

    def _centred(self, area: QRect, panel: QWidget) -> QRect:
        px = self._theme.px
        rows = min(_ROWS_SHOWN, self._model.rowCount())
        self.list.setFixedHeight(rows * px(_ROW_PX) + 2)
        width = min(px(_WIDTH_PX), area.width() - px(32))
        return QRect((area.width() - width) // 2, px(6), width, panel.sizeHint().height())


def _item(content: str, action: Action | None) -> QStandardItem:
    item = QStandardItem(content)
    item.setData(action, _ACTION)
    keys = action.shown_shortcut if action is not None else ""
    item.setData(f"{content}, {keys}" if keys else content, Qt.ItemDataRole.AccessibleTextRole)
    return item


class _RowDelegate(QStyledItemDelegate):
    """One command: icon, text, and its keys at the right."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the row's size."""
        return QSize(100, self._theme.px(_ROW_PX))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw the row."""
        theme, px, rect = self._theme, self._theme.px, option.rect
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent_background"))
            painter.drawRoundedRect(rect, px(looks.RADIUS_CONTROL), px(looks.RADIUS_CONTROL))
        action: Action | None = index.data(_ACTION)
        enabled = bool(index.flags() & Qt.ItemFlag.ItemIsEnabled)
        colour = "accent" if chosen and enabled else "text" if enabled else "muted"
        icon = (action.icon if action is not None else "search") or "chevron-right"
        side = px(16)
        at = QRect(rect.x() + px(10), rect.y() + (rect.height() - side) // 2, side, side)
        painter.drawPixmap(at, theme.pixmap(icon, 16, "accent" if chosen and enabled else "muted"))
        right = self._keys(painter, rect, action.shown_shortcut if action is not None else "")
        painter.setFont(theme.font())
        painter.setPen(theme.colour(colour))
        room = QRect(rect.x() + px(36), rect.y(), right - rect.x() - px(44), rect.height())
        shown = painter.fontMetrics().elidedText(index.data(), Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)
        painter.restore()

    def _keys(self, painter: QPainter, rect: QRect, keys: str) -> int:
        px = self._theme.px
        if not keys:
            return rect.right()
        painter.setFont(self._theme.font(looks.HEAD_PX))
        width = painter.fontMetrics().horizontalAdvance(keys) + px(12)
        cap = QRect(rect.right() - width - px(8), rect.y() + px(8), width, rect.height() - px(16))
        painter.setPen(QPen(self._theme.colour("border_strong"), 1))
        painter.setBrush(self._theme.colour("surface"))
        painter.drawRoundedRect(cap, px(4), px(4))
        painter.setPen(self._theme.colour("muted"))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, keys)
        return cap.left()
