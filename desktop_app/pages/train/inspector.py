"""The inspector of the Train page: the curves in words, the learning rate, the splits."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.domain.samples import Split
from core.translation import tr, tr_n
from desktop_app.pages.train.controller import TrainController
from desktop_app.theme import GRID, Theme
from desktop_app.widgets.basics import SectionTitle, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.curve_plot import Curve, CurvePlot
from desktop_app.widgets.facts import FactList


class TrainInspector(QWidget):
    """What the numbers mean."""

    def __init__(self, controller: TrainController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._theme = controller, theme
        layout = QVBoxLayout(self)
        layout.setSpacing(theme.px(GRID * 1.5))
        layout.setContentsMargins(*(theme.px(14),) * 4)
        words = Card(theme)
        self._words = text("", wrap=True)
        words.add(self._words)
        self._rate = CurvePlot(theme, tr("Learning rate"), minimum_height_px=90)
        self._rate.setMaximumHeight(theme.px(110))
        self._rate_title = SectionTitle(tr("Learning rate"), theme)
        self._splits_title = SectionTitle(tr("Splits"), theme)
        self._splits = FactList(theme)
        self._notices = text("", "muted", wrap=True)
        for item in (
            SectionTitle(tr("In words"), theme),
            words,
            self._rate_title,
            self._rate,
            self._splits_title,
            self._splits,
            self._notices,
        ):
            layout.addWidget(item)
        layout.addStretch(1)
        controller.progressed.connect(self._show)
        controller.runs_changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        curves = self._controller.curves()
        shown = curves[0][1] if curves else None
        self._words.setText(
            self._controller.hint() or tr("While it trains, this says what the curves mean: whether it still learns.")
        )
        self._notices.setText("\n\n".join(shown.notices[-3:]) if shown else "")
        self._rate.setVisible(shown is not None and bool(shown.step_rates))
        self._rate_title.setVisible(self._rate.isVisibleTo(self))
        rates = Curve("", self._theme.tokens.accent, shown.step_epochs, shown.step_rates) if shown else None
        total = float(max(1, shown.total_epochs)) if shown else 1.0
        self._rate.show_curves([rates] if rates else [], x_range=(0.0, total))
        facts = self._split_facts()
        self._splits.show_facts(facts)
        self._splits_title.setVisible(bool(facts))

    def _split_facts(self) -> list[tuple[str, str]]:
        counts = self._controller.data.counts
        if counts is None:
            return []
        names = {Split.TRAIN: tr("train"), Split.VAL: tr("val"), Split.TEST: tr("test"), Split.NONE: tr("none yet")}
        facts = [
            (names[split], tr("{n} images", n=f"{counts.splits[split]:,}")) for split in names if counts.splits[split]
        ]
        if counts.groups:
            straddling = self._controller.data.straddling
            facts.append(
                (tr("straddling"), tr_n("{n} group", "{n} groups", straddling) if straddling else tr("no group"))
            )
        return facts
