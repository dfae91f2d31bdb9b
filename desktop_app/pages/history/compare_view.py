"""Two moments compared: choose them, see how many images differ in what, and which."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from core.translation import tr, tr_n
from desktop_app.pages.history.comparison import Compared
from desktop_app.pages.history.controller import HistoryController, View
from desktop_app.pages.history.days_panel import MomentField
from desktop_app.pages.history.lines_table import LinesTable
from desktop_app.theme import GRID, PAGE_MARGIN, Theme
from desktop_app.widgets.basics import button, clear, row, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.chips import ChoiceChips


class CompareView(QWidget):
    """The two fields above, the differences below."""

    def __init__(self, controller: HistoryController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._theme, self._state = controller, theme, controller.comparison
        self._drawn: Compared | None = None
        self.start = MomentField(theme, tr("From the beginning of"), self._state.start, self.compare)
        self.end = MomentField(theme, tr("To the end of"), self._state.end, self.compare)
        self.go = button(tr("Compare"), self.compare, kind="primary")
        self._said = text("", "strong", wrap=True)
        self._note = text("", "small", wrap=True)
        self._fields = QHBoxLayout()
        self.table = LinesTable(
            theme,
            [tr("Image"), tr("Field"), tr("Before"), tr("After")],
            name=tr("Differences"),
            stretches=(5, 3, 3, 3),
            opened=self._open,
        )
        self.images = button(tr("Show these images"), self._show_images, icon=theme.icon("images"))
        self.save = button(tr("Save as CSV…"), self._save, icon=theme.icon("table"))
        self._result = Card(theme, tr("Differences"))
        self._build()
        self._state.changed.connect(self._show)
        self._show()

    def compare(self) -> None:
        """Compare what is entered."""
        self._state.compare(self.start.value(), self.end.value())

    def leave(self) -> None:
        """Go back to the list."""
        self._controller.open(View.LIST)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)

    def _build(self) -> None:
        px = self._theme.px
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(px(PAGE_MARGIN),) * 4)
        layout.setSpacing(px(GRID * 1.5))
        layout.addLayout(row(button(tr("‹ History"), self.leave, kind="link"), None))
        layout.addWidget(text(tr("Compare two days"), "subtitle"))
        fields = [text(tr("From the beginning of"), "muted"), self.start]
        fields += [text(tr("to the end of"), "muted"), self.end, self.go]
        layout.addLayout(row(*fields, None, spacing=px(GRID)))
        for part in (self.images, self.save):
            self._result.add_to_head(part)
        self._result.add(self._said)
        self._result.add(self._fields)
        self._result.add(self.table, 1)
        self._result.add(self._note)
        layout.addWidget(self._result, 1)

    def _show(self) -> None:
        state, found = self._state, self._state.compared
        self.start.set_value(state.start)
        self.end.set_value(state.end)
        self.go.setEnabled(not state.working)
        self._said.setText(_said(found, state.problem, working=state.working))
        some = found is not None and bool(found.found) and not state.working
        for part in (self.table, self.images, self.save):
            part.setVisible(some)
        if found is not self._drawn:
            self._drawn = found
            self._show_found(found, state.field)
        self._note.setVisible(some and bool(self._note.text()))

    def _show_found(self, found: Compared | None, field: str) -> None:
        clear(self._fields)
        self._note.setText("")
        if found is None:
            self.table.show_lines([])
            return
        choices = [("", tr("all ({n})", n=f"{len(found.found):,}"))]
        choices += [(one.field, tr("{what} ({n})", what=one.words, n=f"{one.count:,}")) for one in found.fields]
        if found.fields:
            self._fields.addWidget(ChoiceChips(choices, field, self._state.choose_field, name=tr("Field"), wrap=True))
        self.table.show_lines([(line.name, line.field, line.before, line.after) for line in found.lines])
        listed = next((one.count for one in found.fields if one.field == field), len(found.found))
        if len(found.lines) < listed:
            self._note.setText(
                tr("The first {n} are listed; the images and the CSV hold all.", n=f"{len(found.lines):,}")
            )

    def _open(self, at: int) -> None:
        if self._state.compared is not None:
            self._controller.show_samples([self._state.compared.lines[at].sample_id])

    def _show_images(self) -> None:
        if self._state.compared is not None:
            self._controller.show_samples(self._state.compared.sample_ids)

    def _save(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(self, tr("Save the differences"), "differences.csv", "CSV (*.csv)")
        if chosen:
            self._state.write_csv(Path(chosen))


def _said(found: Compared | None, problem: str, *, working: bool) -> str:
    if problem or working:
        return problem or tr("Comparing…")
    if found is None:
        return tr("Choose two days, and see what became of the labels in between.")
    if not found.found:
        return tr("Nothing is different.")
    images = len({one.sample_id for one in found.found})
    return tr_n("{n} image is different.", "{n} images are different.", images)
