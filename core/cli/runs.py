"""``coverslip runs``."""

from __future__ import annotations

import argparse

from core.cli.arguments import add_project
from core.cli.console import Console, Result
from core.cli.info import run_row
from core.cli.table import text_table
from core.store.project import Project
from core.store.runs import runs
from core.translation import tr
from core.words import said


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)


def run(args: argparse.Namespace, console: Console) -> Result:
    """List the runs, newest first."""
    with Project.open(args.project, read_only=True) as project:
        rows = [run_row(run) for run in runs(project)]
    header = [tr("run"), tr("state"), tr("backbone"), tr("macro-F1 (val)"), tr("created")]
    return Result({"runs": rows}, text_table(header, [_cells(row) for row in rows]))


def _cells(row: dict[str, object]) -> list[str]:
    score = row["macro_f1"]
    shown = f"{score:.3f}" if isinstance(score, float) else "–"
    return [str(row["id"]), said(str(row["state"])), str(row["backbone"]), shown, str(row["created_at"])]
