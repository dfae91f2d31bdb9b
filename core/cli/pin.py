"""``coverslip pin``."""

from __future__ import annotations

import argparse

from core.cli.arguments import add_project, add_which
from core.cli.console import Console, Result
from core.cli.edited import edit_images
from core.domain.samples import Split
from core.store.edits import set_pin
from core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    splits = [str(split) for split in Split]
    parser.add_argument("split", choices=splits, help=tr("where the images, and their groups, stay; none lets them go"))
    add_which(parser)


def run(args: argparse.Namespace, console: Console) -> Result:
    """Pin the images to a split."""
    split = None if args.split == Split.NONE else Split(args.split)
    return edit_images(args, lambda project, ids: set_pin(project, ids, split, tool="cli"))
