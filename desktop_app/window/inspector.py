"""The inspector on the right: holds what the page that is shown says about its selection."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from core.translation import tr
from desktop_app import theme as looks
from desktop_app.theme import Theme
from desktop_app.widgets.basics import scrolling


class Inspector(QFrame):
    """Shows one page's inspector widget; hidden where the page has none, or the user closed it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("inspectorBar")
        self.setAccessibleName(tr("Inspector"))
        self.setFixedWidth(theme.px(looks.INSPECTOR_WIDTH))
        self._areas: dict[QWidget, QScrollArea] = {}
        self._shown: QScrollArea | None = None
        self._wanted = True
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)

    @property
    def wanted(self) -> bool:
        """Whether the user wants to see it."""
        return self._wanted

    def show_widget(self, widget: QWidget | None) -> None:
        """Show a page's inspector, or none."""
        if self._shown is not None:
            self._shown.hide()
        self._shown = self._area_of(widget) if widget is not None else None
        if self._shown is not None:
            self._shown.show()
        self.setVisible(self._wanted and self._shown is not None)

    def set_wanted(self, wanted: bool) -> None:
        """Open or close it."""
        self._wanted = wanted
        self.setVisible(wanted and self._shown is not None)

    def _area_of(self, widget: QWidget) -> QScrollArea:
        if widget not in self._areas:
            area = scrolling(widget, name=tr("Inspector"))
            area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
            self._areas[widget] = area
            self._layout.addWidget(area)
        return self._areas[widget]
