"""One label in the panel: glyph, name, count, key, and its share as a bar; a place to click and to drop images on."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from core.domain.labels import UNLABELLED_COLOUR
from core.translation import tr, tr_n
from desktop_app.theme import Theme
from desktop_app.widgets.label_pill import paint_glyph
from desktop_app.widgets.sample_grid.drag import SAMPLES_MIME

_HEIGHT_PX: Final = 42
_COMPACT_PX: Final = 32
_BAR_PX: Final = 5
_COMPACT_BAR_PX: Final = 3


class LabelRow(QAbstractButton):
    """Shows a label; a click, or images dropped on it, give it to the selection.

    Signals
    -------
    chosen
        The row was clicked, or images were dropped on it.
    key_pressed
        (str) the key typed while `ask_for_key` is in force; empty for none.
    """

    chosen = Signal()
    key_pressed = Signal(str)

    def __init__(self, theme: Theme, name: str, colour: str, glyph: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._name, self._colour, self._glyph = theme, name, colour, glyph
        self._count, self._share, self._key = 0, 0.0, ""
        self._dropping = self._asking = self._compact = False
        self.setAcceptDrops(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.clicked.connect(lambda: self.chosen.emit())

    @property
    def name(self) -> str:
        """The label's name."""
        return self._name

    def show_figures(self, count: int, share: float, key: str) -> None:
        """Show how many samples have it, which share of the largest label that is (0 to 1), and its key."""
        self._count, self._share, self._key = count, share, key
        words = [self._name, tr_n("{n} image", "{n} images", count)]
        if key:
            words.append(tr("key {key}", key=key))
        self.setAccessibleName(", ".join(words))
        tip = tr("Click, or drop images here, to give the selection this label.")
        self.setToolTip(f"{self._name}\n{tip}")
        self.update()

    def set_compact(self, compact: bool) -> None:
        """Take less height, where there are many labels."""
        self._compact = compact
        self.updateGeometry()

    def ask_for_key(self) -> None:
        """Take the next key typed as the one that shall give this label."""
        self._asking = True
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the height of a row."""
        return QSize(self._theme.px(200), self._theme.px(_COMPACT_PX if self._compact else _HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the row."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        px, theme = self._theme.px, self._theme
        area = self.rect().adjusted(px(2), px(2), -px(2), -px(2))
        self._field(painter, area)
        above, below, bar = (0, 2, _COMPACT_BAR_PX) if self._compact else (4, 5, _BAR_PX)
        line = QRect(area.left() + px(6), area.top() + px(above), area.width() - px(12), px(20))
        glyph = QRectF(line.left(), line.center().y() - px(5) + 0.5, px(10), px(10))
        paint_glyph(painter, glyph, self._glyph, self._colour)
        right = self._key_cap(painter, line)
        count = tr("Press a key") if self._asking else f"{self._count:,}"
        painter.setFont(theme.font(tabular=True))
        metrics = QFontMetrics(painter.font())
        left = line.left() + px(19)
        room = right - left - metrics.horizontalAdvance(count) - px(14)
        name = metrics.elidedText(self._name, Qt.TextElideMode.ElideRight, room)
        painter.setPen(theme.colour("text"))
        painter.drawText(QRect(left, line.top(), room, line.height()), Qt.AlignmentFlag.AlignVCenter, name)
        painter.setPen(theme.colour("accent" if self._asking else "muted"))
        after = left + metrics.horizontalAdvance(name) + px(8)
        painter.drawText(QRect(after, line.top(), right - after, line.height()), Qt.AlignmentFlag.AlignVCenter, count)
        self._bar(painter, QRectF(line.left(), line.bottom() + px(below), line.width(), px(bar)))

    def _field(self, painter: QPainter, area: QRect) -> None:
        radius = self._theme.px(7)
        if self._dropping or self._asking:
            painter.setBrush(self._theme.colour("accent_background"))
            painter.setPen(QPen(self._theme.colour("accent"), 2))
            painter.drawRoundedRect(area, radius, radius)
        elif self.underMouse() or self.hasFocus():
            painter.setBrush(self._theme.colour("background"))
            painter.setPen(QPen(self._theme.colour("accent"), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.drawRoundedRect(area, radius, radius)

    def _key_cap(self, painter: QPainter, line: QRect) -> int:
        """Paint the key at the right end of the line; return where the room left of it ends."""
        if not self._key:
            return line.right()
        px = self._theme.px
        painter.setFont(self._theme.font(11))
        width = max(px(18), QFontMetrics(painter.font()).horizontalAdvance(self._key) + px(10))
        cap = QRectF(line.right() - width, line.center().y() - px(8) + 0.5, width, px(17))
        painter.setBrush(self._theme.colour("surface"))
        painter.setPen(QPen(self._theme.colour("border"), 1))
        painter.drawRoundedRect(cap, px(4), px(4))
        painter.setPen(self._theme.colour("text"))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, self._key.upper())
        return int(cap.left()) - px(6)

    def _bar(self, painter: QPainter, track: QRectF) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("sunken"))
        radius = track.height() / 2
        painter.drawRoundedRect(track, radius, radius)
        if self._count:
            track.setWidth(max(track.height(), track.width() * self._share))
            painter.setBrush(QColor(self._colour))
            painter.drawRoundedRect(track, radius, radius)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the key asked for; Esc gives up, Backspace means none."""
        if not self._asking:
            super().keyPressEvent(event)
            return
        key = event.text()
        if event.key() == Qt.Key.Key_Backspace:
            self._answer("")
        elif event.key() != Qt.Key.Key_Escape and key.isprintable() and len(key) == 1 and not key.isspace():
            self._answer(key.lower())
        elif key or event.key() == Qt.Key.Key_Escape:
            self._answer(None)

    def _answer(self, key: str | None) -> None:
        self._asking = False
        self.update()
        if key is not None:
            self.key_pressed.emit(key)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Show that images can be dropped here."""
        if event.mimeData().hasFormat(SAMPLES_MIME):
            event.acceptProposedAction()
            self._dropping = True
            self.update()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Show that they would no longer be."""
        self._dropping = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        """Give the label to what was dropped: always the selection."""
        event.acceptProposedAction()
        self._dropping = False
        self.update()
        self.chosen.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Give up asking for a key."""
        if self._asking:
            self._answer(None)
        super().focusOutEvent(event)


def unlabelled_row(theme: Theme) -> LabelRow:
    """Return the row of those without a label; images dropped on it lose theirs."""
    colour, glyph = UNLABELLED_COLOUR
    return LabelRow(theme, tr("No label"), colour, glyph)
