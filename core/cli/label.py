"""``coverslip label``."""

from __future__ import annotations

import argparse

from core.cli.arguments import add_project, id_list
from core.cli.console import Console, Result
from core.domain.edits import describe
from core.domain.query_line import parse_query
from core.store.edits import set_label
from core.store.project import Project
from core.store.samples import sample_ids
from core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--set", metavar="LABEL", help=tr("the label to give; made if it is new"))
    what.add_argument("--clear", action="store_true", help=tr("take the label away"))
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--ids", type=id_list, metavar="ID,ID,…", help=tr("the images, by id"))
    which.add_argument("--query", metavar="QUERY", help=tr("the images, by query, such as label:WBC name:*03*"))


def run(args: argparse.Namespace, console: Console) -> Result:
    """Label the images."""
    query = parse_query(args.query) if args.query is not None else None
    with Project.open(args.project) as project:
        ids = args.ids if query is None else sample_ids(project, query)
        changes = set_label(project, ids, args.set, tool="cli")
    changed = 0 if changes.sample_ids is None else len(changes.sample_ids)
    text = describe(changes.edit) if changes.edit else tr("Nothing to change: the images already are as asked.")
    return Result({"changed": changed, "edit": changes.edit.id if changes.edit else None}, [text])
