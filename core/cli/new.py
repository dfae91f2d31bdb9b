"""``coverslip new``."""

from __future__ import annotations

import argparse

from core.cli.arguments import add_project
from core.cli.console import Console, Result
from core.store.project import Project
from core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)


def run(args: argparse.Namespace, console: Console) -> Result:
    """Create the project."""
    with Project.create(args.project) as project:
        return Result(
            {"project": str(project.root), "name": project.name}, [tr("Created {path}.", path=str(project.root))]
        )
