"""What predicting a folder costs beyond the two things it cannot avoid: decoding its images and running the network.

    python -m tests.benchmarks.bench_predict [--images DIR] [--kit DIR] [--count N] [--repeats R] [--json]

Images per second: `decode` the pool of threads alone, `run` ONNX Runtime alone on images in memory, `predict` the
whole of `predict_source`. `of_slower` is predict ÷ the slower of the two: 1 where the other is hidden completely,
which takes a GPU or idle cores. `of_shared` is predict ÷ what remains where both use the same cores (the sum of the
two times): 1 means that nothing else costs anything.

Without `--kit`, efficientnet-lite0 at 128 px with a random head is exported first; without `--images`, the cells
beside this checkout, or noise of mixed sizes, are taken.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from core.images.decode import decode
from core.images.intensity import to_rgb8
from core.inference.folder import predict_source
from core.inference.predictor import Predictor
from core.inference.providers import CPU
from core.kit.metadata import KitLabel, KitMetadata
from core.progress import Progress

CELLS = Path(__file__).resolve().parents[3] / "shared" / "data" / "bccd_cells"


def main(arguments: list[str]) -> int:
    """Measure, and print a table or JSON."""
    parser = argparse.ArgumentParser(prog="bench_predict")
    parser.add_argument("--images", type=Path)
    parser.add_argument("--kit", type=Path)
    parser.add_argument("--count", type=int, default=800)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        files = link_images(args.images, Path(folder) / "images", args.count)
        model = args.kit or export_lite0(Path(folder) / "kit", files[:24])
        found = measure(Predictor.open(model), files, args.repeats)
    if args.json:
        print(json.dumps(found))
    else:
        print("\n".join(f"{name:<12} {value:>12}" for name, value in found.items()))
    return 0


def measure(predictor: Predictor, files: list[Path], repeats: int) -> dict[str, Any]:
    """Return images per second of each, the best of `repeats`, measured by turns."""
    workers = min(8, os.cpu_count() or 1)

    def read(path: Path) -> np.ndarray:
        return to_rgb8(decode(path), predictor.window)

    def decode_all() -> list[np.ndarray]:
        with ThreadPoolExecutor(workers) as pool:
            return list(pool.map(read, files))

    alone = predictor.single_threaded() if predictor.provider == CPU else predictor

    def run_all() -> None:
        if predictor.provider != CPU:
            predictor.predict(images)
            return
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(lambda image: alone.predict([image]), images))

    images = decode_all()
    predictor.predict(images[:64])
    steps: dict[str, Callable[[], object]] = {
        "decode": decode_all,
        "run": run_all,
        "predict": lambda: predict_source(predictor, files[0].parent, workers=workers),
    }
    seconds = dict.fromkeys(steps, float("inf"))
    for _ in range(repeats):
        for name, step in steps.items():
            started = time.perf_counter()
            step()
            seconds[name] = min(seconds[name], time.perf_counter() - started)
    n = len(files)
    return {
        "images": n,
        "provider": predictor.provider.removesuffix("ExecutionProvider"),
        "workers": workers,
        **{name: round(n / value, 1) for name, value in seconds.items()},
        "of_slower": round(max(seconds["decode"], seconds["run"]) / seconds["predict"], 3),
        "of_shared": round((seconds["decode"] + seconds["run"]) / seconds["predict"], 3),
    }


def link_images(source: Path | None, folder: Path, count: int) -> list[Path]:
    """Return `count` images in one folder, copied or made."""
    folder.mkdir()
    if source is None and not CELLS.is_dir():
        return [made(folder / f"{i:05d}.jpg", i) for i in range(count)]
    root = source or CELLS
    found = sorted(path for path in root.rglob("*") if path.suffix.lower() in {".jpg", ".png", ".tif", ".bmp"})
    chosen = found[:: max(1, len(found) // count)][:count]
    targets = [folder / f"{i:05d}{path.suffix}" for i, path in enumerate(chosen)]
    for path, target in zip(chosen, targets, strict=True):
        target.write_bytes(path.read_bytes())
    return targets


def made(path: Path, seed: int) -> Path:
    """Write noise of some size."""
    generator = np.random.default_rng(seed)
    height, width = generator.integers(40, 240, 2)
    Image.fromarray(generator.integers(0, 256, (height, width, 3), dtype=np.uint8)).save(path)
    return path


def export_lite0(directory: Path, files: list[Path]) -> Path:
    """Export the bundled efficientnet-lite0."""
    from core.backbones.classifier import build_classifier
    from core.backbones.table import BACKBONES
    from core.backbones.weights import load_weights
    from core.export.kit_writer import Subject, write_kit
    from core.images.preprocess import Preprocess, ResizeMode

    spec = BACKBONES["efficientnet_lite0"]
    weights = load_weights(spec, directory, progress=Progress())
    preprocess = Preprocess(128, ResizeMode.STRETCH, spec.mean, spec.std)
    metadata = KitMetadata(
        version="0.1.0",
        created="2026-01-01T00:00:00+00:00",
        run=1,
        backbone=spec.name,
        size=128,
        labels=tuple(KitLabel(name=name) for name in ("a", "b", "c")),
        preprocess=preprocess.to_json(),
        temperature=1.0,
    )

    class Few:
        expected = len(files)

        def __iter__(self):
            return (to_rgb8(decode(path)) for path in files)

    write_kit(Subject(build_classifier(spec, 3, weights, seed=7), metadata), Few(), directory)
    return directory


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
