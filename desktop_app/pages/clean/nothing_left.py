"""A queue without open cases: whether it was looked for them, what was decided, and where there are more."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout

from core.domain.findings import FindingCounts
from core.translation import tr, tr_n
from desktop_app.pages.clean.controller import CleanController
from desktop_app.pages.clean.evidence.data_set_words import more_words
from desktop_app.pages.clean.queues import QUEUES, Queue
from desktop_app.theme import GRID, Theme
from desktop_app.widgets.basics import button, row, text
from desktop_app.widgets.card import Card

_WIDTH_PX = 400


class NothingLeft(Card):
    """In place of a case."""

    def __init__(self, controller: CleanController, theme: Theme) -> None:
        super().__init__(theme)
        self._controller = controller
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title, self._words = text("", "subtitle", wrap=True), text("", "muted", wrap=True)
        for one in (self._title, self._words):
            one.setAlignment(Qt.AlignmentFlag.AlignCenter)
            one.setFixedWidth(theme.px(_WIDTH_PX))
        self.next = button("", self._go_on, kind="primary")
        self.check = button(tr("Look for them"), self._look)
        inside = QVBoxLayout()
        inside.setSpacing(theme.px(GRID))
        inside.addStretch(2)
        inside.addWidget(self._icon)
        for one in (self._title, self._words):
            inside.addWidget(one, 0, Qt.AlignmentFlag.AlignHCenter)
        inside.addLayout(row(None, self.next, self.check, None))
        inside.addStretch(3)
        self.add(inside, 1)
        controller.facts_changed.connect(self.refresh)
        controller.case_changed.connect(self.refresh)
        controller.checking.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Say how the queue stands; only where it is seen."""
        if self.isHidden():
            return
        controller, queue = self._controller, self._controller.line.queue
        looked = not controller.facts.looked_for.isdisjoint(controller.line.kinds)
        note = self._note()
        done = looked and not note
        self._icon.setPixmap(self.theme.pixmap("done" if done else "info", 40, "good" if done else "muted"))
        if controller.checking.job is not None and not looked:
            title, words = tr("Still looking"), tr("What is found appears here as it comes.")
        elif not looked:
            title, words = tr("Not looked for"), tr("No check has looked for these yet.")
        elif note:
            part = any(controller.facts.counts.get(kind) for kind in controller.line.kinds)
            title = tr("Not everything could be looked at") if part else tr("This could not be looked for")
            words = note
        else:
            title, words = tr("Nothing left here"), self._summary(queue)
        self._title.setText(title)
        self._words.setText(words)
        following = self._following()
        self.next.setVisible(following is not None)
        if following is not None:
            self.next.setText(tr("Go on with: {queue}", queue=tr(following.title)))
        self.check.setVisible(not looked and controller.checking.job is None)

    def showEvent(self, event: QShowEvent) -> None:
        """Say how the queue stands now."""
        super().showEvent(event)
        self.refresh()

    def _note(self) -> str:
        """Return why nothing could be looked for."""
        return self._controller.facts.notes(self._controller.line.kinds)

    def _summary(self, queue: Queue) -> str:
        counts = self._controller.facts.counts
        known = [counts.get(kind, FindingCounts()) for kind in queue.kinds]
        accepted, kept = sum(one.accepted for one in known), sum(one.dismissed for one in known)
        if not accepted and not kept:
            more = more_words(self._controller.facts.record) if queue.id == "balance" else ""
            return f"{tr('The last check found none.')} {more}".strip()
        return tr_n(
            "{n} case decided: {wrong} put right, {kept} kept as they were.",
            "{n} cases decided: {wrong} put right, {kept} kept as they were.",
            accepted + kept,
            wrong=f"{accepted:,}",
            kept=f"{kept:,}",
        )

    def _following(self) -> Queue | None:
        return next((queue for queue in QUEUES if self._controller.open_in(queue)), None)

    def _go_on(self) -> None:
        following = self._following()
        if following is not None:
            self._controller.open_queue(following.id)

    def _look(self) -> None:
        self._controller.checking.start(self._controller.line.kinds)
