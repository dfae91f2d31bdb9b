"""The list under the query line: how the term at the cursor could go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from core.domain.query_completion import Proposal
from core.translation import tr, tr_n
from desktop_app import theme as looks
from desktop_app.theme import Theme

_ROW_PX: Final = 28
_ROWS: Final = 10
_WIDTH_PX: Final = 420
_PROPOSAL: Final = Qt.ItemDataRole.UserRole
_Index = QModelIndex | QPersistentModelIndex


class CompletionList(QFrame):
    """Shows proposals below `line` without ever having the focus: what is typed goes on into the line.

    `accept` is told which one was clicked.
    """

    def __init__(self, line: QWidget, theme: Theme, accept: Callable[[Proposal], object]) -> None:
        super().__init__(line.window())
        self._line, self._theme = line, theme
        self.setProperty("surface", "popover")
        self.setAutoFillBackground(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list = QListView()
        self.list.setAccessibleName(tr("How the query could go on"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(_Row(theme, self.list))
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self._model = _Proposals(self)
        self.list.setModel(self._model)
        self.list.clicked.connect(lambda index: accept(index.data(_PROPOSAL)))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(theme.px(4),) * 4)
        layout.addWidget(self.list)
        self.hide()

    def propose(self, proposals: Sequence[Proposal], x: int) -> None:
        """Show these, from `x` px in the line on; nothing hides the list. None of them is chosen yet."""
        self._model.use(proposals)
        if not proposals:
            self.hide()
            return
        self.list.setCurrentIndex(QModelIndex())
        self.list.scrollToTop()
        self._place(x)
        self.show()
        self.raise_()

    def proposals(self) -> Sequence[Proposal]:
        """Return what is shown, from top to bottom."""
        return self._model.proposals

    def chosen(self) -> Proposal | None:
        """Return the one that the keys are on, if any."""
        index = self.list.currentIndex()
        return index.data(_PROPOSAL) if index.isValid() else None

    def move_by(self, step: int) -> None:
        """Go down or up, round at the ends; over the ends no row is chosen, so that Enter asks the line as it is."""
        rows = self._model.rowCount() + 1
        row = (self.list.currentIndex().row() + 1 + step) % rows - 1
        self.list.setCurrentIndex(self._model.index(row, 0) if row >= 0 else QModelIndex())

    def _place(self, x: int) -> None:
        px, host = self._theme.px, self.window().rect()
        margin = px(4) * 2 + 2
        corner = self._line.mapTo(self.window(), QPoint(x, self._line.height() + px(2)))
        width = min(px(_WIDTH_PX), host.width() - px(16))
        room = max(1, (host.height() - corner.y() - margin - px(8)) // px(_ROW_PX))
        rows = min(_ROWS, self._model.rowCount(), room)
        left = max(px(8), min(corner.x() - px(14), host.width() - width - px(8)))
        self.setGeometry(QRect(left, corner.y(), width, rows * px(_ROW_PX) + margin))


class _Proposals(QAbstractListModel):
    """The proposals as rows."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.proposals: Sequence[Proposal] = ()

    def use(self, proposals: Sequence[Proposal]) -> None:
        """Show these."""
        self.beginResetModel()
        self.proposals = proposals
        self.endResetModel()

    def rowCount(self, parent: _Index | None = None) -> int:
        """Return how many there are."""
        return len(self.proposals)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a proposal, its text, or how it is read out."""
        if not index.isValid():
            return None
        proposal = self.proposals[index.row()]
        if role == _PROPOSAL:
            return proposal
        if role == Qt.ItemDataRole.DisplayRole:
            return proposal.shown
        if role == Qt.ItemDataRole.AccessibleTextRole:
            amount = tr_n("{n} image", "{n} images", proposal.count) if proposal.count is not None else ""
            return ", ".join(part for part in (proposal.term, proposal.note, amount) if part)
        return None


class _Row(QStyledItemDelegate):
    """One proposal: the value, a remark in the muted colour, how many at the right."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Return the row's size."""
        return QSize(100, self._theme.px(_ROW_PX))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw the row."""
        theme, px, proposal = self._theme, self._theme.px, index.data(_PROPOSAL)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        under_pointer = bool(option.state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if chosen or under_pointer:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("accent_background" if chosen else "sunken"))
            painter.drawRoundedRect(option.rect, px(looks.RADIUS_CONTROL), px(looks.RADIUS_CONTROL))
        room = option.rect.adjusted(px(10), 0, -px(10), 0)
        painter.setFont(theme.font(tabular=True))
        painter.setPen(theme.colour("muted"))
        if proposal.count is not None:
            amount = f"{proposal.count:,}"
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, amount)
            room.setRight(room.right() - painter.fontMetrics().horizontalAdvance(amount) - px(12))
        painter.setPen(theme.colour("accent" if chosen else "text"))
        shown = painter.fontMetrics().elidedText(proposal.shown, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)
        room.setLeft(room.left() + painter.fontMetrics().horizontalAdvance(shown) + px(12))
        if proposal.note and room.width() > px(40):
            painter.setFont(theme.font(looks.SMALL_PX))
            painter.setPen(theme.colour("muted"))
            note = painter.fontMetrics().elidedText(proposal.note, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, note)
        painter.restore()
