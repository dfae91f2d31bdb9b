"""``coverslip dataset``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.arguments import add_project
from core.cli.console import Console, Result
from core.domain.query import SampleQuery
from core.domain.query_line import parse_query
from core.store.project import Project
from core.store.query_names import require_known
from core.translation import tr

if TYPE_CHECKING:
    from core.export.dataset.exporter import DatasetReport

_LISTED = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    parser.add_argument("dir", metavar="DIR", type=Path, help=tr("the folder to make; it must not exist"))
    parser.add_argument(
        "--format",
        default="folders",
        metavar="folders|csv|parquet|hf|fiftyone|coco|webdataset",
        help=tr("what the data set is written as; each can be imported again"),
    )
    parser.add_argument(
        "--files",
        default="copy",
        choices=["copy", "hardlink", "symlink"],
        help=tr("whether image files are copied or linked; parts of files are always written"),
    )
    parser.add_argument(
        "--query", metavar="QUERY", help=tr("the images, by query, such as label:WBC name:*03*; without it, all")
    )


def run(args: argparse.Namespace, console: Console) -> Result:
    """Export the data set."""
    from core.export.dataset.exporter import export_dataset
    from core.export.dataset.spec import Files

    query = parse_query(args.query) if args.query is not None else SampleQuery()
    with Project.open(args.project, read_only=True) as project:
        require_known(project, query)
        report = export_dataset(
            project, args.dir, format=args.format, files=Files(args.files), query=query, progress=console.progress()
        )
    return dataset_result(report)


def dataset_result(report: DatasetReport) -> Result:
    """Return what was exported as the command's result."""
    from core.export.dataset.words import not_held_words

    data = {
        "dir": str(report.dir),
        "format": report.format,
        "images": report.images,
        "labels": report.labels,
        "splits": {str(split): count for split, count in report.splits.items()},
        "groups": report.groups,
        "made": report.made,
        "left_out": [{"path": path, "reason": reason} for path, reason in report.left_out],
        "without_image": [{"path": path, "reason": reason} for path, reason in report.without_image],
        "not_held": [{"what": str(row.what), "count": row.count, "kept_in": row.kept_in} for row in report.not_held],
    }
    labels = ", ".join(f"{name} {n:,}" for name, n in report.labels.items()) or "–"
    splits = ", ".join(f"{split} {n:,}" for split, n in report.splits.items() if n) or "–"
    lines = [
        tr("Wrote {dir}: {images} images.", dir=str(report.dir), images=f"{report.images:,}"),
        tr("Labels: {labels}; groups: {groups}", labels=labels, groups=f"{report.groups:,}"),
        tr("Splits: {splits}", splits=splits),
        *not_held_words(report),
        *(f"  {path}: {reason}" for path, reason in report.left_out[:_LISTED]),
        *(["  …"] if len(report.left_out) > _LISTED else []),
    ]
    return Result(data, lines)
