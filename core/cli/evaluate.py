"""``coverslip evaluate``."""

from __future__ import annotations

import argparse
from typing import Final

from core.cli.arguments import add_project, add_run
from core.cli.console import Console, Result
from core.cli.table import text_table
from core.domain.metrics import Metric
from core.domain.samples import Split
from core.domain.task import Task
from core.evaluation.hierarchy import Level
from core.evaluation.multilabel import MultiEvaluation
from core.store.project import Project
from core.training.judge import RunEvaluation, judge_run, latest_usable_run
from core.translation import tr
from core.words import said

_HEADLINES: Final = {
    Task.SINGLE: ("macro_f1", "balanced_accuracy", "accuracy"),
    Task.MULTI: ("macro_f1", "micro_f1", "mean_average_precision", "exact_match", "hamming_loss"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    add_run(parser, optional=True)
    parser.add_argument(
        "--split", choices=[str(Split.VAL), str(Split.TEST)], default=str(Split.TEST), help=tr("which images judge")
    )
    parser.add_argument(
        "--level",
        choices=[str(level) for level in Level],
        default=str(Level.LEAF),
        help=tr("tell labels apart as they are, or by the topmost label above them"),
    )


def run(args: argparse.Namespace, console: Console) -> Result:
    """Judge the run."""
    with Project.open(args.project, read_only=True) as project:
        run_id = args.run if args.run is not None else latest_usable_run(project).id
        return evaluation_result(judge_run(project, run_id, Split(args.split), level=Level(args.level)))


def evaluation_result(judged: RunEvaluation) -> Result:
    """Return a judgement as the command's result."""
    found = judged.evaluation
    names = [label.name for label in judged.labels]
    scores = found.to_json()
    scores["per_label"] = [{"name": names[row["label"]], **row} for row in scores["per_label"]]
    data = {
        "run": judged.run_id,
        "split": str(judged.split),
        "task": str(judged.task),
        "level": str(judged.level),
        "n": found.n,
        "groups": found.groups,
        **{key: value for key, value in scores.items() if key not in ("n", "groups")},
    }
    title = tr(
        "Run {run} on {split}: {n} images, {groups} groups",
        run=judged.run_id,
        split=said(str(judged.split)),
        n=f"{found.n:,}",
        groups=f"{found.groups:,}",
    )
    if isinstance(found, MultiEvaluation):
        data["pairs"] = {"labels": names, "counts": found.pairs.tolist()}
        tables = [*_label_table(names, found), "", *_matrix(tr("has \\ wrongly given"), names, found.pairs.tolist())]
    else:
        data["confusion"] = {"labels": names, "counts": found.confusion.tolist()}
        rows = [
            [names[row.label], str(row.support), interval(row.precision), interval(row.recall), interval(row.f1)]
            for row in found.per_label
        ]
        tables = text_table([tr("label"), tr("images"), tr("precision"), tr("recall"), tr("F1")], rows)
        tables += ["", *_matrix(tr("given \\ predicted"), names, found.confusion.tolist())]
    headline = [f"{name}: {interval(found.metrics[name])}" for name in _HEADLINES[judged.task]]
    return Result(data, [title, *headline, "", *tables])


def _label_table(names: list[str], found: MultiEvaluation) -> list[str]:
    header = [tr("label"), tr("images"), tr("threshold"), tr("average precision"), tr("ROC area")]
    rows = [
        [
            names[row.label],
            str(row.support),
            "–" if row.threshold != row.threshold else f"{row.threshold:.2f}",
            *(interval(getattr(row, name)) for name in ("average_precision", "roc_auc", "precision", "recall", "f1")),
        ]
        for row in found.per_label
    ]
    return text_table([*header, tr("precision"), tr("recall"), tr("F1")], rows)


def _matrix(corner: str, names: list[str], counts: list[list[int]]) -> list[str]:
    return text_table([corner, *names], [[name, *map(str, row)] for name, row in zip(names, counts, strict=True)])


def interval(metric: Metric) -> str:
    """Return ``0.987 (0.974–0.995)``; a dash where it is unknown."""
    if metric.value != metric.value:
        return "–"
    if metric.low != metric.low:
        return f"{metric.value:.3f}"
    return f"{metric.value:.3f} ({metric.low:.3f}–{metric.high:.3f})"
