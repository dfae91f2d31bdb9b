"""See the controller."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from core.translation import tr
from desktop_app.context import AppContext
from desktop_app.pages.page import Page
from tests.desktop_app.plain_page.controller import PlainController


class PlainPage(Page):
    def __init__(self, controller: PlainController, context: AppContext) -> None:
        super().__init__(controller, context)
        self.params: dict[str, object] = {}
        QVBoxLayout(self).addWidget(QLabel(tr("Settings")))
        self._inspector = QLabel("inspector")

    def inspector(self) -> QWidget:
        return self._inspector

    def activated(self, **params: object) -> None:
        self.params = params
