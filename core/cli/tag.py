"""``coverslip tag``."""

from __future__ import annotations

import argparse

from core.cli.arguments import add_project, add_which
from core.cli.console import Console, Result
from core.cli.edited import edit_images
from core.store.edits import set_tag
from core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    parser.add_argument("tag", metavar="TAG", help=tr("the tag; made if it is new"))
    parser.add_argument("--off", action="store_true", help=tr("take the tag off"))
    add_which(parser)


def run(args: argparse.Namespace, console: Console) -> Result:
    """Tag the images."""
    return edit_images(args, lambda project, ids: set_tag(project, ids, args.tag, not args.off, tool="cli"))
