"""The Images page: the grid with everything around it. Widgets only; what they show is in the controller."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu, QStackedLayout, QVBoxLayout, QWidget

from core.domain.query import SampleQuery
from core.domain.sample_ids import SampleIds
from core.translation import mark, tr
from desktop_app.actions import Action
from desktop_app.context import AppContext
from desktop_app.pages.images.accepting import accept_suggestions
from desktop_app.pages.images.controller import ImagesController
from desktop_app.pages.images.editing_actions import SampleEditing
from desktop_app.pages.images.filter_bar import FilterBar
from desktop_app.pages.images.grid_keys import grid_keys
from desktop_app.pages.images.label_panel import LabelPanel
from desktop_app.pages.images.next_unlabelled import go_to_next_unlabelled
from desktop_app.pages.images.nothing_shown import NothingShown
from desktop_app.pages.images.sample_inspector import SampleInspector
from desktop_app.pages.images.selection_line import hidden_actions, select_all_words
from desktop_app.pages.images.split_panel import SplitPanel
from desktop_app.pages.images.suggestion_actions import suggestion_actions
from desktop_app.pages.images.suggestion_card import SuggestionCard
from desktop_app.pages.images.views_menu import view_actions
from desktop_app.pages.page import Page
from desktop_app.theme import PAGE_MARGIN
from desktop_app.widgets import loupe_board
from desktop_app.widgets.basics import column, rule, scrolling
from desktop_app.widgets.loupe import Loupe
from desktop_app.widgets.sample_grid.layout import GAP_PX
from desktop_app.widgets.sample_grid.view import SampleGrid


class ImagesPage(Page):
    """The grid of the project's images, its filters, its labels and its loupe."""

    id = "images"
    title = mark("Images")
    icon = "images"

    def __init__(self, controller: ImagesController, context: AppContext) -> None:
        super().__init__(controller, context)
        self._controller = controller
        theme = context.theme
        self.samples = SampleEditing(controller, theme, self)
        self.filter_bar = FilterBar(controller, theme, import_folder=self.import_folder, split=self._split)
        self.grid = SampleGrid(
            controller.grid, controller.tiles, controller.pictures.thumbnails, theme, zoom_px=controller.zoom_px
        )
        self.nothing = NothingShown(controller, theme, self.import_folder)
        self._stack = QStackedLayout()
        self._inspector: QWidget | None = None
        self._sample: SampleInspector | None = None
        self._loupe: Loupe | None = None
        self.label_panel: LabelPanel | None = None
        self.suggestion_card: SuggestionCard | None = None
        self._build()
        # Added once the stack has a parent: before, it would show the first as a window of its own.
        for widget in (self.grid, *self.nothing):
            self._stack.addWidget(widget)
        self._connect()
        self._refresh()

    def inspector(self) -> QWidget:
        """Return the labels and the selected sample."""
        if self._inspector is None:
            theme = self.theme
            self.label_panel = LabelPanel(self._controller, theme)
            self._sample = SampleInspector(self._controller, theme, self.open_loupe)
            self.suggestion_card = SuggestionCard(self._controller, theme)
            content = QWidget()
            inside = column(
                self.label_panel, rule(), self.suggestion_card, rule(), self._sample, None, spacing=theme.px(14)
            )
            # The labels' rows have room of their own around them, to show which one is under the pointer.
            margin = theme.px(PAGE_MARGIN - 2)
            inside.setContentsMargins(margin - theme.px(8), margin, margin - theme.px(8), margin)
            content.setLayout(inside)
            self._inspector = scrolling(content, name=tr("Labels and selection"))
        return self._inspector

    def actions_table(self) -> Sequence[Action]:
        """Return the page's actions. Label keys are not among them: they are the project's own."""
        controller, chosen = self._controller, lambda: self._controller.grid.selected_count > 0
        several = lambda: controller.grid.selected_count > 1  # noqa: E731 - likewise
        has_images = lambda: len(controller.grid) > 0  # noqa: E731 - read beside the rows that use it
        return (
            Action(
                "images.split",
                mark("Split into train, validation and test…"),
                lambda: self._split(self.filter_bar.split_button),
                "split",
            ),
            Action("images.label", mark("Label the selection…"), self._focus_new_label, "tag", "", chosen),
            self._keyed("images.open", mark("Look at it in full"), self.open_loupe, "Space", has_images),
            self._keyed("images.compare", mark("Compare the selected images"), self.compare, "C", several),
            self._keyed("images.next_unlabelled", mark("Next image without a label"), self._next, "N", has_images),
            self._keyed("images.exclude", mark("Exclude, or include again"), controller.editing.exclude, "Del", chosen),
            self._keyed("images.unlabel", mark("Remove the label"), self._unlabel, "Backspace", chosen),
            *self.samples.actions(),
            Action(
                "images.all",
                mark("Select all"),
                controller.grid.select_all,
                enabled_when=has_images,
                page_key="Ctrl+A",
                label=lambda: select_all_words(controller),
            ),
            *hidden_actions(controller),
            self._keyed("images.none", mark("Select none"), controller.grid.select_none, "Ctrl+D", chosen),
            self._keyed("images.invert", mark("Invert the selection"), controller.grid.invert, "Ctrl+I", has_images),
            *suggestion_actions(controller),
            Action("images.task", mark("Labels per image…"), self._ask_for_task, "tag"),
            *self._label_actions(),
            *view_actions(controller),
            Action("images.save_view", mark("Save this view…"), self._save_view, "star", enabled_when=self._can_save),
            Action("images.clear", mark("Show all images"), controller.clear_query, "filter"),
            Action("images.refresh", mark("Refresh"), controller.refresh, "refresh", "F5"),
        )

    def keys_table(self) -> Sequence[tuple[str, str]]:
        """Return the keys that move, select and label."""
        return grid_keys(list(self._controller.labels))

    def activated(self, **params: object) -> None:
        """Show what was asked for.

        `query` is a query line; `ids` are samples (an array), shown whether they are excluded or not; `like` are
        samples to which all others are compared, the most similar first: all others, whatever was looked for before.
        """
        query, ids, like = params.get("query"), params.get("ids"), params.get("like")
        if isinstance(query, str):
            self._controller.set_line(query)
        elif isinstance(ids, np.ndarray | Sequence):
            self._controller.set_query(SampleQuery(ids=SampleIds(ids), excluded=None))
        if isinstance(like, np.ndarray):
            self._controller.clear_query()
            self._controller.suggestions.order_by_similarity(like)
        self.grid.setFocus()

    def focus_search(self) -> bool:
        """Put the cursor into the query line."""
        self.filter_bar.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter_bar.line.selectAll()
        return True

    def import_folder(self) -> None:
        """Go where a folder is chosen and imported."""
        self.context.show("import")

    def open_loupe(self) -> None:
        """Look at the current sample in full."""
        if self._controller.grid.current_id is not None:
            self._made_loupe().open()

    def compare(self) -> None:
        """Look at the selected samples side by side, up to nine of them."""
        chosen = self._controller.grid.selected_ids[: loupe_board.MOST].tolist()
        if len(chosen) > 1:
            self._made_loupe().compare(chosen)
        else:
            self.context.message.emit(tr("Select two to nine images to compare them."))

    def _save_view(self) -> None:
        self.filter_bar.views.manage(saving=True)

    def _can_save(self) -> bool:
        return bool(self._controller.line.strip()) and not self._controller.query_error

    def _next(self) -> None:
        go_to_next_unlabelled(self._controller)

    def _made_loupe(self) -> Loupe:
        if self._loupe is None:
            controller = self._controller
            self._loupe = Loupe(
                self.window(),
                controller.grid,
                controller.tiles,
                controller.loupe_pictures,
                self.theme,
                self._loupe_key,
                next_unlabelled=self._next,
            )
            self._loupe.belong_to(self)
            self._loupe.closed.connect(self._loupe_closed)
            self.destroyed.connect(self._loupe.deleteLater)
        return self._loupe

    @property
    def loupe(self) -> Loupe | None:
        """The loupe, once it was opened."""
        return self._loupe

    @staticmethod
    def _keyed(name: str, text: str, handler: Callable[[], object], key: str, enabled: Callable[[], bool]) -> Action:
        """Return an action whose key the grid or the page handles, so that Space still presses a button."""
        return Action(name, text, handler, enabled_when=enabled, page_key=key)

    def _label_actions(self) -> Sequence[Action]:
        return self.label_panel.actions_table() if self.label_panel is not None else ()

    def _focus_new_label(self) -> None:
        if self.label_panel is not None:
            self.label_panel.new_label.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _ask_for_task(self) -> None:
        if self.label_panel is not None:
            self.label_panel.menu.ask_for_task()

    def _unlabel(self) -> None:
        self._controller.editing.give_label(None)

    def _build(self) -> None:
        margin = self.theme.px(PAGE_MARGIN)
        head = QVBoxLayout()
        head.setContentsMargins(margin, margin - 4, margin, 0)
        head.addWidget(self.filter_bar)
        body = QVBoxLayout()
        # The grid has half a gap of its own around every tile.
        body.setContentsMargins(margin - GAP_PX // 2, 0, 0, 0)
        body.addLayout(self._stack, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(self.theme.px(4))
        layout.addLayout(head)
        layout.addLayout(body, 1)
        self.setFocusProxy(self.grid)

    def _connect(self) -> None:
        controller, grid = self._controller, self.grid
        grid.open_requested.connect(self._open)
        grid.on_enter = partial(accept_suggestions, controller)
        grid.menu_requested.connect(self._menu)
        grid.zoom_changed.connect(controller.set_zoom)
        controller.zoom_changed.connect(grid.set_zoom)
        controller.zoom_changed.connect(self.filter_bar.zoom.show_zoom)
        controller.found.connect(self._found)
        controller.query_changed.connect(self._refresh)
        controller.searcher.shown.connect(self._refresh)
        controller.tiles_changed.connect(self._tiles_changed)
        controller.labels_changed.connect(self._tiles_changed)
        controller.badge_changed.connect(self._refresh)
        controller.grid.ids_changed.connect(self._refresh)
        controller.focus_grid.connect(grid.setFocus)

    def _refresh(self) -> None:
        controller = self._controller
        self._stack.setCurrentWidget(self.nothing.now() or self.grid)
        self.filter_bar.split_button.setEnabled(controller.counts is not None and controller.counts.samples > 0)

    def _found(self) -> None:
        """Go to what is selected; where nothing is, to the start."""
        state = self._controller.grid
        if state.selected_count and state.current >= 0:
            self.grid.reveal(state.current)
        elif len(state):
            state.set_current(0)
            self.grid.scrollToTop()

    def _tiles_changed(self) -> None:
        self.grid.refresh()
        if self._loupe is not None:
            self._loupe.refresh()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Label keys, and what else is done to the selection; the grid has left these keys to the page."""
        if event.key() == Qt.Key.Key_Space and not event.modifiers():
            self.open_loupe()
        elif event.key() == Qt.Key.Key_Escape:
            self._escape()
        elif self.samples.key(event, of_current=False):
            pass  # done there
        elif event.key() == Qt.Key.Key_C and not event.modifiers():
            self.compare()
        elif event.key() == Qt.Key.Key_N and not event.modifiers():
            self._next()
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def _escape(self) -> None:
        """Esc gives up a search that takes long; else it clears: first the selection, then the query."""
        if self._controller.give_up_search():
            return
        if self._controller.grid.selected_count:
            self._controller.grid.select_none()
        elif self._controller.is_filtered() or self._controller.query_error:
            self._controller.clear_query()

    def _loupe_key(self, event: QKeyEvent) -> bool:
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if control and event.key() == Qt.Key.Key_Z:
            redo = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            (self.context.redo if redo else self.context.undo)()
            return True
        return self.samples.key(event, of_current=True)

    def _open(self, sample_id: int) -> None:
        index = self._controller.grid.index_of(sample_id)
        if index >= 0:
            self._controller.grid.set_current(index)
            self.open_loupe()

    def _loupe_closed(self) -> None:
        self.grid.setFocus()
        if self._controller.grid.current >= 0:
            self.grid.reveal(self._controller.grid.current)

    def _menu(self, where: QPoint) -> None:
        menu = self.selection_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(where)

    def selection_menu(self) -> QMenu:
        """Return the context menu of the selection."""
        menu, controller = QMenu(self), self._controller
        menu.addAction(self.theme.icon("eye"), tr("Open"), self.open_loupe)
        if controller.grid.selected_count > 1:
            menu.addAction(self.theme.icon("images"), tr("Compare the selected images") + "\tC", self.compare)
        menu.addSeparator()
        self.samples.add_to_menu(menu)
        menu.addSeparator()
        menu.addAction(f"{select_all_words(controller)}\tCtrl+A", controller.grid.select_all)
        menu.addAction(tr("Invert the selection") + "\tCtrl+I", controller.grid.invert)
        menu.addSeparator()
        for action in suggestion_actions(controller, of_selection=True):
            item = menu.addAction(f"{action.shown_text}\t{action.shown_shortcut}", partial(Action.trigger, action))
            item.setEnabled(action.enabled_when())
        return menu

    def _split(self, anchor: QWidget) -> None:
        panel = SplitPanel(self.window(), anchor, self.theme, self.context)
        panel.open(panel.train)
