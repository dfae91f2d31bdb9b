"""The map below the case, which can be folded away; whether it is, is kept in the settings."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from core.translation import tr
from desktop_app.context import AppContext
from desktop_app.pages.clean.controller import CleanController
from desktop_app.pages.clean.map_panel import MapPanel
from desktop_app.widgets.basics import icon_button, row
from desktop_app.widgets.card import Card

LEAST_PX, MOST_PX = 232, 360
SHARE = 0.3


class MapFold(QWidget):
    """Shows the map, or a line in its place."""

    def __init__(self, controller: CleanController, context: AppContext) -> None:
        super().__init__()
        self._context = context
        theme = context.theme
        self.panel = MapPanel(controller.map, context)
        self.panel.setFixedHeight(theme.px(LEAST_PX))
        self.fold = icon_button(theme.icon("chevron-down"), tr("Fold the map away"), lambda: self._set_shown(False))
        self.panel.add_to_head(self.fold)
        if self.panel.head is not None:
            self.panel.head.setSpacing(theme.px(3))
        self.unfold = QPushButton(theme.icon("chevron-right"), tr("Map of the images"))
        self.unfold.setProperty("kind", "quiet")
        self.unfold.setAccessibleName(tr("Show the map of the images"))
        self.unfold.setCursor(Qt.CursorShape.PointingHandCursor)
        self.unfold.clicked.connect(lambda: self._set_shown(True))
        self._line = Card(theme, padding=4)
        self._line.add(row(self.unfold, None))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.panel)
        layout.addWidget(self._line)
        self._controller = controller
        controller.checking.changed.connect(self._checked)
        self._show()

    def leave_room(self, height_px: int) -> None:
        """Take a share of the height of the page."""
        px = self._context.theme.px
        self.panel.setFixedHeight(min(max(round(SHARE * height_px), px(LEAST_PX)), px(MOST_PX)))

    def _checked(self) -> None:
        """Have the map made once a first check has made what it needs."""
        if self._controller.checking.job is None and self.panel.isVisible():
            self._controller.map.set_shown(True)

    def _set_shown(self, shown: bool) -> None:
        self._context.change_settings(clean_map_shown=shown)
        self._show()
        (self.fold if shown else self.unfold).setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self) -> None:
        shown = self._context.settings.clean_map_shown
        self.panel.setVisible(shown)
        self._line.setVisible(not shown)
