"""``coverslip exclude``."""

from __future__ import annotations

import argparse

from core.cli.arguments import add_project, add_which
from core.cli.console import Console, Result
from core.cli.edited import edit_images
from core.store.edits import set_excluded
from core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    parser.add_argument(
        "--include", action="store_true", help=tr("take them in again, such as those of --query is:excluded")
    )
    add_which(parser)


def run(args: argparse.Namespace, console: Console) -> Result:
    """Leave the images out of everything, or take them in again."""
    return edit_images(args, lambda project, ids: set_excluded(project, ids, not args.include, tool="cli"))
