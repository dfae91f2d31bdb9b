"""Looking again: the job while it runs, which checks, and the report for the lab book."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QMenu, QWidget, QWidgetAction

from core.translation import tr, tr_n
from desktop_app.pages.clean.check_choice import CheckChoice
from desktop_app.pages.clean.checking import refreshed_words
from desktop_app.pages.clean.controller import CleanController
from desktop_app.theme import Theme
from desktop_app.widgets.basics import button, icon_button, row, text
from desktop_app.widgets.card import Card
from desktop_app.widgets.job_progress import JobProgress


class CheckPanel(Card):
    """When it was checked last, and again."""

    def __init__(self, controller: CleanController, theme: Theme, save_report: Callable[[], object]) -> None:
        super().__init__(theme, tr("Check"))
        self._controller = controller
        self._words = text("", "small", wrap=True)
        self.progress = JobProgress(theme, narrow=True)
        self.start = button(tr("Check again"), controller.checking.start)
        self.choose = icon_button(theme.icon("settings"), tr("Which checks"))
        self.choose.setPopupMode(self.choose.ToolButtonPopupMode.InstantPopup)
        self.choose.setMenu(_choice_menu(controller, theme, self))
        self.report = button(tr("Save report…"), save_report)
        self.add(self._words)
        self.add(self.progress)
        self.add(row(self.start, self.choose, None))
        self.add(row(self.report, None))
        controller.checking.changed.connect(self.refresh)
        controller.facts_changed.connect(self.refresh)
        controller.facts_changed.connect(self._count_stale)
        controller.stale_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the job, or the last check."""
        checking = self._controller.checking
        running = checking.job is not None
        self.progress.setVisible(running)
        self.progress.show_job(checking.job)
        self.start.setVisible(not running)
        self.choose.setVisible(not running)
        self.start.setEnabled(bool(checking.kinds))
        record = checking.record
        self.report.setVisible(record is not None and not running)
        stale = self._controller.stale
        said = [_when(record.at, record.samples)] if record is not None else []
        changed = record.summaries.get("files", {}).get("changed") if record is not None else None
        if isinstance(changed, int):
            said.append(refreshed_words(changed))
        if stale:
            said.append(
                tr_n("{n} case has changed since.", "{n} cases have changed since.", stale),
            )
        unseen = self._controller.unseen
        if unseen and record is not None:
            said.append(
                tr_n("{n} image came in or was labelled since.", "{n} images came in or were labelled since.", unseen)
            )
        self._words.setText(" ".join(said))
        self._words.setVisible(bool(said) and not running)

    def showEvent(self, event: QShowEvent) -> None:
        """Count what has changed since the check: nobody asks for it while the page is hidden."""
        super().showEvent(event)
        self._count_stale()

    def _count_stale(self) -> None:
        if self.isVisible():
            self._controller.count_stale()


def _when(at: str, samples: int) -> str:
    when = datetime.fromisoformat(at).astimezone()
    today = datetime.now(when.tzinfo).date() == when.date()
    said = when.strftime("%H:%M") if today else when.strftime("%Y-%m-%d")
    if today:
        return tr_n("{n} image checked today at {at}.", "{n} images checked today at {at}.", samples, at=said)
    return tr_n("{n} image checked on {at}.", "{n} images checked on {at}.", samples, at=said)


def _choice_menu(controller: CleanController, theme: Theme, parent: QWidget) -> QMenu:
    menu = QMenu(parent)
    menu.setAccessibleName(tr("Which checks"))
    action = QWidgetAction(menu)
    choice = CheckChoice(controller, theme)
    action.setDefaultWidget(choice)
    menu.addAction(action)
    menu.aboutToShow.connect(choice.refresh)
    menu.aboutToShow.connect(lambda: choice.setFocus(Qt.FocusReason.PopupFocusReason))
    return menu
