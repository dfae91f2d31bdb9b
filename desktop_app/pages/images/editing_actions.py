"""What is said of images beside their label, as actions: states with a reason, tags, and the split they are kept in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu, QWidget
from shiboken6 import isValid

from core.domain.samples import SampleState, Split
from core.domain.task import Task
from core.store.chosen import with_their_groups
from core.store.tags import recent_reasons
from core.translation import mark, tr, tr_n
from desktop_app.actions import Action
from desktop_app.pages.images.accepting import accept_suggestions
from desktop_app.pages.images.reason_panel import ReasonPanel
from desktop_app.pages.images.tag_panel import TagPanel
from desktop_app.widgets.label_pill import glyph_icon

if TYPE_CHECKING:
    from desktop_app.pages.images.controller import ImagesController
    from desktop_app.theme import Theme

_MOST_LABELS: Final = 20
_STATE_KEYS: Final = {SampleState.UNCERTAIN: "U", SampleState.UNGRADABLE: "G"}


class SampleEditing:
    """Opens the panels over `host` and makes the actions and the menu; what is edited is in the controller."""

    def __init__(self, controller: ImagesController, theme: Theme, host: QWidget) -> None:
        self._controller, self._theme, self._host = controller, theme, host

    def actions(self) -> Sequence[Action]:
        """Return the actions on the selection."""
        controller, editing = self._controller, self._controller.editing

        def chosen() -> bool:
            return controller.grid.selected_count > 0

        uncertain, ungradable = SampleState.UNCERTAIN, SampleState.UNGRADABLE
        none_of = Action("images.none_of", mark("None of these labels"), editing.none_of_these, page_key="0")
        return (
            *([replace(none_of, enabled_when=chosen)] if controller.task is Task.MULTI else ()),
            Action("images.tag", mark("Tag the selection…"), self.ask_for_tags, "tag", "", chosen, page_key="T"),
            self._state(uncertain, mark("Mark as uncertain…"), chosen),
            self._state(ungradable, mark("Mark as ungradable…"), chosen),
            Action(
                "images.uncertain_again",
                mark("Mark as uncertain, for the last reason"),
                partial(editing.repeat_state, uncertain),
                enabled_when=chosen,
                page_key="Shift+U",
            ),
            Action(
                "images.ungradable_again",
                mark("Mark as ungradable, for the last reason"),
                partial(editing.repeat_state, ungradable),
                enabled_when=chosen,
                page_key="Shift+G",
            ),
            Action(
                "images.certain", mark("Certain again"), partial(editing.set_state, SampleState.NONE), "", "", chosen
            ),
            *(
                Action(f"images.pin_{split or 'off'}", words, partial(editing.pin, split), "lock", "", chosen)
                for split, words in _PINS
            ),
        )

    def add_to_menu(self, menu: QMenu) -> None:
        """Add the actions to the context menu of the selection."""
        controller, editing = self._controller, self._controller.editing
        self._add_labels(menu)
        menu.addSeparator()
        menu.addAction(self._theme.icon("tag"), tr("Tag…") + "\tT", self.ask_for_tags)
        for state, words in ((SampleState.UNCERTAIN, tr("Uncertain…")), (SampleState.UNGRADABLE, tr("Ungradable…"))):
            menu.addAction(f"{words}\t{_STATE_KEYS[state]}", partial(self.ask_for_state, state))
        certain = menu.addAction(tr("Certain again"), partial(editing.set_state, SampleState.NONE))
        facts = controller.selection.facts
        certain.setEnabled(facts.states.get(SampleState.NONE, 0) < facts.count)
        pins = menu.addMenu(self._theme.icon("lock"), tr("Keep in a split"))
        reach = pins.addAction(tr("Whole groups go along: counting…"))
        reach.setEnabled(False)
        pins.addSeparator()
        for split, words in _PINS:
            item = pins.addAction(tr(words), partial(editing.pin, split))
            item.setEnabled(split is not None or facts.pinned > 0)
        self._say_reach(pins, controller.editing.chosen_ids())
        exclude = tr("Exclude, or include again") + "\tDel"
        menu.addAction(self._theme.icon("exclude"), exclude, editing.exclude)

    def _add_labels(self, menu: QMenu) -> None:
        controller, editing = self._controller, self._controller.editing
        many, facts = controller.task is Task.MULTI, controller.selection.facts
        for label in controller.labels[:_MOST_LABELS]:
            words = label.name.replace("&", "&&")
            shown = f"{words}\t{label.key.upper()}" if label.key else words
            item = menu.addAction(shown, partial(editing.press_label, label.name))
            item.setCheckable(many)
            if many:
                item.setChecked(0 < facts.labels.get(label.id, 0) == facts.count)
            else:
                item.setIcon(glyph_icon(self._theme, label.colour, label.glyph))
        if many:
            menu.addAction(tr("None of these") + "\t0", editing.none_of_these)
        nothing = tr("Not known yet") if many else tr("No label")
        menu.addAction(f"{nothing}\t⌫", lambda: editing.give_label(None))

    def key(self, event: QKeyEvent, *, of_current: bool) -> bool:
        """Do what a key does to the selection (or to the current sample alone); return whether it does anything."""
        if event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier):
            return False
        editing = self._controller.editing
        label = self._controller.label_for_key(event.text()) if event.text() else None
        match event.key():
            case Qt.Key.Key_Backspace:
                editing.give_label(None, only_current=of_current)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                return accept_suggestions(self._controller, only_current=of_current)
            case Qt.Key.Key_Delete:
                editing.exclude(only_current=of_current)
            case _ if label is not None:
                editing.press_label(label.name, only_current=of_current)
            case _:
                return self._letter(event, of_current)
        return True

    def _letter(self, event: QKeyEvent, of_current: bool) -> bool:
        again = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        states = {Qt.Key.Key_U: SampleState.UNCERTAIN, Qt.Key.Key_G: SampleState.UNGRADABLE}
        state = states.get(Qt.Key(event.key()))
        if state is not None and again:
            self._controller.editing.repeat_state(state, only_current=of_current)
        elif state is not None:
            self.ask_for_state(state, only_current=of_current)
        elif event.key() == Qt.Key.Key_T and not again:
            self.ask_for_tags(only_current=of_current)
        elif event.key() == Qt.Key.Key_0 and self._controller.task is Task.MULTI:
            self._controller.editing.none_of_these(only_current=of_current)
        else:
            return False
        return True

    def ask_for_tags(self, *, only_current: bool = False) -> None:
        """Open the panel that toggles tags."""
        ids = self._controller.editing.chosen_ids(only_current=only_current)
        if not len(ids):
            self._controller.context.message.emit(tr("Select images first."))
            return
        panel = TagPanel(self._host.window(), self._theme, self._controller, ids)
        panel.open(panel.line)

    def ask_for_state(self, state: SampleState, *, only_current: bool = False) -> None:
        """Open the panel that asks for the reason."""
        controller = self._controller
        project, ids = controller.context.project, controller.editing.chosen_ids(only_current=only_current)
        if project is None or not len(ids):
            controller.context.message.emit(tr("Select images first."))
            return
        editing = controller.editing
        panel = ReasonPanel(
            self._host.window(),
            self._theme,
            state,
            len(ids),
            recent_reasons(project),
            again=f"Shift+{_STATE_KEYS[state]}",
        )
        panel.given.connect(lambda reason: editing.set_state(state, reason, only_current=only_current))
        panel.cleared.connect(lambda: editing.set_state(SampleState.NONE, only_current=only_current))
        panel.open(panel.line)

    def _state(self, state: SampleState, words: str, chosen: Callable[[], bool]) -> Action:
        handler = partial(self.ask_for_state, state)
        return Action(f"images.{state}", words, handler, "help", "", chosen, page_key=_STATE_KEYS[state])

    def _say_reach(self, menu: QMenu, ids: NDArray[np.int64]) -> None:
        """Say in the first line of the menu, as soon as it is known, how many images a pin would keep."""
        project = self._controller.context.project
        if project is None or not len(ids):
            return

        def say(reach: int) -> None:
            if isValid(menu):
                words = tr_n("With their whole groups: {n} image", "With their whole groups: {n} images", reach)
                menu.actions()[0].setText(words)

        self._controller.context.tasks.run(
            tr("Counting"), lambda _: with_their_groups(project, ids), done=say, quiet=True
        )


_PINS: Final = (
    (Split.TRAIN, mark("Keep in train")),
    (Split.VAL, mark("Keep in val")),
    (Split.TEST, mark("Keep in test")),
    (None, mark("Let the split go again")),
)
