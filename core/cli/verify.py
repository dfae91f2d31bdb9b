"""``coverslip verify``."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from core.cli.console import Console, Result
from core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("dir", metavar="DIR", type=Path, help=tr("the folder of the kit"))


def run(args: argparse.Namespace, console: Console) -> Result:
    """Repeat the kit's proof."""
    return verify_result(args.dir)


def verify_result(directory: Path) -> Result:
    """Verify the kit in `directory` and return the command's result."""
    from core.inference.verify import verify_kit

    report = verify_kit(directory)
    verdict = (
        tr("The kit answers as it was proven to.") if report.ok else tr("The kit does not answer as it was proven to.")
    )
    line = tr(
        "{n} images, the same label for all: {equal}, largest difference of a probability {dp}",
        n=report.n,
        equal=tr("yes") if report.argmax_equal == report.n else tr("no"),
        dp=f"{report.max_abs_dp:.1e}",
    )
    return Result(asdict(report), [verdict, line], ok=report.ok)
