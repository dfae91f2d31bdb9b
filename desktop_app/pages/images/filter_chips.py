"""The filter chips, always in step with the query line, and the menu of those that are not in use."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, cast

from PySide6.QtWidgets import QMenu, QWidget

from core.domain.query import SampleQuery
from core.translation import tr
from desktop_app.pages.images.bounds_panel import TypedPanel
from desktop_app.pages.images.controller import ImagesController
from desktop_app.pages.images.filter_terms import (
    RANGES,
    chosen,
    flags,
    kept_out,
    with_bounds,
    with_flags,
    with_names,
    with_terms,
)
from desktop_app.pages.images.filters import (
    FILTERS,
    Filter,
    choices_of,
    is_list,
    is_offered,
    range_fields,
    shown_values,
)
from desktop_app.theme import Theme
from desktop_app.widgets.chips import Chip
from desktop_app.widgets.choice_panel import ChoicePanel
from desktop_app.widgets.filter_chip import FilterChip
from desktop_app.widgets.flow import FlowLayout
from desktop_app.widgets.overlay import Overlay


class FilterChips(QWidget):
    """The chips that are in use or used most, and “Add filter” for the others; they wrap where there is no room."""

    def __init__(self, controller: ImagesController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._theme = controller, theme
        self._opened = ""
        self._chips = {wanted.field: self._chip(wanted) for wanted in FILTERS}
        self.chosen = FilterChip(theme, tr("images"), self._drop_ids, self._drop_ids)
        self.add = Chip(tr("Filter"), self._open_menu)
        self.add.setAccessibleName(tr("Add filter"))
        self.add.setToolTip(tr("Add filter"))
        self.add.setIcon(theme.icon("plus", "muted"))
        flow = self._flow = FlowLayout(self, spacing=theme.px(6))
        for chip in (*self._chips.values(), self.chosen, self.add):
            flow.addWidget(chip)
        controller.query_changed.connect(self._refresh)
        controller.labels_changed.connect(self._refresh)
        controller.words.changed.connect(self._refresh)
        self._refresh()

    def chip(self, field: str) -> FilterChip:
        """Return the chip of a field of the query line."""
        return self._chips[field]

    def leave_room(self, width_px: int) -> None:
        """Keep room free at the end of the first line."""
        if width_px != self._flow.reserved:
            self._flow.reserved = width_px
            self._flow.invalidate()

    def menu(self) -> QMenu:
        """Return the menu of the filters that the project can be filtered by and that are not shown."""
        menu = QMenu(self)
        for wanted in FILTERS:
            if not self._is_shown(wanted) and is_offered(wanted, self._controller):
                menu.addAction(tr(wanted.name).capitalize(), partial(self.open_filter, wanted.field))
        return menu

    def open_filter(self, field: str) -> None:
        """Show the chip of a field, whether it is in use or not, and open its panel."""
        self._controller.words.want()
        self._opened = field
        self._refresh()
        self._flow.activate()
        panel = self._panel(field)
        panel.closed.connect(self._panel_closed)
        cast("Any", panel).open_panel()

    def _chip(self, wanted: Filter) -> FilterChip:
        opened = partial(self.open_filter, wanted.field)
        return FilterChip(self._theme, tr(wanted.name), opened, partial(self._clear, wanted.field))

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.popup(self.add.mapToGlobal(self.add.rect().bottomLeft()))
        menu.aboutToHide.connect(menu.deleteLater)

    def _is_shown(self, wanted: Filter) -> bool:
        if self._opened == wanted.field or shown_values(wanted.field, self._controller.query):
            return True
        return wanted.always and is_offered(wanted, self._controller)

    def _refresh(self) -> None:
        query = self._controller.query
        for wanted in FILTERS:
            chip = self._chips[wanted.field]
            chip.show_values(shown_values(wanted.field, query))
            chip.setVisible(self._is_shown(wanted))
        # Set from elsewhere, such as a cell of the confusion matrix; here it can only be taken off.
        self.chosen.setVisible(query.ids is not None)
        self.chosen.show_values([f"{len(query.ids):,}"] if query.ids is not None else [])
        self.updateGeometry()

    def _panel_closed(self) -> None:
        self._opened = ""
        self._refresh()

    def _panel(self, field: str) -> Overlay:
        chip, query, window = self._chips[field], self._controller.query, self.window()
        if field in RANGES:
            fields, hint = range_fields(field, query)
            use = partial(self._use_bounds, field)
            return TypedPanel(window, chip, self._theme, fields, use, hint=hint, upper_percent=field == "conf")
        if field == "name":
            fields = [(tr("file name"), "; ".join(query.names), "*03*")]
            hint = tr("Any part of the name, or a pattern with * and ?; several between semicolons.")
            return TypedPanel(window, chip, self._theme, fields, self._use_names, hint=hint)
        ticked: Sequence[object]
        if field == "is":
            ticked, barred = flags(query), ()
        elif field == "run":
            ticked, barred = ((query.run,) if query.run is not None else ()), ()
        else:
            ticked, barred = chosen(query, field), kept_out(query, field)
        panel = ChoicePanel(
            window,
            chip,
            self._theme,
            chip.accessibleName(),
            choices_of(field, self._controller, self._theme),
            partial(self._use_choices, field),
            ticked=ticked,
            barred=barred,
            can_bar=is_list(field),
        )
        panel.single = field == "run"
        return panel

    # -- what is done with them

    def _set(self, change: Callable[[SampleQuery], SampleQuery]) -> None:
        self._controller.set_query(change(self._controller.query))

    def _use_choices(self, field: str, ticked: list[Any], barred: list[Any]) -> None:
        if field == "is":
            self._set(lambda query: with_flags(query, ticked))
        elif field == "run":
            self._set(lambda query: replace(query, run=ticked[0] if ticked else None))
        else:
            self._set(lambda query: with_terms(query, field, ticked, barred))

    def _use_bounds(self, field: str, values: list[str]) -> None:
        self._set(lambda query: with_bounds(query, field, *values))

    def _use_names(self, values: list[str]) -> None:
        self._set(lambda query: with_names(query, values[0]))

    def _clear(self, field: str) -> None:
        if field in RANGES:
            self._use_bounds(field, ["", ""])
        elif field == "name":
            self._set(lambda query: with_terms(query, "name", ()))
        else:
            self._use_choices(field, [], [])

    def _drop_ids(self) -> None:
        self._set(lambda query: replace(query, ids=None))
