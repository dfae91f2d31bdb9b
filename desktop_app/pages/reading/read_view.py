"""The blinded reading: one image as large as there is room, the labels, and nothing else that is known of it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QProgressBar, QStackedLayout, QVBoxLayout, QWidget

from core.domain.samples import SampleState
from core.translation import tr
from desktop_app.pages.reading.controller import ReadingController
from desktop_app.pages.reading.label_keys import UNCERTAIN_KEY, UNGRADABLE_KEY, LabelKeys, said_widget
from desktop_app.pages.reading.reason_bar import ReasonBar
from desktop_app.pages.reading.sight import Sight
from desktop_app.theme import GRID, PAGE_MARGIN, Theme
from desktop_app.widgets.basics import boxed, clear, column, row, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.empty_state import EmptyState
from desktop_app.widgets.image_canvas.canvas import ZOOM_STEP
from desktop_app.widgets.key_button import KeyButton


class ReadView(QWidget):
    """What a reader sees."""

    def __init__(self, controller: ReadingController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._reader, self._theme = controller, controller.reader, theme
        self.canvas = Sight(theme, controller.pictures)
        self.labels = LabelKeys(theme, self._reader.say)
        self.reason = ReasonBar(theme, self._reader.cannot_say, self.setFocus)
        self._progress, self._place = QProgressBar(), text("", "muted")
        self._before = row(spacing=theme.px(6))
        self._host = QWidget()
        self._stack = QStackedLayout(self._host)
        self._build()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._reader.changed.connect(self.refresh)
        controller.passes_changed.connect(self._show_labels)
        self._show_labels()
        self.refresh()

    def refresh(self) -> None:
        """Show the image that is to be read."""
        session = self._reader.session
        if session is None:
            return
        self._progress.setMaximum(max(1, session.total))
        self._progress.setValue(session.read)
        self._place.setText(tr("{n} of {total}", n=f"{session.position + 1:,}", total=f"{session.total:,}"))
        self.back.setEnabled(session.can_go_back)
        self.on.setVisible(session.can_go_on)
        clear(self._before)
        current = session.current
        if current is None:
            self._place.setText(tr("all {total} read", total=f"{session.total:,}"))
            self._stack.setCurrentWidget(self._end)
            return
        self._stack.setCurrentWidget(self._image)
        self.canvas.show_sample(self._reader.picture, self._reader.failure)
        if current.at is not None:
            self._before.addWidget(text(tr("you said"), "muted"))
            self._before.addWidget(said_widget(self._theme, current, self._controller.label))
        if self._reader.multi:
            self.labels.tick(session.chosen)

    def take_key(self, event: QKeyEvent) -> bool:
        """Do what a key says; return whether it says anything."""
        key, typed = event.key(), event.text()
        steps = {Qt.Key.Key_Backspace: -1, Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        zooms = {Qt.Key.Key_Up: ZOOM_STEP, Qt.Key.Key_Down: 1 / ZOOM_STEP}
        if key == Qt.Key.Key_Escape:
            self._controller.go_home()
        elif key in steps:
            self._reader.step(steps[Qt.Key(key)])
        elif key in zooms:
            self.canvas.zoom_by(zooms[Qt.Key(key)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._enter()
        elif typed in (UNCERTAIN_KEY, UNGRADABLE_KEY):
            self._ask(SampleState.UNCERTAIN if typed == UNCERTAIN_KEY else SampleState.UNGRADABLE)
        elif typed and (label := self._controller.label_for_key(typed)) is not None:
            self._reader.say(label)
        else:
            return False
        return True

    def _enter(self) -> None:
        session = self._reader.session
        if session is not None and session.current is None:
            self._controller.end(session.one.id)
        else:
            self._reader.confirm()

    def _ask(self, state: SampleState) -> None:
        session = self._reader.session
        if session is not None and session.current is not None:
            self.reason.ask(state, self._controller.reasons)

    def _build(self) -> None:
        theme, px = self._theme, self._theme.px
        self.back = KeyButton(theme, tr("Back"), "⌫", lambda: self._reader.step(-1))
        self.on = KeyButton(theme, tr("On"), "→", lambda: self._reader.step(1))
        pause = KeyButton(theme, tr("Pause"), "Esc", self._controller.go_home)
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(px(220))
        self._progress.setAccessibleName(tr("How far the pass is read"))
        top = row(self._progress, self._place, px(12), self._before, None, self.back, self.on, pause, spacing=px(8))
        image = column(self.canvas, self._answers(), spacing=px(GRID))
        image.setStretch(0, 1)
        self._image = boxed(image)
        self._end = EmptyState(
            theme,
            "done",
            tr("Everything has been read"),
            tr("End the pass to see how far the readers agree. After that nothing in it can be changed."),
            tr("End the pass"),
            self._enter,
            second=tr("Back to the last image"),
            on_second=lambda: self._reader.step(-1),
        )
        self._stack.addWidget(self._image)
        self._stack.addWidget(self._end)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(px(PAGE_MARGIN),) * 4)
        layout.setSpacing(px(GRID))
        layout.addLayout(top)
        layout.addWidget(self._host, 1)

    def _answers(self) -> Card:
        theme, card = self._theme, Card(self._theme)
        uncertain = KeyButton(theme, tr("Uncertain…"), UNCERTAIN_KEY, lambda: self._ask(SampleState.UNCERTAIN))
        ungradable = KeyButton(theme, tr("Ungradable…"), UNGRADABLE_KEY, lambda: self._ask(SampleState.UNGRADABLE))
        self.confirm = KeyButton(theme, tr("These, and no others"), "⏎", self._reader.confirm)
        hint = text(tr("↑ ↓ or the wheel zooms"), "small")
        card.add(self.labels)
        card.add(row(uncertain, ungradable, self.confirm, None, hint, spacing=theme.px(8)))
        card.add(self.reason)
        return card

    def _show_labels(self) -> None:
        self.labels.show_labels(self._controller.labels, checkable=self._controller.multi)
        self.confirm.setVisible(self._controller.multi)
