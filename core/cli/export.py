"""``coverslip export``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.arguments import add_project, add_run
from core.cli.console import Console, Result
from core.store.project import Project
from core.translation import tr

if TYPE_CHECKING:
    from core.export.exporter import ExportReport


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    add_run(parser)
    parser.add_argument("dir", metavar="DIR", type=Path, help=tr("the folder to make; it must not exist"))
    parser.add_argument("--precision", default="fp32", choices=["fp32", "fp16"], help=tr("of the numbers in the model"))
    parser.add_argument("--overwrite", action="store_true", help=tr("replace a kit that is there"))


def run(args: argparse.Namespace, console: Console) -> Result:
    """Export the run."""
    from core.export.exporter import export_run

    with Project.open(args.project) as project:
        report = export_run(
            project, args.run, args.dir, precision=args.precision, overwrite=args.overwrite, progress=console.progress()
        )
    return export_result(report)


def export_result(report: ExportReport) -> Result:
    """Return what was exported as the command's result."""
    proof = report.proof
    data = {
        "dir": str(report.dir),
        "model": report.model,
        "precision": report.precision,
        "bytes": report.bytes,
        "proof": {"n": proof.n, "argmax_equal": proof.argmax_equal, "max_abs_dp": proof.max_abs_dp},
    }
    lines = [
        tr("Wrote {dir} ({size} MB).", dir=str(report.dir), size=f"{report.bytes / 1e6:.1f}"),
        tr("Proven on {n} images: same labels, probabilities within {dp}.", n=proof.n, dp=f"{proof.max_abs_dp:.1e}"),
    ]
    return Result(data, lines)
