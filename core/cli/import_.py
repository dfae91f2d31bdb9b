"""``coverslip import``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TypeVar

from core.cli.arguments import add_project
from core.cli.console import Console, Result
from core.errors import UserError
from core.ingest.formats.spec import ImportOptions
from core.ingest.importer import ImportReport, import_source, preview_source
from core.ingest.preview import Preview, copies_text, pages_texts
from core.ingest.rules import parse_group_rule, parse_label_rule
from core.store.project import Project
from core.store.splits import groups_straddling
from core.translation import tr, tr_n

Number = TypeVar("Number", int, float)
_COLUMNS = ("path", "label", "group", "split", "tags")
_LISTED = 40


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add_project(parser)
    parser.add_argument("source", metavar="SOURCE", help=tr("a folder, a ZIP, a file of a data set, or an address"))
    parser.add_argument(
        "--format",
        default="auto",
        metavar="auto|folders|table|…",
        help=tr("what the source is; an unknown name lists them all"),
    )
    parser.add_argument(
        "--labels",
        default="auto",
        metavar="auto|folder|none|csv:FILE|pattern:REGEX",
        help=tr("where the labels are: in the data set, the names of the folders, nowhere, a table, or the file names"),
    )
    parser.add_argument(
        "--group",
        metavar="pattern:REGEX|column:NAME",
        help=tr("what must not be on both sides of a split, such as the patient or slide"),
    )
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="path|label|group|split|tags=NAME",
        help=tr("which column of a table says what, where it is guessed wrongly; several names with commas"),
    )
    _add_options(parser)
    parser.add_argument(
        "--allow-network", action="store_true", help=tr("use the network for this source, if it is an address")
    )
    parser.add_argument("--preview", action="store_true", help=tr("say what would come in, and add nothing"))


def _add_options(parser: argparse.ArgumentParser) -> None:
    """Declare what concerns only some formats."""
    parser.add_argument("--every", type=int, default=30, metavar="N", help=tr("of a video, each so many-th frame"))
    parser.add_argument(
        "--margin", type=float, default=0.1, metavar="F", help=tr("around a box, as a share of its longer side")
    )
    parser.add_argument(
        "--pages",
        action="store_true",
        help=tr("each page of a TIFF, frame of a GIF or plane of a volume is an image of its own"),
    )
    parser.add_argument(
        "--plane",
        default="max",
        metavar="max|N",
        help=tr("of a stack, volume or file of pages: the brightest of all planes, or the N-th, counted from 0"),
    )
    parser.add_argument(
        "--beside", action="store_true", help=tr("take images too that lie beside a data set, without a label")
    )
    parser.add_argument(
        "--skip-copies",
        action="store_true",
        help=tr("leave out images with the content of images that are here already, from another source"),
    )
    parser.add_argument(
        "--follow-links", action="store_true", help=tr("let links in a folder lead out of it; only if you trust it")
    )
    _add_slide_options(parser)


def _add_slide_options(parser: argparse.ArgumentParser) -> None:
    """Declare how whole slides are cut."""
    parser.add_argument(
        "--tile-size", type=int, default=512, metavar="PX", help=tr("of a whole slide: the side of its tiles")
    )
    parser.add_argument(
        "--level", type=int, default=0, metavar="N", help=tr("of a whole slide: which level is cut; 0 is the full one")
    )
    parser.add_argument(
        "--um-per-pixel", type=float, metavar="F", help=tr("of a whole slide: the level with pixels of about this size")
    )
    parser.add_argument(
        "--min-tissue",
        type=float,
        default=0.1,
        metavar="F",
        help=tr("of a whole slide: the least part of a tile that is not glass, 0 to 1"),
    )


def run(args: argparse.Namespace, console: Console) -> Result:
    """Import the source, or say what would come in."""
    labels = parse_label_rule(args.labels)
    groups = parse_group_rule(args.group)
    options = ImportOptions(
        columns=_columns(args.column),
        every=_within(args.every, 1, 10**6, "--every"),
        margin=_within(args.margin, 0.0, 2.0, "--margin"),
        pages=args.pages,
        plane=_plane(args.plane),
        tile_size=_within(args.tile_size, 16, 8192, "--tile-size"),
        level=_within(args.level, 0, 99, "--level"),
        um_per_pixel=None if args.um_per_pixel is None else _within(args.um_per_pixel, 0.01, 1000.0, "--um-per-pixel"),
        min_tissue=_within(args.min_tissue, 0.0, 1.0, "--min-tissue"),
        beside=args.beside,
        skip_copies=args.skip_copies,
        network=args.allow_network,
        follow_links=args.follow_links,
    )
    with Project.open(args.project, read_only=args.preview) as project:
        if args.preview:
            return preview_result(
                preview_source(
                    project,
                    args.source,
                    labels=labels,
                    groups=groups,
                    format=args.format,
                    options=options,
                    progress=console.progress(),
                )
            )
        report = import_source(
            project,
            args.source,
            labels=labels,
            groups=groups,
            format=args.format,
            options=options,
            progress=console.progress(),
        )
        return import_result(report, groups_straddling(project))


def _columns(given: Sequence[str]) -> dict[str, str]:
    columns = {}
    for text in given:
        what, found, name = text.partition("=")
        if what not in _COLUMNS or not found or not name.strip():
            raise UserError("column_rule_invalid", value=text, known=", ".join(_COLUMNS))
        columns[what] = name.strip()
    return columns


def _plane(given: str) -> int | None:
    """Return which plane is meant; None for the brightest of all."""
    if given == "max":
        return None
    if not (given.isascii() and given.isdecimal() and len(given) < 6):
        raise UserError("option_out_of_range", name="--plane", value=given, least=0, most=99_999)
    return int(given)


def _within(value: Number, least: Number, most: Number, name: str) -> Number:
    if not least <= value <= most:
        raise UserError("option_out_of_range", name=name, value=value, least=least, most=most)
    return value


def preview_result(seen: Preview) -> Result:
    """Return what would come in as the command's result."""
    data = {
        "format": seen.format,
        "images": seen.images,
        "would_add": seen.would_add,
        "known": seen.known,
        "renamed": seen.renamed,
        "copies": seen.copies,
        "copies_complete": seen.copies_complete,
        "multi_page": seen.multi_page,
        "volumes": seen.volumes,
        "multi": seen.multi,
        "counts": {
            "labels": seen.labels,
            "unlabelled": seen.unlabelled,
            "groups": seen.groups,
            "splits": {str(split): count for split, count in seen.splits.items()},
            "tags": seen.tags,
        },
        "groups": seen.group_count,
        "checked": seen.checked,
        "unreadable": [{"path": path, "reason": reason} for path, reason in seen.unreadable],
        "skipped": [{"path": path, "reason": reason} for path, reason in seen.skipped],
        "note": seen.note,
        "notes": list(seen.notes),
        "beside": seen.beside,
    }
    return Result(data, _preview_lines(seen))


def _preview_lines(seen: Preview) -> list[str]:
    labels = ", ".join(f"{name} {n:,}" for name, n in seen.labels.items()) or "–"
    splits = ", ".join(f"{split} {n:,}" for split, n in seen.splits.items() if n) or "–"
    lines = [
        tr("{format}: {images} images. Nothing was added.", format=seen.title, images=f"{seen.images:,}"),
        tr(
            "{added} would be added, {known} known already, {unreadable} unreadable.",
            added=f"{seen.would_add:,}",
            known=f"{seen.known:,}",
            unreadable=len(seen.unreadable),
        ),
        tr("Labels: {labels}; groups: {groups}", labels=labels, groups=f"{seen.group_count:,}"),
        tr("Splits: {splits}", splits=splits),
    ]
    if seen.tags:
        lines.append(tr("Tags: {tags}", tags=", ".join(f"{tag} {n:,}" for tag, n in seen.tags.items())))
    if seen.copies:
        lines.append(f"{copies_text(seen)} {tr('With --skip-copies they are left out.')}")
    lines += [f"{said} {tr('With --pages each is an image of its own.')}" for said in pages_texts(seen)]
    if seen.beside:
        lines.append(
            tr_n(
                "{n} image lies beside the data set without being part of it. With --beside it is taken too.",
                "{n} images lie beside the data set without being part of it. With --beside they are taken too.",
                seen.beside,
            )
        )
    lines += [*seen.notes, *([seen.note] if seen.note else [])]
    problems = [*seen.unreadable, *seen.skipped]
    lines += [f"  {path}: {reason}" for path, reason in problems[:_LISTED]]
    return lines + (["  …"] if len(problems) > _LISTED else [])


def import_result(report: ImportReport, straddling: int = 0) -> Result:
    """Return what was imported as the command's result, with how many groups are in more than one split."""
    data = {
        "added": report.added,
        "known": report.known,
        "copies": report.copies,
        "multi_page": report.multi_page,
        "unreadable": [{"path": path, "reason": reason} for path, reason in report.unreadable],
        "skipped": [{"path": path, "reason": reason} for path, reason in report.skipped],
        "changed": report.changed,
        "renamed": report.renamed,
        "refused_keys": list(report.refused_keys),
        "labels": report.labels,
        "groups": report.groups,
        "labelled": report.labelled,
        "grouped": report.grouped,
        "relocated": report.relocated,
        "groups_straddling": straddling,
    }
    counts = ", ".join(f"{name} {n:,}" for name, n in report.labels.items()) or "–"
    lines = [
        *_moved(report),
        tr(
            "{added} added, {known} known already, {unreadable} unreadable.",
            added=f"{report.added:,}",
            known=f"{report.known:,}",
            unreadable=len(report.unreadable),
        ),
        *_noticed(report),
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


def _moved(report: ImportReport) -> list[str]:
    if not report.relocated:
        return []
    return [tr("The images of {source} are found here now; what was known of them is kept.", source=report.relocated)]


def _noticed(report: ImportReport) -> list[str]:
    copies = tr_n(
        "{n} image of this source has the content of one that was here from another.",
        "{n} images of this source have the content of ones that were here from another.",
        report.copies,
    )
    pages = tr_n(
        "{n} file has several pages, of which only the first was taken; use --pages for all.",
        "{n} files have several pages, of which only the first was taken; use --pages for all.",
        report.multi_page,
    )
    renamed = tr_n(
        "{n} image has another name now; what was known of it is kept.",
        "{n} images have other names now; what was known of them is kept.",
        report.renamed,
    )
    changed = tr_n(
        "{n} has changed on disk and was read again.",
        "{n} have changed on disk and were read again.",
        report.changed,
    )
    said = ((report.copies, copies), (report.multi_page, pages), (report.renamed, renamed), (report.changed, changed))
    return [*(words for count, words in said if count), *report.refused_keys]


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
