"""The chips that choose which part of the answers is shown, each with its count."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QWidget

from core.domain.labels import UNLABELLED_COLOUR
from core.translation import tr
from desktop_app.pages.predict.controller import PredictController
from desktop_app.pages.predict.results import Kind, Shown
from desktop_app.theme import Theme
from desktop_app.widgets.basics import clear, set_property
from desktop_app.widgets.chips import Chip
from desktop_app.widgets.flow import FlowLayout
from desktop_app.widgets.label_pill import GLYPH_ICON_PX, glyph_icon


class PartChips(QWidget):
    """All, each label, refused, unreadable."""

    def __init__(self, controller: PredictController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._theme = controller, theme
        self._flow = FlowLayout(self, spacing=theme.px(6))
        self._chips: dict[Shown, tuple[Chip, str]] = {}
        self.setAccessibleName(tr("Shown"))
        controller.results_changed.connect(self._build)
        controller.view_changed.connect(self._refresh)
        self._build()

    def chip(self, shown: Shown) -> Chip:
        """Return the chip of a part."""
        return self._chips[shown][0]

    def _build(self) -> None:
        clear(self._flow)
        self._chips = {}
        results = self._controller.results
        if results is None:
            return
        self._add(Shown(), tr("All"), None)
        for index, label in enumerate(results.labels):
            self._add(Shown(Kind.LABEL, index), label.name, glyph_icon(self._theme, label.colour, label.glyph))
        refused = glyph_icon(self._theme, *UNLABELLED_COLOUR)
        self._add(Shown(Kind.REFUSED), tr("Refused"), refused)
        self._add(Shown(Kind.UNREADABLE), tr("Unreadable"), self._theme.icon("image-off"))
        self._refresh()

    def _add(self, shown: Shown, name: str, icon: QIcon | None) -> None:
        chip = Chip(name, lambda: self._controller.show_part(shown))
        if icon is not None:
            chip.setIcon(icon)
            chip.setIconSize(QSize(self._theme.px(GLYPH_ICON_PX), self._theme.px(GLYPH_ICON_PX)))
        self._chips[shown] = (chip, name)
        self._flow.addWidget(chip)

    def _refresh(self) -> None:
        counts = self._controller.counts
        if counts is None:
            return
        for shown, (chip, name) in self._chips.items():
            count = counts.of(shown)
            words = f"{name}  {count:,}"
            chip.setText(words.replace("&", "&&"))
            chip.setAccessibleName(words)
            set_property(chip, "on", shown == self._controller.shown)
            chip.setVisible(count > 0 or shown.kind is not Kind.UNREADABLE)
        self.updateGeometry()
