"""Training a project: from its labelled images to a run with checkpoints, predictions and a judgement.

`train` is a generator of events, drained by the window's thread and by the command line alike. One thing must stay
true: a run that was paused, cancelled or killed, at any moment, can be resumed to the result it would have had.
"""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Iterator
from contextlib import closing
from functools import partial
from typing import Any

from core.domain.runs import USABLE, RunState
from core.domain.samples import Split
from core.errors import Cancelled
from core.store.project import Project
from core.store.runs import update_run
from core.training.background import told
from core.training.checkpoint import FileKeeper, read_checkpoints
from core.training.config import Strategy, TrainConfig
from core.training.control import FinishToken, Request, TrainControl
from core.training.dataset import keep_dataset
from core.training.events import EpochDone, Notice, RunEnded, RunStarted, StageStarted, TrainEvent
from core.training.head import Embedded, embed_dataset, fit_head, head_of, put_head
from core.training.loop import FitResult, copied_weights, fit
from core.training.outcome import write_outcome
from core.training.plan import StageName
from core.training.run_inputs import held_out, predicted_logits, train_set
from core.training.run_log import RunLog
from core.training.scores import logit_scores
from core.training.snapshot import Best, Snapshot
from core.training.start import Start, start_run


def train(
    project: Project,
    config: TrainConfig,
    control: TrainControl,
    *,
    resume: int | None = None,
    allow_download: bool = False,
    spare_core: bool = False,
) -> Iterator[TrainEvent]:
    """Train a run of a project, or go on with one.

    Parameters
    ----------
    config
        Of a new run; a resumed one keeps its own.
    resume
        The run to go on with.
    allow_download
        Whether the user allowed weights to be fetched.
    spare_core
        Leave one processor core alone, for the window.

    Raises
    ------
    UserError
        Before anything is made: ``run_missing``, ``run_not_resumable``, ``device_unavailable``, those of
        `core.backbones.weights.load_weights` and of `core.training.dataset.choose_dataset`. Later, with the run kept
        as failed, to be resumed: ``training_out_of_memory``, ``training_diverged``, ``disk_full``, ``run_damaged``,
        or the reason why an image is gone.
    Cancelled
        The control ended it before the run was made. From then on a run ends with `RunEnded` and the state it is in.
    """
    start = yield from start_run(
        project, config, control, resume=resume, allow_download=allow_download, spare_core=spare_core
    )
    with RunLog(start.folder) as log, closing(_Session(project, control, start).events()) as events:
        for event in events:
            log.write(event)
            yield event


class _Session:
    """One run on its way."""

    def __init__(self, project: Project, control: TrainControl, start: Start) -> None:
        self._project = project
        self._control = control
        self._start = start
        self._config = start.config
        self._dataset = start.dataset
        self._model = start.model
        self._keeper = FileKeeper(start.folder)
        self._state = RunState.FAILED
        self._summary: dict[str, Any] = json.loads(start.run.summary) if start.run.summary else {}
        self._seconds_before = float(self._summary.get("seconds", 0.0))
        self._started_s = time.monotonic()

    def events(self) -> Generator[TrainEvent, None, None]:
        """Go through the run; whatever happens, its row says afterwards how it stands."""
        self._write_row(RunState.RUNNING)
        try:
            yield self._run_started()
            yield from self._start.notices
            yield from self._work()
        except Cancelled:
            paused = self._control.request is Request.PAUSE
            self._state = RunState.PAUSED if paused else RunState.INTERRUPTED
        except (GeneratorExit, KeyboardInterrupt):
            self._state = RunState.INTERRUPTED
            raise
        finally:
            self._write_row(self._state)
        if self._state in USABLE:
            self._keeper.forget_last()
        yield RunEnded(
            run_id=self._start.run.id,
            state=self._state,
            best_epoch=self._summary.get("best_epoch"),
            seconds=self._summary["seconds"],
            images_per_second=self._summary.get("images_per_second", 0.0),
            metrics=self._summary.get("metrics", {}),
        )

    def _write_row(self, state: RunState) -> None:
        self._summary["seconds"] = self._seconds_before + time.monotonic() - self._started_s
        update_run(self._project, self._start.run.id, state=state, summary=json.dumps(self._summary))

    def _run_started(self) -> RunStarted:
        return RunStarted(
            run_id=self._start.run.id,
            backbone=self._config.backbone,
            labels=tuple(label.name for label in self._dataset.labels),
            train_images=len(self._dataset.rows(Split.TRAIN)),
            val_images=len(self._dataset.rows(Split.VAL)),
            test_images=len(self._dataset.rows(Split.TEST)),
            device=self._start.device.name,
            resumed=self._start.resumed,
        )

    def _work(self) -> Generator[TrainEvent, None, None]:
        if self._config.strategy is Strategy.HEAD:
            embedded, _ = yield from self._head()
            rows = self._dataset.rows(Split.TRAIN, Split.VAL, Split.TEST)
            logits = head_of(self._model).logits(embedded.features[rows])
            stopped = False
        else:
            stopped = yield from self._fine_tune()
            rows = self._dataset.rows(Split.TRAIN, Split.VAL, Split.TEST)
            prepared = (self._project, self._dataset.table.take(rows), self._model)
            work = partial(predicted_logits, *prepared, self._start.facts.preprocess, self._start.device)
            logits, readable = yield from told(work, self._control, FinishToken(self._control))
            rows, logits = rows[readable], logits[readable]
        self._summary |= write_outcome(
            self._project, self._start.run.id, self._dataset, rows, logits, self._start.facts.preprocess
        )
        for name in self._summary.get("untuned", []):
            yield Notice("threshold_not_tuned", {"label": name})
        self._state = RunState.STOPPED if stopped else RunState.DONE

    def _head(self) -> Generator[TrainEvent, None, tuple[Embedded, Best]]:
        """Fit the head to embeddings: it is the best so far."""
        started_s = time.perf_counter()
        where = (self._start.facts.preprocess, self._start.device, self._config)
        embed = partial(embed_dataset, self._project, self._dataset, self._model, *where)
        embedded = yield from told(embed, self._control)
        self._dataset = embedded.dataset
        if embedded.skipped:
            yield Notice("images_skipped", {"count": embedded.skipped})
        keep_dataset(self._start.folder, self._dataset)
        yield StageStarted(StageName.HEAD, 0, 1, 1)
        head = yield from told(partial(fit_head, embedded, self._config), self._control)
        put_head(self._model, head)
        train, val = (
            logit_scores(head.logits(embedded.features[rows]), self._dataset.y[rows])
            for rows in (self._dataset.rows(Split.TRAIN), self._dataset.rows(Split.VAL))
        )
        best = Best(0, val, copied_weights(self._model))
        self._keeper.keep_best(best)
        seconds = time.perf_counter() - started_s
        rate = (embedded.computed or len(embedded.features)) / seconds
        self._summary["images_per_second"] = rate
        done = EpochDone(StageName.HEAD, 0, train, val, 0.0, rate, seconds, best=True)
        self._note(done)
        yield done
        return embedded, best

    def _fine_tune(self) -> Generator[TrainEvent, None, bool]:
        """Train the head, then what lies below it; returns whether the user stopped it. The model is then the best.

        Raises
        ------
        Cancelled
            A pause or an end was asked for.
        """
        best, last = yield from self._kept()
        if best is None:
            _, best = yield from self._head()
        prepared = (self._project, self._dataset, self._start.facts.preprocess, self._start.device)
        train = yield from told(partial(train_set, *prepared), self._control)
        val = yield from told(partial(held_out, *prepared), self._control)
        self._model.load_state_dict(best.weights)
        steps = fit(
            self._model,
            train,
            val,
            self._config,
            self._control,
            device=self._start.device,
            keeper=self._keeper,
            best=best,
            resume=last,
        )
        result = yield from self._noting(steps)
        if result.request in (Request.PAUSE, Request.CANCEL):
            raise Cancelled
        self._summary["best_epoch"] = result.best.epoch
        self._summary["images_per_second"] = result.images_per_second or self._summary.get("images_per_second", 0.0)
        return result.request is Request.STOP

    def _kept(self) -> Generator[TrainEvent, None, tuple[Best | None, Snapshot | None]]:
        """Return the checkpoints of a run that is resumed, and say where it goes on."""
        if not self._start.resumed:
            return None, None
        kept = read_checkpoints(self._start.folder, self._start.run.id)
        if kept is None:
            yield Notice("starts_again")
            return None, None
        best, last = kept
        place = last.place if last else None
        yield Notice("continues_from", {"epoch": place.epoch if place else 0, "step": place.step if place else 0})
        return best, last

    def _noting(self, steps: Generator[TrainEvent, None, FitResult]) -> Generator[TrainEvent, None, FitResult]:
        """Pass the events on, noting the best epoch as it comes."""
        with closing(steps):
            while True:
                try:
                    event = next(steps)
                except StopIteration as ended:
                    result: FitResult = ended.value
                    return result
                if isinstance(event, EpochDone) and event.best:
                    self._note(event)
                yield event

    def _note(self, best: EpochDone) -> None:
        self._summary |= {"best_epoch": best.epoch, "macro_f1": best.val.macro_f1}
        self._write_row(RunState.RUNNING)
