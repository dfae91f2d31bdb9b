"""What thumbnails cost: from files on disk, as the grid asks for them, against nothing but the quickest decoder.

    python -m tests.benchmarks.bench_thumbnails [--json] [--size PX] [--images N] [--turns N] [--kept]

The ceiling is simplejpeg (libjpeg-turbo), reducing each JPEG while it decodes, from bytes that are in memory; it is
given as many threads as the thumbnails, one per core, in turns with them. Of what it makes per second, thumbnails make
at least 0.8; both are told per second of a core as well, which other programs disturb less. The photographs are
1500 x 1000. The other formats are told as images per second. ``--kept`` writes what is made to the disk cache as well,
as the application does the first time.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import imagecodecs
import numpy as np
import simplejpeg
import tifffile
from numpy.typing import NDArray
from PIL import Image

from core.domain.samples import Source
from core.images.reader import ImageReader
from core.images.thumbnails import thumbnail

WIDTH, HEIGHT = 1500, 1000
CEILING: Final = 0.8
DEEP_PX: Final = 1024


def photograph(seed: int) -> NDArray[np.uint8]:
    """Return (H, W, 3) with edges, slopes and noise, which takes a JPEG as many bytes as a photograph does."""
    random = np.random.default_rng(seed)
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    waves = [128 + 80 * np.sin(x / (20 + 9 * at) + y / (30 + seed % 7)) for at in range(3)]
    for _ in range(40):
        top, left, side = random.integers(0, HEIGHT), random.integers(0, WIDTH), random.integers(20, 200)
        for plane in waves:
            plane[top : top + side, left : left + side] += random.integers(-60, 60)
    return np.clip(np.stack(waves, axis=-1) + random.normal(0, 5, (HEIGHT, WIDTH, 3)), 0, 255).astype(np.uint8)


def write_files(folder: Path, n_images: int) -> dict[str, list[str]]:
    """Write the images of each kind and return their names."""
    names: dict[str, list[str]] = {"jpeg": [], "png": [], "tiff16": []}
    for number in range(n_images):
        picture = photograph(number)
        names["jpeg"].append(f"{number}.jpg")
        Image.fromarray(picture).save(folder / names["jpeg"][-1], quality=90)
        if number < max(2, n_images // 8):
            names["png"].append(f"{number}.png")
            (folder / names["png"][-1]).write_bytes(imagecodecs.png_encode(picture, level=1))
            names["tiff16"].append(f"{number}.tif")
            grey = picture[:DEEP_PX, :DEEP_PX, 0].astype(np.uint16) * 16
            tifffile.imwrite(folder / names["tiff16"][-1], grey)
    return names


def rate(pool: ThreadPoolExecutor, work: Callable[[int], object], n_images: int) -> tuple[float, float]:
    """Return how many images a second all threads together do, and how many in a second of a core's time."""
    start, busy = time.perf_counter(), time.process_time()
    list(pool.map(work, range(n_images)))
    return n_images / (time.perf_counter() - start), n_images / (time.process_time() - busy)


def measure(folder: Path, options: argparse.Namespace, cores: int) -> dict[str, tuple[float, float]]:
    """Return what `rate` does by what was done: the medians of the turns."""
    names = write_files(folder, options.images)
    reader = ImageReader({1: Source(1, "folder", str(folder))})
    encoded = [(folder / name).read_bytes() for name in names["jpeg"]]
    height, width = (max(1, options.size * side // WIDTH) for side in (HEIGHT, WIDTH))
    rates: dict[str, list[tuple[float, float]]] = {}
    cache = folder / "cache" if options.kept else None
    with ThreadPoolExecutor(cores) as pool:
        for turn in range(options.turns):

            def made(name: str, turn: int = turn) -> object:
                digest = f"{abs(hash((turn, name))):032x}"  # never met before, so that each is made and written
                return thumbnail(reader, 1, name, options.size, digest=digest, cache_dir=cache)

            work: dict[str, Callable[[int], object]] = {
                "decoder": lambda at: simplejpeg.decode_jpeg(encoded[at], "RGB", min_height=height, min_width=width)
            }
            for kind, found in names.items():
                work[kind] = lambda at, found=found: made(found[at])  # type: ignore[misc]
            for kind, job in work.items():
                n_images = len(names.get(kind, encoded))
                rates.setdefault(kind, []).append(rate(pool, job, n_images))
    return {
        kind: (round(statistics.median(a for a, _ in found), 1), round(statistics.median(b for _, b in found), 1))
        for kind, found in rates.items()
    }


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--size", type=int, default=256, help="longer side of a thumbnail")
    parser.add_argument("--images", type=int, default=48)
    parser.add_argument("--turns", type=int, default=7)
    parser.add_argument("--kept", action="store_true", help="write to the disk cache as well")
    options = parser.parse_args(argv)
    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as folder:
        rates = measure(Path(folder), options, cores)
    ratio, ratio_busy = (rates["jpeg"][at] / rates["decoder"][at] for at in (0, 1))
    found = {
        "images_per_s": rates,
        "ratio": round(ratio, 3),
        "ceiling": CEILING,
        "threads": cores,
        "size": options.size,
    }
    if options.json:
        print(json.dumps(found | {"kept": options.kept}))
        return 0
    print(f"thumbnails of {options.size} px, {cores} threads, images per second (per second of a core)")
    titles = {
        "decoder": f"simplejpeg alone, {WIDTH} x {HEIGHT}, reduced",
        "jpeg": f"JPEG {WIDTH} x {HEIGHT}",
        "png": f"PNG {WIDTH} x {HEIGHT}",
        "tiff16": f"16-bit TIFF {DEEP_PX} x {HEIGHT}",
    }
    for kind, title in titles.items():
        print(f"  {title:40} {rates[kind][0]:8.1f}  ({rates[kind][1]:.1f})")
    print(f"  thumbnails / decoder = {ratio:.2f} (at least {CEILING}); per second of a core {ratio_busy:.2f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
