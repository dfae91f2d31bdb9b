"""The headings of a grid whose tiles are grouped: painted over the whole width, the one in force always at the top."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QRegion
from PySide6.QtWidgets import QWidget

from desktop_app.theme import Theme
from desktop_app.widgets.label_pill import paint_glyph
from desktop_app.widgets.sample_grid.layout import GAP_PX, GridLayout
from desktop_app.widgets.sample_grid.state import GridState
from desktop_app.widgets.sample_grid.tiles import Heading

_GLYPH_PX: Final = 11


def paint_headings(viewport: QWidget, layout: GridLayout, state: GridState, theme: Theme, scrolled: int) -> None:
    """Paint the headings in sight; the one whose tiles are at the top stays there, until the next one pushes it out."""
    if not layout.has_headings or not len(state):
        return
    painter = QPainter(viewport)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for section, top in placed_headings(layout, scrolled, viewport.height()):
        band = QRect(0, top, viewport.width(), layout.head_px)
        _paint(painter, band, state.headings[section], len(layout.tiles_of(section)), theme)


def heading_bands(viewport: QWidget, layout: GridLayout, scrolled: int) -> QRegion:
    """Return what the headings in sight cover."""
    bands = QRegion()
    for _, top in placed_headings(layout, scrolled, viewport.height()):
        bands += QRect(0, top, viewport.width(), layout.head_px)
    return bands


def heading_at(layout: GridLayout, y: int, scrolled: int) -> int:
    """Return the heading at a height of the viewport, or -1."""
    for section, top in placed_headings(layout, scrolled, y):
        if top <= y < top + layout.head_px:
            return section
    return -1


def placed_headings(layout: GridLayout, scrolled: int, height: int) -> list[tuple[int, int]]:
    """Return the headings in sight and where each begins in the viewport, the one that stays at the top last."""
    if not layout.has_headings or not layout.count:
        return []
    found = [(section, top - scrolled) for section, top in layout.headings_between(scrolled, scrolled + height)]
    fixed = layout.section_at(max(0, scrolled))
    following = next((top for section, top in found if section > fixed), layout.head_px)
    others = [(section, top) for section, top in found if section != fixed]
    return [*others, (fixed, min(0, following - layout.head_px))]


def _paint(painter: QPainter, band: QRect, heading: Heading, count: int, theme: Theme) -> None:
    painter.fillRect(band, theme.colour("background"))
    left, middle = float(GAP_PX // 2), band.center().y() + 1.0
    if heading.glyph:
        side = float(theme.px(_GLYPH_PX))
        paint_glyph(painter, QRectF(left, middle - side / 2, side, side), heading.glyph, heading.colour)
        left += side + theme.px(7)
    bold, plain = theme.font(13, bold=True), theme.font(12)
    amount = f"{count:,}"
    room = band.width() - left - QFontMetricsF(plain).horizontalAdvance(amount) - theme.px(24)
    text = QFontMetricsF(bold).elidedText(heading.text, Qt.TextElideMode.ElideMiddle, room)
    painter.setFont(bold)
    painter.setPen(theme.colour("text"))
    box = QRectF(left, band.top(), room, band.height())
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
    left += QFontMetricsF(bold).horizontalAdvance(text) + theme.px(10)
    painter.setFont(plain)
    painter.setPen(theme.colour("muted"))
    box = QRectF(left, band.top(), band.width() - left, band.height())
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, amount)
    painter.setPen(QPen(theme.colour("border"), 1))
    bottom = band.bottom() + 0.5
    painter.drawLine(QPointF(GAP_PX // 2, bottom), QPointF(band.width() - GAP_PX, bottom))
