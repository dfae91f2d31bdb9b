"""``coverslip history``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments import add_project, whole_number
from core.cli.console import Console, Result
from core.domain.edits import Edit, EditState, describe
from core.domain.moments import utc_moment
from core.errors import UserError
from core.store.history import HistoryFilter, differences, entries
from core.store.history_check import check_history
from core.store.history_words import HistoryWords, unproven_words, write_history
from core.store.project import Project, now
from core.store.samples import samples_by_id
from core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    parser.add_argument("--limit", type=whole_number, default=100, metavar="N", help=tr("how many edits at the most"))
    parser.add_argument("--since", default="", metavar="DATE", help=tr("only from this day or moment on"))
    parser.add_argument("--until", default="", metavar="DATE", help=tr("only up to this day or moment"))
    parser.add_argument("--user", action="append", default=[], metavar="NAME", help=tr("only what this person did"))
    parser.add_argument("--tool", action="append", default=[], metavar="NAME", help=tr("only what this tool did"))
    parser.add_argument("--label", default="", metavar="NAME", help=tr("only what names this label"))
    parser.add_argument("--sample", type=whole_number, metavar="ID", help=tr("only what changed this image"))
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--check", action="store_true", help=tr("prove that nothing of the history was changed"))
    what.add_argument("--diff", action="store_true", help=tr("what is different between --since and --until"))
    what.add_argument("--csv", type=Path, metavar="FILE", help=tr("write it as a table, a row for each image changed"))


def run(args: argparse.Namespace, console: Console) -> Result:
    """List the edits, compare two moments, write a table, or prove the chain."""
    wanted = _filter(args)
    with Project.open(args.project, read_only=True) as project:
        if args.check:
            return _check(project, console)
        if args.diff:
            return _diff(project, wanted)
        if args.csv is not None:
            rows = write_history(project, args.csv, wanted, console.progress())
            return Result({"rows": rows, "out": str(args.csv)}, [tr("Wrote {n} rows.", n=f"{rows:,}")])
        found = entries(project, wanted, limit=args.limit)
    edits = list({entry.edit.id: entry.edit for entry in found}.values())
    listed = [
        {"entry": entry.id, "at": entry.at, "user": entry.user, "tool": entry.tool, "action": entry.action,
         "edit": entry.edit.id, "hash": entry.hash}
        for entry in found
    ]  # fmt: skip
    return Result({"edits": [_row(edit) for edit in edits], "entries": listed}, [_line(edit) for edit in edits])


def _filter(args: argparse.Namespace) -> HistoryFilter:
    return HistoryFilter(
        since=utc_moment(args.since) if args.since else "",
        until=utc_moment(args.until, end=True) if args.until else "",
        users=tuple(args.user),
        tools=tuple(args.tool),
        label=args.label,
        sample_id=args.sample,
    )


def _check(project: Project, console: Console) -> Result:
    found = check_history(project, console.progress())
    if found.breaks:
        first = found.breaks[0]
        where = tr("Entry {entry}: ", entry=first.entry) if first.entry is not None else ""
        raise UserError("history_broken", path=str(project.root), n=len(found.breaks), first=where + tr(first.reason))
    data = {"ok": True, "entries": found.entries, "head": found.head, "unproven": found.unproven}
    text = tr("The history holds: {n} entries, the last sealed {head}.", n=f"{found.entries:,}", head=found.head[:16])
    return Result(data, [text, *([unproven_words(found.unproven)] if found.unproven else [])])


def _diff(project: Project, wanted: HistoryFilter) -> Result:
    found = differences(project, wanted.since, wanted.until or now())
    words, stable = HistoryWords(project), HistoryWords(project, stable=True)
    paths = {s.id: s.path for s in samples_by_id(project, sorted({row.sample_id for row in found}))}
    rows = [
        {
            "id": row.sample_id,
            "path": paths[row.sample_id],
            "field": stable.field(row.field),
            "before": stable.value(row.field, row.before),
            "after": stable.value(row.field, row.after),
        }
        for row in found
    ]
    lines = [
        f"{paths[row.sample_id]}  {words.field(row.field)}: "
        f"{words.value(row.field, row.before)} → {words.value(row.field, row.after)}"
        for row in found
    ]
    return Result({"differences": rows}, lines or [tr("Nothing is different.")])


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
    return f"{edit.id:>6}  {edit.at}  {edit.user}  {describe(edit)}{states.get(edit.state, '')}"
