"""``coverslip undo``."""

from __future__ import annotations

import argparse

from core.cli.arguments import add_project
from core.cli.console import Console, Result
from core.domain.changes import Changes
from core.domain.edits import describe
from core.store.edits import undo
from core.store.project import Project
from core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)


def run(args: argparse.Namespace, console: Console) -> Result:
    """Take back the latest edit."""
    with Project.open(args.project) as project:
        return edit_result(undo(project, tool="cli"), tr("Undone: {edit}"))


def edit_result(changes: Changes, text: str) -> Result:
    """Return the result of an undo or a redo, in words made from `text`."""
    edit = changes.edit
    changed = 0 if changes.sample_ids is None else len(changes.sample_ids)
    return Result(
        {"changed": changed, "edit": edit.id if edit else None},
        [text.format(edit=describe(edit))] if edit else [],
    )
