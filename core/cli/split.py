"""``coverslip split``."""

from __future__ import annotations

import argparse

from core.cli.arguments import add_project, whole_number
from core.cli.console import Console, Result
from core.domain.samples import Split
from core.domain.split import parse_ratios
from core.store.project import Project
from core.store.samples import counts
from core.store.splits import assign_project_splits, groups_straddling, split_in_force
from core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    parser.add_argument(
        "--ratios", metavar="70/15/15", help=tr("train/val/test; without it, those in force, so that nothing moves")
    )
    parser.add_argument("--seed", type=whole_number, metavar="N", help=tr("another seed, another split"))


def run(args: argparse.Namespace, console: Console) -> Result:
    """Split the project."""
    wanted = None if args.ratios is None else parse_ratios(args.ratios)
    with Project.open(args.project) as project:
        ratios, seed = split_in_force(project)
        assign_project_splits(
            project, ratios=wanted or ratios, seed=seed if args.seed is None else args.seed, tool="cli"
        )
        splits, straddling = counts(project).splits, groups_straddling(project)
    sizes = {str(split): splits[split] for split in (Split.TRAIN, Split.VAL, Split.TEST)}
    line = tr(
        "train {train}, val {val}, test {test}; groups in more than one: {straddling}",
        **{name: f"{n:,}" for name, n in sizes.items()},
        straddling=straddling,
    )
    return Result({**sizes, "groups_straddling": straddling}, [line])
