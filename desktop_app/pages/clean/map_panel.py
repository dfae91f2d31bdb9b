"""The map of images as a card: points, colours, lasso, and what to do with what was lassoed. Widgets only."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from core.translation import mark, tr, tr_n
from desktop_app.context import AppContext
from desktop_app.pages.clean.map_colours import ColourBy
from desktop_app.pages.clean.map_controller import MapController, MapPhase
from desktop_app.theme import GRID
from desktop_app.widgets.basics import button, icon_button, row, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.chips import Chip
from desktop_app.widgets.elided import ElidedLabel
from desktop_app.widgets.map.legend import MapLegend
from desktop_app.widgets.map.plot import PointMap
from desktop_app.widgets.map.view import MapView

COLOUR_WORDS: Final = {
    ColourBy.LABEL: mark("colour: label"),
    ColourBy.PREDICTION: mark("colour: prediction"),
    ColourBy.SPLIT: mark("colour: split"),
    ColourBy.GROUP: mark("colour: group"),
    ColourBy.FINDING: mark("colour: finding"),
    ColourBy.SUSPICION: mark("colour: suspicion"),
}


class MapPanel(Card):
    """Shows a `MapController`; as many of them as one likes."""

    def __init__(self, controller: MapController, context: AppContext) -> None:
        super().__init__(context.theme, tr("Map of the images"))
        self._controller, self._context = controller, context
        theme = context.theme
        self.plot = PointMap(
            theme,
            tr("Map of the images"),
            caption=controller.caption,
            picture=controller.picture,
            view=controller.view,
        )
        self.plot.setToolTip("")
        self.legend = MapLegend(theme)
        self.words = ElidedLabel("", "muted")
        self._build_head()
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty())
        self._stack.addWidget(self._mapped())
        self.add(self._stack, 1)
        self._connect()
        self._show_points()
        self._show_colours()
        self._show_excluded()
        self._show_selected()
        self._show_current()
        self._show_phase()

    # -- building

    def _build_head(self) -> None:
        theme, controller = self.theme, self._controller
        self.stop = button(tr("Stop"), controller.stop, kind="link")
        self.go_on = button(tr("Go on"), controller.begin, kind="link")
        self.go_on.setToolTip(tr("Refine the map further"))
        self.colour = Chip("", self._open_colours)
        self.lasso = Chip(tr("Lasso"), lambda: self._set_lassoing(not self.plot.lassoing))
        self.lasso.setToolTip(
            tr("Draw around images to choose them: Shift adds, Alt takes away. L and the arrow keys do the same.")
        )
        head: list[QWidget] = [self.words, self.stop, self.go_on, self.colour, self.lasso]
        for icon, name, clicked in (
            ("zoom-out", tr("Zoom out"), lambda: self.plot.zoom_by(-2)),
            ("zoom-in", tr("Zoom in"), lambda: self.plot.zoom_by(2)),
            ("locate", tr("Show all of the map"), self.plot.reset),
        ):
            head.append(icon_button(theme.icon(icon), name, clicked))
        for widget in head:
            self.add_to_head(widget)

    def _empty(self) -> QWidget:
        self._why = text("", "muted", wrap=True)
        self._why.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._make = button(tr("Make the map"), self._controller.begin)
        widget = QWidget()
        layout = QVBoxLayout(widget)
        layout.addStretch(1)
        layout.addWidget(self._why)
        layout.addLayout(row(None, self._make, None))
        layout.addStretch(1)
        return widget

    def _mapped(self) -> QWidget:
        controller = self._controller
        self._chosen = text("")
        self._to_images = button(tr("Show in Images"), controller.show_in_images, kind="link")
        self._alike = button(tr("More like these"), controller.more_like_these, kind="link")
        self._none = button(tr("Choose none"), self.plot.select_none, kind="link")
        widget = QWidget()
        layout = QVBoxLayout(widget)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self.theme.px(GRID))
        layout.addWidget(self.plot, 1)
        layout.addWidget(self.legend)
        self._line = QWidget()
        line = row(self._chosen, 4, self._to_images, self._alike, self._none, None)
        self._line.setLayout(line)
        layout.addWidget(self._line)
        return widget

    def _connect(self) -> None:
        controller, plot = self._controller, self.plot
        controller.changed.connect(self._show_phase)
        controller.points_changed.connect(self._show_points)
        controller.colours_changed.connect(self._show_colours)
        controller.excluded_changed.connect(self._show_excluded)
        controller.selection_changed.connect(self._show_selected)
        controller.current_changed.connect(self._show_current)
        controller.picture_loaded.connect(plot.update)
        plot.selection_made.connect(self._choose)
        plot.view_changed.connect(self._keep_view)
        plot.lasso_changed.connect(self._set_lassoing)
        plot.menu_asked.connect(self._open_menu)
        self._set_lassoing(controller.lassoing)

    # -- showing

    def showEvent(self, event: QShowEvent) -> None:
        """Keep up with the project."""
        super().showEvent(event)
        self._controller.set_shown(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Let the project be."""
        super().hideEvent(event)
        self._controller.set_shown(False)

    def _show_phase(self) -> None:
        controller, phase = self._controller, self._controller.phase
        working = phase in (MapPhase.MAKING, MapPhase.REFINING)
        there = controller.mapped is not None and len(controller.mapped.cloud.order) > 0
        self.stop.setVisible(working)
        self.go_on.setVisible(there and phase in (MapPhase.STOPPED, MapPhase.FAILED))
        self.words.set_full_text(self._percent() if working else controller.problem)
        self.words.setToolTip(self._progress_words() if working else controller.problem)
        self.words.setVisible(there and bool(self.words.full_text))
        self._make.setVisible(not working)
        if phase is MapPhase.MAKING:
            self._why.setText(self._progress_words())
        elif controller.mapped is not None:
            self._why.setText(tr("No image could be read, so that there is nothing to map."))
        elif phase is MapPhase.FAILED:
            self._why.setText(controller.problem)
        else:
            self._why.setText(tr("Images that look alike lie together on it. Nothing leaves this computer."))
        self._stack.setCurrentIndex(1 if there else 0)
        for widget in (self.colour, self.lasso):
            widget.setEnabled(there)

    def _progress_words(self) -> str:
        report = self._controller.report
        if report is None:
            return tr("Reading the images")
        stage = tr(report.stage)
        if not report.total:
            return stage
        return tr("{stage} · {percent} %", stage=stage, percent=100 * report.done // report.total)

    def _percent(self) -> str:
        """Return how far it has come, in the little room of the head."""
        report = self._controller.report
        if report is None or not report.total:
            return ""
        return f"{100 * report.done // report.total} %"

    def _show_points(self) -> None:
        mapped = self._controller.mapped
        if mapped is not None:
            self.plot.show_points(mapped.cloud)
        elif len(self.plot.cloud):
            self.plot.clear()
            self.legend.show_colouring(None)
            self._set_lassoing(self._controller.lassoing)

    def _show_colours(self) -> None:
        controller = self._controller
        self.colour.setText(tr(COLOUR_WORDS[controller.by]) + " \N{BLACK DOWN-POINTING SMALL TRIANGLE}")
        self.colour.setAccessibleName(tr(COLOUR_WORDS[controller.by]))
        coloured = controller.coloured
        if coloured is not None and len(coloured.colouring) == len(self.plot.cloud):
            self.plot.show_colours(coloured.colouring)
            self.legend.show_colouring(coloured.colouring, coloured.note)

    def _show_excluded(self) -> None:
        self.plot.show_excluded(self._controller.excluded)

    def _show_selected(self) -> None:
        count = len(self._controller.selected)
        self.plot.show_selected(self._controller.selected)
        self._line.setVisible(bool(count))
        self._chosen.setText(tr_n("{n} image chosen", "{n} images chosen", count))

    def _show_current(self) -> None:
        self.plot.show_current(self._controller.current)

    # -- what the user does

    def _choose(self, rows: NDArray[np.int64]) -> None:
        self._controller.select(rows)

    def _keep_view(self, view: MapView) -> None:
        self._controller.view = view

    def _set_lassoing(self, on: bool) -> None:
        self._controller.lassoing = on
        self.plot.set_lassoing(on)
        self.lasso.setCheckable(True)
        self.lasso.setChecked(on)

    def _open_colours(self) -> None:
        menu = QMenu(self)
        for by, words in COLOUR_WORDS.items():
            action = menu.addAction(tr(words))
            action.setCheckable(True)
            action.setChecked(by is self._controller.by)
            action.triggered.connect(lambda _=False, by=by: self._controller.choose_colour(by))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.colour.mapToGlobal(QPoint(0, self.colour.height() + 2)))

    def _open_menu(self, at: QPoint) -> None:
        controller, menu = self._controller, QMenu(self)
        for words, act in (
            (tr("Show in Images"), controller.show_in_images),
            (tr("More like these"), controller.more_like_these),
            (tr("Choose none"), self.plot.select_none),
        ):
            action = menu.addAction(words)
            action.setEnabled(bool(len(controller.selected)))
            action.triggered.connect(lambda _=False, act=act: act())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)
