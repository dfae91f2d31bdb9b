"""What stands above the grid: the query line and saved views, filters, order and headings, the size of the tiles."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from core.translation import tr
from desktop_app.pages.images.controller import ImagesController
from desktop_app.pages.images.filter_chips import FilterChips
from desktop_app.pages.images.order_buttons import GroupButton, SortButton
from desktop_app.pages.images.query_line import QueryLine
from desktop_app.pages.images.selection_line import SelectionLine
from desktop_app.pages.images.views_menu import ViewsButton
from desktop_app.theme import Theme
from desktop_app.widgets.basics import boxed, button, column, row, text
from desktop_app.widgets.ring import ProgressRing
from desktop_app.widgets.zoom_control import ZoomControl


class FilterBar(QWidget):
    """Two lines: the query with the buttons of the page, and the chips with headings, order and size.

    A third one says what there is to say of the selection.
    """

    def __init__(
        self,
        controller: ImagesController,
        theme: Theme,
        *,
        import_folder: Callable[[], object],
        split: Callable[[QWidget], object],
    ) -> None:
        super().__init__()
        self._controller, self._theme = controller, theme
        self.line = QueryLine(controller, theme)
        self.views = ViewsButton(controller, theme)
        self.error = text("", "bad", wrap=True)
        self.busy = ProgressRing(theme)
        self.busy.setAccessibleName(tr("Searching"))
        self.busy.setToolTip(tr("Searching… Esc stops it."))
        self.chips = FilterChips(controller, theme)
        self.selection = SelectionLine(controller, theme)
        self.group = GroupButton(controller)
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
        self._order = boxed(row(self.group, self.sort, self.zoom, spacing=theme.px(4)))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(8))
        layout.addLayout(
            row(self.line, self.busy, self.views, self.import_button, self.split_button, spacing=theme.px(8))
        )
        layout.addWidget(self.error)
        layout.addLayout(self._second_line())
        layout.addWidget(self.selection)
        controller.query_changed.connect(self._refresh)
        controller.searcher.slow_changed.connect(self._show_busy)
        self._show_busy()
        self._refresh()

    def _show_busy(self) -> None:
        self.busy.setVisible(self._controller.searcher.slow)

    def _second_line(self) -> QGridLayout:
        """The chips over the whole width, but for what stands at the right end of their first line."""
        line = QGridLayout()
        at_right = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight
        # The chips are lower than the buttons beside them, which stand in the middle of the same line.
        chips = column(self.chips, spacing=0)
        chips.setContentsMargins(0, self._theme.px(3), 0, 0)
        line.addLayout(chips, 0, 0)
        line.addWidget(self._order, 0, 0, at_right)
        return line

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the chips clear of the order."""
        super().resizeEvent(event)
        self._leave_room()

    def _leave_room(self) -> None:
        self.chips.leave_room(self._order.sizeHint().width() + self._theme.px(8))

    def _refresh(self) -> None:
        """Explain what is not understood below where it stands."""
        self._leave_room()
        message = self._controller.query_error
        self.error.setText(message)
        if message:
            # Far to the right there would be no room to read it.
            most = max(0, self.line.width() - self.error.fontMetrics().horizontalAdvance(message))
            self.error.setIndent(min(most, max(0, self.line.x_of(self._controller.query_error_at[0]))))
        self.error.setVisible(bool(message))
