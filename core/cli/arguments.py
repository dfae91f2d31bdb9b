"""Arguments that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.translation import tr


def add_project(parser: argparse.ArgumentParser) -> None:
    """Add PROJECT, the project's folder."""
    parser.add_argument("project", metavar="PROJECT", type=Path, help=tr("the project's folder, NAME.coverslip"))


def add_which(parser: argparse.ArgumentParser) -> None:
    """Add --ids and --query, one of which says which images are meant."""
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--ids", type=id_list, metavar="ID,ID,…", help=tr("the images, by id"))
    which.add_argument("--query", metavar="QUERY", help=tr("the images, by query, such as label:WBC name:*03*"))


def add_run(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """Add RUN, a run's number."""
    text = tr("the run's number; without it, the latest finished one") if optional else tr("the run's number")
    parser.add_argument("run", metavar="RUN", type=whole_number, nargs="?" if optional else None, help=text)


def whole_number(text: str) -> int:
    """Read a number from 0 to 2⁶³ − 1, the largest that a project can hold; used as an argument's type."""
    try:
        number = int(text)
    except ValueError:
        number = -1
    if not 0 <= number < 2**63:
        raise argparse.ArgumentTypeError(tr("“{text}” is no whole number from 0 to 2⁶³ − 1", text=text))
    return number


def id_list(text: str) -> list[int]:
    """Read ids separated by commas; used as an argument's type."""
    try:
        ids = [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        ids = [-1]
    if not all(0 <= number < 2**63 for number in ids):
        raise argparse.ArgumentTypeError(tr("“{text}” is no list of ids such as 12,15,19", text=text))
    return ids
