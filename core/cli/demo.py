"""``coverslip demo``: the main job on the sample set, end to end; run again, it goes on in the same project."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from core.cli.check import check_now, check_result
from core.cli.console import Console, Result
from core.cli.evaluate import evaluation_result
from core.cli.export import export_result
from core.cli.import_ import import_result
from core.cli.predict import predict_source_to
from core.cli.table import text_table
from core.cli.train import train_project
from core.cli.verify import verify_result
from core.domain.samples import Split
from core.ingest.importer import import_source
from core.ingest.rules import parse_group_rule, parse_label_rule
from core.paths import user_data_dir
from core.store.project import Project, project_path
from core.store.splits import assign_project_splits
from core.training.config import build_config
from core.training.judge import judge_run
from core.translation import tr

_REPORT_LINES = 22
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


def demo_project(arguments: Sequence[str]) -> Path:
    """Return the project that a demo run with these (valid) arguments leaves."""
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    known, _ = parser.parse_known_args(arguments)
    return demo_paths(known.dir).project


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "--dir", type=Path, metavar="DIR", help=tr("where to keep it; a folder of your documents otherwise")
    )
    parser.add_argument("--headless", action="store_true", help=tr("do not open the window at the end"))
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help=tr("a training setting"))


def run(args: argparse.Namespace, console: Console) -> Result:
    """Import, split, check, train, evaluate, export, verify and predict."""
    paths = demo_paths(args.dir)
    clock = _Clock(console)
    clock.time(tr("sample set"), lambda: _make_sample_set(paths, console))
    with _open_or_create(paths.project) as project:
        imported = clock.time(tr("import"), lambda: _import(project, paths, console))
        clock.time(tr("split"), lambda: assign_project_splits(project, tool="demo"))
        checked = clock.time(tr("check"), lambda: _check(project, paths, console))
        trained = clock.time(tr("train"), lambda: _train(project, args.set, console))
        run_id = int(str(trained.data["run"]))
        judged = clock.time(tr("evaluate"), lambda: evaluation_result(judge_run(project, run_id, Split.TEST)))
        exported = clock.time(tr("export"), lambda: _export(project, run_id, paths, console))
    verified = clock.time(tr("verify"), lambda: verify_result(paths.kit(run_id)))
    predicted = clock.time(tr("predict"), lambda: _predict(paths, run_id, console))
    steps = {
        "import": imported,
        "check": checked,
        "train": trained,
        "evaluate": judged,
        "export": exported,
        "verify": verified,
        "predict": predicted,
    }
    data = {name: step.data for name, step in steps.items()} | {"project": str(paths.project), "seconds": clock.seconds}
    return Result(data, _report(steps, clock, paths), ok=all(step.ok for step in steps.values()))


class _Clock:
    """Says each step, and keeps how long it took."""

    def __init__(self, console: Console) -> None:
        self.seconds: dict[str, float] = {}
        self._console = console

    def time(self, name: str, work: Callable[[], T]) -> T:
        self._console.say(f"— {name}")
        started = time.monotonic()
        result = work()
        self.seconds[name] = round(time.monotonic() - started, 2)
        return result


def _make_sample_set(paths: DemoPaths, console: Console) -> None:
    from core.ingest.sample_set.maker import make_sample_set

    make_sample_set(paths.sample_set, progress=console.progress())


def _open_or_create(path: Path) -> Project:
    return Project.open(path) if path.exists() else Project.create(path)


def _import(project: Project, paths: DemoPaths, console: Console) -> Result:
    from core.ingest.sample_set.maker import GROUP_PATTERN

    report = import_source(
        project,
        paths.sample_set / "images",
        labels=parse_label_rule("folder"),
        groups=parse_group_rule(f"pattern:{GROUP_PATTERN}"),
        progress=console.progress(),
    )
    return import_result(report)


def _check(project: Project, paths: DemoPaths, console: Console) -> Result:
    from core.quality.planted import recovered

    checked = check_result(check_now(project, None, console))
    found = recovered(project, paths.sample_set / "truth.json")
    rows = [[one.fault, f"{one.planted}", f"{one.early}", f"{one.found}", f"{one.cases}"] for one in found]
    header = [tr("planted in the sample set"), tr("faults"), tr("in as many first cases"), tr("found"), tr("cases")]
    planted = {one.fault: one.to_json() for one in found}
    return Result({**checked.data, "planted": planted}, [*checked.lines, "", *text_table(header, rows)])


def _train(project: Project, settings: list[str], console: Console) -> Result:
    return train_project(project, build_config(None, settings or ["preset=quick"]), console)


def _export(project: Project, run_id: int, paths: DemoPaths, console: Console) -> Result:
    from core.export.exporter import export_run

    return export_result(export_run(project, run_id, paths.kit(run_id), progress=console.progress()))


def _predict(paths: DemoPaths, run_id: int, console: Console) -> Result:
    return predict_source_to(paths.kit(run_id), paths.sample_set / "images", paths.predictions(run_id), console=console)


def _report(steps: dict[str, Result], clock: _Clock, paths: DemoPaths) -> list[str]:
    lines: list[str] = []
    for name, step in steps.items():
        lines += [f"{name}:", *(f"  {line}" for line in step.lines[:_REPORT_LINES]), ""]
    total = sum(clock.seconds.values())
    times = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in clock.seconds.items())
    return [
        *lines,
        tr("Time: {times}; together {total} s.", times=times, total=f"{total:.0f}"),
        tr("The project is {path}. Open it with “coverslip app {path}”.", path=str(paths.project)),
    ]
