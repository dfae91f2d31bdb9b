"""Work off the GUI thread: one serial writer, a pool of readers, results back on the GUI thread.

What must stay true: everything that writes the project goes through the one writer, in the order it was asked for;
no thread is ever terminated; and nothing is delivered after `close`. Work learns that it shall stop through its
`Progress`, at its next safe point.

    context.tasks.run(tr("Reading folder"), lambda progress: scan(root, progress), done=self._show)

How work ends:

* it returns: `done(result)` on the GUI thread, then `Job.ended`;
* it raises `Cancelled`: nothing is said, only `Job.ended`;
* it raises `UserError`: `failed(error)` where given, else the runner's `user_error` (the message bar);
* it raises anything else: `failed(error)` where given, and always the runner's `bug` (the bug report).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from core.errors import Cancelled, UserError
from core.progress import CancelToken, Progress, ProgressReport

T = TypeVar("T")
Title = str | Callable[[], str]
"""What a job does, in the user's language; as a function of what may be shown for long: the language may change."""

RECENT_JOBS = 12


class JobState(StrEnum):
    """Where a job stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


ENDED = frozenset({JobState.DONE, JobState.CANCELLED, JobState.FAILED})


class Job(QObject):
    """One piece of long work, as the jobs indicator shows it.

    Attributes
    ----------
    state, report
        Where it stands; its last progress report, or None before the first.
    summary
        What it did, in words, once it ended (or why it failed).
    quiet
        Not worth showing: an answer that takes an instant.
    lasting
        Belongs to the application, not to the project: closing a project does not concern it.
    """

    progressed = Signal(object)  # ProgressReport
    ended = Signal()

    def __init__(
        self,
        title: Title,
        *,
        quiet: bool = False,
        lasting: bool = False,
        on_cancel: Callable[[], None] | None = None,
    ) -> None:
        super().__init__()
        self._title = title
        self.quiet = quiet
        self.lasting = lasting
        self.state = JobState.WAITING
        self.report: ProgressReport | None = None
        self.summary = ""
        self.token = CancelToken()
        self.started_s = time.monotonic()
        self.seconds = 0.0
        self._on_cancel = on_cancel

    @property
    def title(self) -> str:
        """What it does, in the language in use."""
        return self._title if isinstance(self._title, str) else self._title()

    def cancel(self) -> None:
        """Ask the work to stop at its next safe point; a job that ended stays as it is."""
        if not self.has_ended:
            self.token.cancel()
            if self._on_cancel is not None:
                self._on_cancel()

    @property
    def has_ended(self) -> bool:
        """Whether the job is over, in whatever way."""
        return self.state in ENDED

    def begin(self) -> None:
        """Note that the work has started; on the GUI thread."""
        if not self.has_ended:
            self.state, self.started_s = JobState.RUNNING, time.monotonic()

    def show_report(self, report: ProgressReport) -> None:
        """Take a progress report; on the GUI thread."""
        if not self.has_ended:
            self.state, self.report = JobState.RUNNING, report
            self.progressed.emit(report)

    def finish(self, state: JobState = JobState.DONE, summary: str = "") -> None:
        """End the job; on the GUI thread. A second call does nothing."""
        if self.has_ended:
            return
        self.state, self.seconds = state, time.monotonic() - self.started_s
        self.summary = summary or self.summary
        self.ended.emit()


@dataclass(eq=False)
class _Pending:
    """What waits for other jobs to end."""

    title: str
    call: Callable[[], None]


class TaskRunner(QObject):
    """Runs work on the writer or on the readers; lives on the GUI thread, where all its methods are called.

    Attributes
    ----------
    active, recent
        Jobs not ended yet, oldest first; the last ones that ended, newest first. Quiet ones among them.
    """

    jobs_changed = Signal()
    user_error = Signal(object)  # UserError
    bug = Signal(object)  # BaseException
    _posted = Signal(object)  # Callable[[], None], run on the GUI thread

    def __init__(self, readers: int | None = None) -> None:
        super().__init__()
        self.active: list[Job] = []
        self.recent: list[Job] = []
        count = readers or max(2, min(8, os.cpu_count() or 2))
        self._writer: Executor = ThreadPoolExecutor(1, thread_name_prefix="coverslip-writer")
        self._readers: Executor = ThreadPoolExecutor(count, thread_name_prefix="coverslip-reader")
        self._closed = False
        self._pending: list[_Pending] = []
        self._waiting: dict[Job, Callable[[], None]] = {}
        self._posted.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        title: Title,
        work: Callable[[Progress], T],
        *,
        done: Callable[[T], object] | None = None,
        failed: Callable[[Exception], object] | None = None,
        summary: Callable[[T], str] | None = None,
        writes: bool = False,
        quiet: bool = False,
        lasting: bool = False,
        after_ms: int = 0,
    ) -> Job:
        """Run `work` off the GUI thread and return its job at once.

        Parameters
        ----------
        title
            What it does, for the jobs indicator.
        work
            Gets a `Progress`; must call it often enough to be cancelled within about a second.
        done, failed
            Called on the GUI thread with the result, with the error (see the module's text). The result of a
            cancelled job is not delivered, unless it writes: then what was written is told all the same.
        summary
            Says in words what the result is; shown with the ended job.
        writes
            Run on the one writer, after everything asked for before; otherwise on a reader.
        quiet
            Do not show it among the jobs.
        lasting
            It is the application's, not the project's: closing a project neither cancels it nor waits for it.
        after_ms
            Begin so much later: for what can wait until the window has shown what was just done.
        """
        job = Job(title, quiet=quiet, lasting=lasting)
        if self._closed:
            job.finish(JobState.CANCELLED)
            return job
        self.adopt(job)
        progress = Progress(lambda report: self.post(lambda: job.show_report(report)), job.token)

        def deliver(result: T) -> None:
            _deliver_result(job, result, done, summary, cancelled=job.token.cancelled and not writes)

        executor = self._writer if writes else self._readers

        def submit() -> None:
            executor.submit(self._work, job, lambda: work(progress), deliver, failed)

        self._submit(job, submit, after_ms)
        return job

    def _submit(self, job: Job, submit: Callable[[], None], after_ms: int) -> None:
        """Hand work to its thread, now or in a moment."""
        if after_ms:
            self._waiting[job] = submit
            QTimer.singleShot(after_ms, self, partial(self._stop_waiting, job))
        else:
            submit()

    def _stop_waiting(self, job: Job) -> None:
        submit = self._waiting.pop(job, None)
        if submit is not None and not self._closed:
            submit()

    def show(self, job: Job) -> None:
        """Show a quiet job among the others after all: it takes longer than an instant."""
        if job.quiet and not job.has_ended:
            job.quiet = False
            self.jobs_changed.emit()

    def adopt(self, job: Job) -> None:
        """Show a job that runs elsewhere (a training thread); its owner calls `show_report` and `finish`."""
        self.active.append(job)
        job.ended.connect(self._forget_ended)
        self.jobs_changed.emit()

    def post(self, call: Callable[[], None]) -> None:
        """Run `call` on the GUI thread soon; from any thread. Dropped once the runner is closed."""
        if not self._closed:
            self._posted.emit(call)

    def cancel_project_jobs(self) -> None:
        """Ask every job to stop, but for the lasting ones."""
        for job in list(self.active):
            if not job.lasting:
                job.cancel()
                if self._waiting.pop(job, None) is not None:
                    job.finish(JobState.CANCELLED)

    def after_project_jobs(self, title: str, call: Callable[[], None]) -> None:
        """Run `call` on the writer once every job but the lasting ended (or, at `close`, after the threads ended)."""
        pending = _Pending(title, call)
        self._pending.append(pending)
        self.when_project_jobs_ended(lambda: self._start_pending(pending))

    def when_project_jobs_ended(self, call: Callable[[], object]) -> None:
        """Run `call` on the GUI thread once every job but the lasting ended, at once if none runs.

        Several such calls run in the order they were asked for.
        """
        waiting = {job for job in self.active if not job.has_ended and not job.lasting}
        if not waiting:
            call()
            return

        def one_ended(job: Job) -> None:
            waiting.discard(job)
            if not waiting and not self._closed:
                call()

        for job in list(waiting):
            job.ended.connect(lambda job=job: one_ended(job))

    def close(self) -> None:
        """Cancel everything, wait for the threads to end, deliver nothing more. Safe to call twice."""
        self._closed = True
        self._waiting.clear()
        for job in list(self.active):
            job.cancel()
        for executor in (self._writer, self._readers):
            executor.shutdown(wait=True, cancel_futures=True)
        for job in list(self.active):
            job.finish(JobState.CANCELLED)
        for pending in self._pending:
            pending.call()
        self._pending.clear()

    def _start_pending(self, pending: _Pending) -> None:
        if pending in self._pending and not self._closed:
            self.run(pending.title, lambda _: self._run_pending(pending), writes=True, quiet=True, lasting=True)

    def _run_pending(self, pending: _Pending) -> None:
        # Taken from the list first: `close` runs itself what the writer never came to.
        self._pending.remove(pending)
        pending.call()

    def _work(
        self,
        job: Job,
        work: Callable[[], Any],
        deliver: Callable[[Any], None],
        failed: Callable[[Exception], object] | None,
    ) -> None:
        """Run on a worker thread: the worker boundary, where every exception ends and becomes a message."""
        if job.token.cancelled:
            self.post(lambda: job.finish(JobState.CANCELLED))
            return
        self.post(job.begin)
        try:
            result = work()
        except Cancelled:
            self.post(lambda: job.finish(JobState.CANCELLED))
        except Exception as error:  # noqa: BLE001 - the worker boundary (see the design)
            caught = error
            self.post(lambda: self._fail(job, caught, failed))
        else:
            self.post(lambda: deliver(result))

    def _fail(self, job: Job, error: Exception, failed: Callable[[Exception], object] | None) -> None:
        is_users = isinstance(error, UserError)
        job.finish(JobState.FAILED, str(error) if is_users else type(error).__name__)
        if failed is not None:
            failed(error)
        if not is_users:
            self.bug.emit(error)
        elif failed is None:
            self.user_error.emit(error)

    @Slot(object)
    def _deliver(self, call: Callable[[], None]) -> None:
        if not self._closed:
            call()

    def _forget_ended(self) -> None:
        ended = [job for job in self.active if job.has_ended]
        self.active = [job for job in self.active if not job.has_ended]
        self.recent = ([job for job in reversed(ended) if not job.quiet] + self.recent)[:RECENT_JOBS]
        self.jobs_changed.emit()


def _deliver_result(
    job: Job,
    result: T,
    done: Callable[[T], object] | None,
    summary: Callable[[T], str] | None,
    *,
    cancelled: bool,
) -> None:
    """Hand a result on, on the GUI thread, and end its job."""
    if cancelled:
        job.finish(JobState.CANCELLED)
        return
    # The job ends whatever `done` does, or the indicator would show it for ever.
    try:
        if done is not None:
            done(result)
    finally:
        job.finish(JobState.DONE, summary(result) if summary is not None else "")
