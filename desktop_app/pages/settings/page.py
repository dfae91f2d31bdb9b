"""The settings: language, theme, device, network, and who makes the edits. They hold at once; there is no “Apply”."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from core.paths import user_cache_dir, user_log_dir
from core.settings import settings_file
from core.translation import LANGUAGES, tr
from core.version import VERSION
from desktop_app import theme as looks
from desktop_app.context import AppContext
from desktop_app.pages.page import Page
from desktop_app.pages.settings.controller import SettingsController
from desktop_app.widgets.basics import centred, facts, scrolling, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.chips import ChoiceChips

_WIDTH_PX = 760


class SettingsPage(Page):
    """Cards of settings, one below the other."""

    id = "settings"

    def __init__(self, controller: SettingsController, context: AppContext) -> None:
        super().__init__(controller, context)
        self.controller = controller
        px = self.theme.px
        middle = QWidget()
        body = QVBoxLayout(middle)
        body.setContentsMargins(*(px(looks.PAGE_MARGIN),) * 4)
        body.setSpacing(px(12))
        body.addWidget(text(tr("Settings"), "title"))
        for card in (self._look(), self._work(), self._network(), self._about()):
            body.addWidget(card)
        body.addStretch(1)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolling(centred(middle, px(_WIDTH_PX)), name=tr("Settings")))

    def _look(self) -> Card:
        settings, change = self.context.settings, self.controller.change
        card, grid = self._card(tr("Language and look"))
        languages = [("system", tr("System")), *LANGUAGES.items()]
        themes = [("system", tr("System")), ("light", tr("Light")), ("dark", tr("Dark"))]
        self.language = ChoiceChips(
            languages, settings.language, lambda value: change(language=value), name=tr("Language")
        )
        self.look = ChoiceChips(themes, settings.theme, lambda value: change(theme=value), name=tr("Theme"))
        self._line(grid, tr("Language"), self.language)
        self._line(grid, tr("Theme"), self.look)
        return card

    def _work(self) -> Card:
        settings = self.context.settings
        card, grid = self._card(tr("Work"))
        devices = [("auto", tr("Automatic")), ("cuda", "CUDA"), ("mps", "Apple"), ("cpu", tr("Processor"))]
        device = ChoiceChips(
            devices, settings.device, lambda value: self.controller.change(device=value), name=tr("Compute on")
        )
        self._line(grid, tr("Compute on"), device, tr("Automatic takes the graphics card where there is one."))
        return card

    def _network(self) -> Card:
        card, grid = self._card(tr("Network"))
        allowed = QCheckBox(tr("Allow downloads of backbones from torchvision"))
        allowed.setChecked(self.context.settings.downloads_allowed)
        allowed.toggled.connect(lambda on: self.controller.change(downloads_allowed=on))
        note = tr(
            "Coverslip works without a network: two backbones come with it. With this, the weights of another one are "
            "downloaded when you train with it; without, add its file on the Train page. Nothing is ever sent anywhere."
        )
        self._line(grid, tr("Downloads"), allowed, note)
        return card

    def _about(self) -> Card:
        card, _ = self._card(tr("About"))
        places = [
            (tr("Version"), f"Coverslip {VERSION}"),
            (tr("Settings"), str(settings_file())),
            (tr("Log files"), str(user_log_dir())),
            (tr("Cache"), str(user_cache_dir())),
        ]
        card.add(facts(places, label_width_px=self.theme.px(120), spacing_px=self.theme.px(16)))
        return card

    def _card(self, title: str) -> tuple[Card, QGridLayout]:
        card = Card(self.theme, title)
        grid = QGridLayout()
        grid.setHorizontalSpacing(self.theme.px(16))
        grid.setVerticalSpacing(self.theme.px(4))
        grid.setColumnMinimumWidth(0, self.theme.px(120))
        grid.setColumnStretch(1, 1)
        card.add(grid)
        return card, grid

    def _line(self, grid: QGridLayout, name: str, control: QWidget, note: str = "") -> None:
        at = grid.rowCount()
        grid.addWidget(text(name, "muted"), at, 0, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(control, at, 1)
        if note:
            grid.addWidget(text(note, "small", wrap=True), at + 1, 1)
            grid.setRowMinimumHeight(at + 2, self.theme.px(4))
