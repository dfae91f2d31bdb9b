"""``coverslip views``."""

from __future__ import annotations

import argparse

from core.cli.arguments import add_project
from core.cli.console import Console, Result
from core.cli.table import text_table
from core.store.project import Project
from core.store.views import remove_view, rename_view, save_view, views
from core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--save", nargs=2, metavar=("NAME", "QUERY"), help=tr("keep a query under a name"))
    what.add_argument("--rename", nargs=2, metavar=("NAME", "NEW"), help=tr("give a view another name"))
    what.add_argument("--remove", metavar="NAME", help=tr("forget a view; its images stay as they are"))


def run(args: argparse.Namespace, console: Console) -> Result:
    """Change the saved views, and list them."""
    changes = args.save or args.rename or args.remove is not None
    with Project.open(args.project, read_only=not changes) as project:
        if args.save:
            save_view(project, *args.save)
        elif args.rename:
            rename_view(project, *args.rename)
        elif args.remove is not None:
            remove_view(project, args.remove)
        rows = [{"name": view.name, "query": view.query} for view in views(project)]
    cells = [[row["name"], row["query"]] for row in rows]
    return Result({"views": rows}, text_table([tr("view"), tr("query")], cells))
