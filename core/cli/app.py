"""``coverslip app``: described here for ``--help``; the window is opened by `desktop_app`, which core knows not."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.console import Console, Result
from core.errors import UserError
from core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("project", metavar="PROJECT", type=Path, nargs="?", help=tr("the project to open in it"))


def run(args: argparse.Namespace, console: Console) -> Result:
    """Refuse what only the window could do: it takes no options."""
    raise UserError("window_takes_no_options")
