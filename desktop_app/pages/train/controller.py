"""The state of the Train page: the configuration being made, the training that runs, and the runs to look at.

No widget here. One thing must stay true: what the page shows of a run comes from that run's own events, live or read
back from its log, so that a restart shows the same curves.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer, Signal

from core.domain.changes import Changes
from core.domain.runs import RESUMABLE, USABLE, Run
from core.errors import Cancelled, UserError
from core.progress import Progress, ProgressReport
from core.store.runs import get_run, runs
from core.training.config import PRESETS, Preset, Strategy, TrainConfig
from core.training.events import EpochDone, Notice, Preparing, RunEnded, RunStarted, TrainEvent
from core.training.hint import curve_hint
from core.training.run_log import read_events
from core.translation import tr
from desktop_app.pages.page import Badge, BadgeState, PageController
from desktop_app.pages.train.channel_facts import ChannelFacts
from desktop_app.pages.train.curves import Curves
from desktop_app.pages.train.data_counts import DataCounts
from desktop_app.pages.train.own_weights import OwnWeights
from desktop_app.workers.task_runner import Job, JobState
from desktop_app.workers.training_thread import TrainingThread

if TYPE_CHECKING:
    from desktop_app.context import AppContext

DRAIN_MS: Final = 100


class TrainController(PageController):
    """What the Train page shows and does.

    Signals
    -------
    config_changed
        `config` is another one.
    progressed
        The training that runs has new steps or another stage; at most ten times a second.
    run_state_changed
        A training began or ended.
    runs_changed
        `runs`, `shown` or `data`.
    """

    config_changed = Signal()
    progressed = Signal()
    run_state_changed = Signal()
    runs_changed = Signal()

    def __init__(self, context: AppContext) -> None:
        super().__init__(context)
        self.config: TrainConfig = PRESETS[Preset.BALANCED]
        self.runs: list[Run] = []
        self.shown: list[int] = []
        self.preparing: Preparing | None = None
        self.live = Curves()
        self.training: TrainingThread | None = None
        self.stopping = ""
        self._logged: dict[int, Curves] = {}
        self._job: Job | None = None
        self.weights = OwnWeights(context, self)
        self.weights.added.connect(self._weights_added)
        self.channels = ChannelFacts(context, self)
        self.data = DataCounts(context, self)
        self.data.changed.connect(self.runs_changed)
        self.data.changed.connect(self.badge_changed)
        self._timer = QTimer(self)
        self._timer.setInterval(DRAIN_MS)
        self._timer.timeout.connect(self._drain)
        context.project_changed.connect(self._project_changed)
        context.project_closing.connect(self._let_go)
        context.changed.connect(self._changed)

    # --- the configuration

    def choose_preset(self, preset: Preset) -> None:
        """Fill everything in from a preset; the backbone the user chose stays."""
        self._use(self.preset_config(preset))

    def preset_config(self, preset: Preset) -> TrainConfig:
        """Return a preset with what it does not say: the backbone, and what the images are."""
        kept = {field: getattr(self.config, field) for field in ("backbone", "channels", "window")}
        return PRESETS[preset].with_changes(**kept)

    def choose_preset_named(self, name: str) -> None:
        """Fill everything in from the preset of this name."""
        self.choose_preset(Preset(name))

    def set_values(self, **changes: Any) -> None:
        """Change single values; what is not valid goes to the message bar and changes nothing."""
        try:
            self._use(self.config.with_changes(**changes))
        except UserError as error:
            self.context.user_error.emit(error)

    def set_strength(self, augmentation: str, strength: float) -> None:
        """Set the strength of one augmentation; 0 switches it off."""
        self.set_values(strengths={**self.config.strengths, augmentation: strength})

    def _use(self, config: TrainConfig) -> None:
        if config != self.config:
            self.config = config
            self.config_changed.emit()

    def _weights_added(self, backbone: str) -> None:
        if not self.running:
            self.set_values(backbone=backbone)

    def ask_sheet(self, columns: int, show: Callable[[NDArray[np.uint8]], object]) -> None:
        """Have a sheet drawn: `columns` images of the project as they are, and as augmented; `show` gets it."""
        project, config = self.context.project, self.config
        if project is None or not (self.data.counts and self.data.counts.samples):
            return

        def work(progress: Progress) -> NDArray[np.uint8]:
            from desktop_app.pages.train.sheet import augmented_sheet

            return augmented_sheet(project, config, columns)

        self.context.tasks.run(tr("Augmentation preview"), work, done=show, quiet=True)

    # --- the training

    def can_start(self) -> bool:
        """Whether there are images of two labels to learn."""
        return self.data.counts is not None and sum(n > 0 for n in self.data.counts.labels.values()) >= 2

    def speeds(self) -> dict[str, float]:
        """Return images/s of fine-tuning, by backbone, as the newest finished run of each measured it."""
        found: dict[str, float] = {}
        for run in self.runs:
            speed = json.loads(run.summary).get("images_per_second")
            tuned = run.state in USABLE and json.loads(run.config).get("strategy") != Strategy.HEAD
            if speed and tuned:
                found.setdefault(run.backbone, float(speed))
        return found

    @property
    def running(self) -> bool:
        """Whether a training runs now."""
        return self.training is not None

    def start(self, *, resume: int | None = None) -> None:
        """Begin a training, or go on with a run that can be resumed."""
        project = self.context.project
        if project is None or self.running:
            return
        config = self.config if resume is None else TrainConfig.from_json(get_run(project, resume).config)
        if resume is None and self.weights.refuse(config.backbone):
            return
        self.live = Curves(read_events(project, resume) if resume is not None else ())
        self.preparing, self.stopping = None, ""
        thread = TrainingThread(
            project,
            config,
            resume=resume,
            allow_download=self.context.settings.downloads_allowed,
            parent=self,
        )
        thread.happened.connect(self._happened)
        thread.failed.connect(self._failed)
        thread.finished.connect(self._finished)
        self.training = thread
        self._job = Job(lambda: tr("Training"), on_cancel=self.stop)
        self._job.begin()
        self.context.tasks.adopt(self._job)
        self._timer.start()
        thread.start(TrainingThread.Priority.LowPriority)
        self._tell_state()

    def pause(self) -> None:
        """Keep the training's exact place; it can be resumed to the same result."""
        if self.training is not None:
            self.stopping = tr("Pausing after this step…")
            self.training.control.pause()
            self.progressed.emit()

    def stop(self) -> None:
        """End the training and keep its best epoch so far."""
        if self.training is not None:
            self.stopping = tr("Stopping after this step…")
            self.training.control.stop()
            self.progressed.emit()

    def resumable(self) -> Run | None:
        """Return the newest run that waits to be resumed, unless a training runs."""
        if self.running:
            return None
        return next((run for run in self.runs if run.state in RESUMABLE), None)

    def hint(self) -> str:
        """Say in words what the curves shown first mean."""
        if not self.curves():
            return ""
        curves = self.curves()[0][1]
        return curve_hint(curves.epochs, finished=curves.ended is not None and curves.ended.state in USABLE)

    # --- what is looked at

    def show_runs(self, run_ids: list[int]) -> None:
        """Show the curves of these runs, laid over one another; none means the one that runs."""
        self.shown = run_ids
        self.runs_changed.emit()

    def curves(self) -> list[tuple[str, Curves]]:
        """Return the curves to draw with their titles, the first one the most important."""
        live_id = self.live.started.run_id if self.live.started else None
        if not self.shown:
            return [(self._title(live_id), self.live)] if self.live.version else []
        return [
            (self._title(run_id), self.live if run_id == live_id else self._logged_curves(run_id))
            for run_id in self.shown
        ]

    def badge(self) -> Badge:
        """Return a ring while training, and how many runs there are."""
        if self.running:
            step, total = self.live.last_step, self.live.total_epochs
            share = (step.epoch - 1 + step.step / step.steps) / total if step and total else None
            return Badge("", BadgeState.RUNNING, share)
        return Badge(str(len(self.runs)) if self.runs else "")

    def status(self) -> str:
        """Return what the status bar says."""
        if self.running and self.live.started:
            return tr("Training run {run} · closing the window keeps its place", run=self.live.started.run_id)
        return ""

    def _title(self, run_id: int | None) -> str:
        return tr("run {run}", run=run_id) if run_id is not None else tr("this run")

    def _logged_curves(self, run_id: int) -> Curves:
        if run_id not in self._logged and self.context.project is not None:
            self._logged[run_id] = Curves(read_events(self.context.project, run_id))
        return self._logged.get(run_id, Curves())

    # --- what the thread tells

    def _drain(self) -> None:
        if self.training is None:
            return
        steps = self.training.take_steps()
        for step in steps:
            self.live.take(step)
        if steps:
            self._report()
            self.progressed.emit()
            self.badge_changed.emit()

    def _happened(self, event: TrainEvent) -> None:
        self._drain()
        self.preparing = event if isinstance(event, Preparing) else None
        self.live.take(event)
        self._report()
        if isinstance(event, RunStarted):
            self.shown = []
        if isinstance(event, RunStarted | RunEnded):
            self.context.changed.emit(Changes(runs=True))
        if isinstance(event, Notice) and event.code == "splits_assigned":
            self.context.changed.emit(Changes(samples=True))
        if isinstance(event, EpochDone):
            self.badge_changed.emit()
        self.progressed.emit()

    def _report(self) -> None:
        if self._job is None:
            return
        if self.preparing is not None:
            p = self.preparing
            self._job.show_report(ProgressReport(p.stage, p.done, p.total, p.seconds_left))
        elif (step := self.live.last_step) is not None:
            total = self.live.total_epochs * step.steps
            done = (step.epoch - 1) * step.steps + step.step
            self._job.show_report(ProgressReport(tr("Epoch {n}", n=step.epoch), done, total, self.seconds_left()))

    def seconds_left(self) -> float | None:
        """Return how long the epochs that are left take at the present pace; None before it is known."""
        step, total, started = self.live.last_step, self.live.total_epochs, self.live.started
        if step is None or not total or started is None or step.images_per_second <= 0:
            return None
        per_epoch = started.train_images / step.images_per_second
        return max(0.0, (total - step.epoch + 1 - step.step / step.steps) * per_epoch)

    def _failed(self, error: Exception) -> None:
        if self._job is not None:
            self._job.finish(JobState.CANCELLED if isinstance(error, Cancelled) else JobState.FAILED, str(error))
        if isinstance(error, UserError):
            self.context.user_error.emit(error)
        elif not isinstance(error, Cancelled):
            self.context.tasks.bug.emit(error)

    def _finished(self) -> None:
        self._drain()
        thread, self.training = self.training, None
        if thread is not None:
            thread.deleteLater()
        self._timer.stop()
        self.preparing, self.stopping = None, ""
        if self._job is not None:
            self._job.finish(JobState.DONE, self._summary())
            self._job = None
        if self.context.project is not None:
            self.context.changed.emit(Changes(runs=True))
        self._tell_state()

    def _summary(self) -> str:
        ended = self.live.ended
        score = ended.metrics.get("val", {}).get("macro_f1") if ended else None
        return tr("macro-F1 {score} on val", score=f"{score['value']:.3f}") if score else ""

    def _tell_state(self) -> None:
        self.run_state_changed.emit()
        self.progressed.emit()
        self.badge_changed.emit()

    # --- the project

    def _changed(self, changes: Changes) -> None:
        if changes.runs or changes.samples or changes.sample_ids is not None:
            self._refresh()
        if changes.samples or changes.display:
            self.channels.refresh()

    def _project_changed(self) -> None:
        self.live, self.shown = Curves(), []
        self._logged.clear()
        self.set_values(channels="auto", window="auto")
        self.channels.refresh()
        self._refresh()
        self._tell_state()

    def _refresh(self) -> None:
        project = self.context.project
        self.runs = runs(project) if project is not None else []
        self.data.ask()
        if not self.running and not self.shown and self.runs and not self.live.version:
            self.shown = [self.runs[0].id]
        self.runs_changed.emit()
        self.badge_changed.emit()

    def _let_go(self) -> None:
        """The project closes: keep the training's place and wait for its thread."""
        if self.training is not None:
            self.training.control.pause()
            self.training.wait()
            self._finished()
