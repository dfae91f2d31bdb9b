"""``coverslip labels``."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from typing import Final

from core.cli.arguments import add_project
from core.cli.console import Console, Result
from core.cli.edited import edited
from core.cli.table import text_table
from core.domain.changes import Changes
from core.errors import UserError
from core.store.labels import (
    add_label,
    labels,
    remove_label,
    rename_label,
    reorder_labels,
    set_label_colour,
    set_label_key,
    set_parent,
)
from core.store.merge_labels import merge_labels
from core.store.project import Project
from core.store.samples import counts
from core.translation import tr

_TOOL: Final = "cli"


def _colour(text: str) -> str:
    if not re.fullmatch("#[0-9A-Fa-f]{6}", text):
        raise UserError("label_colour_invalid", colour=text)
    return text.upper()


_ACTIONS: Final[dict[str, Callable[[Project, list[str], str | None], Changes]]] = {
    "add": lambda project, names, _: add_label(project, names[0], tool=_TOOL),
    "remove": lambda project, names, _: remove_label(project, names[0], tool=_TOOL),
    "rename": lambda project, names, _: rename_label(project, names[0], names[1], tool=_TOOL),
    "merge": lambda project, names, into: merge_labels(project, names, into or names[-1], tool=_TOOL),
    "parent": lambda project, names, _: set_parent(project, names[0], names[1], tool=_TOOL),
    "top": lambda project, names, _: set_parent(project, names[0], None, tool=_TOOL),
    "order": lambda project, names, _: reorder_labels(project, names, tool=_TOOL),
    "colour": lambda project, names, _: set_label_colour(project, names[0], _colour(names[1]), tool=_TOOL),
    "key": lambda project, names, _: set_label_key(project, names[0], names[1], tool=_TOOL),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--add", nargs=1, metavar="LABEL", help=tr("make a label"))
    what.add_argument("--remove", nargs=1, metavar="LABEL", help=tr("take out a label that no image has"))
    what.add_argument("--rename", nargs=2, metavar=("LABEL", "NAME"), help=tr("give a label another name"))
    what.add_argument("--merge", nargs="+", metavar="LABEL", help=tr("give their images the label --into instead"))
    what.add_argument("--parent", nargs=2, metavar=("LABEL", "PARENT"), help=tr("put a label below another"))
    what.add_argument("--top", nargs=1, metavar="LABEL", help=tr("put a label below none"))
    what.add_argument("--order", nargs="+", metavar="LABEL", help=tr("put these labels first, in this order"))
    what.add_argument("--key", nargs=2, metavar=("LABEL", "KEY"), help=tr("choose the key that gives a label"))
    what.add_argument("--colour", nargs=2, metavar=("LABEL", "#RRGGBB"), help=tr("give a label another colour"))
    parser.add_argument("--into", metavar="LABEL", help=tr("the label that --merge leaves; else the last one named"))


def run(args: argparse.Namespace, console: Console) -> Result:
    """Change the list of labels, or show it."""
    for name, action in _ACTIONS.items():
        if getattr(args, name) is not None:
            with Project.open(args.project) as project:
                return edited(action(project, getattr(args, name), args.into))
    with Project.open(args.project, read_only=True) as project:
        found, images = labels(project), counts(project).labels_shown
    names = {label.id: label.name for label in found}
    rows = [
        {
            "id": label.id,
            "name": label.name,
            "parent": names.get(label.parent_id) if label.parent_id is not None else None,
            "key": label.key,
            "colour": label.colour,
            "images": images[label.name],
        }
        for label in found
    ]
    cells = [[str(row["name"]), str(row["parent"] or ""), str(row["key"]), f"{row['images']:,}"] for row in rows]
    return Result({"labels": rows}, text_table([tr("label"), tr("below"), tr("key"), tr("images")], cells))
