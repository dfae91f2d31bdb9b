"""``coverslip train``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Final

from core.cli.arguments import add_project, whole_number
from core.cli.console import Console, Result
from core.domain.runs import RunState
from core.errors import BugError, Cancelled, UserError
from core.progress import ProgressReport
from core.store.project import Project
from core.store.runs import get_run
from core.training.config import TrainConfig, build_config
from core.training.control import TrainControl
from core.training.events import (
    EpochDone,
    Notice,
    Preparing,
    RunEnded,
    RunStarted,
    StepDone,
    TrainEvent,
    to_json,
)
from core.translation import mark, tr
from core.words import said

_EPOCH: Final = mark("Epoch {epoch}: loss {loss}, val loss {val_loss}, val macro-F1 {score}{best}")
_EPOCH_BY_RANKING: Final = mark(
    "Epoch {epoch}: loss {loss}, val loss {val_loss}, val mean average precision {score}{best}"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    parser.add_argument("--backbone", metavar="NAME", help=tr("the pretrained network; see “coverslip backbones”"))
    parser.add_argument("--config", type=Path, metavar="FILE.toml", help=tr("a file of settings"))
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help=tr("one setting, such as preset=quick")
    )
    parser.add_argument(
        "--resume", type=whole_number, metavar="RUN", help=tr("go on with a run that was interrupted or paused")
    )
    parser.add_argument("--allow-download", action="store_true", help=tr("fetch the weights if they are not here"))
    parser.add_argument("--events", action="store_true", help=tr("print each event as a line of JSON on stdout"))


def run(args: argparse.Namespace, console: Console) -> Result:
    """Train, and say how it went."""
    pairs = [*([f"backbone={args.backbone}"] if args.backbone else []), *args.set]
    if args.resume is not None and (pairs or args.config is not None):
        raise UserError("resume_keeps_settings")
    config = build_config(args.config, pairs)
    with Project.open(args.project) as project:
        return train_project(
            project, config, console, resume=args.resume, events=args.events, allow_download=args.allow_download
        )


def train_project(
    project: Project,
    config: TrainConfig,
    console: Console,
    *,
    resume: int | None = None,
    events: bool = False,
    allow_download: bool = False,
) -> Result:
    """Drain the training's events onto the console and return what the last one says."""
    from core.training.session import train

    if resume is not None:
        config = TrainConfig.from_json(get_run(project, resume).config)
    control = TrainControl()
    ended: RunEnded | None = None
    with _cancelled_by(console, control):
        for event in train(project, config, control, resume=resume, allow_download=allow_download):
            if events:
                console.emit(to_json(event))
            _say(event, console)
            if isinstance(event, RunEnded):
                ended = event
    if ended is None:
        raise BugError("the training ended without saying so")
    if ended.state is not RunState.DONE and console.token.cancelled:
        raise Cancelled
    return _result(ended)


@contextmanager
def _cancelled_by(console: Console, control: TrainControl) -> Iterator[None]:
    """Hand the console's Ctrl-C on to the training while the block runs."""
    over = Event()

    def watch() -> None:
        while not over.wait(0.1):
            if console.token.cancelled:
                control.cancel()
                return

    watcher = Thread(target=watch, name="ctrl-c watcher")
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()


def _say(event: TrainEvent, console: Console) -> None:
    match event:
        case RunStarted():
            text = tr(
                "Run {run}: {backbone} on {device}, {train} images to train on, {val} to validate.",
                run=event.run_id,
                backbone=event.backbone,
                device=event.device,
                train=f"{event.train_images:,}",
                val=f"{event.val_images:,}",
            )
            console.say(text)
        case Preparing():
            console.report(ProgressReport(event.stage, event.done, event.total, event.seconds_left))
        case StepDone():
            console.report(ProgressReport(tr("Epoch {n}", n=event.epoch), event.step, event.steps))
        case EpochDone():
            many = event.val.mean_average_precision is not None
            text = tr(
                _EPOCH_BY_RANKING if many else _EPOCH,
                epoch=event.epoch,
                loss=f"{event.train.loss:.3f}",
                val_loss=f"{event.val.loss:.3f}",
                score=f"{event.val.score:.4f}",
                best=tr(" (best)") if event.best else "",
            )
            console.say(text)
        case Notice():
            console.say(event.message)
        case _:
            pass


def _result(ended: RunEnded) -> Result:
    data = {
        "run": ended.run_id,
        "state": str(ended.state),
        "best_epoch": ended.best_epoch,
        "seconds": ended.seconds,
        "images_per_second": ended.images_per_second,
        "metrics": json.loads(json.dumps(ended.metrics, default=dict)),
    }
    lines = [
        tr(
            "Run {run} is {state} after {seconds} s.",
            run=ended.run_id,
            state=said(str(ended.state)),
            seconds=f"{ended.seconds:.0f}",
        )
    ]
    score = ended.metrics.get("val", {}).get("macro_f1")
    if score and score["low"] is None:
        lines.append(tr("Validation macro-F1 {value}", value=f"{score['value']:.3f}"))
    elif score:
        lines.append(
            tr(
                "Validation macro-F1 {value} ({low} to {high})",
                value=f"{score['value']:.3f}",
                low=f"{score['low']:.3f}",
                high=f"{score['high']:.3f}",
            )
        )
    return Result(data, lines)
