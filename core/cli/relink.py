"""``coverslip relink``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments import add_project
from core.cli.console import Console, Result
from core.ingest.presence import check_presence
from core.ingest.relink import Relinked, relink
from core.store.project import Project
from core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    parser.add_argument(
        "new_root", metavar="NEW_ROOT", nargs="?", type=Path, help=tr("a folder in which the images are now")
    )


def run(args: argparse.Namespace, console: Console) -> Result:
    """Look for the images, in a new place if one is given."""
    with Project.open(args.project) as project:
        if args.new_root is None:
            done = Relinked(presence=check_presence(project, console.progress()))
        else:
            done = relink(project, args.new_root, console.progress())
    presence = done.presence
    counts = {} if presence is None else {
        "present": presence.present, "missing": presence.missing, "returned": presence.returned
    }  # fmt: skip
    data = {**counts, "moved": done.moved, "sources": [{"from": old, "to": new} for old, new in done.sources]}
    lines = [tr("{old} is now {new}.", old=old, new=new) for old, new in done.sources]
    if done.moved:
        lines.append(tr("Found under another name or in another folder: {count}.", count=f"{done.moved:,}"))
    if presence is not None:
        lines.append(
            tr(
                "{present} images are there, {missing} are missing; {returned} came back.",
                present=f"{presence.present:,}",
                missing=f"{presence.missing:,}",
                returned=f"{presence.returned:,}",
            )
        )
    return Result(data, lines)
