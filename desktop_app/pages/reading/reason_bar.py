"""Asking why an image is uncertain or ungradable: reasons by number, or typed; Enter goes on without one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QWidget

from core.domain.samples import SampleState
from core.translation import tr
from desktop_app.theme import Theme
from desktop_app.widgets.basics import boxed, button, clear, column, row, text
from desktop_app.widgets.flow import FlowLayout
from desktop_app.widgets.key_button import KeyButton

MOST_REASONS: Final = 9


class ReasonBar(QFrame):
    """Shown in place of the labels while it asks; `on_reason` gets the state and the reason, `on_close` the focus."""

    def __init__(
        self,
        theme: Theme,
        on_reason: Callable[[SampleState, str], object],
        on_close: Callable[[], object],
    ) -> None:
        super().__init__()
        self._theme, self._on_reason, self._on_close = theme, on_reason, on_close
        self._state = SampleState.NONE
        self._reasons: list[str] = []
        self._title = text("", "strong")
        self._chips = QWidget()
        self._flow = FlowLayout(self._chips, spacing=theme.px(8))
        self.line = QLineEdit()
        self.line.setPlaceholderText(tr("Another reason, or nothing"))
        self.line.setAccessibleName(tr("Reason"))
        self.line.returnPressed.connect(lambda: self._give(self.line.text()))
        give = button(tr("Go on"), lambda: self._give(self.line.text()), kind="primary")
        cancel = button(tr("Cancel"), self.cancel, kind="quiet")
        self.setLayout(
            column(
                self._title, self._chips, boxed(row(self.line, give, cancel, spacing=theme.px(8))), spacing=theme.px(8)
            )
        )
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.hide()

    def ask(self, state: SampleState, reasons: Sequence[str]) -> None:
        """Ask why the image is in `state`."""
        self._state, self._reasons = state, list(reasons[:MOST_REASONS])
        uncertain = state is SampleState.UNCERTAIN
        self._title.setText(tr("Why is it uncertain?") if uncertain else tr("Why is it ungradable?"))
        clear(self._flow)
        for number, reason in enumerate(self._reasons, 1):
            self._flow.addWidget(KeyButton(self._theme, reason, str(number), partial(self._give, reason)))
        self.line.clear()
        self.show()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def cancel(self) -> None:
        """Go away without an answer."""
        self.hide()
        self._on_close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A number gives a reason, Enter none, Esc goes back; anything else begins a reason of one's own."""
        typed = event.text()
        if event.key() == Qt.Key.Key_Escape:
            self.cancel()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._give(self.line.text())
        elif typed.isdigit() and not self.line.hasFocus() and 1 <= int(typed) <= len(self._reasons):
            self._give(self._reasons[int(typed) - 1])
        elif typed.isprintable() and typed and not self.line.hasFocus():
            self.line.setFocus()
            self.line.insert(typed)
        else:
            super().keyPressEvent(event)

    def _give(self, reason: str) -> None:
        self.hide()
        self._on_close()
        self._on_reason(self._state, reason.strip())
