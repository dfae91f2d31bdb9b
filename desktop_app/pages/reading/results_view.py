"""How far the readers agree: in numbers with their intervals, in words, reader by reader and label by label."""

from __future__ import annotations

import math
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QFileDialog, QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from core.domain.metrics import Metric
from core.evaluation.agreement import Coefficient
from core.evaluation.agreement_words import kappa_words
from core.evaluation.reading_report import ReadingReport
from core.store.reading_edits import ConsensusRule
from core.translation import tr, tr_n
from desktop_app.pages.reading.controller import ReadingController
from desktop_app.pages.reading.verdict import Result
from desktop_app.theme import GRID, PAGE_MARGIN, Theme
from desktop_app.widgets.basics import button, icon_button, row, scrolling, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.data_table import Cell, DataTable
from desktop_app.widgets.label_pill import glyph_icon

_HEADLINES = 3


class ResultsView(QWidget):
    """What the chosen passes say."""

    def __init__(self, controller: ReadingController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._verdict, self._theme = controller, controller.verdict, theme
        self._heads: list[tuple[Card, QLabel, QLabel, QLabel]] = []
        self._words = text("", "subtitle", wrap=True)
        self._state = text("", "muted")
        self.own = QCheckBox(tr("Count the project’s labels as a reader"))
        self.ordered = QCheckBox(tr("The labels are grades, in their order"))
        self._build()
        self._verdict.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the result."""
        verdict, result = self._verdict, self._verdict.result
        self.own.setChecked(verdict.own)
        self.ordered.setChecked(verdict.ordered)
        self.ordered.setVisible(not self._controller.multi)
        measuring = tr("Measuring…") if verdict.working else verdict.problem
        self._body.setVisible(result is not None)
        self._state.setText(measuring if result is None else _size_words(result.report))
        for made in (self.decide, self.take, self.soft, self.export):
            made.setEnabled(result is not None)
        if result is None:
            return
        self.decide.setText(tr_n("Decide {n} disagreement", "Decide {n} disagreements", result.open))
        self.decide.setEnabled(result.open > 0)
        self._words.setText(kappa_words(result.report.alpha))
        self._show_heads(result.report)
        self._show_readers(result)
        self._show_labels(result.report)

    def _show_heads(self, report: ReadingReport) -> None:
        two = len(report.pairs) == 1
        second = (tr("Cohen’s κ"), report.pairs[0].kappa) if two else (tr("Fleiss’ κ"), report.fleiss)
        if two and report.pairs[0].quadratic is not None:
            second = (tr("Cohen’s κ, quadratic weights"), report.pairs[0].quadratic)
        alpha = (tr("Krippendorff’s α"), report.alpha)
        if report.ordinal_alpha is not None:
            alpha = (tr("Krippendorff’s α, ordinal"), report.ordinal_alpha)
        shown = ((tr("Same answer"), report.agreement), second, alpha)
        for (card, title, value, interval), (name, found) in zip(self._heads, shown, strict=True):
            card.setAccessibleName(name)
            title.setText(name)
            value.setText(_share(found.metric.value) if found is report.agreement else _number(found.metric.value))
            interval.setText(_interval(found.metric, share=found is report.agreement))

    def _show_readers(self, result: Result) -> None:
        """Show Cohen's κ of every two readers; on the diagonal how often each said the same again."""
        report = result.report
        cells = {(pair.first, pair.second): pair.kappa for pair in report.pairs}
        rows = []
        for index, reader in enumerate(report.readers):
            line = [Cell(reader.reader)]
            for other in range(len(report.readers)):
                if other == index:
                    line.append(Cell(_again(reader.self_agreement), number=True, tip=tr("said the same again")))
                else:
                    found = cells[min(index, other), max(index, other)]
                    line.append(Cell(_short(found), number=True, tip=_interval(found.metric)))
            line.append(Cell(f"{reader.read:,}", number=True))
            line.append(Cell(f"{reader.uncertain:,}", number=True))
            line.append(Cell(f"{reader.ungradable:,}", number=True))
            rows.append((reader.reader, line))
        names = [reader.reader for reader in report.readers]
        header = [tr("Reader"), *names, tr("read"), tr("uncertain"), tr("ungradable")]
        table = DataTable(
            self._theme, header, lambda _: None, name=tr("Reader by reader"), numbers=range(1, len(header))
        )
        self._replace(self._readers, table, rows)

    def _show_labels(self, report: ReadingReport) -> None:
        header = [tr("Label"), tr("Given again by another"), tr("κ (95 %)")]
        rows = []
        for found in report.labels:
            label = self._controller.labels[found.label] if found.label < len(self._controller.labels) else None
            if label is None:
                continue
            icon = glyph_icon(self._theme, label.colour, label.glyph)
            share = f"{_share(found.agreement.metric.value)}  {_interval(found.agreement.metric, share=True)}"
            kappa = f"{_number(found.kappa.metric.value)}  {_interval(found.kappa.metric)}"
            rows.append((label.name, [Cell(label.name, icon), Cell(share, number=True), Cell(kappa, number=True)]))
        table = DataTable(self._theme, header, lambda _: None, name=tr("By label"), numbers=(1, 2))
        self._replace(self._labels, table, rows)

    def _replace(self, card: Card, table: DataTable, rows: list[tuple[str, list[Cell]]]) -> None:
        """Show another table on a card: its columns follow from the readers."""
        # The rows are to be read, not chosen.
        table.setSelectionMode(DataTable.SelectionMode.NoSelection)
        table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        table.show_rows(rows, [])
        table.fit_height()
        old = card.body.takeAt(0)
        if old is not None and (widget := old.widget()) is not None:
            widget.hide()
            widget.deleteLater()
        card.body.insertWidget(0, table)

    def _build(self) -> None:
        theme, px, controller = self._theme, self._theme.px, self._controller
        home = icon_button(theme.icon("arrow-left"), tr("Passes (Esc)"), controller.go_home)
        self.decide = button("", controller.open_queue, kind="primary")
        self.take = button(tr("Take over…"), name=tr("Take over what readers agree on"))
        self.take.setMenu(self._rules())
        self.soft = button(tr("Train on the votes"), controller.train_softly, tip=tr("Learn from how readers voted."))
        self.export = button(tr("Export…"), self._export)
        top = row(home, text(tr("Agreement"), "subtitle"), px(4), self._state, None, spacing=px(8))
        for made in (self.export, self.soft, self.take, self.decide):
            top.addWidget(made)
        self.own.clicked.connect(lambda on: self._verdict.set_options(own=on))
        self.ordered.clicked.connect(lambda on: self._verdict.set_options(ordered=on))
        self._readers, self._labels = Card(theme, tr("Reader by reader")), Card(theme, tr("By label"))
        self._readers.add_to_head(text(tr("Cohen’s κ; on the diagonal: said the same again"), "small"))
        self._body = QWidget()
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(px(GRID * 1.5))
        body.addWidget(self._words)
        body.addLayout(self._headlines())
        body.addWidget(self._readers)
        body.addWidget(self._labels)
        body.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(px(PAGE_MARGIN),) * 4)
        layout.setSpacing(px(GRID))
        layout.addLayout(top)
        layout.addLayout(row(self.own, px(8), self.ordered, None))
        layout.addWidget(scrolling(self._body, name=tr("Agreement")), 1)

    def _headlines(self) -> QHBoxLayout:
        layout = QHBoxLayout()
        layout.setSpacing(self._theme.px(GRID * 1.5))
        for _ in range(_HEADLINES):
            card = Card(self._theme)
            title, value, interval = text("", "head"), text("–", "big"), text("", "muted")
            line = row(value, interval, None)
            line.setAlignment(interval, Qt.AlignmentFlag.AlignBaseline)
            card.add(title)
            card.add(line)
            layout.addWidget(card, 1)
            self._heads.append((card, title, value, interval))
        return layout

    def _rules(self) -> QMenu:
        menu, take = QMenu(self), self._verdict.take_consensus
        menu.addAction(tr("What most readers say"), lambda: take(ConsensusRule.MAJORITY))
        menu.addAction(tr("What all readers say"), lambda: take(ConsensusRule.UNANIMOUS))
        menu.addAction(tr("What the first reader says"), lambda: take(ConsensusRule.FIRST))
        return menu

    def _export(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, tr("Export the readings"), "readings.csv", "CSV (*.csv)")
        if chosen:
            self._controller.export(Path(chosen).with_suffix(".csv"))


def _size_words(report: ReadingReport) -> str:
    return tr(
        "{n} images, {both} read by at least two, {groups} groups",
        n=f"{report.images:,}",
        both=f"{report.alpha.images:,}",
        groups=f"{report.alpha.groups:,}",
    )


def _number(value: float) -> str:
    # + 0.0 takes the sign from a rounded zero.
    return "–" if math.isnan(value) else f"{round(value, 2) + 0.0:.2f}".replace("-", "−")


def _share(value: float) -> str:
    return "–" if math.isnan(value) else f"{100 * value:.0f} %"


def _interval(metric: Metric, *, share: bool = False) -> str:
    if math.isnan(metric.low):
        return ""
    if share:
        return f"{100 * metric.low:.0f}–{100 * metric.high:.0f} %"
    low, high = _number(metric.low), _number(metric.high)
    return f"{low} … {high}" if metric.low < 0 else f"{low}–{high}"


def _short(found: Coefficient) -> str:
    interval = _interval(found.metric)
    return f"{_number(found.metric.value)} ({interval})" if interval else _number(found.metric.value)


def _again(found: Coefficient) -> str:
    return "" if found.why else _share(found.metric.value)
