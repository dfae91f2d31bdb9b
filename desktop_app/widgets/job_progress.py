"""A job where its page shows it: how far it is, in words and as a bar, and a way to stop it."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from core.progress import ProgressReport
from core.translation import tr
from desktop_app.theme import GRID, Theme
from desktop_app.widgets.amounts import duration, time_left
from desktop_app.widgets.basics import button, row, text
from desktop_app.widgets.elided import ElidedLabel
from desktop_app.workers.task_runner import Job, JobState


class JobProgress(QWidget):
    """What a job is doing; empty without one. `narrow` sets the words above the button, not beside it."""

    def __init__(self, theme: Theme, *, narrow: bool = False) -> None:
        super().__init__()
        self._job: Job | None = None
        self._title, self._words = text("", "strong"), ElidedLabel("", "muted")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self.cancel = button(tr("Cancel"), self._cancel, icon=theme.icon("close"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(GRID))
        layout.addWidget(self._title)
        layout.addWidget(self._bar)
        if narrow:
            layout.addWidget(self._words)
            layout.addLayout(row(self.cancel, None))
            return
        line = row(4, self.cancel)
        line.insertWidget(0, self._words, 1)
        layout.addLayout(line)

    def show_job(self, job: Job | None) -> None:
        """Follow another job, or none."""
        if self._job is not None and not self._job.has_ended:
            self._job.progressed.disconnect(self._show)
        self._job = job
        self.cancel.setEnabled(job is not None)
        if job is not None:
            self._title.setText(job.title)
            self._bar.setAccessibleName(job.title)
            self.cancel.setAccessibleName(tr("Cancel: {what}", what=job.title))
            job.progressed.connect(self._show)
            self._show()

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self.cancel.setEnabled(False)
            self._words.set_full_text(tr("Stopping…"))

    def _show(self) -> None:
        job = self._job
        if job is None or job.token.cancelled:
            return
        done = fraction(job.report)
        self._bar.setRange(0, 0 if done is None else 1000)
        self._bar.setValue(round((done or 0) * 1000))
        self._words.set_full_text(detail(job))


def fraction(report: ProgressReport | None) -> float | None:
    """Return how far a report is, 0 to 1; None where that is not known."""
    if report is None or not report.total:
        return None
    return min(1.0, report.done / report.total)


def detail(job: Job) -> str:
    """Say in a line where a job stands, or what it did."""
    if job.state is JobState.WAITING:
        return tr("waiting")
    if job.state is JobState.CANCELLED:
        return tr("cancelled")
    if job.has_ended:
        return " · ".join(part for part in (job.summary, duration(job.seconds)) if part)
    report = job.report
    if report is None:
        return tr("starting")
    parts = [tr(report.stage)]
    if report.total:
        parts.append(tr("{done} of {total}", done=f"{report.done:,}", total=f"{report.total:,}"))
    elif report.done:
        parts.append(f"{report.done:,}")
    if report.seconds_left is not None and report.done != report.total:
        parts.append(time_left(report.seconds_left))
    return " · ".join(part for part in parts if part)
