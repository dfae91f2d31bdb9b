"""A label as it looks everywhere: its colour, its glyph and its name in a small pill.

The glyphs are drawn, not set in type: few fonts have all of them. The functions paint into any painter (delegates use
them); `LabelPill` is the widget.
"""

from __future__ import annotations

import math
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QIcon,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.domain.labels import UNLABELLED_COLOUR
from desktop_app.contrast import MIN_TEXT_CONTRAST, contrast
from desktop_app.theme import Theme, blend

PILL_HEIGHT_PX = 16
GLYPH_ICON_PX = 14
_LEAST_SIZE = 5 / 6
_INK, _WHITE = "#10161C", "#FFFFFF"


@lru_cache(maxsize=256)
def pill_colours(colour: str) -> tuple[str, str]:
    """Return (field, text) for a pill in `colour`: white on it, a little darkened if need be; else dark text."""
    for darker in range(21):
        field = blend("#000000", colour, darker / 100).name()
        if contrast(_WHITE, field) >= MIN_TEXT_CONTRAST:
            return field, _WHITE
    return colour, _INK


def paint_pill(
    painter: QPainter,
    corner: QPointF,
    name: str,
    colour: str,
    glyph: str,
    font: QFont,
    *,
    max_width: float,
    scale: float,
    hollow: Theme | None = None,
) -> QRectF:
    """Paint a pill with its bottom left at `corner`, at most `max_width` wide, and return where it is.

    In a `hollow` one, of what is suggested only, the text is the theme's, on its surface, in a dashed outline.
    """
    field, ink = pill_colours(colour) if hollow is None else (hollow.tokens.surface, hollow.tokens.text)
    height = PILL_HEIGHT_PX * scale
    glyph_side, pad = 8.0 * scale, 6.0 * scale
    room = max_width - 2 * pad - glyph_side - 4 * scale
    font = fitting_font(font, name, room)
    metrics = QFontMetricsF(font)
    # Names differ at their ends as often as at their beginnings: what is too long loses its middle.
    shown = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, max(0.0, room))
    width = min(max_width, 2 * pad + glyph_side + 4 * scale + metrics.horizontalAdvance(shown))
    rect = QRectF(corner.x(), corner.y() - height, width, height)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_plate(painter, rect, field, colour if hollow is not None else "", scale)
    side = QRectF(rect.x() + pad, rect.center().y() - glyph_side / 2, glyph_side, glyph_side)
    paint_glyph(painter, side, glyph, ink if hollow is None else colour)
    painter.setPen(QColor(ink))
    painter.setFont(font)
    left = rect.x() + pad + glyph_side + 4 * scale
    painter.drawText(QRectF(left, rect.y(), rect.right() - left, height), Qt.AlignmentFlag.AlignVCenter, shown)
    painter.restore()
    return rect


def fitting_font(font: QFont, text: str, room: float) -> QFont:
    """Return `font`, or where `text` does not fit into `room` px, one narrower and smaller by a sixth at the most."""
    width = QFontMetricsF(font).horizontalAdvance(text)
    if width <= room or width <= 0:
        return font
    smaller = QFont(font)
    smaller.setPixelSize(max(1, round(font.pixelSize() * max(_LEAST_SIZE, room / width))))
    return smaller


def paint_plate(painter: QPainter, rect: QRectF, field: str, outline: str, scale: float) -> None:
    """Paint the rounded field of a pill, with a dashed outline where it has a colour for one."""
    inset = 0.75 * scale if outline else 0.0
    painter.setPen(_dashed(outline, scale) if outline else Qt.PenStyle.NoPen)
    painter.setBrush(QColor(field))
    plate = rect.adjusted(inset, inset, -inset, -inset)
    painter.drawRoundedRect(plate, plate.height() / 2, plate.height() / 2)


def _dashed(colour: str, scale: float) -> QPen:
    pen = QPen(QColor(colour), 1.5 * scale)
    pen.setDashPattern([2.4, 1.6])
    return pen


def paint_glyph(painter: QPainter, rect: QRectF, glyph: str, colour: str) -> None:
    """Paint the glyph of a label into `rect`."""
    path = glyph_path(glyph, rect)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if glyph == UNLABELLED_COLOUR[1]:
        painter.setPen(QPen(QColor(colour), max(1.2, rect.width() / 7)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
    painter.drawPath(path)
    painter.restore()


def glyph_icon(theme: Theme, colour: str, glyph: str) -> QIcon:
    """Return a label's glyph as an icon: 10 px of the drawings in `GLYPH_ICON_PX`, for tables, menus and chips."""
    ratio = QGuiApplication.primaryScreen().devicePixelRatio() if QGuiApplication.primaryScreen() else 1.0
    side = theme.px(GLYPH_ICON_PX)
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    inset = side / 7
    paint_glyph(painter, QRectF(inset, inset, side - 2 * inset, side - 2 * inset), glyph, colour)
    painter.end()
    return QIcon(pixmap)


def glyph_path(glyph: str, rect: QRectF) -> QPainterPath:
    """Return the outline of a label's glyph (one of `core.domain.labels.LABEL_COLOURS`) inside `rect`."""
    path, side, centre = QPainterPath(), rect.width(), rect.center()
    match glyph:
        case "●":
            path.addEllipse(rect)
        case "○":
            inset = side / 14
            path.addEllipse(rect.adjusted(inset, inset, -inset, -inset))
        case "▲":
            _polygon(path, centre + QPointF(0, side * 0.08), side * 0.58, 3)
        case "◆":
            _polygon(path, centre, side * 0.56, 4)
        case "★":
            _polygon(path, centre + QPointF(0, side * 0.03), side * 0.58, 10, inner=0.45)
        case "✚":
            third = side * 0.34
            path.addRect(QRectF(centre.x() - third / 2, rect.y(), third, side))
            path.addRect(QRectF(rect.x(), centre.y() - third / 2, side, third))
            path.setFillRule(Qt.FillRule.WindingFill)
        case "⬟":
            _polygon(path, centre, side * 0.54, 5)
        case "⬢":
            _polygon(path, centre, side * 0.54, 6)
        case _:
            path.addRect(rect)
    return path


def _polygon(path: QPainterPath, centre: QPointF, radius: float, corners: int, *, inner: float = 1.0) -> None:
    for index in range(corners):
        angle = 2 * math.pi * index / corners - math.pi / 2
        reach = radius * (inner if index % 2 else 1.0)
        point = centre + QPointF(reach * math.cos(angle), reach * math.sin(angle))
        if index:
            path.lineTo(point)
        else:
            path.moveTo(point)
    path.closeSubpath()


class LabelPill(QWidget):
    """A label's pill as a widget."""

    def __init__(self, theme: Theme, name: str, colour: str, glyph: str, *, suggested: bool = False) -> None:
        super().__init__()
        self._theme, self._name, self._colour, self._glyph = theme, name, colour, glyph
        self._hollow = theme if suggested else None
        self.setFont(theme.font(11, bold=True))
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the pill's size."""
        advance = QFontMetricsF(self.font()).horizontalAdvance(self._name)
        return QSize(math.ceil(advance + 24 * self._theme.scale) + 1, self._theme.px(PILL_HEIGHT_PX))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pill."""
        painter = QPainter(self)
        paint_pill(
            painter,
            QPointF(0, self.height()),
            self._name,
            self._colour,
            self._glyph,
            self.font(),
            max_width=self.width(),
            scale=self._theme.scale,
            hollow=self._hollow,
        )


class LabelGlyph(QWidget):
    """A label's glyph in its colour, for lists and legends."""

    def __init__(self, theme: Theme, colour: str, glyph: str, size_px: int = 10) -> None:
        super().__init__()
        self._colour, self._glyph = colour, glyph
        self.setFixedSize(theme.px(size_px), theme.px(size_px))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the glyph."""
        paint_glyph(QPainter(self), QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), self._glyph, self._colour)
