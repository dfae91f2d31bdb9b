"""The jobs: what runs, how long it still takes, a way to stop it, and what it did when it ended."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from core.translation import tr
from desktop_app.theme import Theme
from desktop_app.widgets.basics import SectionTitle, clear, icon_button, row, rule, text
from desktop_app.widgets.elided import ElidedLabel
from desktop_app.widgets.job_progress import detail, fraction
from desktop_app.widgets.overlay import Overlay
from desktop_app.widgets.ring import ProgressRing
from desktop_app.workers.task_runner import Job, JobState, TaskRunner

_POPOVER_WIDTH_PX = 360
_END_ICONS = {JobState.DONE: ("done", "good"), JobState.CANCELLED: ("stop", "muted"), JobState.FAILED: ("error", "bad")}


class JobsButton(QPushButton):
    """In the top bar: the running job with its ring and percentage, or how many there are."""

    def __init__(self, theme: Theme, tasks: TaskRunner, on_clicked: Callable[[], object]) -> None:
        super().__init__()
        self.setProperty("kind", "quiet")
        self.setAccessibleName(tr("Jobs"))
        self.setToolTip(tr("Jobs: what is running, and what ended"))
        self._tasks = tasks
        self._ring, self._label, self._icon = ProgressRing(theme), text("", "muted"), QLabel()
        self._icon.setPixmap(theme.pixmap("jobs", 16))
        for part in (self._ring, self._label, self._icon):
            part.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        layout = self._parts = QHBoxLayout(self)
        layout.setContentsMargins(theme.px(8), 0, theme.px(8), 0)
        layout.setSpacing(theme.px(6))
        layout.addWidget(self._icon)
        layout.addWidget(self._ring)
        layout.addWidget(self._label)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.clicked.connect(lambda: on_clicked())
        self._watched: Job | None = None
        tasks.jobs_changed.connect(self._look)
        self._look()

    def sizeHint(self) -> QSize:
        """Return the room its parts want."""
        return self._parts.sizeHint()

    def _look(self) -> None:
        running = [job for job in self._tasks.active if not job.quiet]
        if self._watched is not None and self._watched not in running:
            self._watched.progressed.disconnect(self._show)
            self._watched = None
        if self._watched is None and running:
            self._watched = running[0]
            self._watched.progressed.connect(self._show)
        self._show()

    def _show(self) -> None:
        job = self._watched
        self._icon.setVisible(job is None)
        self._ring.setVisible(job is not None)
        self._label.setVisible(job is not None)
        if job is None:
            self._label.setText("")
            self.setAccessibleName(tr("Jobs: none running"))
        else:
            done, count = fraction(job.report), sum(not other.quiet for other in self._tasks.active)
            self._ring.set_progress(done)
            shown = self.fontMetrics().elidedText(job.title, Qt.TextElideMode.ElideRight, 150)
            percent = f" {done:.0%}".replace("%", " %") if done is not None else ""
            self._label.setText(shown + percent + (f" +{count - 1}" if count > 1 else ""))
            self.setAccessibleName(tr("Jobs: {what}", what=f"{job.title}{percent}"))
        self.updateGeometry()


class JobsPanel(Overlay):
    """The list of jobs, running first."""

    def __init__(self, host: QWidget, theme: Theme, tasks: TaskRunner, anchor: QWidget) -> None:
        super().__init__(host, theme, self._under_anchor)
        self._theme, self._tasks, self._anchor = theme, tasks, anchor
        self._rows = QVBoxLayout()
        self._rows.setSpacing(theme.px(6))
        self.panel.setAccessibleName(tr("Jobs"))
        self.body.setContentsMargins(*(theme.px(14),) * 4)
        self.body.addLayout(self._rows)
        self.body.addStretch(1)
        tasks.jobs_changed.connect(self._rebuild)

    def open(self, focus: QWidget | None = None) -> None:
        """Show the jobs as they are now."""
        self._fill()
        super().open(focus)

    def _rebuild(self) -> None:
        if self.isVisible():
            self._fill()
            self.arrange()

    def _fill(self) -> None:
        clear(self._rows)
        running = [job for job in self._tasks.active if not job.quiet]
        ended = self._tasks.recent[:6]
        if not running and not ended:
            self._rows.addWidget(
                text(tr("Nothing is running. Imports, training and exports show here."), "muted", wrap=True)
            )
        if running:
            self._rows.addWidget(SectionTitle(tr("Running"), self._theme))
        for job in running:
            self._rows.addWidget(JobRow(self._theme, job))
        if running and ended:
            self._rows.addSpacing(self._theme.px(4))
            self._rows.addWidget(rule())
            self._rows.addSpacing(self._theme.px(4))
        if ended:
            self._rows.addWidget(SectionTitle(tr("Ended"), self._theme))
        for job in ended:
            self._rows.addWidget(JobRow(self._theme, job))

    def _under_anchor(self, area: QRect, panel: QWidget) -> QRect:
        width = self._theme.px(_POPOVER_WIDTH_PX)
        panel.setFixedWidth(width)
        corner = self._anchor.mapTo(self.host, self._anchor.rect().bottomRight())
        left = min(area.right() - width - self._theme.px(8), max(self._theme.px(8), corner.x() - width))
        return QRect(left, corner.y() + self._theme.px(6), width, panel.sizeHint().height())


class JobRow(QWidget):
    """One job: its title, its bar and a way to stop it, or how it ended."""

    def __init__(self, theme: Theme, job: Job) -> None:
        super().__init__()
        self._job = job
        self._detail = ElidedLabel(detail(job), "small")
        title = ElidedLabel(job.title, "strong")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.px(2), 0, theme.px(2))
        layout.setSpacing(theme.px(3))
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName(job.title)
        if job.has_ended:
            mark_ = QLabel()
            mark_.setPixmap(theme.pixmap(_END_ICONS[job.state][0], 16, _END_ICONS[job.state][1]))
            mark_.setFixedWidth(theme.px(18))
            layout.addLayout(row(mark_, title))
            layout.addWidget(self._detail)
            return
        cancel = icon_button(theme.icon("close"), tr("Cancel: {what}", what=job.title), job.cancel)
        layout.addLayout(row(title, cancel))
        layout.addWidget(self._bar)
        layout.addWidget(self._detail)
        job.progressed.connect(self._show)
        self._show()

    def _show(self) -> None:
        done = fraction(self._job.report)
        self._bar.setRange(0, 0 if done is None else 1000)
        self._bar.setValue(round((done or 0) * 1000))
        self._detail.set_full_text(detail(self._job))
