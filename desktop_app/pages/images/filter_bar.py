"""What stands above the grid: the query line, the filter chips, the order, the size of the tiles, import and split."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QPushButton, QVBoxLayout, QWidget

from core.domain.query import SortKey
from core.translation import mark, tr
from desktop_app.pages.images.controller import ImagesController
from desktop_app.pages.images.filter_chips import FilterChips
from desktop_app.theme import Theme
from desktop_app.widgets.basics import button, row, set_property, text
from desktop_app.widgets.zoom_control import ZoomControl

_TYPING_PAUSE_MS: Final = 300
_LONG_LINE: Final = 60
SORT_NAMES: Final[dict[SortKey, str]] = {
    SortKey.ADDED: mark("added"),
    SortKey.NAME: mark("name"),
    SortKey.LABEL: mark("label"),
    SortKey.GROUP: mark("group"),
    SortKey.SPLIT: mark("split"),
    SortKey.SIZE: mark("size"),
}


class QueryLine(QLineEdit):
    """The query as text; asked a moment after the last key, at once with Enter; Esc clears it, then leaves it."""

    def __init__(self, controller: ImagesController, theme: Theme) -> None:
        super().__init__()
        self._controller = controller
        self.setPlaceholderText(tr("label:WBC split:val name:*03*"))
        self.setAccessibleName(tr("Query"))
        self.setToolTip(
            tr("Narrow down what is shown: label:NAME, split:train, group:NAME, name:*03*, is:excluded, or any text.")
        )
        self.setClearButtonEnabled(True)
        self.addAction(theme.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self._pause = QTimer(self, singleShot=True, interval=_TYPING_PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        self.textEdited.connect(self._pause.start)
        self.returnPressed.connect(self._ask_and_leave)
        controller.query_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        # What the user is typing is never rewritten under the cursor.
        if self.text() != self._controller.line and not self._pause.isActive():
            self.setText(self._controller.line)
            self.setCursorPosition(0 if len(self._controller.line) > _LONG_LINE else len(self._controller.line))
        set_property(self, "invalid", bool(self._controller.query_error))

    def _ask(self) -> None:
        self._pause.stop()
        self._controller.set_line(self.text())

    def _ask_and_leave(self) -> None:
        self._ask()
        if not self._controller.query_error:
            self._controller.focus_grid.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc clears the line; in an empty one it goes back to the grid. Down goes to the grid as well."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            self._ask()
        elif event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Down):
            self._controller.focus_grid.emit()
        else:
            super().keyPressEvent(event)


class SortButton(QPushButton):
    """What the images are sorted by, and which way."""

    def __init__(self, controller: ImagesController) -> None:
        super().__init__()
        self._controller = controller
        self.setProperty("kind", "quiet")
        self.setToolTip(tr("Order of the images"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMenu(self._make_menu())
        controller.query_changed.connect(self._refresh)
        self._refresh()

    def _make_menu(self) -> QMenu:
        menu = QMenu(self)
        self._keys: dict[SortKey, QAction] = {}
        keys = QActionGroup(menu)
        for key, name in SORT_NAMES.items():
            action = menu.addAction(tr(name))
            action.setCheckable(True)
            action.triggered.connect(lambda _=False, k=key: self._sort(sort=k))
            keys.addAction(action)
            self._keys[key] = action
        menu.addSeparator()
        self._descending = menu.addAction(tr("Last first"))
        self._descending.setCheckable(True)
        self._descending.triggered.connect(lambda checked: self._sort(descending=checked))
        return menu

    def _sort(self, **changes: object) -> None:
        self._controller.set_query(replace(self._controller.query, **changes))  # type: ignore[arg-type]

    def _refresh(self) -> None:
        query = self._controller.query
        self._keys[query.sort].setChecked(True)
        self._descending.setChecked(query.descending)
        ranking = self._controller.ranking
        words = tr("Sort: {key}", key=ranking.said if ranking is not None else tr(SORT_NAMES[query.sort]))
        arrow = "" if ranking is not None else " ↓" if query.descending else " ↑"
        self.setText(f"{words}{arrow}   ")
        self.setAccessibleName(words)


class FilterBar(QWidget):
    """Two lines: the query with the buttons of the page, and the chips with the order and the size."""

    def __init__(
        self,
        controller: ImagesController,
        theme: Theme,
        *,
        import_folder: Callable[[], object],
        split: Callable[[QWidget], object],
    ) -> None:
        super().__init__()
        self._controller = controller
        self.line = QueryLine(controller, theme)
        self.error = text("", "bad", wrap=True)
        self.chips = FilterChips(controller, theme)
        self.sort = SortButton(controller)
        self.zoom = ZoomControl(theme, controller.zoom_px, controller.set_zoom)
        # Qt sets a button's text against its icon; a space keeps them apart.
        self.import_button = button(
            f" {tr('Import folder…')}", import_folder, icon=theme.icon("folder-plus"), name=tr("Import folder…")
        )
        self.split_button = button(
            f" {tr('Split…')}",
            lambda: split(self.split_button),
            icon=theme.icon("split"),
            name=tr("Split…"),
            tip=tr("Divide the images into train, validation and test; groups stay whole."),
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(8))
        layout.addLayout(row(self.line, self.import_button, self.split_button, spacing=theme.px(8)))
        layout.addWidget(self.error)
        layout.addLayout(row(self.chips, None, self.sort, self.zoom, spacing=theme.px(4)))
        controller.query_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        self.error.setText(self._controller.query_error)
        self.error.setVisible(bool(self._controller.query_error))
