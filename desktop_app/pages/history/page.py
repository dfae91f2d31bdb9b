"""The History page: everything that was ever done to the project, and what can be made of that."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QStackedLayout, QStackedWidget, QVBoxLayout, QWidget

from core.translation import mark, tr
from desktop_app.actions import Action
from desktop_app.context import AppContext
from desktop_app.pages.history.asked import EVERYTHING
from desktop_app.pages.history.compare_view import CompareView
from desktop_app.pages.history.controller import HistoryController, View
from desktop_app.pages.history.detail_panel import DetailPanel
from desktop_app.pages.history.filter_bar import FilterBar
from desktop_app.pages.history.list_view import HistoryList
from desktop_app.pages.history.seal_card import SealCard
from desktop_app.pages.history.take_back_view import TakeBackView
from desktop_app.pages.page import Page
from desktop_app.theme import GRID, PAGE_MARGIN
from desktop_app.widgets.basics import button, row, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.empty_state import EmptyState

_VIEWS = (View.LIST, View.TAKE_BACK, View.COMPARE)


class HistoryPage(Page):
    """The list with its filters, and what opens from it; the entry looked at is in the inspector."""

    id = "history"
    title = mark("History")
    icon = "history"

    def __init__(self, controller: HistoryController, context: AppContext) -> None:
        super().__init__(controller, context)
        self._controller = controller
        self.filters = FilterBar(controller, self.theme)
        self.list = HistoryList(controller, self.theme)
        self.seal = SealCard(controller, self.theme)
        self.take_back = TakeBackView(controller, self.theme)
        self.compare = CompareView(controller, self.theme)
        self.detail = DetailPanel(controller, self.theme)
        self._problem = text("", "bad", wrap=True)
        self._stack = QStackedLayout(self)
        for view in (self._list_view(), self.take_back, self.compare):
            self._stack.addWidget(view)
        controller.view_changed.connect(self._show_view)
        controller.listed.connect(lambda _: self._show_listed())
        controller.asked_changed.connect(self._show_listed)
        self.filters.search.leave.connect(self.list.choose_first)
        self.list.leave.connect(self.filters.search.setFocus)
        self._show_view()
        self._show_listed()

    def inspector(self) -> QWidget:
        """Return the entry looked at."""
        return self.detail

    def activated(self, **params: object) -> None:
        """Show the list; ``sample=ID, name=NAME`` lists only what touched that image; ``view`` opens or checks."""
        sample, before = params.get("sample"), self._controller.asked
        if isinstance(sample, int):
            self._controller.of_sample(sample, str(params.get("name", sample)))
        if params.get("view") == "compare":
            self._controller.open(View.COMPARE)
        elif params.get("view") == "check":
            self._check()
        if self._controller.asked != before:
            # What is listed is not yet what was asked for: an entry of it must not be taken for one of the image.
            self.list.choose_first_listed()
        elif self._controller.view is View.LIST:
            self.list.choose_first()

    def focus_search(self) -> bool:
        """Put the cursor into the search line of the history."""
        self._controller.open(View.LIST)
        self.filters.search.setFocus()
        self.filters.search.selectAll()
        return True

    def actions_table(self) -> Sequence[Action]:
        """Return what can be done with the history."""
        controller = self._controller
        return (
            Action("history.take_back", mark("Take back this edit…"), self.detail.take_back.click, "undo",
                   "Ctrl+Backspace", self.detail.can_take_back),
            Action("history.images", mark("Show the images of this entry"), self.detail.images.click, "images",
                   "Ctrl+Return", lambda: controller.chosen is not None),
            Action("history.compare", mark("Compare two days"), lambda: controller.open(View.COMPARE), "split",
                   "Ctrl+D"),
            Action("history.check", mark("Check the history"), self._check, "check"),
            Action("history.csv", mark("Export as CSV…"), self.save_csv, "table", "Ctrl+S"),
            Action("history.all", mark("Show the whole history"), lambda: controller.ask(EVERYTHING), "history",
                   enabled_when=lambda: controller.asked != EVERYTHING),
        )  # fmt: skip

    def save_csv(self) -> None:
        """Ask where, and write what is listed."""
        chosen, _ = QFileDialog.getSaveFileName(self, tr("Export the history"), "history.csv", "CSV (*.csv)")
        if chosen:
            self._controller.write_csv(Path(chosen))

    def showEvent(self, event: QShowEvent) -> None:
        """Keep up with the ledger."""
        super().showEvent(event)
        self._controller.set_shown(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Let the ledger go on unseen."""
        super().hideEvent(event)
        self._controller.set_shown(False)

    def _list_view(self) -> QWidget:
        controller, theme, widget = self._controller, self.theme, QWidget()
        layout = QVBoxLayout(widget)
        margin = theme.px(PAGE_MARGIN)
        layout.setContentsMargins(margin, margin, margin, theme.px(GRID))
        layout.setSpacing(theme.px(GRID * 1.5))
        compare = button(tr("Compare two days…"), lambda: controller.open(View.COMPARE), icon=theme.icon("split"))
        check = button(tr("Check the history"), self._check, icon=theme.icon("check"))
        save = button(tr("Export as CSV…"), self.save_csv, icon=theme.icon("table"))
        layout.addLayout(row(text(tr("History"), "subtitle"), None, compare, check, save, spacing=theme.px(GRID)))
        layout.addWidget(self.filters)
        layout.addWidget(self._problem)
        layout.addWidget(self.seal)
        card = Card(theme, padding=2)
        card.add(self.list)
        self._rows = QStackedWidget()
        self._rows.addWidget(card)
        self._rows.addWidget(
            EmptyState(
                theme,
                "history",
                tr("Nothing here yet"),
                tr("Whatever is labelled, tagged, split or imported is entered here, and can be taken back later."),
                tr("Go to Images"),
                lambda: self.context.show("images"),
            )
        )
        self._rows.addWidget(
            EmptyState(
                theme,
                "filter",
                tr("No entry fits"),
                tr("The history has entries, but the filters let none of them through."),
                tr("Show everything"),
                lambda: controller.ask(EVERYTHING),
            )
        )
        layout.addWidget(self._rows, 1)
        return widget

    def _check(self) -> None:
        self._controller.open(View.LIST)
        self._controller.proof.check()

    def _show_view(self) -> None:
        self._stack.setCurrentIndex(_VIEWS.index(self._controller.view))
        focused = {View.LIST: self.list, View.TAKE_BACK: self.take_back.confirm, View.COMPARE: self.compare.start.line}
        if self.isVisible():
            focused[self._controller.view].setFocus()

    def _show_listed(self) -> None:
        controller = self._controller
        self._problem.setText(controller.problem)
        self._problem.setVisible(bool(controller.problem))
        listing = controller.listing
        if listing is not None:
            self._rows.setCurrentIndex(0 if listing.count else 1 if not listing.total else 2)
