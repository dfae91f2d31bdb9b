"""What the embedding pass of a check costs over its parts: images per second, from files to features.

    python -m tests.benchmarks.bench_clean_embedding [--json] [--cells FOLDER] [--turns N] [--device NAME]

For small crops and for photographs of 1500 × 1000 pixels: decoding alone, the bare forward pass alone, the pass as the
application does it, and the pass that gathers the facts of the images; all in one run, in turns. What the figures mean
is said in `bench_embed`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from core.backbones.classifier import build_classifier
from core.backbones.device import Device, pick_device
from core.backbones.table import DEFAULT_BACKBONE, get_backbone
from core.backbones.weights import load_weights
from core.images.preprocess import Preprocess, ResizeMode
from core.paths import user_cache_dir
from core.quality.facts.measured import measure_bytes
from tests.benchmarks.bench_embed import FLOOR, draw_cells, measure, told

_CELLS: Final = Path("../shared/data/bccd_cells")
_SIZE_PX: Final = 128


def draw_photographs(folder: Path, count: int) -> list[Path]:
    """Write JPEGs of 1500 × 1000 pixels with coarse shapes and noise, as of a microscope's camera."""
    random, files = np.random.default_rng(11), []
    for number in range(count):
        rough = random.integers(0, 256, (70, 100, 3), dtype=np.uint8)
        picture = cv2.resize(rough, (1500, 1000), interpolation=cv2.INTER_CUBIC)
        noisy = np.clip(picture + random.normal(0, 5, picture.shape), 0, 255).astype(np.uint8)
        files.append(folder / f"{number:05}.jpg")
        cv2.imwrite(str(files[-1]), noisy, [cv2.IMWRITE_JPEG_QUALITY, 90])
    return files


def crops(folder: Path, cells: Path, count: int) -> list[Path]:
    """Return real crops where they are on this computer, otherwise made-up ones."""
    found = sorted(cells.glob("*/*.jpg"))
    if not found:
        return draw_cells(folder, count)
    return [found[at] for at in np.linspace(0, len(found) - 1, count).astype(int).tolist()]


def facts_rate(files: Sequence[Path], device: Device) -> float:
    """Return images per second of the pass that gathers facts."""
    start = time.perf_counter()
    with ThreadPoolExecutor(device.threads) as pool:
        list(pool.map(lambda file: measure_bytes(file.read_bytes(), file), files))
    return len(files) / (time.perf_counter() - start)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--cells", type=Path, default=_CELLS, help="folder of folders of JPEG crops")
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--device", default="auto")
    options = parser.parse_args(argv)
    spec, device = get_backbone(DEFAULT_BACKBONE), pick_device(options.device)
    device.use_threads()
    classifier = build_classifier(spec, 2, load_weights(spec, user_cache_dir()))
    preprocess = Preprocess(_SIZE_PX, ResizeMode.STRETCH, spec.mean, spec.std)
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        sets = {"crops": crops(place, options.cells, 384), "1500 × 1000": draw_photographs(place, 96)}
        for name, files in sets.items():
            found[name] = measure(files, classifier, preprocess, device, options.turns)
            found[name]["facts"] = round(facts_rate(files, device), 1)
    if options.json:
        print(json.dumps({"device": device.name, "threads": device.threads, "floor": FLOOR, "sets": found}))
        return 0
    print(f"{spec.name}, {_SIZE_PX} px, {device.name} ({device.threads} threads)")
    for name, row in found.items():
        print(f"  {name}; the pass that gathers facts: {row['facts']:.1f} images/s")
        for line in told(row):
            print(f"    {line}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
