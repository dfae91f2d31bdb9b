"""The inspector on the right: holds what the page that is shown says about its selection."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from core.translation import tr
from desktop_app import theme as looks
from desktop_app.theme import Theme
from desktop_app.widgets.basics import scrolling

_NARROW_WINDOW_PX, _NARROW_PX = 1_160, 212


class Inspector(QFrame):
    """Shows one page's inspector widget; hidden where the page has none, or the user closed it."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("inspectorBar")
        self.setAccessibleName(tr("Inspector"))
        self.setFixedWidth(theme.px(looks.INSPECTOR_WIDTH))
        self._theme, self._narrow = theme, False
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
        self._narrow = widget is not None and bool(widget.property("narrow"))
        self.leave_room(self.window().width())
        self.setVisible(self._wanted and self._shown is not None)

    def leave_room(self, window_px: int) -> None:
        """Take less of a narrow window, where what is shown can do with less."""
        narrow = self._narrow and window_px < self._theme.px(_NARROW_WINDOW_PX)
        self.setFixedWidth(self._theme.px(_NARROW_PX if narrow else looks.INSPECTOR_WIDTH))

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
