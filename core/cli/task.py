"""``coverslip task``."""

from __future__ import annotations

import argparse

from core.cli.arguments import add_project
from core.cli.console import Console, Result
from core.domain.task import Task
from core.store.project import Project
from core.store.task import project_task, set_task
from core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    parser.add_argument(
        "task",
        nargs="?",
        choices=[str(task) for task in Task],
        help=tr("single: one label an image; multi: any number"),
    )


def run(args: argparse.Namespace, console: Console) -> Result:
    """Say, or change, how many labels an image has."""
    with Project.open(args.project, read_only=args.task is None) as project:
        if args.task is not None:
            set_task(project, Task(args.task), tool="cli")
        task = project_task(project)
    text = tr("Every image has one label.") if task is Task.SINGLE else tr("An image has any number of labels.")
    return Result({"task": str(task)}, [text])
