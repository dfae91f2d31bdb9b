"""The Evaluate page: how good the run is, how sure that is, and where it goes wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from core.domain.metrics import Metric
from core.domain.samples import Split
from core.evaluation.intervals import Evaluation, LabelMetrics
from core.translation import mark, tr
from desktop_app.actions import Action
from desktop_app.context import AppContext
from desktop_app.pages.evaluate.controller import EvaluateController
from desktop_app.pages.evaluate.reliability import ReliabilityDiagram
from desktop_app.pages.page import Page
from desktop_app.theme import GRID, PAGE_MARGIN
from desktop_app.widgets.basics import button, row, scrolling, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.chips import ChoiceChips
from desktop_app.widgets.confusion_matrix import ConfusionMatrix
from desktop_app.widgets.data_table import Cell, DataTable
from desktop_app.widgets.empty_state import EmptyState

HEADLINES = (
    ("macro_f1", mark("Macro-F1")),
    ("balanced_accuracy", mark("Balanced accuracy")),
    ("accuracy", mark("Accuracy")),
    ("ece", mark("Calibration error")),
)


class EvaluatePage(Page):
    """Numbers with their intervals, and the images behind them."""

    id = "evaluate"
    title = mark("Evaluate")
    icon = "evaluate"

    def __init__(self, controller: EvaluateController, context: AppContext) -> None:
        super().__init__(controller, context)
        self._controller = controller
        self._values: dict[str, tuple[QLabel, QLabel]] = {}
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._content())
        self._stack.addWidget(
            EmptyState(
                self.theme,
                "evaluate",
                tr("No run to judge yet"),
                tr("Train a classifier first; then this page says how good it is, and how sure that is."),
                tr("Go to Train"),
                lambda: context.show("train"),
            )
        )
        controller.runs_changed.connect(self._show_runs)
        controller.judged_changed.connect(self._show_judged)
        self._show_runs()
        self._show_judged()

    def activated(self, **params: object) -> None:
        """Judge again if anything changed; ``run=ID`` judges that run."""
        if isinstance(run := params.get("run"), int):
            self._controller.choose_run(run)
        self._controller.shown()

    def actions_table(self) -> Sequence[Action]:
        """Return opening the mistakes."""
        controller = self._controller
        return (
            Action(
                "evaluate.mistakes",
                mark("Show the mistakes in the grid"),
                controller.open_mistakes,
                "images",
                enabled_when=lambda: controller.judged is not None,
            ),
        )

    def _content(self) -> QWidget:
        widget, theme = QWidget(), self.theme
        layout = QVBoxLayout(widget)
        layout.setContentsMargins(*(theme.px(PAGE_MARGIN),) * 4)
        layout.setSpacing(theme.px(GRID * 1.5))
        layout.addLayout(self._choices())
        layout.addLayout(self._headlines())
        lower = QHBoxLayout()
        lower.setSpacing(theme.px(GRID * 1.5))
        lower.addWidget(self._matrix_card(), 1, Qt.AlignmentFlag.AlignTop)
        right = QVBoxLayout()
        right.setSpacing(theme.px(GRID * 1.5))
        right.addWidget(self._label_card())
        right.addWidget(self._reliability_card())
        right.addStretch(1)
        lower.addLayout(right, 1)
        layout.addLayout(lower)
        layout.addStretch(1)
        return scrolling(widget, name=tr("Evaluation"))

    def _choices(self) -> QHBoxLayout:
        self._runs = QComboBox()
        self._runs.setAccessibleName(tr("Run"))
        self._runs.setMinimumWidth(self.theme.px(260))
        self._runs.activated.connect(lambda: self._controller.choose_run(int(self._runs.currentData())))
        self._splits = ChoiceChips(
            [(str(Split.TEST), tr("Test")), (str(Split.VAL), tr("Validation"))],
            str(self._controller.split),
            self._controller.choose_split,
            name=tr("Judged on"),
        )
        self._splits.setSizePolicy(self._runs.sizePolicy())
        self._words = text("", "muted")
        self._mistakes = button(tr("Show the mistakes"), self._controller.open_mistakes, icon=self.theme.icon("images"))
        return row(self._runs, self._splits, 8, self._words, None, self._mistakes)

    def _headlines(self) -> QHBoxLayout:
        layout = QHBoxLayout()
        layout.setSpacing(self.theme.px(GRID * 1.5))
        for name, title in HEADLINES:
            card = Card(self.theme, tr(title))
            value, interval = text("–", "big"), text("", "muted")
            line = row(value, interval, None)
            line.setAlignment(interval, Qt.AlignmentFlag.AlignBaseline)
            card.add(line)
            self._values[name] = (value, interval)
            layout.addWidget(card, 1)
        return layout

    def _matrix_card(self) -> Card:
        card = Card(self.theme, tr("Confusion matrix"))
        card.add_to_head(text(tr("click a cell to see its images"), "muted"))
        self.matrix = ConfusionMatrix(self.theme)
        self.matrix.cell_chosen.connect(self._controller.open_cell)
        card.add(self.matrix, 1)
        return card

    def _label_card(self) -> Card:
        card = Card(self.theme, tr("By label"))
        header = [tr("Label"), tr("Images"), tr("Precision"), tr("Recall"), tr("F1 (95 %)")]
        self._table = DataTable(self.theme, header, lambda keys: None, name=tr("By label"), numbers=(1, 2, 3))
        card.add(self._table)
        return card

    def _reliability_card(self) -> Card:
        card = Card(self.theme, tr("Reliability"))
        card.add_to_head(text(tr("is 90 % sure right 9 times in 10?"), "muted"))
        self._reliability = ReliabilityDiagram(self.theme)
        card.add(self._reliability)
        return card

    def _show_runs(self) -> None:
        controller = self._controller
        self._stack.setCurrentIndex(0 if controller.runs else 1)
        self._runs.clear()
        for run in controller.runs:
            self._runs.addItem(tr("Run {run} · {backbone}", run=run.id, backbone=run.backbone), run.id)
        self._runs.setCurrentIndex(self._runs.findData(controller.run_id))
        self._splits.choose(str(controller.split))
        if self.isVisible():
            controller.shown()

    def _show_judged(self) -> None:
        controller, judged = self._controller, self._controller.judged
        if controller.judging:
            self._words.setText(tr("Judging…"))
            return
        self._mistakes.setEnabled(judged is not None)
        self._words.setText(controller.problem)
        if judged is None:
            for value, interval in self._values.values():
                value.setText("–")
                interval.setText("")
            self.matrix.show_matrix((), np.zeros((0, 0), dtype=np.int64))
            self._table.show_rows([], [])
            self._reliability.show_predictions(np.zeros((0, 1)), np.zeros(0, dtype=np.int64))
            return
        self._words.setText(_size_words(judged.evaluation, judged.left_out))
        for name, (value, interval) in self._values.items():
            metric = judged.evaluation.metrics[name]
            value.setText(_number(metric.value))
            interval.setText(_interval(metric))
        self.matrix.show_matrix(judged.labels, judged.evaluation.confusion)
        names = [label.name for label in judged.labels]
        self._table.show_rows(
            [(names[found.label], _cells(names[found.label], found)) for found in judged.evaluation.per_label], []
        )
        self._table.fit_height(10)
        self._reliability.show_predictions(judged.probabilities, judged.y)


def _size_words(evaluation: Evaluation, left_out: int) -> str:
    words = tr("{n} images in {groups} groups", n=f"{evaluation.n:,}", groups=f"{evaluation.groups:,}")
    return words + (" · " + tr("{n} left out", n=f"{left_out:,}") if left_out else "")


def _cells(name: str, found: LabelMetrics) -> list[Cell]:
    return [
        Cell(name),
        Cell(f"{found.support:,}", number=True),
        Cell(_number(found.precision.value), number=True, tip=_interval(found.precision)),
        Cell(_number(found.recall.value), number=True, tip=_interval(found.recall)),
        Cell(_number(found.f1.value) + (f" ({_interval(found.f1)})" if _interval(found.f1) else "")),
    ]


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def _interval(metric: Metric) -> str:
    return "" if math.isnan(metric.low) else f"{metric.low:.3f}–{metric.high:.3f}"
