"""One plot of curves: pyqtgraph in the theme's colours, with a legend in the head line of its card.

Drawing is `setData` from a timer on the GUI thread, with pyqtgraph's own peak down-sampling and clipping, so that a
long run costs no more than a short one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from desktop_app.theme import HEAD_PX, SMALL_PX, Theme
from desktop_app.widgets.basics import row, text

_FEW_EPOCHS = 12


@dataclass(frozen=True, slots=True)
class Curve:
    """One curve: its name with its latest value, its colour, whether it is dashed, its points, and its tooltip."""

    name: str
    colour: str
    x: Sequence[float]
    y: Sequence[float]
    dashed: bool = False
    faint: bool = False
    tip: str = ""


class CurvePlot(QWidget):
    """A plot that is only looked at: no axes to drag, no menus; its legend is a widget of its own.

    Attributes
    ----------
    legend
        The legend, to be put where there is room.
    """

    def __init__(self, theme: Theme, name: str, *, minimum_height_px: int = 120) -> None:
        super().__init__()
        self._theme = theme
        self._name = name
        self._items: list[Any] = []
        self.legend = QWidget()
        self._legend_entries: list[_LegendEntry] = []
        self._legend_row: QHBoxLayout = row(spacing=theme.px(12))
        self.legend.setLayout(self._legend_row)
        self._plot = self._make_plot()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._plot)
        self.setMinimumHeight(theme.px(minimum_height_px))
        self.setAccessibleName(name)

    def _make_plot(self) -> Any:
        theme = self._theme
        plot = pg.PlotWidget(background=theme.tokens.surface)
        plot.setMouseEnabled(False, False)
        plot.setMenuEnabled(False)
        plot.hideButtons()
        plot.setFrameShape(plot.Shape.NoFrame)
        plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        plot.getPlotItem().setClipToView(True)
        plot.getPlotItem().setDownsampling(auto=True, mode="peak")
        plot.showGrid(y=True, alpha=0.18)
        for side in ("left", "bottom"):
            axis = plot.getAxis(side)
            axis.setStyle(tickFont=theme.font(HEAD_PX, tabular=True), tickLength=0)
            axis.setPen(QPen(Qt.PenStyle.NoPen) if side == "left" else QPen(theme.colour("border")))
            axis.setTextPen(theme.colour("muted"))
        plot.getAxis("left").setWidth(theme.px(40))
        # A handful of values are read at a glance, however tall the plot is.
        plot.getAxis("left").setTickDensity(0.5)
        return plot

    def show_curves(self, curves: Sequence[Curve], *, x_range: tuple[float, float] | None = None) -> None:
        """Draw these curves instead of those before."""
        while len(self._items) < len(curves):
            self._items.append(self._plot.plot(antialias=True))
        for item, curve in zip(self._items, curves, strict=False):
            item.setPen(_pen(curve, self._theme))
            item.setData(list(curve.x), list(curve.y))
            item.setSymbol("o" if len(curve.x) == 1 else None)
            item.setSymbolBrush(QColor(curve.colour))
        for item in self._items[len(curves) :]:
            item.setData([], [])
        if x_range is not None:
            self._plot.setXRange(*x_range, padding=0.02)
            # Epochs are whole: no ticks between them where there are few.
            self._plot.getAxis("bottom").setTickSpacing(levels=[(1, 0)] if x_range[1] <= _FEW_EPOCHS else None)
        self._fit_height([y for curve in curves if not curve.faint for y in curve.y], lines=any_line(curves))
        self._show_legend([curve for curve in curves if curve.name and len(curve.x)])

    def _fit_height(self, values: Sequence[float], *, lines: bool) -> None:
        """Fit the axis to the curves that are read; a single outlier among the steps must not flatten them."""
        low, high = (min(values), max(values)) if values else (0.0, 1.0)
        if not lines:
            low = min(low, 0.0)
        margin = 0.06 * (high - low) or 0.1 * abs(high) or 0.5
        self._plot.setYRange(low - margin * lines, high + margin, padding=0)

    def _show_legend(self, curves: Sequence[Curve]) -> None:
        while len(self._legend_entries) < len(curves):
            entry = _LegendEntry(self._theme)
            self._legend_entries.append(entry)
            self._legend_row.addWidget(entry)
        for index, entry in enumerate(self._legend_entries):
            entry.setVisible(index < len(curves))
            if index < len(curves):
                entry.show_curve(curves[index])

    def sizeHint(self) -> QSize:
        """Prefer a wide, low rectangle."""
        return QSize(self._theme.px(420), self._theme.px(170))


def any_line(curves: Sequence[Curve]) -> bool:
    """Return whether any curve has more than a point."""
    return any(len(curve.x) > 1 for curve in curves)


class _LegendEntry(QWidget):
    """A piece of a curve and its name."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._swatch, self._name = _Swatch(theme), text("", "small")
        self.setLayout(row(self._swatch, self._name, spacing=theme.px(6)))

    def show_curve(self, curve: Curve) -> None:
        """Name this curve from now on."""
        self._swatch.show_curve(curve)
        self._name.setText(curve.name)
        self._name.setToolTip(curve.tip)


class _Swatch(QWidget):
    """A short piece of a curve, for the legend."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._curve = Curve("", theme.tokens.accent, (), ())
        self.setFixedSize(theme.px(16), theme.px(SMALL_PX))

    def show_curve(self, curve: Curve) -> None:
        """Look like this curve from now on."""
        if (curve.colour, curve.dashed) != (self._curve.colour, self._curve.dashed):
            self._curve = curve
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the piece."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(_pen(self._curve, self._theme))
        middle = self.height() / 2
        painter.drawLine(QPointF(1, middle), QPointF(self.width() - 1, middle))
        painter.end()


def _pen(curve: Curve, theme: Theme) -> QPen:
    colour = QColor(curve.colour)
    if curve.faint:
        colour.setAlphaF(0.35)
    # One pixel draws several times quicker than two in pyqtgraph; the faint curve is the one with thousands of points.
    pen = QPen(colour, 1 if curve.faint else theme.px(2))
    pen.setCosmetic(True)
    if curve.dashed:
        pen.setDashPattern([3, 2])
    return pen
