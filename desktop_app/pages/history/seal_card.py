"""The result of checking the history, as a seal: that it holds, and its head; or what is broken, and where."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from core.store.history_check import Break, HistoryCheck
from core.store.history_words import unproven_words
from core.translation import tr, tr_n
from desktop_app.pages.history.controller import HistoryController
from desktop_app.theme import GRID, Theme
from desktop_app.widgets.basics import icon_button, row, set_property, text
from desktop_app.widgets.elided import ElidedLabel
from desktop_app.widgets.job_progress import JobProgress

_MOST: Final = 6


class SealCard(QFrame):
    """Seen while the history is checked, and until its result is put away."""

    def __init__(self, controller: HistoryController, theme: Theme) -> None:
        super().__init__()
        self._controller, self._theme, self._proof = controller, theme, controller.proof
        self.setProperty("surface", "seal")
        self.setAccessibleName(tr("Check of the history"))
        self._icon = QLabel()
        self.said = text("", "strong", wrap=True, selectable=True)
        self.head = ElidedLabel("", "mono")
        self._note = text("", "small", wrap=True)
        self.copy = icon_button(theme.icon("copy"), tr("Copy the head of the chain"), self._copy)
        self.close_button = icon_button(theme.icon("close"), tr("Put the result away"), self._proof.reset)
        self._breaks = text("", wrap=True, selectable=True)
        self.progress = JobProgress(theme)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(theme.px(12),) * 4)
        layout.setSpacing(theme.px(GRID / 2))
        first = row(self._icon, self.said, self.close_button)
        first.setStretch(1, 1)
        layout.addLayout(first)
        self._line = row(text(tr("Head"), "small"), self.head, self.copy)
        self._line.setStretch(1, 1)
        layout.addLayout(self._line)
        layout.addWidget(self._breaks)
        layout.addWidget(self._note)
        layout.addWidget(self.progress)
        self._proof.changed.connect(self._show)
        self._show()

    def _show(self) -> None:
        job, found = self._proof.job, self._proof.result
        self.setVisible(job is not None or found is not None)
        self.progress.setVisible(job is not None)
        self.progress.show_job(job)
        done = job is None and found is not None
        for part in (self._icon, self.said, self.close_button, self._breaks, self._note, self.head, self.copy):
            part.setVisible(done)
        for at in range(self._line.count()):
            if (item := self._line.itemAt(at)) is not None and (widget := item.widget()) is not None:
                widget.setVisible(done)
        if found is None or not done:
            set_property(self, "tone", "")
            return
        good = not found.breaks
        set_property(self, "tone", "good" if good else "bad")
        self._icon.setPixmap(self._theme.pixmap("done" if good else "error", 18, "good" if good else "bad"))
        self.said.setText(_said(found))
        self.head.set_full_text(found.head or "–")
        self._breaks.setText("\n".join(_break_words(one) for one in found.breaks[:_MOST]))
        self._breaks.setVisible(not good)
        self._note.setText(_note(found, outdated=self._proof.outdated))

    def _copy(self) -> None:
        if self._proof.result is not None:
            QGuiApplication.clipboard().setText(self._proof.result.head)
            self._controller.context.message.emit(tr("The head of the chain is in the clipboard."))


def _said(found: HistoryCheck) -> str:
    if found.breaks:
        count = len(found.breaks)
        return tr_n("The history does not hold in {n} place.", "The history does not hold in {n} places.", count)
    return tr_n(
        "The history holds: {n} entry, and nothing of it was changed afterwards.",
        "The history holds: {n} entries, and nothing of them was changed afterwards.",
        found.entries,
    )


def _break_words(one: Break) -> str:
    reason = tr(one.reason)
    return reason if one.entry is None else tr("Entry {entry}: {reason}", entry=one.entry, reason=reason)


def _note(found: HistoryCheck, *, outdated: bool) -> str:
    said = []
    if len(found.breaks) > _MOST:
        said.append(tr_n("And {n} more place.", "And {n} more places.", len(found.breaks) - _MOST))
    if found.breaks:
        said.append(tr("Keep a copy of the project as it is, and compare it with a backup."))
    else:
        said.append(tr("Write the head down: with it, anyone can tell later that nothing before it was changed."))
    if found.unproven:
        said.append(unproven_words(found.unproven))
    if outdated:
        said.append(tr("There are newer entries since this check."))
    return " ".join(said)
