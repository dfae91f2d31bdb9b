"""The Evaluate page: how good the run is, how sure that is, and where it goes wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from core.domain.labels import Label
from core.domain.metrics import Metric
from core.domain.samples import Split
from core.evaluation.intervals import Evaluation, LabelMetrics
from core.translation import mark, tr
from desktop_app.actions import Action
from desktop_app.context import AppContext
from desktop_app.pages.evaluate.controller import EvaluateController
from desktop_app.pages.evaluate.mistake_strip import MistakeStrip
from desktop_app.pages.evaluate.reliability import ReliabilityDiagram
from desktop_app.pages.page import Page
from desktop_app.pages.run_title import backbone_title
from desktop_app.theme import CARD_PADDING, GRID, PAGE_MARGIN
from desktop_app.widgets.basics import button, row, scrolling, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.chips import ChoiceChips
from desktop_app.widgets.confusion_matrix import ConfusionMatrix
from desktop_app.widgets.data_table import Cell, DataTable
from desktop_app.widgets.empty_state import EmptyState
from desktop_app.widgets.label_pill import glyph_icon

FEW_GROUPS = 5
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
        controller.mistakes_changed.connect(self._show_mistakes)
        self._show_runs()
        self._show_judged()
        self._show_mistakes()

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
        lower.addWidget(self._matrix_card(), 1)
        right = QVBoxLayout()
        right.setSpacing(theme.px(GRID * 1.5))
        right.addWidget(self._label_card())
        right.addWidget(self._reliability_card(), 1)
        lower.addLayout(right, 1)
        layout.addLayout(lower)
        layout.addWidget(self._mistakes_card())
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
        return row(self._runs, self._splits, 8, self._words, None)

    def _headlines(self) -> QHBoxLayout:
        layout = QHBoxLayout()
        layout.setSpacing(self.theme.px(GRID * 1.5))
        for name, title in HEADLINES:
            card = Card(self.theme, tr(title))
            value, interval = text("–", "big"), text("", "muted")
            line = row(value, interval, None)
            line.setAlignment(interval, Qt.AlignmentFlag.AlignBaseline)
            card.add(line)
            interval.setToolTip(
                tr("The interval that holds the true value in 95 of 100 such tests, resampled by group.")
            )
            self._values[name] = (value, interval)
            layout.addWidget(card, 1)
        return layout

    def _matrix_card(self) -> Card:
        card = Card(self.theme, tr("Confusion matrix"))
        card.add_to_head(text(tr("click a cell to see its images"), "small"))
        self.matrix = ConfusionMatrix(self.theme)
        self.matrix.cell_chosen.connect(self._controller.open_cell)
        card.add(self.matrix)
        card.body.addStretch(1)
        self._matrix_box = card
        return card

    def _mistakes_card(self) -> Card:
        card = Card(self.theme, tr("Surest mistakes"))
        self._mistakes = button(tr("Show all mistakes"), self._controller.open_mistakes, kind="link")
        self._no_mistakes = text("", "muted")
        self.mistakes = MistakeStrip(self.theme, self._controller.open_image)
        card.add_to_head(text(tr("given → predicted"), "small"))
        card.add_to_head(self._mistakes)
        card.add(self._no_mistakes)
        card.add(self.mistakes)
        return card

    def _label_card(self) -> Card:
        card = Card(self.theme, tr("By label"))
        header = [tr("Label"), tr("Images"), tr("Precision"), tr("Recall"), tr("F1 (95 %)")]
        self._table = DataTable(self.theme, header, lambda keys: None, name=tr("By label"), numbers=(1, 2, 3))
        # The rows are to be read, not chosen.
        self._table.setSelectionMode(DataTable.SelectionMode.NoSelection)
        self._table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        card.add(self._table)
        return card

    def _reliability_card(self) -> Card:
        card = Card(self.theme, tr("Reliability"))
        card.add_to_head(text(tr("is 90 % sure right 9 times in 10?"), "small"))
        self._reliability = ReliabilityDiagram(self.theme)
        card.add(self._reliability, 1)
        return card

    def _show_runs(self) -> None:
        controller = self._controller
        self._stack.setCurrentIndex(0 if controller.runs else 1)
        self._runs.clear()
        for run in controller.runs:
            self._runs.addItem(tr("Run {run} · {backbone}", run=run.id, backbone=backbone_title(run)), run.id)
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
        if judged is None:
            self._words.setText(controller.problem)
            self._show_nothing()
            return
        self._words.setText(_size_words(judged.evaluation, judged.left_out))
        few = judged.evaluation.groups < FEW_GROUPS
        self._words.setToolTip(
            tr("Groups differ from one another: so few of them tell little of others.") if few else ""
        )
        for name, (value, interval) in self._values.items():
            metric = judged.evaluation.metrics[name]
            value.setText(_number(metric.value))
            interval.setText(tr("95 %: {interval}", interval=_interval(metric)) if _interval(metric) else "")
        self._show_matrix(judged.labels, judged.evaluation.confusion)
        found = judged.evaluation.per_label
        rows = [(judged.labels[one.label].name, self._cells(judged.labels[one.label], one)) for one in found]
        self._table.show_rows(rows, [])
        self._table.fit_height(10)
        self._reliability.show_predictions(judged.probabilities, judged.y)

    def _show_nothing(self) -> None:
        for value, interval in self._values.values():
            value.setText("–")
            interval.setText("")
        self._show_matrix((), np.zeros((0, 0), dtype=np.int64))
        self._table.show_rows([], [])
        self._reliability.show_predictions(np.zeros((0, 1)), np.zeros(0, dtype=np.int64))

    def _show_matrix(self, labels: Sequence[Label], counts: NDArray[np.int64]) -> None:
        self.matrix.show_matrix(labels, counts)
        # What the matrix does not want goes to the tables beside it.
        self._matrix_box.setMaximumWidth(self.matrix.sizeHint().width() + 2 * self.theme.px(CARD_PADDING) + 2)

    def _show_mistakes(self) -> None:
        controller = self._controller
        self.mistakes.show_mistakes(controller.mistakes)
        self.mistakes.setVisible(bool(controller.mistakes))
        flawless = controller.judged is not None and not len(controller.judged.mistake_rows())
        self._no_mistakes.setText(tr("Not one of these images was predicted wrongly.") if flawless else "")
        self._no_mistakes.setVisible(flawless)
        self._mistakes.setEnabled(bool(controller.mistakes))

    def _cells(self, label: Label, found: LabelMetrics) -> list[Cell]:
        return [Cell(label.name, glyph_icon(self.theme, label.colour, label.glyph)), *_number_cells(found)]


def _size_words(evaluation: Evaluation, left_out: int) -> str:
    words = tr("{n} images in {groups} groups", n=f"{evaluation.n:,}", groups=f"{evaluation.groups:,}")
    words += " · " + tr("{n} left out", n=f"{left_out:,}") if left_out else ""
    return words + (" · " + tr("few groups: the intervals are rough") if evaluation.groups < FEW_GROUPS else "")


def _number_cells(found: LabelMetrics) -> list[Cell]:
    return [
        Cell(f"{found.support:,}", number=True),
        Cell(_number(found.precision.value), number=True, tip=_interval(found.precision)),
        Cell(_number(found.recall.value), number=True, tip=_interval(found.recall)),
        Cell(_number(found.f1.value) + (f" ({_interval(found.f1)})" if _interval(found.f1) else "")),
    ]


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def _interval(metric: Metric) -> str:
    return "" if math.isnan(metric.low) else f"{metric.low:.3f}–{metric.high:.3f}"
