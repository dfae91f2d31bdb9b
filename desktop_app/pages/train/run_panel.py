"""The middle of the Train page: start, pause and stop; the curves; the runs."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from core.domain.runs import RunState
from core.translation import mark, tr
from desktop_app.pages.train.controller import TrainController
from desktop_app.pages.train.run_curves import drawn_curves
from desktop_app.pages.train.run_rows import STATE_ICONS, run_cells
from desktop_app.pages.train.run_words import progress_words
from desktop_app.theme import GRID, Theme
from desktop_app.widgets.basics import button, row, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.curve_plot import CurvePlot
from desktop_app.widgets.data_table import DataTable

_TIME_COLUMN: Final = 3
_ROWS: Final = 3
_START: Final = mark("Start training")


class RunPanel(QWidget):
    """What runs and what ran."""

    def __init__(self, controller: TrainController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._theme = controller, theme
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(GRID * 1.5))
        layout.addWidget(self._controls())
        self._loss = self._plot_card(layout, tr("Loss"))
        self._score = self._plot_card(layout, tr("Macro-F1"))
        layout.addWidget(self._runs_card())
        controller.progressed.connect(self._show_progress)
        controller.run_state_changed.connect(self._show_state)
        controller.runs_changed.connect(self._show_runs)
        self._show_state()
        self._show_runs()

    def _controls(self) -> QWidget:
        theme, controller = self._theme, self._controller
        self._start = button(tr(_START), controller.start, kind="primary", icon=theme.icon("play", "on_accent"))
        self._resume = button("", self._resume_run, icon=theme.icon("play"))
        self._pause = button(tr("Pause"), controller.pause, icon=theme.icon("pause"))
        self._stop = button(tr("Stop, keep best"), controller.stop, icon=theme.icon("stop"))
        self._words = text("", "muted")
        self._words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(tr("Progress of the training"))
        widget = QWidget()
        inner = QVBoxLayout(widget)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(theme.px(GRID))
        inner.addLayout(row(self._start, self._resume, self._pause, self._stop, None))
        inner.addWidget(self._bar)
        inner.addWidget(self._words)
        return widget

    def _plot_card(self, layout: QVBoxLayout, title: str) -> CurvePlot:
        card = Card(self._theme, title)
        plot = CurvePlot(self._theme, title)
        card.add_to_head(plot.legend)
        card.add(plot, 1)
        layout.addWidget(card, 1)
        return plot

    def _runs_card(self) -> Card:
        card = Card(self._theme, tr("Runs"))
        card.add_to_head(text(tr("select two to compare"), "small"))
        header = [tr("Run"), tr("Backbone"), tr("Val macro-F1"), tr("Time")]
        self._table = DataTable(
            self._theme, header, self._chosen, name=tr("Runs"), many=True, stretch=1, spare=_TIME_COLUMN, lines=2
        )
        self._none = text(tr("No run yet. The first one takes a few minutes with “Quick look”."), "muted", wrap=True)
        card.add(self._table)
        card.add(self._none)
        return card

    def _resume_run(self) -> None:
        run = self._controller.resumable()
        if run is not None:
            self._controller.start(resume=run.id)

    def _chosen(self, keys: list[str]) -> None:
        self._controller.show_runs([int(key) for key in keys])

    def _show_state(self) -> None:
        running, waiting = self._controller.running, self._controller.resumable()
        self._start.setVisible(not running)
        self._start.setEnabled(self._controller.can_start())
        self._pause.setVisible(running)
        self._stop.setVisible(running)
        self._resume.setVisible(waiting is not None)
        if waiting is not None:
            words = tr("Resume run {run}", run=waiting.id)
            # As `button` does it: Qt sets the text too near to the icon.
            self._resume.setText(f"\N{THIN SPACE}{words}")
            self._resume.setAccessibleName(words)
        self._bar.setVisible(running)
        self._show_progress()

    def _show_progress(self) -> None:
        share, words = progress_words(self._controller)
        self._words.setText(words)
        self._words.setToolTip(words)
        self._bar.setRange(0, 0 if share is None else 1000)
        if share is not None:
            self._bar.setValue(round(1000 * share))
        self._pause.setEnabled(not self._controller.stopping)
        self._stop.setEnabled(not self._controller.stopping)
        self._draw()

    def _show_runs(self) -> None:
        runs = self._controller.runs
        icons = {state: self._theme.icon(name, colour) for state, (name, colour) in STATE_ICONS.items()}
        rows = [(str(run.id), run_cells(run, icons[RunState(run.state)])) for run in runs]
        self._table.show_rows(rows, [str(run) for run in self._controller.shown])
        self._table.fit_height(_ROWS)
        self._table.setVisible(bool(runs))
        self._none.setVisible(not runs)
        self._show_state()

    def _draw(self) -> None:
        shown = self._controller.curves()[:2]
        losses, scores = drawn_curves(shown, self._theme)
        x_range = (0.0, float(max([1, *(curves.total_epochs or 1 for _, curves in shown)])))
        self._loss.show_curves(losses, x_range=x_range)
        self._score.show_curves(scores, x_range=x_range)
