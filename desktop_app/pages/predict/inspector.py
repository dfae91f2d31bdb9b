"""The inspector of the Predict page: what answered, and the image that is looked at with all its probabilities."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.translation import tr, tr_n
from desktop_app.pages.predict.controller import PredictController
from desktop_app.pages.predict.probability_bars import ProbabilityBars
from desktop_app.pages.predict.results import Results
from desktop_app.pages.predict.tiles import given_labels, percent, ranked
from desktop_app.theme import GRID, Theme
from desktop_app.widgets.amounts import duration
from desktop_app.widgets.basics import SectionTitle, row, rule, text
from desktop_app.widgets.facts import FactList
from desktop_app.widgets.key_button import KeyButton
from desktop_app.widgets.picture_box import PictureBox

_PICTURE_PX: Final = 512
_MOST_BARS: Final = 12


class PredictInspector(QWidget):
    """Follows the grid a moment behind, so that running through it stays quick."""

    def __init__(self, controller: PredictController, theme: Theme, open_image: Callable[[], object]) -> None:
        super().__init__()
        self._controller, self._theme = controller, theme
        self._row: int | None = None
        self._facts = FactList(theme)
        self._picture = PictureBox(theme)
        self._picture.opened.connect(open_image)
        self._image_facts = FactList(theme)
        self._bars_title, self._bars = SectionTitle(tr("Probabilities"), theme), ProbabilityBars(theme)
        self._more = text("", "muted")
        self._open = KeyButton(theme, tr("Open"), tr("Space"), open_image)
        self._nothing = text(
            tr("Predict a folder, then select an image to see all its probabilities."), "muted", wrap=True
        )
        self._body, self._model = QWidget(), QWidget()
        self._build()
        self._later = QTimer(self, singleShot=True, interval=30)
        self._later.timeout.connect(self._show_image)
        for signal in (controller.grid.current_changed, controller.grid.ids_changed, controller.view_changed):
            signal.connect(self._later.start)
        controller.results_changed.connect(self._refresh)
        controller.pictures.previews.loaded.connect(self._show_picture)
        self._refresh()

    def _build(self) -> None:
        px = self._theme.px
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(px(14),) * 4)
        layout.setSpacing(px(GRID * 1.5))
        model = QVBoxLayout(self._model)
        model.setContentsMargins(0, 0, 0, 0)
        model.setSpacing(px(GRID))
        model.addWidget(SectionTitle(tr("Model"), self._theme))
        model.addWidget(self._facts)
        model.addWidget(rule())
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(px(10))
        body.addWidget(self._picture)
        body.addWidget(self._image_facts)
        body.addWidget(self._bars_title)
        body.addWidget(self._bars)
        body.addWidget(self._more)
        body.addLayout(row(self._open, None))
        for widget in (self._model, SectionTitle(tr("Selected image"), self._theme), self._nothing, self._body):
            layout.addWidget(widget)
        layout.addStretch(1)

    def _refresh(self) -> None:
        results = self._controller.results
        self._model.setVisible(results is not None)
        if results is not None:
            self._facts.show_facts(self._model_facts(results))
        self._show_image()

    def _model_facts(self, results: Results) -> list[tuple[str, str]]:
        pace = len(results.table) / results.seconds if results.seconds > 0 else 0.0
        return [
            (tr("Model"), results.model),
            (tr("Runs on"), self._controller.runs_on()),
            (tr("Took"), tr("{time} · {n} images/s", time=duration(results.seconds), n=f"{pace:,.0f}")),
        ]

    def _show_image(self) -> None:
        results, self._row = self._controller.results, self._controller.grid.current_id
        there = results is not None and self._row is not None
        self._nothing.setVisible(not there)
        self._body.setVisible(there)
        if results is None or self._row is None:
            return
        error = results.table.errors[self._row]
        if error is None:
            self._controller.pictures.previews.want([self._row], _PICTURE_PX)
        self._show_picture()
        self._image_facts.show_facts(self._facts_of(results, self._row))
        values = [] if error is not None else ranked(results, self._row)
        self._bars.show_rows([(results.labels[index], value) for index, value in values[:_MOST_BARS]])
        for widget in (self._bars_title, self._bars, self._open):
            widget.setVisible(bool(values))
        rest = values[_MOST_BARS:]
        self._more.setVisible(bool(rest))
        if rest:
            words = tr_n(
                "and {n} more label, {share} in all", "and {n} more labels, {share} in all", len(rest), share="{share}"
            )
            self._more.setText(words.replace("{share}", percent(sum(value for _, value in rest))))

    def _facts_of(self, results: Results, row_index: int) -> list[tuple[str, str]]:
        facts = [(tr("File"), results.table.paths[row_index])]
        error = results.table.errors[row_index]
        if error is not None:
            return [*facts, (tr("Problem"), error)]
        label = ", ".join(label.name for label in given_labels(results, row_index)) or tr("no label")
        confidence = float(results.index.confidence[row_index])
        if confidence < self._controller.threshold:
            refused = tr("refused: {share} is below the threshold", share=percent(confidence))
            return [*facts, (tr("Decision"), refused)]
        return [*facts, (tr("Decision"), tr("{label}, {share} sure", label=label, share=percent(confidence)))]

    def _show_picture(self) -> None:
        results = self._controller.results
        if results is None or self._row is None or self._row >= len(results.table):
            return
        pictures = self._controller.pictures
        image = pictures.previews.image(self._row, _PICTURE_PX) or pictures.thumbnails.image(self._row, 128)
        problem = results.table.errors[self._row] or pictures.previews.failure(self._row, _PICTURE_PX)
        self._picture.show_image(image, problem)
        self._picture.setAccessibleName(results.table.paths[self._row])
