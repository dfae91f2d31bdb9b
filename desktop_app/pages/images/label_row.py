"""One label in the panel: glyph, name, count, key, and its share as a bar; a place to click, and to drop things on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from PySide6.QtCore import QMimeData, QPoint, QSize, Qt, Signal
from PySide6.QtGui import (
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QApplication, QSizePolicy, QWidget

from core.domain.labels import UNLABELLED_COLOUR
from core.translation import tr, tr_n
from desktop_app.pages.images.label_look import COMPACT_PX, HEIGHT_PX, RowLook, RowPlaces, paint_drop, paint_row, places
from desktop_app.theme import Theme
from desktop_app.widgets.sample_grid.drag import SAMPLES_MIME

LABEL_MIME: Final = "application/x-coverslip-label"
_EDGE: Final = 0.3
"""So much of a row at its upper and lower edge means: between the rows."""


class DropPlace(StrEnum):
    """What dropping a label on another means."""

    BEFORE = "before"
    BELOW = "below"
    AFTER = "after"
    MERGE = "merge"


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a label should not have a key, and whether it can have it if the key is pressed again."""

    words: str
    final: bool = False


def no_conflict(key: str) -> Objection | None:
    """Any key may be taken."""
    return None


class LabelRow(QAbstractButton):
    """Shows a label; a click, or images dropped on it, give it to the selection.

    Signals
    -------
    chosen
        The row was clicked.
    dropped
        Images were dropped on it.
    show_wanted
        The count was clicked: show these images.
    fold_wanted
        Fold what is below it, or show it again.
    rename_wanted
        F2.
    label_dropped
        (str, DropPlace) another label was dropped on it.
    key_pressed
        (str) the key typed while `ask_for_key` is in force; empty for none.
    """

    chosen = Signal()
    dropped = Signal()
    show_wanted = Signal()
    fold_wanted = Signal()
    rename_wanted = Signal()
    label_dropped = Signal(str, str)
    key_pressed = Signal(str)

    def __init__(self, theme: Theme, look: RowLook, *, movable: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._look, self._movable = theme, look, movable
        self._dropping = self._asking = self._counting = False
        self._place: DropPlace | None = None
        self._pressed_at: QPoint | None = None
        self._conflict: Callable[[str], Objection | None] = no_conflict
        self._objected = self._objection = ""
        self.setAcceptDrops(True)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.clicked.connect(lambda: self.chosen.emit())
        self.show_look(look)

    @property
    def name(self) -> str:
        """The label's name."""
        return self._look.name

    @property
    def look(self) -> RowLook:
        """What it shows."""
        return self._look

    def show_look(self, look: RowLook) -> None:
        """Show something else."""
        if look.compact != self._look.compact:
            self.updateGeometry()
        self._look = look
        words = [look.name, *([tr_n("{n} image", "{n} images", look.count)] if look.count is not None else [])]
        if look.key:
            words.append(tr("key {key}", key=look.key))
        if look.ticked is not None:
            words.append(_TICKED[look.ticked]())
        self.setAccessibleName(", ".join(words))
        self.update()

    def ask_for_key(self, conflict: Callable[[str], Objection | None] = no_conflict) -> None:
        """Take the next key typed as the one that shall give this label.

        `conflict` says what speaks against a key, if anything does; unless that is final, it is taken when it is
        pressed again.
        """
        self._asking, self._conflict = True, conflict
        self._objected = self._objection = ""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the height of a row."""
        return QSize(self._theme.px(200), self._theme.px(COMPACT_PX if self._look.compact else HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the row."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        at = self._places()
        self._field(painter, at)
        paint_row(painter, self._shown(), at, self._theme, count_hovered=self._counting)
        if self._place in (DropPlace.BEFORE, DropPlace.AFTER):
            paint_drop(painter, at, self._theme, above=self._place is DropPlace.BEFORE)

    def _shown(self) -> RowLook:
        """Return the look with what is said for the moment."""
        if self._asking:
            return replace(self._look, words=self._objection or tr("Press a key"))
        if self._place is DropPlace.MERGE:
            return replace(self._look, words=tr("Merge into this"))
        if self._place is DropPlace.BELOW:
            return replace(self._look, words=tr("Put below this"))
        return self._look

    def _places(self) -> RowPlaces:
        return places(self._shown(), self.rect(), self._theme)

    def _field(self, painter: QPainter, at: RowPlaces) -> None:
        radius = self._theme.px(7)
        if self._dropping or self._asking or self._place in (DropPlace.BELOW, DropPlace.MERGE):
            painter.setBrush(self._theme.colour("accent_background"))
            painter.setPen(QPen(self._theme.colour("accent"), 2))
            painter.drawRoundedRect(at.field, radius, radius)
        elif self._look.showing or self.underMouse() or self.hasFocus():
            painter.setBrush(self._theme.colour("accent_background" if self._look.showing else "background"))
            painter.setPen(QPen(self._theme.colour("accent"), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.drawRoundedRect(at.field, radius, radius)

    # -- keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the key asked for (Esc gives up, Backspace means none); else fold with ← and →, rename with F2."""
        if self._asking:
            self._key(event)
        elif event.key() == Qt.Key.Key_F2:
            self.rename_wanted.emit()
        elif self._look.folded is not None and event.key() == _FOLD_KEYS[self._look.folded]:
            self.fold_wanted.emit()
        else:
            super().keyPressEvent(event)

    def _key(self, event: QKeyEvent) -> None:
        key = event.text()
        if event.key() == Qt.Key.Key_Backspace:
            self._answer("")
        elif event.key() != Qt.Key.Key_Escape and key.isprintable() and len(key) == 1 and not key.isspace():
            self._offer(key.lower())
        elif key or event.key() == Qt.Key.Key_Escape:
            self._answer(None)

    def _offer(self, key: str) -> None:
        objection = self._conflict(key)
        if objection is not None and (key != self._objected or objection.final):
            self._objected, self._objection = key, objection.words
            self.update()
        else:
            self._answer(key)

    def _answer(self, key: str | None) -> None:
        self._asking = False
        self.update()
        if key is not None:
            self.key_pressed.emit(key)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Give up asking for a key."""
        if self._asking:
            self._answer(None)
        super().focusOutEvent(event)

    # -- mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Fold, show these images, or begin what may become a drag."""
        spot = event.position().toPoint()
        if event.button() == Qt.MouseButton.LeftButton:
            at = self._places()
            if self._look.folded is not None and at.fold.contains(spot):
                self.fold_wanted.emit()
                return
            if self._on_count(spot, at):
                self.show_wanted.emit()
                return
            self._pressed_at = spot
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show what a click would do, or drag the label."""
        spot = event.position().toPoint()
        if self._pressed_at is not None and event.buttons() & Qt.MouseButton.LeftButton:
            far = (spot - self._pressed_at).manhattanLength() >= QApplication.startDragDistance()
            if far and self._movable:
                self._pressed_at = None
                self.setDown(False)
                self._drag()
                return
        counting = self._on_count(spot, self._places())
        if counting != self._counting:
            self._counting = counting
            self.update()
        tip = tr("Click to show only these images.") if counting else tr("Click, or drop images here, to label them.")
        self.setToolTip(f"{self._look.name}\n{tip}")
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End the press."""
        self._pressed_at = None
        super().mouseReleaseEvent(event)

    def _on_count(self, spot: QPoint, at: RowPlaces) -> bool:
        margin = self._theme.px(4)
        return not self._asking and at.count.adjusted(-margin, 0, margin, 0).contains(spot)

    def _drag(self) -> None:
        drag, data = QDrag(self), QMimeData()
        data.setData(LABEL_MIME, self._look.name.encode())
        drag.setMimeData(data)
        drag.setPixmap(self.grab())
        drag.setHotSpot(QPoint(self._theme.px(20), self.height() // 2))
        drag.exec(Qt.DropAction.MoveAction | Qt.DropAction.CopyAction, Qt.DropAction.MoveAction)

    # -- drops

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Show that images, or another label, can be dropped here."""
        if event.mimeData().hasFormat(SAMPLES_MIME):
            event.acceptProposedAction()
            self._dropping = True
            self.update()
        elif self._takes(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show what dropping a label here would do."""
        if self._takes(event.mimeData()):
            self._place = self._place_of(event)
            self.update()
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Show that nothing would be dropped any more."""
        self._dropping, self._place = False, None
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        """Give the label to the images that were dropped (always the selection), or take in another label."""
        event.acceptProposedAction()
        self._dropping, self._place = False, None
        self.update()
        if event.mimeData().hasFormat(SAMPLES_MIME):
            self.dropped.emit()
        elif self._takes(event.mimeData()):
            name = bytes(event.mimeData().data(LABEL_MIME).data()).decode()
            self.label_dropped.emit(name, self._place_of(event))

    def _takes(self, data: QMimeData) -> bool:
        """Say whether another label is carried that may be put here."""
        if not (self._movable and data.hasFormat(LABEL_MIME)):
            return False
        return bytes(data.data(LABEL_MIME).data()).decode() != self._look.name

    def _place_of(self, event: QDropEvent) -> DropPlace:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return DropPlace.MERGE
        share = event.position().y() / max(1, self.height())
        if share < _EDGE:
            return DropPlace.BEFORE
        return DropPlace.AFTER if share > 1 - _EDGE else DropPlace.BELOW


_FOLD_KEYS: Final = {False: Qt.Key.Key_Left, True: Qt.Key.Key_Right}
_TICKED: Final = {
    Qt.CheckState.Checked: lambda: tr("all selected have it"),
    Qt.CheckState.PartiallyChecked: lambda: tr("some selected have it"),
    Qt.CheckState.Unchecked: lambda: tr("none selected has it"),
}


def unlabelled_row(theme: Theme) -> LabelRow:
    """Return the row of those without a label; images dropped on it lose theirs."""
    colour, glyph = UNLABELLED_COLOUR
    return LabelRow(theme, RowLook(tr("No label"), colour, glyph), movable=False)
