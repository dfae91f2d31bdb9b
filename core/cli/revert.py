"""``coverslip revert``."""

from __future__ import annotations

import argparse

from core.cli.arguments import add_project, whole_number
from core.cli.console import Console, Result
from core.domain.edits import describe
from core.store.history_words import HistoryWords
from core.store.project import Project
from core.store.revert import Conflict, plan_revert, revert
from core.store.samples import samples_by_id
from core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    parser.add_argument("edit", metavar="EDIT", type=whole_number, help=tr("the edit's number, as history lists it"))
    parser.add_argument("--dry-run", action="store_true", help=tr("only say what would be taken back"))


def run(args: argparse.Namespace, console: Console) -> Result:
    """Take one edit back, whatever was done since."""
    with Project.open(args.project) as project:
        if args.dry_run:
            plan, made = plan_revert(project, args.edit), None
        else:
            changes, plan = revert(project, args.edit, tool="cli")
            made = changes.edit
        words = HistoryWords(project)
        samples = [conflict.sample_id for conflict in plan.conflicts if conflict.sample_id is not None]
        paths = {sample.id: sample.path for sample in samples_by_id(project, samples)}
        conflicts = [_conflict(conflict, words, paths) for conflict in plan.conflicts]
    images = len({sample for sample, *_ in plan.items})
    lines = [tr("Images taken back: {n}.", n=f"{images:,}")] if images else []
    lines += [str(conflict["text"]) for conflict in conflicts]
    return Result({"changed": images, "edit": made.id if made else None, "conflicts": conflicts}, lines)


def _conflict(conflict: Conflict, words: HistoryWords, paths: dict[int, str]) -> dict[str, object]:
    sample = conflict.sample_id
    if sample is None or isinstance(conflict.present, str):
        text = tr("The list of labels was changed again since; that stays.")
    else:
        text = tr(
            "{path}: {field} is {present} now, by “{edit}”; that stays.",
            path=paths[sample],
            field=words.field(conflict.field),
            present=words.value(conflict.field, conflict.present),
            edit=describe(conflict.by) if conflict.by is not None else "?",
        )
    return {"id": sample, "field": conflict.field, "by": conflict.by.id if conflict.by else None, "text": text}
