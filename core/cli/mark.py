"""``coverslip mark``."""

from __future__ import annotations

import argparse

from core.cli.arguments import add_project, add_which
from core.cli.console import Console, Result
from core.cli.edited import edit_images
from core.domain.samples import SampleState
from core.store.edits import set_state
from core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    states = [str(state) for state in SampleState]
    parser.add_argument("state", choices=states, help=tr("what is said of the images; none takes it back"))
    parser.add_argument("--reason", metavar="TEXT", help=tr("why, such as “out of focus”"))
    add_which(parser)


def run(args: argparse.Namespace, console: Console) -> Result:
    """Call the images uncertain or ungradable."""
    state = SampleState(args.state)
    return edit_images(args, lambda project, ids: set_state(project, ids, state, args.reason, tool="cli"))
