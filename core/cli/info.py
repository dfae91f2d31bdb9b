"""``coverslip info``."""

from __future__ import annotations

import argparse
import json

from core.cli.arguments import add_project
from core.cli.console import Console, Result
from core.domain.runs import Run
from core.store.project import Project
from core.store.runs import runs
from core.store.samples import Counts, counts
from core.store.splits import groups_straddling
from core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)


def run(args: argparse.Namespace, console: Console) -> Result:
    """Count what the project holds."""
    with Project.open(args.project, read_only=True) as project:
        found, known_runs = counts(project), runs(project)
        straddling = groups_straddling(project)
    data = {
        "samples": found.samples,
        "labels": found.labels,
        "unlabelled": found.unlabelled,
        "unreadable": found.unreadable,
        "excluded": found.excluded,
        "splits": {str(split): n for split, n in found.splits.items()},
        "groups": found.groups,
        "groups_straddling": straddling,
        "findings": {},
        "runs": [run_row(run) for run in known_runs],
    }
    return Result(data, _lines(found, known_runs))


def run_row(run: Run) -> dict[str, object]:
    """Return what a list of runs says of one; `macro_f1` is that of validation, None until it is known."""
    metric = json.loads(run.summary).get("metrics", {}).get("val", {}).get("macro_f1")
    return {
        "id": run.id,
        "state": str(run.state),
        "backbone": run.backbone,
        "macro_f1": metric["value"] if metric else None,
        "created_at": run.created_at,
    }


def _lines(found: Counts, known_runs: list[Run]) -> list[str]:
    labels = ", ".join(f"{name} {n:,}" for name, n in found.labels.items()) or "–"
    splits = ", ".join(f"{split} {n:,}" for split, n in found.splits.items())
    return [
        tr("Images: {n}", n=f"{found.samples:,}"),
        tr("  unreadable {unreadable}, excluded {excluded}", unreadable=found.unreadable, excluded=found.excluded),
        tr("Labels: {labels}; unlabelled {n}", labels=labels, n=f"{found.unlabelled:,}"),
        tr("Splits: {splits}", splits=splits),
        tr("Groups: {n}", n=f"{found.groups:,}"),
        tr("Runs: {n}", n=len(known_runs)),
    ]
