"""``coverslip predict``."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from core.cli.console import Console, Result
from core.errors import UserError
from core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("model", metavar="MODEL", help=tr("a kit, an .onnx file, or PROJECT:RUN"))
    parser.add_argument("source", metavar="SOURCE", type=_place, help=tr("a folder, a ZIP, an address, or one image"))
    parser.add_argument("--out", type=Path, metavar="FILE", help=tr("write the table here: .csv, .xlsx or .parquet"))
    parser.add_argument("--threshold", type=float, metavar="P", help=tr("abstain below this confidence, from 0 to 1"))
    parser.add_argument("--sort-into", type=Path, metavar="DIR", help=tr("copy the images into a folder per label"))
    parser.add_argument(
        "--allow-network", action="store_true", help=tr("use the network for this source, if it is an address")
    )


def run(args: argparse.Namespace, console: Console) -> Result:
    """Predict the folder."""
    from core.export.resolve import resolve_model

    # Before a run is exported, too.
    check_request(args.source, args.out, args.threshold, args.sort_into)
    model = resolve_model(args.model, progress=console.progress())
    return predict_source_to(
        model,
        args.source,
        args.out,
        console=console,
        threshold=args.threshold,
        sorted_dir=args.sort_into,
        network=args.allow_network,
    )


def _place(text: str) -> Path | str:
    from core.images.remote.servers import is_address

    return text if is_address(text) else Path(text)


def check_request(source: Path | str, out: Path | None, threshold: float | None, sorted_dir: Path | None) -> None:
    """Refuse what cannot be done before anything takes long or is written.

    Raises
    ------
    UserError
        ``threshold_invalid``, ``sort_inside_source``, ``sort_needs_folder``, or as `check_out` of
        `core.inference.table_files`.
    """
    from core.inference.results import check_threshold
    from core.inference.sorting import check_sort_target
    from core.inference.table_files import check_out

    check_threshold(threshold)
    if out is not None:
        check_out(out)
    if sorted_dir is not None:
        if isinstance(source, str) or source.suffix.lower() == ".zip":
            raise UserError("sort_needs_folder", path=str(source))
        check_sort_target(source.parent if source.is_file() else source, sorted_dir)


def predict_source_to(
    model: Path,
    source: Path | str,
    out: Path | None,
    *,
    console: Console,
    threshold: float | None = None,
    sorted_dir: Path | None = None,
    network: bool = False,
) -> Result:
    """Predict the images of `source` with the kit or ONNX file `model`, and write what was asked for."""
    from core.inference.folder import predict_source
    from core.inference.predictor import Predictor
    from core.inference.sorting import sort_into
    from core.inference.table_files import write_table

    check_request(source, out, threshold, sorted_dir)
    predictor = Predictor.open(model)
    started = time.monotonic()
    table = predict_source(predictor, source, progress=console.progress(), network=network)
    seconds = time.monotonic() - started
    if out is not None:
        write_table(table, out, threshold=threshold)
    if sorted_dir is not None and isinstance(source, Path):
        sort_into(table, source, sorted_dir, threshold=threshold)
    counts, errors = table.counts(threshold), sum(error is not None for error in table.errors)
    data = {
        "n": len(table),
        "seconds": round(seconds, 3),
        "counts": counts,
        "abstained": table.abstained(threshold),
        "unreadable": errors,
        "out": str(out) if out else None,
        "provider": predictor.provider,
    }
    if table.multi:
        data["none"] = table.without_label(threshold)
    lines = [
        tr("{n} images in {seconds} s.", n=f"{len(table):,}", seconds=f"{seconds:.1f}"),
        *(f"  {name}: {n:,}" for name, n in counts.items()),
        *([tr("  no label: {n}", n=f"{data['none']:,}")] if table.multi else []),
        tr("  abstained: {n}", n=f"{data['abstained']:,}"),
        tr("  unreadable: {n}", n=f"{errors:,}"),
    ]
    return Result(data, lines)
