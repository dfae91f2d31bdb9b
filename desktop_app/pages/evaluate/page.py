"""The Evaluate page: how good the run is, how sure that is, and where it goes wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from core.domain.labels import Label
from core.domain.samples import Split
from core.domain.task import Task
from core.evaluation.hierarchy import Level
from core.evaluation.intervals import Evaluation, LabelMetrics
from core.evaluation.multilabel import MultiEvaluation, MultiLabelMetrics
from core.training.judge import RunEvaluation
from core.translation import mark, tr
from desktop_app.actions import Action
from desktop_app.context import AppContext
from desktop_app.pages.evaluate.controller import EvaluateController
from desktop_app.pages.evaluate.label_rows import (
    MULTI_HEADER,
    SINGLE_HEADER,
    interval_text,
    number_cells,
    number_text,
)
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
    ("mean_average_precision", mark("Mean average precision")),
    ("exact_match", mark("Every label right")),
    ("ece", mark("Calibration error")),
)
_MULTI_ONLY = ("mean_average_precision", "exact_match")


class EvaluatePage(Page):
    """Numbers with their intervals, and the images behind them."""

    id = "evaluate"
    title = mark("Evaluate")
    icon = "evaluate"

    def __init__(self, controller: EvaluateController, context: AppContext) -> None:
        super().__init__(controller, context)
        self._controller = controller
        self._values: dict[str, tuple[Card, QLabel, QLabel]] = {}
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
        self._lower = lower
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
        self._levels = ChoiceChips(
            [(str(Level.LEAF), tr("Labels")), (str(Level.PARENT), tr("Topmost labels"))],
            str(self._controller.level),
            self._controller.choose_level,
            name=tr("Told apart"),
        )
        self._levels.setSizePolicy(self._runs.sizePolicy())
        return row(self._runs, self._splits, self._levels, 8, self._words, None)

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
            self._values[name] = (card, value, interval)
            layout.addWidget(card, 1)
        return layout

    def _matrix_card(self) -> Card:
        card = Card(self.theme, tr("Confusion matrix"))
        self._matrix_words = text("", "small")
        card.add_to_head(self._matrix_words)
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
        self._tables = {
            Task.SINGLE: self._label_table(SINGLE_HEADER, (1, 2, 3)),
            Task.MULTI: self._label_table(MULTI_HEADER, (1, 2, 3, 4, 5, 6)),
        }
        for table in self._tables.values():
            card.add(table)
        return card

    def _label_table(self, header: Sequence[str], numbers: tuple[int, ...]) -> DataTable:
        titles = [tr(title) for title in header]
        table = DataTable(self.theme, titles, lambda keys: None, name=tr("By label"), numbers=numbers, spread=True)
        # The rows are to be read, not chosen.
        table.setSelectionMode(DataTable.SelectionMode.NoSelection)
        table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return table

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
        self._levels.choose(str(controller.level))
        self._levels.setVisible(controller.has_levels)
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
        self._show_task(judged.task)
        for name, metric in judged.evaluation.metrics.items():
            if name in self._values:
                _, value, interval = self._values[name]
                value.setText(number_text(metric.value))
                shown = interval_text(metric)
                interval.setText(tr("95 %: {interval}", interval=shown) if shown else "")
        self._show_matrix(judged.labels, counts_of(judged.evaluation))
        found = judged.evaluation.per_label
        rows = [(judged.labels[one.label].name, self._cells(judged.labels[one.label], one)) for one in found]
        table = self._tables[judged.task]
        table.show_rows(rows, [])
        table.fit_height(10)
        self._reliability.show_predictions(*as_questions(judged))

    def _show_task(self, task: Task) -> None:
        """Show what there is to say of one label an image, or of many."""
        for name, (card, _, _) in self._values.items():
            card.setVisible(name in ("macro_f1", "ece") or (name in _MULTI_ONLY) == (task is Task.MULTI))
        for kind, table in self._tables.items():
            table.setVisible(kind is task)
        # The table of many labels has twice the columns: at half the window it would have no room for the names.
        self._lower.setStretch(0, 1 if task is Task.SINGLE else 5)
        self._lower.setStretch(1, 1 if task is Task.SINGLE else 7)
        many = tr("beside the diagonal: given wrongly")
        self._matrix_words.setText(many if task is Task.MULTI else tr("click a cell to see its images"))

    def _show_nothing(self) -> None:
        self._show_task(Task.SINGLE)
        for _, value, interval in self._values.values():
            value.setText("–")
            interval.setText("")
        self._show_matrix((), np.zeros((0, 0), dtype=np.int64))
        for table in self._tables.values():
            table.show_rows([], [])
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

    def _cells(self, label: Label, found: LabelMetrics | MultiLabelMetrics) -> list[Cell]:
        return [Cell(label.name, glyph_icon(self.theme, label.colour, label.glyph)), *number_cells(found)]


def counts_of(evaluation: Evaluation | MultiEvaluation) -> NDArray[np.int64]:
    """Return (K, K) how many images that have the row's label were given the column's, wrongly beside the diagonal."""
    return evaluation.pairs if isinstance(evaluation, MultiEvaluation) else evaluation.confusion


def as_questions(judged: RunEvaluation) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return probabilities and truth for the reliability: with many labels, each is a question of yes or no."""
    if judged.task is Task.SINGLE:
        return judged.probabilities, judged.y
    p = judged.probabilities.ravel()
    return np.stack([1 - p, p], axis=1), judged.truth.ravel().astype(np.int64)


def _size_words(evaluation: Evaluation | MultiEvaluation, left_out: int) -> str:
    words = tr("{n} images in {groups} groups", n=f"{evaluation.n:,}", groups=f"{evaluation.groups:,}")
    words += " · " + tr("{n} left out", n=f"{left_out:,}") if left_out else ""
    return words + (" · " + tr("few groups: the intervals are rough") if evaluation.groups < FEW_GROUPS else "")
