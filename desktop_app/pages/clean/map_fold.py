"""The map below the case, which can be folded away; whether it is, is kept in the settings."""

from __future__ import annotations

from functools import cached_property

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QPushButton, QToolButton, QVBoxLayout, QWidget

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
        self._controller = controller
        self._height = theme.px(LEAST_PX)
        self.unfold = QPushButton(theme.icon("chevron-right"), tr("Map of the images"))
        self.unfold.setProperty("kind", "quiet")
        self.unfold.setAccessibleName(tr("Show the map of the images"))
        self.unfold.setCursor(Qt.CursorShape.PointingHandCursor)
        self.unfold.clicked.connect(lambda: self._set_shown(True))
        self._line = Card(theme, padding=4)
        self._line.add(row(self.unfold, None))
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(self._line)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._show_panel)
        controller.checking.changed.connect(self._checked)
        self._show()

    @cached_property
    def panel(self) -> MapPanel:
        """The map; built when it is first shown, in a turn of its own, so that the page is there sooner."""
        theme = self._context.theme
        made = MapPanel(self._controller.map, self._context)
        made.setFixedHeight(self._height)
        made.add_to_head(self.fold)
        if made.head is not None:
            made.head.setSpacing(theme.px(3))
        made.hide()
        self._layout.insertWidget(0, made)
        return made

    @cached_property
    def fold(self) -> QToolButton:
        """What folds the map away."""
        icon = self._context.theme.icon("chevron-down")
        return icon_button(icon, tr("Fold the map away"), lambda: self._set_shown(False))

    def leave_room(self, height_px: int) -> None:
        """Take a share of the height of the page."""
        px = self._context.theme.px
        self._height = min(max(round(SHARE * height_px), px(LEAST_PX)), px(MOST_PX))
        if self._built:
            self.panel.setFixedHeight(self._height)
        elif self._context.settings.clean_map_shown:
            self.setMinimumHeight(self._height)

    def _checked(self) -> None:
        """Have the map made once a first check has made what it needs."""
        if self._controller.checking.job is None and self._built and self.panel.isVisible():
            self._controller.map.set_shown(True)

    def _set_shown(self, shown: bool) -> None:
        self._context.change_settings(clean_map_shown=shown)
        self._show()
        self._show_panel()
        (self.fold if shown else self.unfold).setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def _built(self) -> bool:
        return "panel" in self.__dict__

    def _show(self) -> None:
        shown = self._context.settings.clean_map_shown
        self._line.setVisible(not shown)
        if shown and not self._built:
            self.setMinimumHeight(self._height)
            self._soon.start()
        elif self._built:
            self._show_panel()

    def _show_panel(self) -> None:
        self.setMinimumHeight(0)
        self.panel.setVisible(self._context.settings.clean_map_shown)
