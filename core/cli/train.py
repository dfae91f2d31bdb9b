"""``coverslip train``."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from core.cli.arguments import add_project
from core.cli.console import Console, Result
from core.domain.runs import RunState
from core.store.project import Project
from core.training.config import load_config
from core.training.control import TrainControl
from core.training.events import (
    EpochDone,
    Notice,
    Preparing,
    RunEnded,
    RunStarted,
    StageStarted,
    StepDone,
    TrainEvent,
    to_json,
)
from core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    parser.add_argument("--backbone", metavar="NAME", help=tr("the pretrained network; see “coverslip backbones”"))
    parser.add_argument("--config", type=Path, metavar="FILE.toml", help=tr("a file of settings"))
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help=tr("one setting, such as preset=quick")
    )
    parser.add_argument("--resume", type=int, metavar="RUN", help=tr("go on with a run that was interrupted or paused"))
    parser.add_argument("--events", action="store_true", help=tr("print each event as a line of JSON on stdout"))
