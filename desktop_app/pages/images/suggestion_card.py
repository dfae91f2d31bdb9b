"""Suggestions in the inspector: the switch, how right they are, what to label next, and what this image may be."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from core.domain.labels import UNLABELLED_COLOUR
from core.embeddings.thresholds import MIN_LABELLED
from core.translation import tr, tr_n
from desktop_app.pages.images.accepting import accept_suggestions
from desktop_app.pages.images.controller import ImagesController
from desktop_app.pages.images.suggestions import BATCH, SURE, Phase
from desktop_app.theme import Theme
from desktop_app.widgets.amounts import whole_percent
from desktop_app.widgets.basics import SectionTitle, button, clear, row, text
from desktop_app.widgets.key_button import KeyButton
from desktop_app.widgets.label_pill import LabelPill

_BAR_PX = 6


class SuggestionCard(QWidget):
    """What the user sees of suggestions beside the tiles; follows the grid a moment behind."""

    def __init__(self, controller: ImagesController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._theme, self._made = controller, theme, controller.suggestions
        self.switch = QCheckBox(tr("Suggest labels"))
        self.switch.setToolTip(tr("Learns from your labels as you go. Nothing is labelled until you accept it."))
        self.switch.toggled.connect(self._made.switch)
        self.says = text("", "small", wrap=True)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(theme.px(_BAR_PX))
        self.fetch = button(
            tr_n("Fetch the next {n}", "Fetch the next {n}", BATCH),
            self._made.fetch,
            tip=tr("Show the images whose label would teach the most."),
        )
        self.accept_sure = button("", self._made.accept_sure, tip=tr("One edit, which can be undone."))
        self.accept = KeyButton(theme, tr("Accept"), "⏎", partial(accept_suggestions, controller))
        self.order = text("", "small", wrap=True)
        self.back = button(tr("Back to the usual order"), lambda: controller.rank(None), kind="link")
        self._top = QGridLayout()
        self._body = QWidget()
        self._build()
        self._later = QTimer(self, singleShot=True, interval=30)
        self._later.timeout.connect(self._refresh)
        for signal in (
            self._made.changed,
            controller.grid.current_changed,
            controller.tiles_changed,
            controller.query_changed,
            controller.labels_changed,
        ):
            signal.connect(self._later.start)
        self._refresh()

    def _build(self) -> None:
        px = self._theme.px
        body = QVBoxLayout(self._body)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(px(8))
        self._top.setColumnStretch(1, 1)
        self._top.setHorizontalSpacing(px(8))
        self._top.setVerticalSpacing(px(4))
        body.addLayout(self._top)
        body.addLayout(row(self.accept, None, spacing=px(8)))
        body.addLayout(row(self.fetch, None, spacing=px(8)))
        body.addLayout(row(self.accept_sure, None, spacing=px(8)))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(px(8), 0, px(8), 0)
        layout.setSpacing(px(8))
        layout.addWidget(SectionTitle(tr("Suggestions"), self._theme))
        for widget in (self.switch, self.says, self._progress, self._body, self.order):
            layout.addWidget(widget)
        layout.addLayout(row(self.back, None))

    def _refresh(self) -> None:
        made = self._made
        self.switch.blockSignals(True)
        self.switch.setChecked(made.on)
        self.switch.blockSignals(False)
        self.switch.setEnabled(self._controller.counts is not None and self._controller.counts.samples > 0)
        self.says.setText(self._words())
        self._show_progress()
        ready = made.phase is Phase.READY and made.knowledge is not None
        self._body.setVisible(ready)
        if ready:
            sure = len(made.sure_ids())
            words = tr_n("Accept {n} above {sure}", "Accept {n} above {sure}", sure, sure=whole_percent(SURE))
            self.accept_sure.setText(words)
            self.accept_sure.setEnabled(sure > 0)
            self._show_top()
        ranking = self._controller.ranking
        self.order.setVisible(ranking is not None)
        self.back.setVisible(ranking is not None)
        if ranking is not None:
            self.order.setText(tr("Sorted by {order}.", order=ranking.said))

    def _words(self) -> str:
        made = self._made
        match made.phase:
            case Phase.OFF:
                return tr("From ten labels on, the other images get suggestions that one key accepts.")
            case Phase.EMBEDDING | Phase.LEARNING if made.knowledge is None:
                return tr("Looking at the images, once…")
            case Phase.FEW:
                lacking = max(1, MIN_LABELLED - made.labelled)
                if made.labelled < MIN_LABELLED:
                    return tr_n("Label {n} more image to begin.", "Label {n} more images to begin.", lacking)
                return tr("Label images of at least two labels to begin.")
            case Phase.FAILED:
                return tr("Suggestions could not be made. Switch them off and on to try again.")
        return self._accuracy()

    def _accuracy(self) -> str:
        knowledge = self._made.knowledge
        accuracy = knowledge.accuracy if knowledge is not None else None
        if knowledge is None or accuracy is None:
            return tr("Learning from your labels…")
        share, n = whole_percent(accuracy.value), f"{knowledge.labelled:,}"
        if accuracy.low != accuracy.low:
            return tr("On your own {n} labels, suggestions were right {share} of the time.", n=n, share=share)
        return tr(
            "On your own {n} labels, suggestions were right {share} of the time ({low}–{high}).",
            n=n,
            share=share,
            low=whole_percent(accuracy.low).removesuffix(" %"),
            high=whole_percent(accuracy.high),
        )

    def _show_progress(self) -> None:
        report = self._made.report
        known = self._made.phase is Phase.EMBEDDING and report is not None and bool(report.total)
        self._progress.setVisible(self._made.phase is Phase.EMBEDDING)
        self._progress.setRange(0, report.total or 0 if known and report is not None else 0)
        if known and report is not None:
            self._progress.setValue(report.done)

    def _show_top(self) -> None:
        """Show what the current image may be, the likeliest first."""
        clear(self._top)
        current = self._controller.grid.current_id
        found = self._made.top(current) if current is not None else []
        self.accept.setVisible(bool(found))
        said = self._made.suggestion(current) if current is not None else None
        if found and said is not None and not said.label_ids:
            colour, glyph = UNLABELLED_COLOUR
            self._add_line(
                0, LabelPill(self._theme, tr("none of these"), colour, glyph, suggested=True), said.confidence
            )
        for line, (label_id, share) in enumerate(found, self._top.rowCount()):
            label = self._controller.labels_by_id.get(label_id)
            if label is None:
                continue
            pill = LabelPill(self._theme, label.name, label.colour, label.glyph, suggested=True)
            self._add_line(line, pill, share)

    def _add_line(self, line: int, pill: LabelPill, share: float) -> None:
        self._top.addWidget(pill, line, 0)
        self._top.addWidget(self._bar(share), line, 1, Qt.AlignmentFlag.AlignVCenter)
        self._top.addWidget(self._share(share), line, 2)

    def _bar(self, share: float) -> QProgressBar:
        bar = QProgressBar()
        bar.setTextVisible(False)
        bar.setRange(0, 1000)
        bar.setValue(round(1000 * share))
        bar.setFixedHeight(self._theme.px(_BAR_PX))
        return bar

    @staticmethod
    def _share(share: float) -> QLabel:
        label = text(whole_percent(share), "small")
        label.setAlignment(Qt.AlignmentFlag.AlignRight)
        return label
