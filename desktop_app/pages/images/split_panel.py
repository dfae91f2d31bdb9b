"""Dividing the images into train, validation and test: the shares, the seed, and what holds whatever they are."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QFormLayout, QSpinBox, QWidget

from core.domain.split import parse_ratios
from core.store.splits import DEFAULT_SEED, assign_project_splits
from core.translation import tr
from desktop_app.context import AppContext
from desktop_app.theme import Theme
from desktop_app.widgets.basics import button, inset, row, text
from desktop_app.widgets.overlay import Overlay


class SplitPanel(Overlay):
    """Opens below `anchor`; splits the project when asked to."""

    def __init__(self, host: QWidget, anchor: QWidget, theme: Theme, context: AppContext) -> None:
        super().__init__(host, theme, self._place_below)
        self._anchor, self._theme, self._context = anchor, theme, context
        self.train = self._percent(tr("Train"), 70, least=1)
        self.val = self._percent(tr("Validation"), 15, least=0)
        self._test = text("")
        self.seed = inset(QSpinBox())
        self.seed.setRange(0, 999_999)
        self.seed.setValue(DEFAULT_SEED)
        self.seed.setAccessibleName(tr("Seed"))
        self.seed.setToolTip(tr("The same seed gives the same split."))
        self._build()
        self.closed.connect(self.deleteLater)
        self._refresh()

    def ratios(self) -> str:
        """Return the shares, such as ``70/15/15``."""
        train, val = self.train.value(), self.val.value()
        return f"{train}/{val}/{100 - train - val}"

    def split(self) -> None:
        """Split, as one edit that can be undone."""
        ratios, seed = parse_ratios(self.ratios()), self.seed.value()
        self.close_panel()
        self._context.edit(lambda project: assign_project_splits(project, ratios=ratios, seed=seed))

    def _build(self) -> None:
        px = self._theme.px
        words = tr(
            "Groups stay whole and labels keep their shares. Images that are in a split stay there, "
            "unless you change the shares or the seed."
        )
        explanation = text(words, "small", wrap=True)
        explanation.setFixedWidth(px(250))
        form = QFormLayout()
        form.setHorizontalSpacing(px(16))
        form.setLabelAlignment(Qt.AlignmentFlag.AlignVCenter)
        form.addRow(tr("Train"), self.train)
        form.addRow(tr("Validation"), self.val)
        form.addRow(tr("Test"), self._test)
        form.addRow(tr("Seed"), self.seed)
        self.body.setSpacing(px(10))
        self.body.setContentsMargins(px(14), px(12), px(14), px(12))
        self.body.addWidget(text(tr("Split the images"), "subtitle"))
        self.body.addLayout(form)
        self.body.addWidget(explanation)
        self.body.addLayout(row(None, button(tr("Split"), self.split, kind="primary")))

    def _percent(self, name: str, value: int, *, least: int) -> QSpinBox:
        box = inset(QSpinBox())
        box.setRange(least, 100)
        box.setValue(value)
        box.setSuffix(" %")
        box.setAccessibleName(name)
        box.valueChanged.connect(self._refresh)
        return box

    def _refresh(self) -> None:
        self.val.setMaximum(100 - self.train.value())
        self._test.setText(f"{100 - self.train.value() - self.val.value()} %")

    def _place_below(self, room: QRect, panel: QWidget) -> QRect:
        size = panel.sizeHint()
        corner = self.mapFromGlobal(self._anchor.mapToGlobal(self._anchor.rect().bottomRight()))
        left = max(self._theme.px(8), min(corner.x(), room.width() - self._theme.px(8)) - size.width())
        return QRect(left, corner.y() + self._theme.px(4), size.width(), size.height())
