"""``coverslip history``."""

from __future__ import annotations

import argparse

from core.cli.arguments import add_project, whole_number
from core.cli.console import Console, Result
from core.domain.edits import Edit, EditState, describe
from core.store.ledger import history
from core.store.project import Project
from core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    parser.add_argument("--limit", type=whole_number, default=100, metavar="N", help=tr("how many edits at the most"))


def run(args: argparse.Namespace, console: Console) -> Result:
    """List the edits."""
    with Project.open(args.project, read_only=True) as project:
        edits = history(project, args.limit)
    return Result({"edits": [_row(edit) for edit in edits]}, [_line(edit) for edit in edits])


def _row(edit: Edit) -> dict[str, object]:
    return {
        "id": edit.id,
        "at": edit.at,
        "user": edit.user,
        "tool": edit.tool,
        "kind": str(edit.kind),
        "params": dict(edit.params),
        "count": edit.count,
        "state": str(edit.state),
        "text": describe(edit),
    }


def _line(edit: Edit) -> str:
    states = {EditState.UNDONE: tr(" (undone)"), EditState.DROPPED: tr(" (undone, then replaced)")}
    return f"{edit.at}  {edit.user}  {describe(edit)}{states.get(edit.state, '')}"
