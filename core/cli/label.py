"""``coverslip label``."""

from __future__ import annotations

import argparse

from core.cli.arguments import add_project, add_which
from core.cli.console import Console, Result
from core.cli.edited import edit_images
from core.store.edits import add_label_to, remove_label_from, set_label, set_labels
from core.translation import tr

_TOOL = "cli"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--set", metavar="LABEL", help=tr("the label to give, and no other; made if it is new"))
    what.add_argument("--add", metavar="LABEL", help=tr("give this label beside others (many labels an image)"))
    what.add_argument("--remove", metavar="LABEL", help=tr("take this label away (many labels an image)"))
    what.add_argument(
        "--none", action="store_true", help=tr("say that the images have no label (many labels an image)")
    )
    what.add_argument("--clear", action="store_true", help=tr("take the labels away: they are not known any more"))
    add_which(parser)


def run(args: argparse.Namespace, console: Console) -> Result:
    """Label the images."""
    if args.add is not None:
        return edit_images(args, lambda project, ids: add_label_to(project, ids, args.add, tool=_TOOL))
    if args.remove is not None:
        return edit_images(args, lambda project, ids: remove_label_from(project, ids, args.remove, tool=_TOOL))
    if args.none:
        return edit_images(args, lambda project, ids: set_labels(project, ids, [], tool=_TOOL))
    return edit_images(args, lambda project, ids: set_label(project, ids, args.set, tool=_TOOL))
