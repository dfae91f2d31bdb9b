"""``coverslip info``."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping

from core.cli.arguments import add_project, whole_number
from core.cli.console import Console, Result
from core.cli.table import text_table
from core.domain.labels import LABEL_SEPARATOR, NONE_GIVEN
from core.domain.query import SampleQuery
from core.domain.query_line import parse_query
from core.domain.runs import Run
from core.domain.samples import Sample, SampleState
from core.store.findings import finding_counts
from core.store.labels import labels
from core.store.project import Project
from core.store.query_names import require_known
from core.store.runs import runs
from core.store.samples import Counts, counts, sample_ids, samples_by_id
from core.store.splits import groups_straddling
from core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    parser.add_argument("--query", metavar="QUERY", help=tr("list these images too, such as label:WBC name:*03*"))
    parser.add_argument(
        "--limit", type=whole_number, default=100, metavar="N", help=tr("how many images to list at the most")
    )


def run(args: argparse.Namespace, console: Console) -> Result:
    """Count what the project holds."""
    query = parse_query(args.query) if args.query is not None else None
    with Project.open(args.project, read_only=True) as project:
        if query is not None:
            require_known(project, query)
        found, known_runs = counts(project), runs(project)
        straddling, found_kinds = groups_straddling(project), finding_counts(project)
        matches = None if query is None else _matches(project, query, args.limit)
    data: dict[str, object] = {
        "samples": found.samples,
        "usable": found.usable,
        "labels": found.labels_shown,
        "unlabelled": found.unlabelled_shown,
        "unreadable": found.unreadable,
        "excluded": found.excluded,
        "missing": found.missing,
        "states": {str(state): n for state, n in found.states.items() if state is not SampleState.NONE},
        "splits": {str(split): n for split, n in found.splits_shown.items()},
        "groups": found.groups_shown,
        "groups_straddling": straddling,
        "findings": {str(kind): counted.open for kind, counted in found_kinds.items() if counted.open},
        "runs": [run_row(run) for run in known_runs],
    }
    lines = _lines(found, known_runs)
    if matches is not None:
        data["matches"] = matches
        lines += ["", *_match_lines(matches)]
    return Result(data, lines)


def run_row(run: Run) -> dict[str, object]:
    """Return what a list of runs says of one; `macro_f1` is that of validation, None until it is known."""
    metric = json.loads(run.summary).get("metrics", {}).get("val", {}).get("macro_f1")
    return {
        "id": run.id,
        "state": str(run.state),
        "backbone": run.backbone,
        "macro_f1": metric["value"] if metric else None,
        "created_at": run.created_at,
    }


def _matches(project: Project, query: SampleQuery, limit: int) -> list[dict[str, object]]:
    names = {label.id: label.name for label in labels(project)}
    return [_match(sample, names) for sample in samples_by_id(project, sample_ids(project, query)[:limit])]


def _match(sample: Sample, names: Mapping[int, str]) -> dict[str, object]:
    given = [names[label_id] for label_id in sample.label_ids]
    return {
        "id": sample.id,
        "path": sample.path,
        "label": LABEL_SEPARATOR.join(given) or (NONE_GIVEN if sample.labelled else None),
        "labels": given if sample.labelled else None,
        "group": sample.group,
        "split": str(sample.split),
        "tags": list(sample.tags),
        "state": str(sample.state),
        "reason": sample.reason,
    }


def _match_lines(matches: list[dict[str, object]]) -> list[str]:
    header = [tr("id"), tr("path"), tr("label"), tr("group"), tr("split")]
    shown = ("id", "path", "label", "group", "split")
    return text_table(header, [["–" if row[key] is None else str(row[key]) for key in shown] for row in matches])


def _lines(found: Counts, known_runs: list[Run]) -> list[str]:
    labels = ", ".join(f"{name} {n:,}" for name, n in found.labels_shown.items()) or "–"
    splits = ", ".join(f"{split} {n:,}" for split, n in found.splits_shown.items())
    return [
        tr("Images: {n}", n=f"{found.samples:,}"),
        tr("  unreadable {unreadable}, excluded {excluded}", unreadable=found.unreadable, excluded=found.excluded),
        *_set_aside(found),
        tr("  usable for training: {n}", n=f"{found.usable:,}"),
        tr("Labels: {labels}; unlabelled {n}", labels=labels, n=f"{found.unlabelled_shown:,}"),
        tr("Splits: {splits}", splits=splits),
        tr("Groups: {n}", n=f"{found.groups_shown:,}"),
        tr("Runs: {n}", n=len(known_runs)),
    ]


def _set_aside(found: Counts) -> list[str]:
    """Say what else takes no part in training, though it is counted below as it is seen in the window."""
    uncertain, ungradable = (found.states.get(state, 0) for state in (SampleState.UNCERTAIN, SampleState.UNGRADABLE))
    if not (uncertain or ungradable or found.missing):
        return []
    text = tr(
        "  uncertain {uncertain}, ungradable {ungradable}, missing {missing}",
        uncertain=f"{uncertain:,}",
        ungradable=f"{ungradable:,}",
        missing=f"{found.missing:,}",
    )
    return [text]
