"""The menus of the label panel: of one label, and of the whole list; and the questions that some of it asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QColorDialog, QMenu, QWidget

from core.domain.labels import LABEL_COLOURS, Label, as_tree, descendants
from core.store.chosen import having_label
from core.translation import mark, tr
from desktop_app.pages.images.controller import ImagesController
from desktop_app.pages.images.label_showing import show_label
from desktop_app.pages.images.merge_panel import MergePanel
from desktop_app.pages.images.task_panel import TaskPanel
from desktop_app.theme import Theme
from desktop_app.widgets.choice_panel import Choice, ChoicePanel, among
from desktop_app.widgets.label_pill import glyph_icon

# The palette's colours in words, in its order: a colour must be told by more than itself.
COLOUR_NAMES = (
    mark("blue"),
    mark("vermilion"),
    mark("green"),
    mark("purple-pink"),
    mark("orange"),
    mark("sky blue"),
    mark("ochre"),
    mark("violet"),
)


class LabelMenu:
    """Makes the menus; `panel` is what they belong to."""

    def __init__(self, controller: ImagesController, theme: Theme, panel: QWidget) -> None:
        self._controller, self._theme, self._panel = controller, theme, panel

    def of_list(self) -> QMenu:
        """Return the menu of the whole list."""
        menu, controller = QMenu(self._panel), self._controller
        labels, editing = controller.labels, controller.editing
        menu.addAction(tr("Labels per image…"), self.ask_for_task)
        menu.addSeparator()
        by_name = sorted(labels, key=lambda label: label.name.casefold())
        by_count = sorted(labels, key=lambda label: -controller.totals.get(label.id, 0))
        for words, order in ((tr("Sort by name"), by_name), (tr("Sort by number of images"), by_count)):
            names = [label.name for label in order]
            action = menu.addAction(words, partial(editing.sort_labels, names))
            action.setEnabled(len(labels) > 1)
        parents = {label.parent_id for label in labels if label.parent_id is not None}
        if parents:
            menu.addSeparator()
            menu.addAction(tr("Fold all"), lambda: self._fold(parents))
            menu.addAction(tr("Unfold all"), lambda: self._fold(set()))
        return menu

    def of_label(
        self, label: Label | None, anchor: QWidget, *, rename: Callable[[], object], set_key: Callable[[], object]
    ) -> QMenu:
        """Return the menu of a label, or of those without one."""
        menu, controller = QMenu(self._panel), self._controller
        name = label.name if label is not None else None
        menu.addAction(tr("Show only these images"), lambda: show_label(controller, name))
        if label is None:
            return menu
        menu.addSeparator()
        menu.addAction(tr("Rename") + "\tF2", rename)
        self._looks(menu, label)
        menu.addAction(tr("Set key"), set_key)
        menu.addSeparator()
        several = len(controller.labels) > 1
        menu.addAction(tr("Merge into…"), lambda: self.choose_merge(label, anchor)).setEnabled(several)
        menu.addAction(tr("Put below…"), lambda: self._choose_parent(label, anchor)).setEnabled(several)
        self._moves(menu, label)
        menu.addSeparator()
        unused = not controller.totals.get(label.id) and not self._children(label)
        remove = menu.addAction(
            self._theme.icon("trash"), tr("Remove"), lambda: controller.editing.remove_label(label.name)
        )
        remove.setEnabled(unused)
        if not unused:
            remove.setText(tr("Remove (only where no image has it)"))
        return menu

    def ask_to_merge(self, name: str, into: str) -> None:
        """Say what merging would do, and do it if the user wants it."""
        controller = self._controller
        project = controller.context.project
        label = next((label for label in controller.labels if label.name == name), None)
        if project is None or label is None:
            return
        below = len(self._children(label))

        def ask(images: int) -> None:
            panel = MergePanel(self._panel.window(), self._theme, name, into, images, below)
            panel.accepted.connect(lambda: controller.editing.merge_labels([name], into))
            panel.open(panel.merge)

        controller.context.tasks.run(tr("Counting"), lambda _: having_label(project, label.id), done=ask, quiet=True)

    def ask_for_task(self) -> None:
        """Let the user choose how many labels an image has."""
        panel = TaskPanel(self._panel.window(), self._theme, self._controller.task)
        panel.chosen.connect(self._controller.editing.set_task)
        panel.open(panel.chosen_button())

    def choose_label(self, anchor: QWidget, title: str, done: Callable[[Label], object]) -> ChoicePanel:
        """Let the user choose one of the labels, and go on with it."""
        choices = [
            Choice(one.name, one.name, self._icon(one), depth=depth) for one, depth in as_tree(self._controller.labels)
        ]
        by_name = {one.name: one for one in self._controller.labels}
        return self._choose(anchor, title, choices, lambda name: done(by_name[str(name)]))

    def choose_merge(self, label: Label, anchor: QWidget) -> ChoicePanel:
        """Let the user choose what a label is merged into; it is asked for before anything is done."""
        others = [one for one, _ in as_tree(self._controller.labels) if one.id != label.id]
        choices = [Choice(one.name, one.name, self._icon(one)) for one in others]
        title = tr("Merge “{label}” into", label=label.name)
        return self._choose(anchor, title, choices, lambda chosen: self.ask_to_merge(label.name, str(chosen)))

    def choose_colour(self, label: Label, anchor: QWidget) -> ChoicePanel:
        """Let the user choose the colour of a label."""
        choices = [
            Choice(colour, tr(words), glyph_icon(self._theme, colour, label.glyph))
            for (colour, _), words in zip(LABEL_COLOURS, COLOUR_NAMES, strict=True)
        ]
        title = tr("Colour of “{label}”", label=label.name)
        recolour = self._controller.editing.recolour_label
        return self._choose(anchor, title, choices, lambda chosen: recolour(label.name, str(chosen)), [label.colour])

    def _looks(self, menu: QMenu, label: Label) -> None:
        colours, glyphs, editing = menu.addMenu(tr("Colour")), menu.addMenu(tr("Sign")), self._controller.editing
        for (colour, glyph), words in zip(LABEL_COLOURS, COLOUR_NAMES, strict=True):
            action = colours.addAction(glyph_icon(self._theme, colour, label.glyph), tr(words))
            action.triggered.connect(lambda _=False, c=colour: editing.recolour_label(label.name, c))
            action.setCheckable(True)
            action.setChecked(colour == label.colour)
            action = glyphs.addAction(glyph_icon(self._theme, label.colour, glyph), glyph)
            action.triggered.connect(lambda _=False, g=glyph: editing.reglyph_label(label.name, g))
            action.setCheckable(True)
            action.setChecked(glyph == label.glyph)
        colours.addSeparator()
        colours.addAction(tr("Other…"), lambda: self._other_colour(label))

    def _other_colour(self, label: Label) -> None:
        chosen = QColorDialog.getColor(label.colour, self._panel, tr("Colour of “{label}”", label=label.name))
        if chosen.isValid():
            self._controller.editing.recolour_label(label.name, chosen.name().upper())

    def _moves(self, menu: QMenu, label: Label) -> None:
        """Offer with the keyboard what dragging does: one place up or down among those beside it."""
        controller = self._controller
        beside = [one for one in controller.labels if one.parent_id == label.parent_id]
        at, parent = beside.index(label), controller.labels_by_id.get(label.parent_id or 0)
        above = parent.name if parent is not None else None

        def move(before: int) -> None:
            name = beside[before].name if before < len(beside) else None
            controller.editing.move_label(label.name, above, name)

        menu.addAction(tr("Move up"), lambda: move(at - 1)).setEnabled(at > 0)
        menu.addAction(tr("Move down"), lambda: move(at + 2)).setEnabled(at + 1 < len(beside))

    def _children(self, label: Label) -> list[Label]:
        return [one for one in self._controller.labels if one.parent_id == label.id]

    def _choose_parent(self, label: Label, anchor: QWidget) -> None:
        controller = self._controller
        own = descendants(controller.labels, label.id)
        above = next((one.name for one in controller.labels if one.id == label.parent_id), None)
        choices = [Choice(None, tr("No other: to the top"))]
        choices += [
            Choice(one.name, one.name, self._icon(one), depth=depth)
            for one, depth in as_tree(controller.labels)
            if one.id not in own
        ]

        def put(chosen: object) -> None:
            controller.editing.move_label(label.name, None if chosen is None else str(chosen))

        self._choose(anchor, tr("Put “{label}” below", label=label.name), choices, put, [above])

    def _choose(
        self,
        anchor: QWidget,
        title: str,
        choices: list[Choice],
        done: Callable[[object], object],
        ticked: Sequence[object] = (),
    ) -> ChoicePanel:
        def changed(values: list[object], _: list[object]) -> None:
            if values:
                done(values[0])

        host = self._panel.window()
        panel = ChoicePanel(host, anchor, self._theme, title, among(choices), changed, ticked=ticked)
        panel.single = True
        panel.open_panel()
        return panel

    def _icon(self, label: Label) -> QIcon:
        return glyph_icon(self._theme, label.colour, label.glyph)

    def _fold(self, label_ids: set[int]) -> None:
        self._controller.label_list.folded = set(label_ids)
        self._controller.labels_changed.emit()
