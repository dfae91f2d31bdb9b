"""The labels at the right: a tree with how many samples each has, and the ways to give, make and arrange them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QVBoxLayout, QWidget

from core.domain.labels import UNLABELLED_COLOUR, Label
from core.domain.task import Task
from core.domain.window_keys import window_use
from core.translation import mark, tr
from desktop_app.actions import Action
from desktop_app.pages.images.controller import ImagesController
from desktop_app.pages.images.label_list import Line
from desktop_app.pages.images.label_look import COMPACT_PX, RowLook
from desktop_app.pages.images.label_menu import LabelMenu
from desktop_app.pages.images.label_row import DropPlace, LabelRow, Objection, unlabelled_row
from desktop_app.pages.images.label_showing import is_shown_alone, show_label
from desktop_app.theme import Theme
from desktop_app.widgets.basics import SectionTitle, icon_button, row, scrolling, text

_ROOMY: Final = 5
"""With more labels than this their rows take less height, so that the sample below stays in sight."""
_MOST_ROWS: Final = 12
"""With more rows than this their list scrolls by itself."""
_SEARCH_FROM: Final = 15


class RenameField(QLineEdit):
    """A name being changed in place: Enter or leaving takes it, Esc gives up."""

    def __init__(self, name: str, parent: QWidget, taken: Callable[[str], object]) -> None:
        super().__init__(name, parent)
        self._before, self._taken = name, taken
        self.setAccessibleName(tr("New name of “{label}”", label=name))
        self.selectAll()
        self.editingFinished.connect(self._finish)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Give up at Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.setText(self._before)
            self._finish()
        else:
            super().keyPressEvent(event)

    def _finish(self) -> None:
        if self.isHidden():
            return
        name = self.text().strip()
        self.hide()  # losing the focus finishes again
        self.deleteLater()
        if name and name != self._before:
            self._taken(name)


class LabelPanel(QWidget):
    """The labels of the project."""

    def __init__(self, controller: ImagesController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._theme = controller, theme
        self._rows: dict[int, LabelRow] = {}
        self._lines: list[Line] = []
        self.menu = LabelMenu(controller, theme, self)
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self._list.setContentsMargins(0, 0, 0, 0)
        inside = QWidget()
        inside.setLayout(self._list)
        self._area = scrolling(inside, name=tr("Labels"))
        self._unlabelled = unlabelled_row(theme)
        self._none_of_these = text("", "small", wrap=True)
        self._hint = text(tr("Press a label’s key to give it to the selected images."), "small", wrap=True)
        self.search = QLineEdit()
        self.new_label = QLineEdit()
        self._build()
        controller.labels_changed.connect(self._refresh)
        controller.query_changed.connect(self._refresh)
        controller.selection.changed.connect(self._refresh)
        self._refresh()

    def rows(self) -> list[LabelRow]:
        """Return the rows shown, in their order."""
        return [self._rows[line.label.id] for line in self._lines]

    def _build(self) -> None:
        theme, controller = self._theme, self._controller
        self.search.setPlaceholderText(tr("Search the labels"))
        self.search.setAccessibleName(tr("Search the labels"))
        self.search.setClearButtonEnabled(True)
        self.search.setText(controller.label_list.search)
        self.search.textChanged.connect(self._searched)
        self.new_label.setPlaceholderText(tr("New label"))
        self.new_label.setAccessibleName(tr("New label"))
        self.new_label.setToolTip(tr("Type a name and press Enter: the label is made and given to the selection."))
        self.new_label.returnPressed.connect(self._make_label)
        self._unlabelled.chosen.connect(lambda: controller.editing.give_label(None))
        self._unlabelled.dropped.connect(lambda: controller.editing.give_label(None))
        self._unlabelled.show_wanted.connect(lambda: show_label(controller, None))
        self._offer_menu(self._unlabelled, None)
        more = icon_button(theme.icon("more"), tr("More about labels"), None)
        more.clicked.connect(lambda: self.menu.of_list().popup(more.mapToGlobal(QPoint(0, more.height()))))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(6))
        layout.addLayout(self._inset(SectionTitle(tr("Labels"), theme), None, more))
        layout.addLayout(self._inset(self.search))
        layout.addWidget(self._area)
        layout.addWidget(self._unlabelled)
        layout.addLayout(self._inset(self._hint))
        layout.addLayout(self._inset(self.new_label))

    def _inset(self, *items: QWidget | None) -> QHBoxLayout:
        inset = row(*items)
        inset.setContentsMargins(self._theme.px(8), 0, self._theme.px(8), 0)
        return inset

    def _refresh(self) -> None:
        controller = self._controller
        labels = controller.labels
        if len(labels) < _SEARCH_FROM and controller.label_list.search:
            self.search.clear()
        self._show_lines(controller.label_list.lines(labels))
        unlabelled = controller.counts.unlabelled_shown if controller.counts is not None else 0
        tops = [controller.totals.get(label.id, 0) for label in labels]
        most, compact = max([1, unlabelled, *tops]), len(labels) > _ROOMY
        in_tree = any(label.parent_id is not None for label in labels) and not controller.label_list.search
        for line in self._lines:
            self._rows[line.label.id].show_look(replace(self._look(line, most), in_tree=in_tree, compact=compact))
        colour, glyph = UNLABELLED_COLOUR
        look = RowLook(tr("No label"), colour, glyph, count=unlabelled, share=unlabelled / most, key="⌫")
        many = controller.task is Task.MULTI
        name = tr("Not known yet") if many else tr("No label")
        alone = is_shown_alone(controller.query, None)
        self._unlabelled.show_look(replace(look, name=name, compact=compact, showing=alone))
        self._unlabelled.setVisible(unlabelled > 0)
        hint = tr("A label’s key gives it to the selected images, or takes it away. 0: none of these.")
        self._hint.setText(hint if many else tr("Press a label’s key to give it to the selected images."))
        self._hint.setVisible(bool(labels) and (many or unlabelled > 0))
        self.search.setVisible(len(labels) >= _SEARCH_FROM)

    def _look(self, line: Line, most: int) -> RowLook:
        controller, label = self._controller, line.label
        count = controller.totals.get(label.id, 0)
        ticked = None
        if controller.task is Task.MULTI:
            facts = controller.selection.facts
            having = facts.labels.get(label.id, 0)
            all_or_none = Qt.CheckState.Checked if having and having == facts.count else Qt.CheckState.Unchecked
            ticked = Qt.CheckState.PartiallyChecked if 0 < having < facts.count else all_or_none
        return RowLook(
            label.name,
            label.colour,
            label.glyph,
            depth=line.depth,
            folded=line.folded,
            count=count if controller.counts is not None else None,
            share=count / most,
            key=label.key,
            ticked=ticked,
            showing=is_shown_alone(controller.query, label.name),
        )

    def _show_lines(self, lines: list[Line]) -> None:
        """Have a row for every line, in their order; a label keeps its row while it is there."""
        if [line.label.id for line in lines] != [line.label.id for line in self._lines]:
            wanted = {line.label.id for line in lines}
            for gone in [i for i in self._rows if i not in wanted]:
                old = self._rows.pop(gone)
                self._list.removeWidget(old)
                old.hide()
                old.deleteLater()
            for place, line in enumerate(lines):
                made = self._rows.get(line.label.id)
                if made is None:
                    made = self._rows[line.label.id] = self._row(line.label)
                if self._list.indexOf(made) != place:
                    self._list.insertWidget(place, made)
        self._lines = lines
        height = self._theme.px(COMPACT_PX)
        scrolls = len(lines) > _MOST_ROWS
        shown = sum(row.sizeHint().height() for row in self.rows())
        self._area.setFixedHeight(height * _MOST_ROWS + height // 2 if scrolls else shown)
        self._area.setVisible(bool(lines))

    def _row(self, label: Label) -> LabelRow:
        label_id, controller = label.id, self._controller
        made = LabelRow(self._theme, RowLook(label.name, label.colour, label.glyph))
        made.chosen.connect(lambda: self._clicked(made.name))
        made.dropped.connect(lambda: controller.editing.give_label(made.name))
        made.show_wanted.connect(lambda: show_label(controller, made.name))
        made.fold_wanted.connect(lambda: self._fold(label_id))
        made.rename_wanted.connect(lambda: self.rename(made))
        made.key_pressed.connect(lambda key: controller.editing.set_label_key(made.name, key))
        made.label_dropped.connect(lambda name, place: self._label_dropped(name, label_id, DropPlace(place)))
        self._offer_menu(made, label_id)
        return made

    def _clicked(self, name: str) -> None:
        """Give the label to the selection; where nothing is selected, show the label's images."""
        # Whatever is typed is done: a query that was begun is asked, so that none is labelled that it does not find.
        self._controller.focus_grid.emit()
        if self._controller.grid.selected_count:
            self._controller.editing.press_label(name)
        else:
            show_label(self._controller, name)

    def _fold(self, label_id: int) -> None:
        self._controller.label_list.fold(label_id)
        self._refresh()

    def _searched(self, wanted: str) -> None:
        self._controller.label_list.search = wanted
        self._refresh()

    def _label_dropped(self, name: str, target_id: int, place: DropPlace) -> None:
        controller = self._controller
        target = controller.labels_by_id[target_id]
        if place is DropPlace.MERGE:
            self.menu.ask_to_merge(name, target.name)
        elif place is DropPlace.BELOW:
            controller.label_list.folded.discard(target_id)
            controller.editing.move_label(name, target.name)
        else:
            parent = controller.labels_by_id.get(target.parent_id or 0)
            before = target.name if place is DropPlace.BEFORE else self._next_sibling(target, name)
            controller.editing.move_label(name, parent.name if parent is not None else None, before)

    def _next_sibling(self, label: Label, moving: str) -> str | None:
        siblings = [one for one in self._controller.labels if one.parent_id == label.parent_id and one.name != moving]
        at = siblings.index(label) + 1
        return siblings[at].name if at < len(siblings) else None

    def _make_label(self) -> None:
        name = self.new_label.text().strip()
        if name:
            self._controller.editing.add_label(name)
            self.new_label.clear()
            self._controller.focus_grid.emit()

    def _offer_menu(self, target: LabelRow, label_id: int | None) -> None:
        target.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

        def show(point: QPoint) -> None:
            label = self._controller.labels_by_id.get(label_id) if label_id is not None else None
            menu = self.menu_of(target, label)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(target.mapToGlobal(point))

        target.customContextMenuRequested.connect(show)

    def menu_of(self, target: LabelRow, label: Label | None) -> QMenu:
        """Return the context menu of a row."""
        return self.menu.of_label(
            label, target, rename=partial(self.rename, target), set_key=partial(self.ask_for_key, target)
        )

    def ask_for_key(self, target: LabelRow) -> None:
        """Take the next key typed as that of a label, twice where something else has it."""
        target.ask_for_key(partial(self._conflict, target))

    def _conflict(self, target: LabelRow, key: str) -> Objection | None:
        if does := window_use(key, self._controller.task):
            return Objection(tr("{key} means “{action}”: press another", key=key.upper(), action=tr(does)), final=True)
        other = self._controller.label_for_key(key)
        if other is not None and other.name != target.name:
            return Objection(tr("{key} gives {label}: press again", key=key.upper(), label=other.name))
        return None

    def actions_table(self) -> Sequence[Action]:
        """Return what can be done with the labels, as actions: each asks for the label first."""

        def any_label() -> bool:
            return len(self._controller.labels) > 0

        def several() -> bool:
            return len(self._controller.labels) > 1

        return (
            Action("labels.rename", mark("Rename a label…"), self._ask_to_rename, "tag", "", any_label),
            Action("labels.merge", mark("Merge a label into another…"), self._ask_to_merge, "tag", "", several),
            Action("labels.colour", mark("Change the colour of a label…"), self._ask_for_colour, "tag", "", any_label),
        )

    def _ask_to_rename(self) -> None:
        self.menu.choose_label(self, tr("Rename a label"), self._rename_label)

    def _ask_to_merge(self) -> None:
        self.menu.choose_label(self, tr("Merge a label"), lambda label: self.menu.choose_merge(label, self))

    def _ask_for_colour(self) -> None:
        self.menu.choose_label(self, tr("Colour of a label"), lambda label: self.menu.choose_colour(label, self))

    def _rename_label(self, label: Label) -> None:
        """Rename a label in its row, which is brought into sight first."""
        self._controller.label_list.folded.clear()
        self.search.clear()
        self._refresh()
        target = self._rows[label.id]
        self._area.ensureWidgetVisible(target)
        self.rename(target)

    def rename(self, target: LabelRow) -> None:
        """Let the user type another name in a row."""
        name = target.name
        field = RenameField(name, target, lambda new: self._controller.editing.rename_label(name, new))
        field.setGeometry(0, 0, target.width(), min(target.height(), self._theme.px(30)))
        field.show()
        field.setFocus()
