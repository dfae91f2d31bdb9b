"""A picture of a case: its labels as pills on it, words below it; chosen with a click where it can be."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from core.domain.labels import Label
from desktop_app.theme import RADIUS_THUMBNAIL, SMALL_PX, Theme
from desktop_app.widgets.label_pill import PILL_HEIGHT_PX, paint_pill

_LINE_PX = 18


class PictureTile(QAbstractButton):
    """One picture with round corners, its aspect kept; it stretches where `side_px` is 0.

    Attributes
    ----------
    sample_id
        What it shows; None for what is no sample, such as a difference.
    """

    def __init__(
        self,
        theme: Theme,
        side_px: int = 0,
        *,
        lines: int = 1,
        chosen: Callable[[], object] | None = None,
        opened: Callable[[], object] | None = None,
    ) -> None:
        """`chosen` is called at a click, `opened` at a double click; without `chosen` it cannot be chosen."""
        super().__init__()
        self._theme, self._side, self._lines = theme, theme.px(side_px), lines
        self._opened = opened
        self.sample_id: int | None = None
        self._image: QImage | None = None
        self._message = ""
        self._labels: tuple[Label, ...] = ()
        self._words: tuple[str, ...] = ()
        self._brief: tuple[str, ...] = ()
        self._faint = False
        self._shown: tuple[str, tuple[Label, ...], tuple[str, ...], bool, tuple[str, ...]] | None = None
        self.setCheckable(chosen is not None)
        if chosen is not None:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.clicked.connect(lambda: chosen())
        else:
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus if opened is not None else Qt.FocusPolicy.NoFocus)
        free = QSizePolicy.Policy.Expanding
        self.setSizePolicy(free, free if not side_px else QSizePolicy.Policy.Fixed)
        if side_px:
            self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_picture(self, image: QImage | None, message: str = "") -> None:
        """Show an image; without one, a message."""
        if image is not self._image or message != self._message:
            self._image, self._message = image, message
            self.update()

    def show_words(
        self,
        name: str,
        labels: Sequence[Label] = (),
        words: Sequence[str] = (),
        *,
        faint: bool = False,
        brief: Sequence[str] = (),
    ) -> None:
        """Show pills on the picture and lines below; `faint` for what would be left out. `name` is read out.

        `brief` is what the first lines say where there is no room for their `words`.
        """
        shown = (name, tuple(labels), tuple(words), faint, tuple(brief))
        if shown == self._shown:
            return
        self._shown = shown
        _, self._labels, self._words, self._faint, self._brief = shown
        said = [name, *(label.name for label in labels), *words]
        self.setAccessibleName(", ".join(part for part in said if part))
        self.setToolTip("\n".join(part for part in (name, *words) if part))
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of the picture and its lines."""
        side = self._side or self._theme.px(280)
        return QSize(side, side + self.below)

    def minimumSizeHint(self) -> QSize:
        """Return how small it may become."""
        side = self._side or self._theme.px(150)
        return QSize(side, side + self.below)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open it with the space bar, where that chooses nothing."""
        if event.key() == Qt.Key.Key_Space and not self.isCheckable() and self._opened is not None:
            self._opened()
            return
        super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open it."""
        if self._opened is not None:
            self._opened()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture, its pills, its frame and its lines."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        side = min(self.width(), self.height() - self.below)
        frame = QRectF(0.5, 0.5, self.width() - 1, side - 1)
        self._paint_picture(painter, frame)
        self._paint_pills(painter, frame)
        self._paint_frame(painter, frame)
        self._paint_lines(painter, frame.bottom())

    def seen_lines(self) -> list[str]:
        """Return the lines below the picture as there is room for them."""
        metrics, seen = QFontMetrics(self._theme.font(SMALL_PX, tabular=True)), []
        for number, words in enumerate(self._words[: self._lines]):
            too_long = metrics.horizontalAdvance(words) > self.width()
            said = self._brief[number] if too_long and number < len(self._brief) else words
            seen.append(metrics.elidedText(said, Qt.TextElideMode.ElideMiddle, self.width()))
        return seen

    @property
    def below(self) -> int:
        """Height in px of the lines below the picture."""
        return self._theme.px(_LINE_PX * self._lines + 2) if self._lines else 0

    def _paint_picture(self, painter: QPainter, frame: QRectF) -> None:
        radius = self._theme.px(RADIUS_THUMBNAIL)
        path = QPainterPath()
        path.addRoundedRect(frame, radius, radius)
        painter.fillPath(path, self._theme.colour("sunken"))
        if self._image is None:
            painter.setPen(self._theme.colour("muted"))
            painter.setFont(self._theme.font(SMALL_PX))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(frame.adjusted(8, 8, -8, -8), flags, self._message)
            return
        painter.save()
        painter.setClipPath(path)
        painter.setOpacity(0.35 if self._faint else 1.0)
        size = QSizeF(self._image.size()).scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
        box = QRectF(frame.topLeft(), size)
        box.moveCenter(frame.center())
        painter.drawImage(box, self._image)
        painter.restore()

    def _paint_pills(self, painter: QPainter, frame: QRectF) -> None:
        px, bottom = self._theme.px, frame.bottom() - self._theme.px(4)
        for label in reversed(self._labels[:3]):
            paint_pill(
                painter,
                QPointF(frame.left() + px(4), bottom),
                label.name,
                label.colour,
                label.glyph,
                self._theme.font(11, bold=True),
                max_width=frame.width() - px(8),
                scale=self._theme.scale,
            )
            bottom -= px(PILL_HEIGHT_PX + 3)

    def _paint_frame(self, painter: QPainter, frame: QRectF) -> None:
        radius, focused = self._theme.px(RADIUS_THUMBNAIL), self.hasFocus()
        strong = self.isChecked() or focused
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._theme.colour("accent" if strong else "border"), 2 if strong else 1))
        inset = 0.5 if strong else 0
        painter.drawRoundedRect(frame.adjusted(inset, inset, -inset, -inset), radius, radius)
        if focused:
            # A ring inside of the frame: the frame alone also marks what is chosen.
            painter.setPen(QPen(QColor(self._theme.tokens.surface), 1))
            painter.drawRoundedRect(frame.adjusted(2, 2, -2, -2), radius, radius)
        if self.isChecked():
            side = self._theme.px(18)
            corner = QRectF(frame.right() - side - 4, frame.top() + 4, side, side)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.colour("accent"))
            painter.drawEllipse(corner)
            icon = self._theme.pixmap("check", 12, "on_accent")
            spot = (
                corner.center()
                - QPointF(icon.deviceIndependentSize().width(), icon.deviceIndependentSize().height()) / 2
            )
            painter.drawPixmap(spot, icon)

    def _paint_lines(self, painter: QPainter, top: float) -> None:
        height = self._theme.px(_LINE_PX)
        painter.setFont(self._theme.font(SMALL_PX, tabular=True))
        painter.setPen(self._theme.colour("muted"))
        for number, shown in enumerate(self.seen_lines()):
            room = QRectF(0, top + self._theme.px(2) + number * height, self.width(), height)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, shown)
