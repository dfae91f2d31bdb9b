"""Everything seen in the window, put together: thrown away and built again when the theme or the language changes."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from core.translation import tr
from desktop_app import theme as looks
from desktop_app.theme import Theme
from desktop_app.widgets.basics import text
from desktop_app.widgets.overlay import Overlay
from desktop_app.window.inspector import Inspector
from desktop_app.window.message_bar import MessageBar
from desktop_app.window.rail import Rail
from desktop_app.window.status_bar import StatusBar
from desktop_app.window.top_bar import TopBar


class WindowFrame(QWidget):
    """The bars around the pages."""

    def __init__(self, theme: Theme, top: TopBar, rail: Rail, status: StatusBar) -> None:
        super().__init__()
        # A click beside everything takes the cursor out of a line edit.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.theme = theme
        self.top, self.rail, self.status = top, rail, status
        self.messages = MessageBar(theme)
        self.pages = QStackedWidget()
        self.pages.setObjectName("pageArea")
        self.inspector = Inspector(theme)
        self.drop_hint = DropHint(self, theme)
        middle = QVBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self.messages)
        middle.addWidget(self.pages, 1)
        body = QHBoxLayout()
        body.setSpacing(0)
        body.addWidget(rail)
        body.addLayout(middle, 1)
        body.addWidget(self.inspector)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(top)
        layout.addLayout(body, 1)
        layout.addWidget(status)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the inspector be narrower in a narrow window."""
        super().resizeEvent(event)
        self.inspector.leave_room(self.width())


class DropHint(Overlay):
    """Says what a drop will do while something is dragged over the window."""

    def __init__(self, host: QWidget, theme: Theme) -> None:
        super().__init__(host, theme, self._page_area)
        self.panel.setProperty("surface", "drop")
        self._text = text("", "subtitle")
        self.body.addStretch(1)
        line = QHBoxLayout()
        line.addStretch(1)
        line.addWidget(self._text)
        line.addStretch(1)
        self.body.addLayout(line)
        self.body.addStretch(1)

    def say(self, project_open: bool, own: str = "") -> None:
        """Show the hint; `own` is what the page shown would do."""
        into = tr("Drop folders or files to see what they would add to this project")
        new = tr("Drop images in any form to make a project of them, or a project to open it")
        self._text.setText(own or (into if project_open else new))
        self.open()

    def _page_area(self, area: QRect, panel: QWidget) -> QRect:
        margin = looks.PAGE_MARGIN * 3
        return area.adjusted(margin, margin, -margin, -margin)
