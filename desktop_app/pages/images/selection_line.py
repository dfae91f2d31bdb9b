"""A line about the selection, where there is more to it than the grid shows: all of many, or some that are hidden."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtWidgets import QWidget

from core.domain.query import SampleQuery
from core.domain.sample_ids import SampleIds
from core.translation import mark, tr, tr_n
from desktop_app.actions import Action
from desktop_app.pages.images.controller import ImagesController
from desktop_app.theme import Theme
from desktop_app.widgets.basics import button, row, text


def select_all_words(controller: ImagesController) -> str:
    """Return such as “Select all 41,312 that match”."""
    if not controller.is_filtered():
        return tr_n("Select the one image", "Select all {n} images", len(controller.grid))
    return tr_n("Select the one that matches", "Select all {n} that match", len(controller.grid))


def show_hidden(controller: ImagesController) -> None:
    """Show all that are selected, and nothing else."""
    grid = controller.grid
    every = np.concatenate([grid.selected_ids, grid.hidden_ids])
    if len(every):
        controller.set_query(SampleQuery(ids=SampleIds(every), excluded=None))


def hidden_actions(controller: ImagesController) -> Sequence[Action]:
    """Return what can be done about selected images that the query hides."""

    def is_hidden() -> bool:
        return controller.grid.hidden_count > 0

    return (
        Action(
            "images.show_selected",
            mark("Show all that are selected"),
            lambda: show_hidden(controller),
            "eye",
            enabled_when=lambda: is_hidden() or controller.grid.selected_count > 0,
        ),
        Action(
            "images.drop_hidden",
            mark("Let go of the selected that are hidden"),
            controller.grid.drop_hidden,
            "close",
            enabled_when=is_hidden,
        ),
    )


class SelectionLine(QWidget):
    """Says that all that match are selected, or that some of the selected are hidden, with what can be done."""

    def __init__(self, controller: ImagesController, theme: Theme) -> None:
        super().__init__()
        self._controller = controller
        self.words = text("", "muted")
        self.show_button = button(tr("Show them"), lambda: show_hidden(controller), kind="link")
        self.drop = button(tr("Let go of them"), controller.grid.drop_hidden, kind="link")
        self.none = button(tr("Select none"), controller.grid.select_none, kind="link")
        self.setLayout(row(self.words, self.show_button, self.drop, self.none, None, spacing=theme.px(12)))
        controller.grid.selection_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self) -> None:
        grid = self._controller.grid
        is_all = grid.selected_count == len(grid) > 1
        parts = []
        if is_all and self._controller.is_filtered():
            parts.append(tr_n("{n} that matches is selected", "All {n} that match are selected", grid.selected_count))
        elif is_all:
            parts.append(tr_n("{n} image is selected", "All {n} images are selected", grid.selected_count))
        if grid.hidden_count:
            parts.append(tr_n("{n} more selected, hidden", "{n} more selected, hidden", grid.hidden_count))
        self.words.setText(" · ".join(parts))
        self.show_button.setVisible(grid.hidden_count > 0)
        self.drop.setVisible(grid.hidden_count > 0)
        self.none.setVisible(is_all)
        self.setVisible(bool(parts))
