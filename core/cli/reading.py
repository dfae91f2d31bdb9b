"""``coverslip reading``: second readers, how far they agree, and what becomes of it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final

from core.cli.arguments import add_project, id_list, whole_number
from core.cli.console import Console, Result
from core.cli.reading_report import agreement_result, disagreements_result, pass_line, pass_row
from core.domain.query import SampleQuery
from core.domain.query_line import parse_query
from core.domain.samples import SampleState
from core.errors import UserError
from core.evaluation.reading_report import report_readings
from core.store.project import Project
from core.store.query_names import require_known
from core.store.reading_edits import ConsensusRule, adjudicate, consensus
from core.store.reading_passes import create_pass, end_pass, find_pass, passes
from core.store.readings import disagreements, reading_table
from core.translation import tr, tr_n

READ_ONLY: Final = frozenset({"list", "agreement", "disagreements", "export"})


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    parser.add_argument("action", choices=list(ACTIONS), help=tr("what to do"))
    new = parser.add_argument_group("new")
    new.add_argument("--name", default="", help=tr("what the pass is called"))
    new.add_argument("--reader", default="", help=tr("who reads"))
    which = new.add_mutually_exclusive_group()
    which.add_argument("--query", default="", metavar="QUERY", help=tr("the images, by query; all without it"))
    which.add_argument("--ids", type=id_list, metavar="ID,ID,…", help=tr("the images, by id; also of adjudicate"))
    new.add_argument("--limit", type=whole_number, metavar="N", help=tr("at most so many images, drawn at random"))
    new.add_argument("--repeats", type=float, default=0.1, metavar="SHARE", help=tr("share that comes twice, 0 to 0.5"))
    new.add_argument("--seed", type=whole_number, default=0, metavar="N", help=tr("decides order, repeats and images"))
    rest = parser.add_argument_group(tr("after reading"))
    rest.add_argument("--passes", type=id_list, metavar="ID,ID,…", help=tr("which passes; all without it"))
    rest.add_argument("--own", action="store_true", help=tr("count the project's own labels as one more reader"))
    rest.add_argument("--ordered", action="store_true", help=tr("the labels are grades, in the project's order"))
    rules = [str(rule) for rule in ConsensusRule]
    rest.add_argument("--rule", choices=rules, default=rules[0], help=tr("whose word becomes the label"))
    rest.add_argument("--set", metavar="LABEL", action="append", help=tr("adjudicate: the label decided on"))
    states = [str(SampleState.UNCERTAIN), str(SampleState.UNGRADABLE)]
    rest.add_argument("--state", choices=states, help=tr("adjudicate: what it is instead of a label"))
    rest.add_argument("--reason", default="", help=tr("adjudicate: why"))
    rest.add_argument("--out", type=Path, metavar="FILE.csv", help=tr("export: where to write the readings"))


def run(args: argparse.Namespace, console: Console) -> Result:
    """Do what is asked for."""
    with Project.open(args.project, read_only=args.action in READ_ONLY) as project:
        return ACTIONS[args.action](project, args)


def _new(project: Project, args: argparse.Namespace) -> Result:
    which = args.ids if args.ids is not None else parse_query(args.query)
    if isinstance(which, SampleQuery):
        require_known(project, which)
    made = create_pass(project, which, args.name, args.reader, repeats=args.repeats, seed=args.seed, limit=args.limit)
    text = tr(
        "Pass {id} “{name}” is laid out: {total} readings. Read it in the window, under Readers.",
        id=made.id,
        name=made.name,
        total=f"{made.total:,}",
    )
    return Result({"pass": pass_row(made)}, [text])


def _list(project: Project, args: argparse.Namespace) -> Result:
    found = passes(project)
    lines = [pass_line(one) for one in found] or [tr("There are no reading passes yet.")]
    return Result({"passes": [pass_row(one) for one in found]}, lines)


def _end(project: Project, args: argparse.Namespace) -> Result:
    ids = _chosen(project, args)
    for pass_id in ids:
        end_pass(project, pass_id)
    found = [find_pass(project, pass_id) for pass_id in ids]
    return Result({"passes": [pass_row(one) for one in found]}, [pass_line(one) for one in found])


def _agreement(project: Project, args: argparse.Namespace) -> Result:
    table = reading_table(project, _chosen(project, args), own=args.own)
    if not len(table.sample_ids):
        raise UserError("readings_too_few")
    return agreement_result(project, table, report_readings(table, ordered=args.ordered))


def _disagreements(project: Project, args: argparse.Namespace) -> Result:
    return disagreements_result(project, disagreements(project, _chosen(project, args), own=args.own))


def _adjudicate(project: Project, args: argparse.Namespace) -> Result:
    state = SampleState(args.state) if args.state else SampleState.NONE
    ids = args.ids or []
    if not ids:
        raise UserError("reading_no_images")
    given = args.set[0] if args.set and len(args.set) == 1 else args.set
    edits = [adjudicate(project, sample_id, given, args.reason, state=state).edit for sample_id in ids]
    text = tr_n("{n} image decided.", "{n} images decided.", len(ids))
    return Result({"changed": len(ids), "edits": [edit.id for edit in edits if edit is not None]}, [text])


def _consensus(project: Project, args: argparse.Namespace) -> Result:
    done = consensus(project, _chosen(project, args), ConsensusRule(args.rule), own=args.own)
    changed = 0 if done.changes.sample_ids is None else len(done.changes.sample_ids)
    edit = done.changes.edit.id if done.changes.edit else None
    text = tr(
        "{changed} images changed; readers agree on {agreed}, {open} stay open.",
        changed=f"{changed:,}",
        agreed=f"{done.agreed:,}",
        open=f"{done.open:,}",
    )
    return Result({"changed": changed, "agreed": done.agreed, "open": done.open, "edit": edit}, [text])


def _export(project: Project, args: argparse.Namespace) -> Result:
    from core.cli.reading_csv import write_readings

    if args.out is None:
        raise UserError("reading_out_needed")
    rows = write_readings(project, _chosen(project, args), args.out)
    text = tr_n("{n} reading written to {path}.", "{n} readings written to {path}.", rows, path=str(args.out))
    return Result({"readings": rows, "out": str(args.out)}, [text])


def _chosen(project: Project, args: argparse.Namespace) -> list[int]:
    found = [one.id for one in passes(project)] if args.passes is None else list(args.passes)
    if not found:
        raise UserError("readings_too_few")
    return found


ACTIONS: Final[dict[str, Callable[[Project, argparse.Namespace], Result]]] = {
    "new": _new,
    "list": _list,
    "end": _end,
    "agreement": _agreement,
    "disagreements": _disagreements,
    "adjudicate": _adjudicate,
    "consensus": _consensus,
    "export": _export,
}
