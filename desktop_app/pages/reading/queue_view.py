"""One disagreement at a time: the image, what every reader said of it, and the decision."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QStackedLayout, QVBoxLayout, QWidget

from core.domain.labels import Label
from core.domain.samples import SampleState
from core.translation import tr, tr_n
from desktop_app.pages.reading.controller import ReadingController
from desktop_app.pages.reading.label_keys import UNCERTAIN_KEY, UNGRADABLE_KEY, LabelKeys, said_widget
from desktop_app.pages.reading.sight import Sight
from desktop_app.theme import GRID, PAGE_MARGIN, Theme
from desktop_app.widgets.basics import boxed, button, clear, column, facts, row, rule, scrolling, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.elided import ElidedLabel
from desktop_app.widgets.empty_state import EmptyState
from desktop_app.widgets.image_canvas.canvas import ZOOM_STEP
from desktop_app.widgets.key_button import KeyButton

_SIDE_PX = 340


class QueueView(QWidget):
    """Works through the disagreements."""

    def __init__(self, controller: ReadingController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._cases, self._theme = controller, controller.cases, theme
        self.canvas = Sight(theme, controller.pictures)
        self.labels = LabelKeys(theme, self._label)
        self.why = QLineEdit()
        self._left, self._path = text("", "muted"), ElidedLabel(role="small")
        self._decided = text("", "good")
        self._said = QVBoxLayout()
        self._host = QWidget()
        self._stack = QStackedLayout(self._host)
        self._build()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._cases.changed.connect(self.refresh)
        controller.passes_changed.connect(self._show_labels)
        self._show_labels()
        self.refresh()

    def refresh(self) -> None:
        """Show the disagreement in sight."""
        cases, case = self._cases, self._cases.case
        self._left.setText(tr_n("{n} to decide", "{n} to decide", cases.left))
        self.back.setEnabled(cases.place > 0)
        self._stack.setCurrentIndex(0 if case is not None else 1)
        if case is None:
            return
        self.canvas.show_sample(cases.picture, cases.failure)
        self._path.set_full_text(cases.path)
        self._decided.setText(tr("decided") if case.decided else "")
        clear(self._said)
        rows = [(name, said_widget(self._theme, reading, self._controller.label)) for name, reading in case.readings]
        self._said.addLayout(facts(list(rows), label_width_px=self._theme.px(110)))
        if self._controller.multi:
            self.labels.tick(cases.ticked)

    def take_key(self, event: QKeyEvent) -> bool:
        """Do what a key says; return whether it says anything."""
        key, typed = event.key(), event.text()
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        zooms = {Qt.Key.Key_Up: ZOOM_STEP, Qt.Key.Key_Down: 1 / ZOOM_STEP}
        if key == Qt.Key.Key_Escape:
            self._controller.open_results()
        elif key in steps:
            self._cases.walk(steps[Qt.Key(key)])
        elif key in zooms:
            self.canvas.zoom_by(zooms[Qt.Key(key)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._controller.multi:
            self._decide_ticked()
        elif typed in (UNCERTAIN_KEY, UNGRADABLE_KEY):
            self._state(SampleState.UNCERTAIN if typed == UNCERTAIN_KEY else SampleState.UNGRADABLE)
        elif typed.casefold() == "r" and self._controller.label_for_key(typed) is None:
            self.why.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif typed and (label := self._controller.label_for_key(typed)) is not None:
            self._label(label)
        else:
            return False
        return True

    def _label(self, label: Label) -> None:
        if self._controller.multi:
            self._cases.tick(label.id)
        else:
            self._cases.decide([label.name], self._reason())

    def _decide_ticked(self) -> None:
        self._cases.decide(
            [one.name for one in self._controller.labels if one.id in self._cases.ticked], self._reason()
        )

    def _state(self, state: SampleState) -> None:
        self._cases.decide([], self._reason(), state=state)

    def _reason(self) -> str:
        reason = self.why.text()
        self.why.clear()
        return reason

    def _build(self) -> None:
        theme, px = self._theme, self._theme.px
        self.back = KeyButton(theme, tr("Back"), "←", lambda: self._cases.walk(-1))
        skip = KeyButton(theme, tr("Skip"), "→", lambda: self._cases.walk(1))
        undo = button(tr("Undo"), self._controller.context.undo, icon=theme.icon("undo"))
        close = KeyButton(theme, tr("Agreement"), "Esc", lambda: self._controller.open_results())
        top = row(text(tr("Disagreements"), "subtitle"), px(8), self._left, None, undo, self.back, skip, close)
        side = scrolling(self._side(), name=tr("What the readers said"))
        side.setFixedWidth(px(_SIDE_PX))
        image = column(self.canvas, self._path)
        image.setStretch(0, 1)
        work = boxed(row(image, side, spacing=px(GRID * 1.5)))
        end = EmptyState(
            theme,
            "done",
            tr("No disagreement is left"),
            tr("Every image on which readers differ has been looked at. Skipped ones come again when you come back."),
            tr("Back to the agreement"),
            lambda: self._controller.open_results(),
        )
        self._stack.addWidget(work)
        self._stack.addWidget(end)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(px(PAGE_MARGIN),) * 4)
        layout.setSpacing(px(GRID))
        layout.addLayout(top)
        layout.addWidget(self._host, 1)

    def _side(self) -> QWidget:
        theme, px = self._theme, self._theme.px
        said, decide = Card(theme, tr("What the readers said")), Card(theme, tr("Your decision"))
        said.add_to_head(self._decided)
        said.add(self._said)
        self.confirm = KeyButton(theme, tr("These, and no others"), "⏎", self._decide_ticked)
        self.why.setPlaceholderText(tr("Why (optional, R)"))
        self.why.setAccessibleName(tr("Why"))
        self.why.returnPressed.connect(self.setFocus)
        states = row(
            KeyButton(theme, tr("Uncertain"), UNCERTAIN_KEY, lambda: self._state(SampleState.UNCERTAIN)),
            KeyButton(theme, tr("Ungradable"), UNGRADABLE_KEY, lambda: self._state(SampleState.UNGRADABLE)),
            None,
            spacing=px(8),
        )
        decide.add(self.why)
        decide.add(self.labels)
        decide.add(row(self.confirm, None))
        decide.add(rule())
        decide.add(states)
        return boxed(column(said, decide, None, spacing=px(GRID * 1.5)))

    def _show_labels(self) -> None:
        self.labels.show_labels(self._controller.labels, checkable=self._controller.multi)
        self.confirm.setVisible(self._controller.multi)
