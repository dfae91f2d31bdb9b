"""What the colours of a map stand for: glyph and name of each category, or the ends of a ramp."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.translation import tr
from desktop_app.theme import SMALL_PX, Theme
from desktop_app.widgets.label_pill import paint_glyph
from desktop_app.widgets.map.colouring import RAMP_STEPS, Category, Colouring

MOST_SHOWN: Final = 24
_RAMP_PX: Final = 120
_STOPS: Final = 16


class MapLegend(QWidget):
    """The legend of a map, in as many lines as it takes."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._colouring: Colouring | None = None
        self._note = ""
        self.setFont(theme.font(SMALL_PX))
        self.setAccessibleName(tr("Legend"))
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_colouring(self, colouring: Colouring | None, note: str = "") -> None:
        """Explain a colouring; `note` says what else there is to know."""
        self._colouring, self._note = colouring, note
        self.setAccessibleDescription(self._words())
        self.updateGeometry()
        self.update()

    def entries(self) -> list[tuple[Category, int]]:
        """Return the categories that any point has, the first `MOST_SHOWN` of them, and how many points have each."""
        if self._colouring is None:
            return []
        pairs = zip(self._colouring.categories, self._colouring.counts, strict=True)
        return [(category, count) for category, count in pairs if count][:MOST_SHOWN]

    def sizeHint(self) -> QSize:
        """Return the size in one line."""
        width = 10_000
        return QSize(self._theme.px(200), self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Return the least size."""
        return QSize(self._theme.px(120), self._line_px())

    def hasHeightForWidth(self) -> bool:
        """Return that a narrow one has more lines."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of its lines."""
        placed = self._place(width)
        return round(placed[-1][1].bottom() if placed else self._line_px())

    def _line_px(self) -> int:
        return self._theme.px(18)

    def _place(self, width: float) -> list[tuple[str, QRectF]]:
        """Return the texts and where they are, with the room of their glyphs."""
        px, metrics = self._theme.px, QFontMetricsF(self.font())
        placed: list[tuple[str, QRectF]] = []
        x, y, line = 0.0, 0.0, float(self._line_px())
        texts = [f"{category.name}  {count:,}" for category, count in self.entries()]
        for content in [*texts, *([self._note] if self._note else [])]:
            wide = min(metrics.horizontalAdvance(content) + px(16), width)
            if x and x + wide > width:
                x, y = 0.0, y + line
            placed.append((content, QRectF(x, y, wide, line)))
            x += wide + px(14)
        return placed

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw glyphs and names, or the ramp."""
        painter = QPainter(self)
        painter.setFont(self.font())
        colouring = self._colouring
        if colouring is None:
            return
        if not colouring.categories:
            self._paint_ramp(painter, colouring)
            return
        glyphs = [category for category, _ in self.entries()]
        metrics, px = QFontMetricsF(self.font()), self._theme.px
        for number, (content, where) in enumerate(self._place(self.width())):
            left = where.left()
            if number < len(glyphs):
                side = px(9)
                box = QRectF(left, where.center().y() - side / 2, side, side)
                paint_glyph(painter, box, glyphs[number].glyph, glyphs[number].colour)
                left += px(14)
            painter.setPen(self._theme.colour("text" if number < len(glyphs) else "muted"))
            shown = metrics.elidedText(content, Qt.TextElideMode.ElideMiddle, where.right() - left)
            painter.drawText(QRectF(left, where.top(), where.right() - left + 2, where.height()), _LEFT, shown)

    def _paint_ramp(self, painter: QPainter, colouring: Colouring) -> None:
        px, metrics, line = self._theme.px, QFontMetricsF(self.font()), self._line_px()
        low, high = f"{colouring.low:.3g}", f"{colouring.high:.3g}"
        painter.setPen(self._theme.colour("text"))
        left = metrics.horizontalAdvance(low) + px(6)
        painter.drawText(QRectF(0, 0, left, line), _LEFT, low)
        bar = QRectF(left, line / 2 - px(4), px(_RAMP_PX), px(8))
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        for step in range(_STOPS + 1):
            colour = colouring.colours[round(step / _STOPS * (RAMP_STEPS - 1))]
            gradient.setColorAt(step / _STOPS, QColor(colour))
        painter.fillRect(bar, gradient)
        painter.drawText(QRectF(bar.right() + px(6), 0, self.width(), line), _LEFT, f"{high}   {self._note}".rstrip())

    def _words(self) -> str:
        colouring = self._colouring
        if colouring is None:
            return ""
        if not colouring.categories:
            return tr("from {low} to {high}", low=f"{colouring.low:.3g}", high=f"{colouring.high:.3g}")
        return ", ".join(f"{category.name} {count:,}" for category, count in self.entries())


_LEFT: Final = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
