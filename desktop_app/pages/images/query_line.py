"""The query as text, completed while it is typed."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLineEdit

from core.domain.query_completion import FIELD_WORDS, Proposal, complete, term_at
from core.domain.query_line import parse_query
from core.errors import UserError
from core.translation import tr
from desktop_app.pages.images.completion_list import CompletionList
from desktop_app.pages.images.controller import ImagesController
from desktop_app.theme import Theme
from desktop_app.widgets.basics import set_property

_TYPING_PAUSE_MS: Final = 300
_LONG_LINE: Final = 60


class QueryLine(QLineEdit):
    """The query as text; asked a moment after the last key, at once with Enter; Esc clears it, then leaves it.

    Under it a list of how it could go on: Down and Up choose, Tab or Enter takes, Esc closes. Enter takes nothing that
    was not chosen, and what is typed is never changed by it.
    """

    def __init__(self, controller: ImagesController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._theme = controller, theme
        self.setPlaceholderText(tr("label:WBC split:val name:*03*"))
        self.setAccessibleName(tr("Query"))
        self.setToolTip(
            tr("Narrow down what is shown: label:NAME, split:train, group:NAME, name:*03*, is:excluded, or any text.")
        )
        self.setClearButtonEnabled(True)
        self.addAction(theme.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self._list: CompletionList | None = None
        self._edited = False
        self._pause = QTimer(self, singleShot=True, interval=_TYPING_PAUSE_MS)
        self._pause.timeout.connect(self._ask_if_whole)
        self.textEdited.connect(self._typed)
        self.cursorPositionChanged.connect(self._follow)
        self.returnPressed.connect(self._ask_and_leave)
        controller.query_changed.connect(self._refresh)
        controller.words.changed.connect(self._follow)
        self._refresh()

    @property
    def completions(self) -> CompletionList:
        """The list of proposals, made when it is first needed: then the line is in its window."""
        if self._list is None or self._list.parent() is not self.window():
            self._list = CompletionList(self, self._theme, self._accept)
            self.destroyed.connect(self._list.deleteLater)
        return self._list

    def x_of(self, position: int) -> int:
        """Return where in the line, in px, the character at `position` begins; also where the line is scrolled."""
        metrics, line = self.fontMetrics(), self.text()
        start = self.cursorRect().center().x() - metrics.horizontalAdvance(line[: self.cursorPosition()])
        return start + metrics.horizontalAdvance(line[:position])

    # -- asking

    def _refresh(self) -> None:
        # What the user is typing is never rewritten under the cursor.
        if self.text() != self._controller.line and not self._edited:
            self.setText(self._controller.line)
            self.setCursorPosition(0 if len(self._controller.line) > _LONG_LINE else len(self._controller.line))
        set_property(self, "invalid", bool(self._controller.query_error))
        self.update()

    def _typed(self) -> None:
        self._edited = True
        self._pause.start()
        self._propose()

    def _ask_if_whole(self) -> None:
        """Ask, unless the term at the cursor is only half typed, as is the beginning of a field's name.

        Then the list says how it could go on, and neither an error nor what has “la” in its name is of any use.
        """
        if self._is_proposing():
            term = term_at(self.text(), self.cursorPosition())
            if term.field is None and term.typed and any(field.startswith(term.typed) for field in FIELD_WORDS):
                return
            try:
                parse_query(self.text())
            except UserError:
                return
        self._ask()

    def _ask(self) -> None:
        self._pause.stop()
        self._edited = False
        self._controller.set_line(self.text(), typed=True)

    def _ask_and_leave(self) -> None:
        self._hide_list()
        self._ask()
        if not self._controller.query_error:
            self._controller.focus_grid.emit()

    # -- completing

    def _is_proposing(self) -> bool:
        return self._list is not None and self._list.isVisible()

    def _hide_list(self) -> None:
        if self._list is not None:
            self._list.hide()

    def _propose(self) -> None:
        self._controller.words.want()
        line, cursor = self.text(), self.cursorPosition()
        proposals = complete(line, cursor, self._controller.words.vocabulary)
        self.completions.propose(proposals, self.x_of(term_at(line, cursor).start))

    def _follow(self) -> None:
        """Propose what fits where the cursor is now, if anything is proposed at all."""
        if self._is_proposing():
            self._propose()

    def _accept(self, proposal: Proposal) -> None:
        self.selectAll()
        self.insert(proposal.line)
        self.setCursorPosition(proposal.cursor)
        if proposal.whole:
            self._hide_list()
            self._ask()
        else:
            self._propose()

    # -- keys and the pointer

    def event(self, event: QEvent) -> bool:
        """Tab takes a proposal, where there is one; it would else leave the line before `keyPressEvent` sees it."""
        if isinstance(event, QKeyEvent) and self._is_tab(event) and self._is_proposing():
            self._accept(self.completions.chosen() or self.completions.proposals()[0])
            return True
        return super().event(event)

    @staticmethod
    def _is_tab(event: QKeyEvent) -> bool:
        return event.type() is QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Tab and not event.modifiers()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc gives up a slow search, else clears the line; in an empty one it goes to the grid, as Down does."""
        key, control = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if self._is_proposing() and self._key_in_list(Qt.Key(key)):
            return
        if key == Qt.Key.Key_Escape and self._controller.give_up_search():
            return
        if key == Qt.Key.Key_Space and control:
            self._propose()
        elif key == Qt.Key.Key_Escape and self.text():
            self.clear()
            self._ask()
        elif key in (Qt.Key.Key_Escape, Qt.Key.Key_Down):
            self._controller.focus_grid.emit()
        else:
            super().keyPressEvent(event)

    def _key_in_list(self, key: Qt.Key) -> bool:
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.completions.move_by(1 if key == Qt.Key.Key_Down else -1)
            return True
        if key == Qt.Key.Key_Escape:
            self._hide_list()
            self._ask()
            return True
        chosen = self.completions.chosen()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and chosen is not None:
            self._accept(chosen)
            return True
        return False

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click shows what could stand there."""
        super().mousePressEvent(event)
        self._propose()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Have the counts ready by the time they are asked for."""
        super().focusInEvent(event)
        self._controller.words.want()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Elsewhere: what was typed is asked for, and nothing proposed any more."""
        super().focusOutEvent(event)
        self._hide_list()
        if self._edited:
            self._ask()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Underline what is not understood."""
        super().paintEvent(event)
        start, end = self._controller.query_error_at
        if start < end <= len(self.text()):
            painter = QPainter(self)
            painter.setPen(QPen(self._theme.colour("bad"), self._theme.px(2)))
            y = self.height() - self._theme.px(5)
            painter.drawLine(max(self._theme.px(28), self.x_of(start)), y, min(self.width(), self.x_of(end)), y)
            painter.end()
