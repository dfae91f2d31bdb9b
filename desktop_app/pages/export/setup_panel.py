"""The left of the Export page: which run, how precise, where to, and the button."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QComboBox, QFileDialog, QLineEdit, QVBoxLayout, QWidget

from core.domain.runs import Run
from core.translation import mark, tr
from desktop_app.pages.export.controller import PRECISIONS, ExportController
from desktop_app.pages.run_title import backbone_title, run_title
from desktop_app.theme import GRID, Theme
from desktop_app.widgets.basics import button, row, set_property, set_role, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.chips import ChoiceChips
from desktop_app.widgets.facts import FactList
from desktop_app.widgets.job_progress import JobProgress

_PRECISION_NAMES: Final = {"fp32": mark("32-bit"), "fp16": mark("16-bit"), "int8": mark("8-bit")}
_PRECISION_WORDS: Final = {
    "fp32": mark("Full precision: every answer agrees with the one here to four decimals. Right for most teams."),
    "fp16": mark("Half the size, quicker on many GPUs, slower on CPUs. Answers agree to about two decimals."),
    "int8": mark("A quarter of the size, quickest on CPUs. Answers may differ a little more."),
}


class SetupPanel(QWidget):
    """What is to be exported."""

    def __init__(self, controller: ExportController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._theme = controller, theme
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, theme.px(16))
        layout.setSpacing(theme.px(GRID * 1.5))
        for card in (self._run_card(), self._precision_card(), self._place_card(), self._action_card()):
            layout.addWidget(card)
        layout.addStretch(1)
        controller.choices_changed.connect(self._refresh)
        controller.job_changed.connect(self._show_job)
        self._refresh()
        self._show_job()

    def _run_card(self) -> Card:
        card = Card(self._theme, tr("Run"))
        self.runs = QComboBox()
        self.runs.setAccessibleName(tr("Run"))
        self.runs.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.runs.activated.connect(lambda: self._controller.choose_run(int(self.runs.currentData())))
        self._facts = FactList(self._theme)
        card.add(self.runs)
        card.add(self._facts)
        return card

    def _precision_card(self) -> Card:
        card = Card(self._theme, tr("Precision"))
        choices = [(name, tr(_PRECISION_NAMES.get(name, name))) for name in PRECISIONS]
        self.precision = ChoiceChips(
            choices, self._controller.precision, self._controller.choose_precision, name=tr("Precision")
        )
        self._precision_words = text("", "muted", wrap=True)
        card.add(self.precision)
        card.add(self._precision_words)
        return card

    def _place_card(self) -> Card:
        card = Card(self._theme, tr("Where to"))
        self.place = QLineEdit()
        self.place.setAccessibleName(tr("Folder to write the kit to"))
        self.place.textEdited.connect(self._controller.choose_directory)
        self.choose = button(tr("Choose…"), self._choose_parent, icon=self._theme.icon("folder-open"))
        self.choose.setToolTip(tr("Choose the folder in which the kit gets a folder of its own."))
        self._place_words = text("", "muted", wrap=True)
        card.add(self.place)
        card.add(self._place_words)
        card.add(row(self.choose, None))
        return card

    def _action_card(self) -> Card:
        card = Card(self._theme)
        self.start = button(
            tr("Export and prove"),
            self._controller.start,
            kind="primary",
            icon=self._theme.icon("export", "on_accent"),
        )
        self._words = text(
            tr("The proof: up to 240 of your images go through network and file; the answers must agree."),
            "muted",
            wrap=True,
        )
        self.progress = JobProgress(self._theme)
        card.add(self.start)
        card.add(self._words)
        card.add(self.progress)
        return card

    def _choose_parent(self) -> None:
        directory = self._controller.directory
        start = str(directory.parent) if directory is not None else ""
        chosen = QFileDialog.getExistingDirectory(self, tr("Where to put the kit"), start)
        if chosen:
            self._controller.choose_parent(Path(chosen))

    def _refresh(self) -> None:
        controller = self._controller
        self.runs.clear()
        for run in controller.runs:
            self.runs.addItem(run_title(run), run.id)
        self.runs.setCurrentIndex(self.runs.findData(controller.run_id))
        self.runs.setToolTip(self.runs.currentText())
        chosen = next((run for run in controller.runs if run.id == controller.run_id), None)
        expected = [(tr("Expects"), controller.expected)] if controller.expected else []
        self._facts.show_facts([*_facts(chosen), *expected] if chosen is not None else [])
        self.precision.choose(controller.precision)
        self._precision_words.setText(tr(_PRECISION_WORDS.get(controller.precision, "")))
        shown = str(controller.directory) if controller.directory is not None else ""
        if self.place.text() != shown and not self.place.hasFocus():
            self.place.setText(shown)
            self.place.setToolTip(shown)
        set_property(self.place, "invalid", bool(controller.problem))
        free = tr("A new folder is made; nothing that exists is overwritten.")
        self._place_words.setText(controller.problem or free)
        set_role(self._place_words, "bad" if controller.problem else "muted")
        self.start.setEnabled(controller.can_start())

    def _show_job(self) -> None:
        job = self._controller.job
        self.progress.show_job(job)
        self.progress.setVisible(job is not None)
        self.start.setVisible(job is None)
        self._words.setVisible(job is None)
        for widget in (self.runs, self.precision, self.place, self.choose):
            widget.setEnabled(job is None)
        self._refresh()


def _facts(run: Run) -> list[tuple[str, str]]:
    score = json.loads(run.summary).get("metrics", {}).get("val", {}).get("macro_f1") or {}
    facts = [(tr("Backbone"), backbone_title(run))]
    if score.get("value") is not None:
        facts.append((tr("Macro-F1, val"), score_words(score)))
    facts.append((tr("Trained"), run.created_at[:16].replace("T", " ")))
    return facts


def score_words(score: dict[str, float | None]) -> str:
    """Return ``0.987 (0.974–0.995)`` of a metric's JSON."""
    words = f"{score['value']:.3f}"
    low, high = score.get("low"), score.get("high")
    return words if low is None or high is None else f"{words} ({low:.3f}–{high:.3f})"
