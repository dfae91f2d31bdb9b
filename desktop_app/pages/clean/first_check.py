"""Before the first check: what it looks for, what it will take, and the button; then the job."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from core.translation import tr, tr_n
from desktop_app.pages.clean.check_choice import CheckChoice
from desktop_app.pages.clean.controller import CleanController
from desktop_app.theme import GRID, Theme
from desktop_app.widgets.basics import button, row, text
from desktop_app.widgets.job_progress import JobProgress

_WIDTH_PX = 440


class FirstCheck(QWidget):
    """Shown until there is a check to show."""

    def __init__(self, controller: CleanController, theme: Theme) -> None:
        super().__init__()
        self._controller = controller
        picture = QLabel()
        picture.setPixmap(theme.pixmap("clean", 40))
        picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        heading = text(tr("Find what is wrong with the data set"), "subtitle")
        heading.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words, self._more = text("", "muted", wrap=True), text("", "small", wrap=True)
        for one in (self._words, self._more):
            one.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.start = button(
            tr("Check the data set"), controller.checking.start, kind="primary", icon=theme.icon("clean", "on_accent")
        )
        self.choice = CheckChoice(controller, theme)
        frame = QFrame()
        frame.setProperty("surface", "card")
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.choice)
        self._frame = frame
        self.progress = JobProgress(theme)
        body = QWidget()
        body.setFixedWidth(theme.px(_WIDTH_PX))
        layout = QVBoxLayout(body)
        layout.setSpacing(theme.px(GRID))
        for widget in (picture, heading, self._words, self._more):
            layout.addWidget(widget)
        layout.addLayout(row(None, self.start, None))
        layout.addWidget(frame)
        layout.addWidget(self.progress)
        outer = QVBoxLayout(self)
        outer.addStretch(2)
        outer.addWidget(body, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(3)
        controller.checking.changed.connect(self.refresh)
        controller.facts_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what a check would take, or the job."""
        checking, facts = self._controller.checking, self._controller.facts
        running = checking.job is not None
        self.progress.setVisible(running)
        self.progress.show_job(checking.job)
        for widget in (self.start, self._frame):
            widget.setVisible(not running)
        self.start.setEnabled(bool(checking.kinds) and facts.samples > 0)
        self._words.setText(self._sentence())
        self._more.setText(self._note())
        self._more.setVisible(bool(self._more.text()) and not running)

    def _sentence(self) -> str:
        facts = self._controller.facts
        if self._controller.checking.job is not None:
            return tr("What is found appears here as it comes; you can go on working meanwhile.")
        if not facts.samples:
            return tr("There are no images yet. Import some first.")
        return tr_n(
            "Each of {n} image is read once and seen once by a network, which is kept: the next check is quick.",
            "Each of {n} images is read once and seen once by a network, which is kept: the next check is quick.",
            facts.samples,
        )

    def _note(self) -> str:
        facts = self._controller.facts
        if facts.samples and not facts.labelled:
            return tr("No image has a label yet: wrong labels and confounds are looked for among labelled ones.")
        if facts.labelled < facts.samples:
            return tr_n("{n} image has a label.", "{n} images have a label.", facts.labelled)
        return ""
