"""``coverslip backbones``."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.backbones.table import BACKBONES, BackboneSpec, get_backbone
from core.backbones.weights import import_weights, load_weights, weights_state
from core.cli.console import Console, Result
from core.cli.table import text_table
from core.paths import user_cache_dir
from core.translation import tr


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--download", metavar="NAME", help=tr("download the weights of one backbone"))
    what.add_argument("--add-weights", type=Path, metavar="FILE", help=tr("keep a weights file you have"))
    parser.add_argument("--backbone", metavar="NAME", help=tr("which backbone FILE belongs to, if it does not tell"))


def run(args: argparse.Namespace, console: Console) -> Result:
    """List the backbones, after fetching or keeping weights where that was asked."""
    cache = user_cache_dir()
    if args.download:
        load_weights(get_backbone(args.download), cache, allow_download=True, progress=console.progress())
    elif args.add_weights:
        import_weights(args.add_weights, cache, get_backbone(args.backbone) if args.backbone else None)
    rows = [_row(spec, cache) for spec in BACKBONES.values()]
    header = [tr("name"), tr("parameters"), tr("top-1"), tr("size"), tr("weights"), tr("licence")]
    return Result({"backbones": rows}, text_table(header, [_cells(row) for row in rows]))


def _row(spec: BackboneSpec, cache: Path) -> dict[str, object]:
    return {
        "name": spec.name,
        "title": spec.title,
        "parameters": spec.parameters,
        "top1": spec.top1,
        "input_size": spec.input_size,
        "size_bytes": spec.size_bytes,
        "weights": str(weights_state(spec, cache)),
        "licence": spec.licence,
    }


def _cells(row: dict[str, object]) -> list[str]:
    millions = f"{int(str(row['parameters'])) / 1e6:.1f} M"
    size = f"{int(str(row['size_bytes'])) / 1e6:.0f} MB"
    return [str(row["name"]), millions, str(row["top1"]), size, str(row["weights"]), str(row["licence"])]
