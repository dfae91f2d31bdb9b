"""``coverslip evaluate``."""

from __future__ import annotations

import argparse

from core.cli.arguments import add_project, add_run
from core.cli.console import Console, Result
from core.cli.table import text_table
from core.domain.metrics import Metric
from core.domain.samples import Split
from core.store.project import Project
from core.training.judge import RunEvaluation, judge_run, latest_usable_run
from core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    add_run(parser, optional=True)
    parser.add_argument(
        "--split", choices=[str(Split.VAL), str(Split.TEST)], default=str(Split.TEST), help=tr("which images judge")
    )


def run(args: argparse.Namespace, console: Console) -> Result:
    """Judge the run."""
    with Project.open(args.project, read_only=True) as project:
        run_id = args.run if args.run is not None else latest_usable_run(project).id
        return evaluation_result(judge_run(project, run_id, Split(args.split)))


def evaluation_result(judged: RunEvaluation) -> Result:
    """Return a judgement as the command's result."""
    found = judged.evaluation
    names = [label.name for label in judged.labels]
    scores = found.to_json()
    scores["per_label"] = [{"name": names[row["label"]], **row} for row in scores["per_label"]]
    data = {
        "run": judged.run_id,
        "split": str(judged.split),
        "n": found.n,
        "groups": found.groups,
        **{key: value for key, value in scores.items() if key not in ("n", "groups")},
        "confusion": {"labels": names, "counts": found.confusion.tolist()},
    }
    headline = [f"{name}: {interval(found.metrics[name])}" for name in ("macro_f1", "balanced_accuracy", "accuracy")]
    rows = [
        [names[row.label], str(row.support), interval(row.precision), interval(row.recall), interval(row.f1)]
        for row in found.per_label
    ]
    title = tr(
        "Run {run} on {split}: {n} images, {groups} groups",
        run=judged.run_id,
        split=str(judged.split),
        n=f"{found.n:,}",
        groups=f"{found.groups:,}",
    )
    table = text_table([tr("label"), tr("images"), tr("precision"), tr("recall"), tr("F1")], rows)
    matrix = text_table(
        [tr("given \\ predicted"), *names],
        [[name, *map(str, counts)] for name, counts in zip(names, found.confusion.tolist(), strict=True)],
    )
    return Result(data, [title, *headline, "", *table, "", *matrix])


def interval(metric: Metric) -> str:
    """Return ``0.987 (0.974–0.995)``; a dash where it is unknown."""
    if metric.value != metric.value:
        return "–"
    if metric.low != metric.low:
        return f"{metric.value:.3f}"
    return f"{metric.value:.3f} ({metric.low:.3f}–{metric.high:.3f})"
