"""The labels at the right: how many samples each has, and the ways to give, rename, recolour and make them."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QColorDialog, QHBoxLayout, QLineEdit, QMenu, QVBoxLayout, QWidget

from core.domain.labels import LABEL_COLOURS, Label
from core.domain.query import SampleQuery
from core.translation import tr
from desktop_app.pages.images.controller import ImagesController
from desktop_app.pages.images.label_row import LabelRow, unlabelled_row
from desktop_app.theme import Theme
from desktop_app.widgets.basics import SectionTitle, row, text
from desktop_app.widgets.label_pill import glyph_icon

_ROOMY: Final = 5
"""With more labels than this their rows take less height, so that the sample below stays in sight."""


class LabelPanel(QWidget):
    """The labels of the project; made anew only where the list itself changes."""

    def __init__(self, controller: ImagesController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._theme = controller, theme
        self._rows: list[LabelRow] = []
        self._list = QVBoxLayout()
        self._list.setSpacing(0)
        self._shown: tuple[Label, ...] | None = None
        self._unlabelled = unlabelled_row(theme)
        self._unlabelled.chosen.connect(lambda: controller.editing.give_label(None))
        self._offer_menu(self._unlabelled, None)
        self._hint = text(tr("Press a label’s key to give it to the selected images."), "small", wrap=True)
        self.new_label = QLineEdit()
        self.new_label.setPlaceholderText(tr("New label"))
        self.new_label.setAccessibleName(tr("New label"))
        self.new_label.setToolTip(tr("Type a name and press Enter: the label is made and given to the selection."))
        self.new_label.returnPressed.connect(self._make_label)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(6))
        layout.addLayout(self._inset(SectionTitle(tr("Labels"), theme)))
        layout.addLayout(self._list)
        layout.addWidget(self._unlabelled)
        layout.addLayout(self._inset(self._hint))
        layout.addLayout(self._inset(self.new_label))
        controller.labels_changed.connect(self._refresh)
        self._refresh()

    def rows(self) -> list[LabelRow]:
        """Return the rows, in the labels' order."""
        return list(self._rows)

    def _inset(self, widget: QWidget) -> QHBoxLayout:
        inset = row(widget)
        inset.setContentsMargins(self._theme.px(8), 0, self._theme.px(8), 0)
        return inset

    def _refresh(self) -> None:
        labels = tuple(self._controller.labels)
        if labels != self._shown:
            self._build(labels)
        counts = self._controller.counts
        by_name = counts.labels if counts is not None else {}
        unlabelled = counts.unlabelled if counts is not None else 0
        most = max([1, unlabelled, *by_name.values()])
        for label, shown in zip(labels, self._rows, strict=True):
            count = by_name.get(label.name, 0)
            shown.show_figures(count, count / most, label.key)
            shown.set_compact(len(labels) > _ROOMY)
        self._unlabelled.set_compact(len(labels) > _ROOMY)
        self._unlabelled.show_figures(unlabelled, unlabelled / most, "⌫")
        self._unlabelled.setToolTip(tr("Click, or drop images here, to take their label away."))
        self._unlabelled.setVisible(unlabelled > 0)
        self._hint.setVisible(bool(labels) and unlabelled > 0)

    def _build(self, labels: tuple[Label, ...]) -> None:
        for old in self._rows:
            self._list.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._rows = [self._row(label) for label in labels]
        self._shown = labels

    def _row(self, label: Label) -> LabelRow:
        made = LabelRow(self._theme, label.name, label.colour, label.glyph)
        made.chosen.connect(lambda: self._controller.editing.give_label(label.name))
        made.key_pressed.connect(lambda key: self._controller.editing.set_label_key(label.name, key))
        self._offer_menu(made, label)
        self._list.addWidget(made)
        return made

    def _make_label(self) -> None:
        name = self.new_label.text().strip()
        if name:
            self._controller.editing.add_label(name)
            self.new_label.clear()
            self._controller.focus_grid.emit()

    def _offer_menu(self, target: LabelRow, label: Label | None) -> None:
        target.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        target.customContextMenuRequested.connect(lambda point: self._menu(target, label, target.mapToGlobal(point)))

    def _menu(self, target: LabelRow, label: Label | None, where: QPoint) -> None:
        menu = self.menu_of(target, label)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(where)

    def menu_of(self, target: LabelRow, label: Label | None) -> QMenu:
        """Return the context menu of a row."""
        menu, controller = QMenu(self), self._controller
        name = label.name if label is not None else None
        menu.addAction(tr("Show only these images"), lambda: controller.set_query(SampleQuery(labels=(name,))))
        if label is not None:
            menu.addSeparator()
            menu.addAction(tr("Rename"), lambda: self._rename(target, label))
            colours = menu.addMenu(tr("Colour"))
            for colour, _ in LABEL_COLOURS:
                action = colours.addAction(glyph_icon(self._theme, colour, label.glyph), colour)
                action.triggered.connect(lambda _=False, c=colour: controller.editing.recolour_label(label.name, c))
            colours.addSeparator()
            colours.addAction(tr("Other…"), lambda: self._other_colour(label))
            menu.addAction(tr("Set key"), target.ask_for_key)
        return menu

    def _other_colour(self, label: Label) -> None:
        chosen = QColorDialog.getColor(label.colour, self, tr("Colour of “{label}”", label=label.name))
        if chosen.isValid():
            self._controller.editing.recolour_label(label.name, chosen.name().upper())

    def _rename(self, target: LabelRow, label: Label) -> None:
        field = QLineEdit(label.name, target)
        field.setAccessibleName(tr("New name of “{label}”", label=label.name))
        field.setGeometry(0, 0, target.width(), self._theme.px(30))
        field.selectAll()
        field.show()
        field.setFocus()

        def finish() -> None:
            field.editingFinished.disconnect(finish)  # losing the focus while it goes away would finish again
            name = field.text().strip()
            field.hide()
            field.deleteLater()
            if name and name != label.name:
                self._controller.editing.rename_label(label.name, name)

        field.editingFinished.connect(finish)
