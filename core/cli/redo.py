"""``coverslip redo``."""

from __future__ import annotations

import argparse

from core.cli.arguments import add_project
from core.cli.console import Console, Result
from core.cli.undo import edit_result
from core.store.edits import redo
from core.store.project import Project
from core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)


def run(args: argparse.Namespace, console: Console) -> Result:
    """Make the undone edit again."""
    with Project.open(args.project) as project:
        return edit_result(redo(project, tool="cli"), tr("Made again: {edit}"))
