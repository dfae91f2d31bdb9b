"""What can be decided about a case, one button for each thing; in few words where there is little room."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, QRectF, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QMenu, QWidget

from core.translation import tr
from desktop_app.pages.clean.controller import CleanController
from desktop_app.pages.clean.decisions import Decision
from desktop_app.theme import RADIUS_CONTROL, Theme
from desktop_app.widgets.flow import FlowLayout
from desktop_app.widgets.key_button import KeyButton

_GAP_PX = 6
_FLASH_MS = 250
_WIDEST_PX = 420


class DecisionBar(QWidget):
    """The buttons below the evidence; they stay in one line as long as that is possible."""

    def __init__(self, controller: CleanController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._gap, self._theme = controller, theme.px(_GAP_PX), theme
        self._flash = QTimer(self, singleShot=True, interval=_FLASH_MS)
        self._flash.timeout.connect(self.update)
        self.accept = KeyButton(theme, "", "⏎", controller.accept, primary=True, widest_px=_WIDEST_PX)
        self.keep = KeyButton(theme, "", "K", controller.keep)
        self.exclude = KeyButton(theme, "", "X", controller.exclude)
        self.skip = KeyButton(theme, tr("Skip"), "S", controller.line.skip)
        self.undo = KeyButton(theme, tr("Undo"), "U", controller.undo)
        self._said: list[tuple[KeyButton, Decision]] = []
        self.labels = QMenu(self)
        self.labels.setAccessibleName(tr("Labels to choose from"))
        controller.label_wanted.connect(self._ask)
        buttons = FlowLayout(self, spacing=self._gap)
        buttons.last_at_end = True
        for made in (self.accept, self.keep, self.exclude, self.skip, self.undo):
            buttons.addWidget(made)
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def refresh(self) -> None:
        """Show what can be decided about the case in sight."""
        controller = self._controller
        accept, keep, exclude = controller.acceptance(), controller.keeping(), controller.exclusion()
        pairs = ((self.accept, accept), (self.keep, keep), (self.exclude, exclude))
        for made, decision in pairs:
            made.setVisible(decision is not None)
        self.accept.setVisible(accept is not None or bool(controller.label_choices()))
        self._said = [(made, decision) for made, decision in pairs if decision is not None]
        if accept is not None and exclude is not None and accept.settlement == exclude.settlement:
            # Enter does the same, and says so.
            self.exclude.hide()
        self.skip.setVisible(controller.case is not None)
        self._fit()

    def flash(self) -> None:
        """Show for a moment that a key was not taken: the case was not in sight yet."""
        self._flash.start()
        self.update()

    @property
    def flashing(self) -> bool:
        """Whether it shows this now."""
        return self._flash.isActive()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a field behind the buttons while it flashes."""
        super().paintEvent(event)
        if self.flashing:
            painter, radius = QPainter(self), self._theme.px(RADIUS_CONTROL)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self._theme.colour("accent"), 2))
            painter.setBrush(self._theme.colour("accent_background"))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say it in as many words as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        """Fit the words once the fonts are those of the window."""
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        self._say(brief=False)
        if self._needed() > self.width():
            self._say(brief=True)

    def _ask(self) -> None:
        """Let the user say which label is right."""
        self.labels.clear()
        for label, decision in self._controller.label_choices():
            self.labels.addAction(decision.text, partial(self._controller.give, label))
        self.labels.setActiveAction(self.labels.actions()[0])
        self.labels.popup(self.accept.mapToGlobal(QPoint(0, -self.labels.sizeHint().height())))

    def _say(self, *, brief: bool) -> None:
        if self._controller.acceptance() is None:
            self.accept.set_content(tr("Choose the label…"), tr("Choose…") if brief else None)
        for made, decision in self._said:
            made.set_content(decision.text, decision.brief if brief else None)
        self.undo.set_content(tr("Undo"))
        if brief:
            self.undo.set_icon("undo")

    def _needed(self) -> int:
        shown = [one for one in (self.accept, self.keep, self.exclude, self.skip, self.undo) if not one.isHidden()]
        return sum(one.sizeHint().width() + self._gap for one in shown) - self._gap
