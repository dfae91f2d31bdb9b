"""The passes: starting one, going on with one, and comparing those that were read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLineEdit, QSpinBox, QVBoxLayout, QWidget

from core.domain.readings import ReadingPass
from core.translation import tr
from desktop_app.pages.reading.controller import ReadingController
from desktop_app.theme import GRID, PAGE_MARGIN, Theme
from desktop_app.widgets.basics import boxed, button, inset, row, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.data_table import Cell, DataTable

_FORM_PX = 380
_MOST_IMAGES = 1_000_000


class HomeView(QWidget):
    """Where a reader begins."""

    def __init__(self, controller: ReadingController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._theme = controller, theme
        self.reader, self.line = QLineEdit(controller.draft.reader), QLineEdit(controller.draft.line)
        self.limit = self._number(tr("At most"), _MOST_IMAGES, controller.draft.limit)
        self.repeats = self._number(tr("Shown twice"), 50, controller.draft.repeats)
        self.start = button(tr("Start reading"), self._start, kind="primary", icon=theme.icon("play", "on_accent"))
        self.table = DataTable(
            theme,
            [tr("Pass"), tr("Reader"), tr("Read"), tr("State")],
            self._chosen,
            name=tr("Passes"),
            many=True,
            numbers=(2,),
        )
        self._build()
        controller.passes_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the passes."""
        controller = self._controller
        rows = [(str(one.id), _cells(one)) for one in reversed(controller.passes)]
        self.table.show_rows(rows, [str(pass_id) for pass_id in controller.chosen])
        for part in self._with_passes:
            part.setVisible(bool(rows))
        self._none.setVisible(not rows)
        self._enable()

    def _enable(self) -> None:
        chosen = self._picked()
        readers = len(chosen)
        self.go_on.setEnabled(readers == 1 and chosen[0].ended_at is None)
        self.close_pass.setEnabled(readers == 1 and chosen[0].ended_at is None and chosen[0].read > 0)
        self.compare.setEnabled(any(one.read for one in chosen))
        self.start.setEnabled(bool(self.reader.text().strip()))

    def _picked(self) -> list[ReadingPass]:
        return [one for one in self._controller.passes if one.id in self._controller.chosen]

    def _chosen(self, keys: list[str]) -> None:
        self._controller.choose([int(key) for key in keys])
        self._enable()

    def _start(self) -> None:
        self._note()
        self._controller.start()

    def _note(self) -> None:
        draft = replace(
            self._controller.draft,
            reader=self.reader.text(),
            line=self.line.text(),
            limit=self.limit.value(),
            repeats=self.repeats.value(),
        )
        self._controller.set_draft(draft)
        self._enable()

    def _build(self) -> None:
        px = self._theme.px
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(px(PAGE_MARGIN),) * 4)
        layout.setSpacing(px(GRID * 1.5))
        words = tr(
            "Somebody labels images again without seeing their name, folder, label or score, in random order. "
            "What they say changes no label; it shows how far the labels can be trusted."
        )
        layout.addWidget(text(words, "muted", wrap=True))
        cards = QHBoxLayout()
        cards.setSpacing(px(GRID * 1.5))
        form = self._form_card()
        form.setFixedWidth(px(_FORM_PX))
        left = QVBoxLayout()
        left.addWidget(form)
        left.addStretch(1)
        cards.addLayout(left)
        cards.addWidget(self._passes_card(), 1)
        layout.addLayout(cards, 1)

    def _form_card(self) -> Card:
        theme, card, form = self._theme, Card(self._theme, tr("New pass")), QFormLayout()
        form.setHorizontalSpacing(theme.px(16))
        form.setVerticalSpacing(theme.px(8))
        form.setLabelAlignment(Qt.AlignmentFlag.AlignVCenter)
        self.reader.setPlaceholderText(tr("Name of who reads"))
        self.reader.setAccessibleName(tr("Reader"))
        self.line.setPlaceholderText(tr("all, or for example split:test"))
        self.line.setAccessibleName(tr("Images"))
        for field in (self.reader, self.line):
            field.textEdited.connect(self._note)
        for box in (self.limit, self.repeats):
            box.valueChanged.connect(self._note)
        self.limit.setSpecialValueText(tr("all of them"))
        self.limit.setSingleStep(50)
        self.repeats.setSuffix(" %")
        form.addRow(tr("Reader"), self.reader)
        form.addRow(tr("Images"), self.line)
        form.addRow(tr("At most"), self.limit)
        form.addRow(tr("Shown twice"), self.repeats)
        card.add(form)
        hint = tr(
            "So many images come a second time, far from the first, to see whether the reader says the same again."
        )
        card.add(text(hint, "small", wrap=True))
        card.add(row(None, self.start))
        return card

    def _passes_card(self) -> Card:
        card, controller = Card(self._theme, tr("Passes")), self._controller
        self._none = text(tr("No pass yet. Start one on the left."), "muted")
        self.go_on = button(tr("Go on reading"), lambda: self._with_one(controller.open))
        self.close_pass = button(tr("End it"), lambda: self._with_one(controller.end), kind="quiet")
        self.compare = button(tr("See the agreement"), self._compare, kind="primary")
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        card.add(self._none, 1)
        card.add(self.table, 1)
        choose = text(tr("Choose two or more with Ctrl or Shift to compare their readers."), "small", wrap=True)
        buttons = boxed(row(self.go_on, self.close_pass, None, self.compare, spacing=self._theme.px(8)))
        # Nothing is said of passes, nor offered to be done with them, before there is one.
        self._with_passes = (self.table, choose, buttons)
        card.add(choose)
        card.add(buttons)
        return card

    def _with_one(self, do: Callable[[int], object]) -> None:
        chosen = self._picked()
        if len(chosen) == 1:
            do(chosen[0].id)

    def _compare(self) -> None:
        self._controller.open_results([one.id for one in self._picked() if one.read])

    def _number(self, name: str, most: int, value: int) -> QSpinBox:
        box = inset(QSpinBox())
        box.setRange(0, most)
        box.setGroupSeparatorShown(True)
        box.setValue(value)
        box.setAccessibleName(name)
        return box


def _cells(one: ReadingPass) -> list[Cell]:
    state = tr("ended") if one.ended_at is not None else tr("open")
    if one.ended_at is None and one.read == one.total:
        state = tr("read, not ended")
    return [Cell(one.name), Cell(one.reader), Cell(f"{one.read:,} / {one.total:,}", number=True), Cell(state)]
