"""How a row of the label panel looks: where its parts are, and painting them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from desktop_app.theme import Theme
from desktop_app.widgets.label_pill import paint_glyph

HEIGHT_PX: Final = 42
COMPACT_PX: Final = 32
_BAR_PX: Final = 5
_COMPACT_BAR_PX: Final = 3
_INDENT_PX: Final = 14
_MOST_INDENTED: Final = 6
_FOLD_PX: Final = 16
_BOX_PX: Final = 14


@dataclass(frozen=True, slots=True)
class RowLook:
    """What a row shows.

    Attributes
    ----------
    depth
        How far below the top the label is.
    folded
        Whether the labels below it are hidden; None where there are none.
    in_tree
        Whether any label is below another, so that all leave room for the sign to fold them.
    count, share
        How many images have it (None before they are counted), and which share of the largest label that is (0 to 1).
    ticked
        Of the selection: `Unchecked` none, `PartiallyChecked` some, `Checked` all have it; None for no box at all.
    showing
        Whether the grid shows only this label.
    words
        What is said in place of the count, such as “Press a key”.
    """

    name: str
    colour: str
    glyph: str
    depth: int = 0
    folded: bool | None = None
    in_tree: bool = False
    count: int | None = 0
    share: float = 0.0
    key: str = ""
    ticked: Qt.CheckState | None = None
    showing: bool = False
    compact: bool = False
    words: str = ""

    @property
    def said(self) -> str:
        """What stands beside the name."""
        return self.words or (f"{self.count:,}" if self.count is not None else "")


@dataclass(frozen=True, slots=True)
class RowPlaces:
    """Where the parts of a row are."""

    field: QRect
    fold: QRect
    box: QRectF
    glyph: QRectF
    name: QRect
    count: QRect
    cap: QRectF
    bar: QRectF


def places(look: RowLook, area: QRect, theme: Theme) -> RowPlaces:
    """Return where the parts are in a row that takes `area`."""
    px = theme.px
    field = area.adjusted(px(2), px(2), -px(2), -px(2))
    above, below, bar_px = (0, 2, _COMPACT_BAR_PX) if look.compact else (4, 5, _BAR_PX)
    line = QRect(field.left() + px(6), field.top() + px(above), field.width() - px(12), px(20))
    x = line.left() + px(_INDENT_PX) * min(look.depth, _MOST_INDENTED)
    fold = QRect(x - px(4), field.top(), px(_FOLD_PX) + px(4) if look.in_tree else 0, line.bottom() - field.top() + 1)
    x += px(_FOLD_PX) if look.in_tree else 0
    start = x
    middle = line.center().y() + 0.5
    box = QRectF(x, middle - px(_BOX_PX) / 2, px(_BOX_PX), px(_BOX_PX))
    x += px(_BOX_PX + 7) if look.ticked is not None else 0
    glyph = QRectF(x, middle - px(5), px(10), px(10))
    x += px(19)
    cap_width = max(px(18), QFontMetrics(theme.font(11)).horizontalAdvance(look.key) + px(10)) if look.key else 0
    cap = QRectF(line.right() - cap_width, middle - px(8), cap_width, px(17))
    right = int(cap.left()) - px(6) if look.key else line.right()
    metrics = QFontMetrics(theme.font(tabular=True))
    count_width = metrics.horizontalAdvance(look.said)
    name_width = min(metrics.horizontalAdvance(look.name) + 1, max(0, right - x - count_width - px(14)))
    name = QRect(x, line.top(), name_width, line.height())
    count = QRect(name.right() + px(8), line.top(), count_width + 2, line.height())
    bar = QRectF(start, line.bottom() + px(below), line.right() - start, px(bar_px))
    return RowPlaces(field, fold, box, glyph, name, count, cap, bar)


def paint_row(painter: QPainter, look: RowLook, at: RowPlaces, theme: Theme, *, count_hovered: bool) -> None:
    """Paint the parts of a row; its field is painted before."""
    if look.folded is not None:
        icon = theme.pixmap("chevron-right" if look.folded else "chevron-down", 12)
        side = theme.px(12)
        spot = QRectF(at.fold.left() + theme.px(4), at.glyph.center().y() - side / 2, side, side)
        painter.drawPixmap(spot, icon, QRectF(icon.rect()))
    if look.ticked is not None:
        _box(painter, at.box, look.ticked, theme)
    paint_glyph(painter, at.glyph, look.glyph, look.colour)
    font = theme.font(tabular=True)
    painter.setFont(font)
    painter.setPen(theme.colour("accent" if look.showing else "text"))
    name = QFontMetrics(font).elidedText(look.name, Qt.TextElideMode.ElideRight, at.name.width())
    painter.drawText(at.name, Qt.AlignmentFlag.AlignVCenter, name)
    if count_hovered:
        underlined = theme.font(tabular=True)
        underlined.setUnderline(True)
        painter.setFont(underlined)
    painter.setPen(theme.colour("accent" if look.words or count_hovered or look.showing else "muted"))
    painter.drawText(at.count, Qt.AlignmentFlag.AlignVCenter, look.said)
    _cap(painter, at.cap, look.key, theme)
    _bar(painter, at.bar, look, theme)


def paint_drop(painter: QPainter, at: RowPlaces, theme: Theme, *, above: bool) -> None:
    """Paint the line where a label that is dragged would go: above the row, or below it."""
    y = at.field.top() - theme.px(1) if above else at.field.bottom() + theme.px(2)
    painter.setPen(QPen(theme.colour("accent"), 2))
    painter.drawLine(QPointF(at.bar.left(), y), QPointF(at.field.right(), y))


def _box(painter: QPainter, box: QRectF, ticked: Qt.CheckState, theme: Theme) -> None:
    on = ticked is not Qt.CheckState.Unchecked
    painter.setPen(QPen(theme.colour("accent" if on else "muted"), 1))
    painter.setBrush(theme.colour("accent" if on else "surface"))
    painter.drawRoundedRect(box, theme.px(3), theme.px(3))
    if on:
        icon = theme.pixmap("check" if ticked is Qt.CheckState.Checked else "minus", 11, "on_accent")
        inset = theme.px(1.5)
        painter.drawPixmap(box.adjusted(inset, inset, -inset, -inset), icon, QRectF(icon.rect()))


def _cap(painter: QPainter, cap: QRectF, key: str, theme: Theme) -> None:
    if not key:
        return
    painter.setFont(theme.font(11))
    painter.setBrush(theme.colour("surface"))
    painter.setPen(QPen(theme.colour("border"), 1))
    painter.drawRoundedRect(cap, theme.px(4), theme.px(4))
    painter.setPen(theme.colour("text"))
    painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, key.upper())


def _bar(painter: QPainter, track: QRectF, look: RowLook, theme: Theme) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour("sunken"))
    radius = track.height() / 2
    painter.drawRoundedRect(track, radius, radius)
    if look.count:
        filled = QRectF(track)
        filled.setWidth(max(track.height(), track.width() * min(1.0, look.share)))
        painter.setBrush(QColor(look.colour))
        painter.drawRoundedRect(filled, radius, radius)
