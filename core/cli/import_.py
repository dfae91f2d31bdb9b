"""``coverslip import``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.arguments import add_project
from core.cli.console import Console, Result
from core.ingest.importer import ImportReport, import_source
from core.ingest.rules import parse_group_rule, parse_label_rule
from core.store.project import Project
from core.store.splits import groups_straddling
from core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    parser.add_argument("source", metavar="SOURCE", type=Path, help=tr("the folder of images"))
    parser.add_argument(
        "--labels",
        default="folder",
        metavar="folder|none|csv:FILE|pattern:REGEX",
        help=tr("where the labels are: the names of the folders, nowhere, a table, or the file names"),
    )
    parser.add_argument(
        "--group",
        metavar="pattern:REGEX|column:NAME",
        help=tr("what must not be on both sides of a split, such as the patient or slide"),
    )


def run(args: argparse.Namespace, console: Console) -> Result:
    """Import the folder."""
    labels = parse_label_rule(args.labels)
    groups = parse_group_rule(args.group)
    with Project.open(args.project) as project:
        report = import_source(project, args.source, labels=labels, groups=groups, progress=console.progress())
        return import_result(report, groups_straddling(project))


def import_result(report: ImportReport, straddling: int = 0) -> Result:
    """Return what was imported as the command's result, with how many groups are in more than one split."""
    data = {
        "added": report.added,
        "known": report.known,
        "unreadable": [{"path": path, "reason": reason} for path, reason in report.unreadable],
        "skipped": [{"path": path, "reason": reason} for path, reason in report.skipped],
        "changed": report.changed,
        "labels": report.labels,
        "groups": report.groups,
        "labelled": report.labelled,
        "grouped": report.grouped,
        "relocated": report.relocated,
        "groups_straddling": straddling,
    }
    moved = report.relocated
    counts = ", ".join(f"{name} {n:,}" for name, n in report.labels.items()) or "–"
    lines = [
        *(
            [tr("The images of {source} are found here now; what was known of them is kept.", source=moved)]
            if moved
            else []
        ),
        tr(
            "{added} added, {known} known already, {unreadable} unreadable.",
            added=f"{report.added:,}",
            known=f"{report.known:,}",
            unreadable=len(report.unreadable),
        ),
        *_filled(report),
        tr("Labels: {labels}; groups: {groups}", labels=counts, groups=f"{report.groups:,}"),
        *(f"  {path}: {reason}" for path, reason in [*report.unreadable, *report.skipped]),
    ]
    if straddling:
        lines.append(
            tr(
                "Groups with images in more than one of train, val and test: {count}. Run “coverslip split”.",
                count=f"{straddling:,}",
            )
        )
    return Result(data, lines)


def _filled(report: ImportReport) -> list[str]:
    if not report.labelled and not report.grouped:
        return []
    return [
        tr(
            "Of the known images, {labelled} got the label and {grouped} the group that they lacked.",
            labelled=f"{report.labelled:,}",
            grouped=f"{report.grouped:,}",
        )
    ]
