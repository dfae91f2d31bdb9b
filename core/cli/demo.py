"""``coverslip demo``: the whole main job on the sample set, with a report; run again, it goes on in the same project."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from core.cli.console import Console, Result
from core.cli.evaluate import evaluation_result, interval
from core.cli.table import text_table
from core.cli.train import train_project
from core.domain.samples import Split
from core.ingest.importer import import_source
from core.ingest.rules import parse_group_rule, parse_label_rule
from core.paths import user_data_dir
from core.store.project import Project, project_path
from core.store.splits import assign_project_splits, groups_straddling
from core.translation import tr

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DemoPaths:
    """Where the demo keeps things: the sample set, the project, the kits and the predictions."""

    root: Path

    @property
    def sample_set(self) -> Path:
        """The images, and apart from them the truth about them."""
        return self.root / "sample-set"

    @property
    def project(self) -> Path:
        """The project's folder."""
        return project_path(self.root / "sample")

    def kit(self, run: int) -> Path:
        """The kit of one run."""
        return self.root / f"kit-run-{run}"

    def predictions(self, run: int) -> Path:
        """The table of one run's predictions."""
        return self.root / f"predictions-run-{run}.csv"


def demo_paths(directory: Path | None) -> DemoPaths:
    """Return the demo's paths under `directory`, or where they are kept without one."""
    return DemoPaths((directory or user_data_dir() / "demo").absolute())


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--dir", type=Path, metavar="DIR", help=tr("where to keep it; a folder of your documents otherwise"))
    parser.add_argument("--headless", action="store_true", help=tr("do not open the window at the end"))
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help=tr("a training setting"))


def run(args: argparse.Namespace, console: Console) -> Result:
    """Import, split, train, evaluate, export, verify and predict."""
    paths = demo_paths(args.dir)
    clock = _Clock(console)
    clock.time(tr("sample set"), lambda: _make_sample_set(paths, console))
    paths.root.mkdir(parents=True, exist_ok=True)
    with _open_or_create(paths.project) as project:
        imported = clock.time(tr("import"), lambda: _import(project, paths, console))
        clock.time(tr("split"), lambda: assign_project_splits(project, tool="demo"))
        straddling = groups_straddling(project)
        trained = clock.time(tr("train"), lambda: _train(project, args.set, console))
        run_id = int(str(trained.data["run"]))
        judged = clock.time(tr("evaluate"), lambda: _judge(project, run_id))
        proof = clock.time(tr("export"), lambda: _export(project, run_id, paths, console))
    verified = clock.time(tr("verify"), lambda: _verify(paths.kit(run_id)))
    predicted = clock.time(tr("predict"), lambda: _predict(paths, run_id, console))
    data = {
        "project": str(paths.project),
        "import": imported,
        "groups_straddling": straddling,
        "train": trained.data,
        "evaluate": judged.data,
        "export": proof,
        "verify": verified,
        "predict": predicted,
        "seconds": clock.seconds,
    }
    return Result(data, _report(data, judged, clock), ok=bool(verified["ok"]))
