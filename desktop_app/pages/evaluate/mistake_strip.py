"""A row of the surest mistakes: the picture, the label given, the label predicted, how sure it was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QEnterEvent,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from core.domain.labels import Label
from core.translation import tr
from desktop_app.pages.evaluate.mistakes import Mistake
from desktop_app.theme import GRID, RADIUS_THUMBNAIL, SMALL_PX, Theme
from desktop_app.widgets.label_pill import paint_glyph
from desktop_app.widgets.pictures import to_pixmap

_LEAST_SIDE_PX: Final = 128
_LINE_PX: Final = 18


class MistakeStrip(QWidget):
    """As many mistakes as have room in one row; `opened` gets the id of the one that is clicked."""

    def __init__(self, theme: Theme, opened: Callable[[int], object]) -> None:
        super().__init__()
        self._theme, self._opened = theme, opened
        self._tiles: list[MistakeTile] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Surest mistakes"))

    def show_mistakes(self, mistakes: Sequence[Mistake]) -> None:
        """Show these instead of those before."""
        for tile in self._tiles:
            tile.hide()
            tile.deleteLater()
        self._tiles = [MistakeTile(self, self._theme, mistake, self._opened) for mistake in mistakes]
        self._arrange()

    @property
    def shown(self) -> list[MistakeTile]:
        """The tiles that have room, from left to right."""
        return [tile for tile in self._tiles if tile.isVisibleTo(self)]

    def sizeHint(self) -> QSize:
        """Return the height of a row."""
        return QSize(self._theme.px(4 * _LEAST_SIDE_PX), self._theme.px(_LEAST_SIDE_PX + 2 * _LINE_PX + GRID))

    def minimumSizeHint(self) -> QSize:
        """Return the room of one tile."""
        return QSize(self._theme.px(_LEAST_SIDE_PX), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the tiles the whole width."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        gap, least = self._theme.px(GRID * 1.5), self._theme.px(_LEAST_SIDE_PX)
        columns = max(1, (self.width() + gap) // (least + gap))
        side = max(least, (self.width() + gap) // columns - gap)
        height = side + self._theme.px(2 * _LINE_PX + GRID)
        for index, tile in enumerate(self._tiles):
            tile.setGeometry(index * (side + gap), 0, side, height)
            tile.setVisible(index < columns)
        self.setFixedHeight(height)


class MistakeTile(QAbstractButton):
    """One mistake; a click or Space opens it."""

    def __init__(self, parent: QWidget, theme: Theme, mistake: Mistake, opened: Callable[[int], object]) -> None:
        super().__init__(parent)
        self._theme, self.mistake = theme, mistake
        self._pixmap = to_pixmap(mistake.picture) if mistake.picture is not None else QPixmap()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        words = _words(mistake)
        self.setToolTip(words)
        self.setAccessibleName(words)
        self.clicked.connect(lambda: opened(mistake.sample_id))

    def sizeHint(self) -> QSize:
        """Return the least size."""
        side = self._theme.px(_LEAST_SIDE_PX)
        return QSize(side, side + self._theme.px(2 * _LINE_PX + GRID))

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that it can be clicked."""
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Be quiet again."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the picture and the two lines below it."""
        theme, side = self._theme, float(self.width())
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        square = QRectF(0.5, 0.5, side - 1, side - 1)
        self._paint_picture(painter, square)
        self._paint_confidence(painter)
        lines, height = side + theme.px(GRID / 2), theme.px(_LINE_PX)
        self._paint_label(painter, QRectF(0, lines, side, height), "", self.mistake.given)
        self._paint_label(painter, QRectF(0, lines + height, side, height), "→", self.mistake.predicted)

    def _paint_picture(self, painter: QPainter, square: QRectF) -> None:
        theme, shape = self._theme, QPainterPath()
        shape.addRoundedRect(square, RADIUS_THUMBNAIL, RADIUS_THUMBNAIL)
        painter.fillPath(shape, theme.colour("sunken"))
        if not self._pixmap.isNull():
            size = self._pixmap.size().toSizeF()
            size.scale(square.size(), Qt.AspectRatioMode.KeepAspectRatio)
            fitted = QRectF(QPointF(), size)
            fitted.moveCenter(square.center())
            painter.save()
            painter.setClipPath(shape)
            painter.drawPixmap(fitted, self._pixmap, QRectF(self._pixmap.rect()))
            painter.restore()
        else:
            icon = theme.pixmap("image-off", 28)
            box = QRectF(0, 0, theme.px(28), theme.px(28))
            box.moveCenter(square.center())
            painter.drawPixmap(box, icon, QRectF(icon.rect()))
        ring = self.hasFocus()
        colour = "accent" if ring else "border_strong" if self.underMouse() else "border"
        painter.setPen(QPen(theme.colour(colour), 3 if ring else 1))
        inset = 1.0 if ring else 0.0
        painter.drawRoundedRect(square.adjusted(inset, inset, -inset, -inset), RADIUS_THUMBNAIL, RADIUS_THUMBNAIL)

    def _paint_confidence(self, painter: QPainter) -> None:
        theme, words = self._theme, f"{100 * self.mistake.confidence:.0f} %"
        font = theme.font(SMALL_PX - 1, bold=True, tabular=True)
        metrics = QFontMetricsF(font)
        plate = QRectF(theme.px(6), theme.px(6), metrics.horizontalAdvance(words) + 10, metrics.height() + 2)
        field = theme.colour("surface")
        field.setAlphaF(0.88)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(field)
        painter.drawRoundedRect(plate, 4, 4)
        painter.setPen(theme.colour("text"))
        painter.setFont(font)
        painter.drawText(plate, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_label(self, painter: QPainter, line: QRectF, head: str, label: Label | None) -> None:
        theme, font = self._theme, self._theme.font(SMALL_PX)
        metrics, mark = QFontMetricsF(font), float(theme.px(9))
        painter.setFont(font)
        painter.setPen(theme.colour("muted"))
        left = theme.px(18)
        side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, side, head)
        if label is None:
            painter.drawText(line.adjusted(left, 0, 0, 0), side, "–")
            return
        glyph = QRectF(left, line.center().y() - mark / 2, mark, mark)
        paint_glyph(painter, glyph, label.glyph, label.colour)
        name = line.adjusted(left + mark + theme.px(5), 0, 0, 0)
        painter.setPen(theme.colour("text"))
        painter.drawText(name, side, metrics.elidedText(label.name, Qt.TextElideMode.ElideMiddle, name.width()))


def _words(mistake: Mistake) -> str:
    given, predicted, share = mistake.given, mistake.predicted, f"{100 * mistake.confidence:.0f}"
    if given is None and predicted is not None:
        return tr(
            "{name}: given {label}, which it does not have, {share} % sure. Click to see it among the images.",
            name=mistake.name,
            label=predicted.name,
            share=share,
        )
    if predicted is None and given is not None:
        return tr(
            "{name}: not given {label}, which it has, {share} % sure. Click to see it among the images.",
            name=mistake.name,
            label=given.name,
            share=share,
        )
    return tr(
        "{name}: labelled {given}, predicted {predicted}, {share} % sure. Click to see it among the images.",
        name=mistake.name,
        given=given.name if given else "",
        predicted=predicted.name if predicted else "",
        share=share,
    )
