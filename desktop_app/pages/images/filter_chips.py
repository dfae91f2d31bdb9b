"""The filter chips: label, split, group and state, each a panel of choices; always in step with the query line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, cast

from PySide6.QtWidgets import QWidget

from core.domain.labels import UNLABELLED_COLOUR
from core.domain.query import SampleQuery
from core.domain.samples import Split
from core.translation import mark, tr
from desktop_app.pages.images.controller import ImagesController
from desktop_app.pages.images.tiles import SPLIT_NAMES
from desktop_app.theme import Theme
from desktop_app.widgets.basics import row
from desktop_app.widgets.choice_panel import Choice, ChoicePanel
from desktop_app.widgets.filter_chip import FilterChip
from desktop_app.widgets.label_pill import glyph_icon

_Change = Callable[[SampleQuery, Sequence[object]], SampleQuery]
_STATES: Final[dict[tuple[bool | None, bool | None], str]] = {
    (False, True): mark("unreadable"),
    (False, False): mark("readable"),
    (True, None): mark("excluded"),
    (None, None): mark("also excluded"),
}


class FilterChips(QWidget):
    """The chips, side by side."""

    def __init__(self, controller: ImagesController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._theme = controller, theme
        self.label = self._chip(tr("label"), self._label_choices, _with_labels)
        self.split = self._chip(tr("split"), self._split_choices, _with_splits)
        self.group = self._chip(tr("group"), self._group_choices, _with_groups)
        self.state = FilterChip(theme, tr("state"), self._open_states, lambda: self._set_state((False, None)))
        self.chosen = FilterChip(theme, tr("images"), self._drop_ids, self._drop_ids)
        self.setLayout(row(self.label, self.split, self.group, self.state, self.chosen, spacing=theme.px(8)))
        controller.query_changed.connect(self._refresh)
        controller.labels_changed.connect(self._refresh)
        self._refresh()

    def _chip(self, name: str, choices: Callable[[], list[Choice]], change: _Change) -> FilterChip:
        def use(values: Sequence[object]) -> None:
            self._controller.set_query(change(self._controller.query, values))

        def open_panel() -> None:
            ChoicePanel(self.window(), chip, self._theme, name, choices(), use).open_panel()

        chip = FilterChip(self._theme, name, open_panel, lambda: use([]))
        return chip

    def _refresh(self) -> None:
        query = self._controller.query
        self.label.show_values([tr("none") if name is None else name for name in query.labels])
        self.split.show_values([tr(SPLIT_NAMES[split]) for split in query.splits])
        self.group.show_values([tr("none") if name is None else name for name in query.groups])
        self.group.setVisible(bool(self._controller.groups or query.groups))
        # Set from elsewhere, such as a cell of the confusion matrix; here it can only be taken off.
        self.chosen.setVisible(query.ids is not None)
        self.chosen.show_values([f"{len(query.ids):,}"] if query.ids is not None else [])
        state = (query.excluded, query.unreadable)
        words = _STATES.get(state, mark("other")) if state != (False, None) else ""
        self.state.show_values([tr(words)] if words else [])

    def _label_choices(self) -> list[Choice]:
        chosen = self._controller.query.labels
        choices = [
            Choice(label.name, label.name, label.name in chosen, glyph_icon(self._theme, label.colour, label.glyph))
            for label in self._controller.labels
        ]
        return [*choices, Choice(None, tr("no label"), None in chosen, glyph_icon(self._theme, *UNLABELLED_COLOUR))]

    def _split_choices(self) -> list[Choice]:
        chosen = self._controller.query.splits
        order = (Split.TRAIN, Split.VAL, Split.TEST, Split.NONE)
        return [Choice(split, tr(SPLIT_NAMES[split]), split in chosen) for split in order]

    def _group_choices(self) -> list[Choice]:
        chosen = set(self._controller.query.groups)
        return [Choice(name, name, name in chosen) for name in self._controller.groups]

    def _open_states(self) -> None:
        now = (self._controller.query.excluded, self._controller.query.unreadable)
        choices = [Choice(state, tr(words), state == now) for state, words in _STATES.items()]
        panel = ChoicePanel(self.window(), self.state, self._theme, tr("state"), choices, self._use_states)
        panel.single = True
        panel.open_panel()

    def _use_states(self, values: Sequence[object]) -> None:
        state = cast("tuple[bool | None, bool | None]", values[0]) if values else (False, None)
        self._set_state(state)

    def _set_state(self, state: tuple[bool | None, bool | None]) -> None:
        query: SampleQuery = self._controller.query
        self._controller.set_query(replace(query, excluded=state[0], unreadable=state[1]))

    def _drop_ids(self) -> None:
        self._controller.set_query(replace(self._controller.query, ids=None))


def _with_labels(query: SampleQuery, values: Sequence[object]) -> SampleQuery:
    return replace(query, labels=tuple(value if value is None else str(value) for value in values))


def _with_splits(query: SampleQuery, values: Sequence[object]) -> SampleQuery:
    return replace(query, splits=tuple(value for value in values if isinstance(value, Split)))


def _with_groups(query: SampleQuery, values: Sequence[object]) -> SampleQuery:
    return replace(query, groups=tuple(str(value) for value in values))
