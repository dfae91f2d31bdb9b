"""Image checks on sets of known quality: blur planted into real and made-up pictures, and faultless dark-field sets.

    python -m tests.benchmarks.bench_clean_quality [--json] [--cells FOLDER] [--fashion FILE] [--seeds N]

Blur (Gaussian, motion, defocus, of 1 to 3 pixels) is planted into 4 % of a set; ranked by Coverslip's score and by
CleanVision's in the same run. Dark-field sets are as they are: whatever is called dark there is called so wrongly. Sets
that are not on this computer are left out, saying so.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray

from core.images.decode import decode
from core.quality.facts.bank import FactsBank
from core.quality.facts.image_facts import ImageFacts
from core.quality.facts.measured import measure_bytes
from core.quality.image_quality.find import PROBLEMS, scores_of
from tests.benchmarks.planted_blur import (
    KINDS,
    DarkField,
    Fluorescence,
    Pixels,
    blurred,
    dark_field,
    fluorescence,
    with_noise,
)

SHARE: Final = 0.04
FLOOR, MOST_DARK = 0.9, 0.01
_FASHION: Final = Path("/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz")
_CELLS: Final = Path("../shared/data/bccd_cells")

LOOKS: Final = {
    "dark-field, 8 bits": DarkField(),
    "dark-field, 16 bits": DarkField(65_535, 0.004, 0.1, 0.35, 9, 0.001),
    "dark-field, varied": DarkField(255, 0.02, 0.3, 0.6, 5, 0.01),
    "dark-field, sparse": DarkField(65_535, 0.002, 0.05, 0.5, 2, 0.0005),
}

SOFT: Final = {
    "fluorescence, 16 bits": Fluorescence(np.uint16, 6000, 300, 60),
    "fluorescence, 8 bits": Fluorescence(np.uint8, 90, 6, 2),
    "fluorescence, sparse": Fluorescence(np.uint8, 200, 2, 1, objects=(1, 3)),
    "fluorescence, noisy": Fluorescence(np.uint16, 3000, 300, 200, objects=(3, 8)),
    "fluorescence, points": Fluorescence(np.uint8, 120, 8, 3, objects=(4, 20), radius=(1.5, 3)),
    "fluorescence, large": Fluorescence(np.uint8, 120, 4, 2, objects=(4, 10), radius=(4, 14), size=160),
    "soft bright-field": Fluorescence(np.uint8, -70, 180, 5, spread=0),
}
"""Blurred before the detector's noise, which stays: all fine detail is noise, sharp or not."""
SOFT_STRENGTHS: Final = (2.5, 3.5)


@dataclass(frozen=True, slots=True)
class PlantedSet:
    """Files of a set, and which of `KINDS` of blur was planted in each; -1 for none."""

    name: str
    files: list[Path]
    kinds: NDArray[np.int64]
    labels: NDArray[np.int64]

    @property
    def planted(self) -> NDArray[np.bool_]:
        return self.kinds >= 0


def average_precision(truth: NDArray[np.bool_], scores: NDArray[np.floating[Any]]) -> float:
    """Return the average precision of a ranking, equals counted together."""
    from sklearn.metrics import average_precision_score

    return float(average_precision_score(truth, scores))


def facts_of(files: Sequence[Path], folder: Path) -> ImageFacts:
    """Return the facts of files, as the application measures them."""
    with ThreadPoolExecutor() as pool:
        found = list(pool.map(lambda file: measure_bytes(file.read_bytes(), file), files))
    bank = FactsBank(folder)
    bank.add([str(file) for file in files], found)
    nothing = np.zeros(len(files), dtype=np.int64)
    return ImageFacts(bank, bank.rows([str(file) for file in files]), nothing, nothing)


def peer_scores(files: Sequence[Path], folder: Path, kinds: Sequence[str]) -> dict[str, NDArray[np.float64]]:
    """Return CleanVision's oddness, 0 to 1, by kind; it is given 8 bits, brightened alike, of what has more."""
    from cleanvision import Imagelab

    shown = [_eight_bit_copy(file, folder) for file in files]
    lab = Imagelab(filepaths=[str(file) for file in shown])
    lab.find_issues({kind: {} for kind in kinds}, n_jobs=1, verbose=False)
    table = lab.issues.loc[[str(file) for file in shown]]
    found = {kind: 1 - table[f"{kind}_score"].to_numpy(dtype=np.float64) for kind in kinds}
    found |= {f"{kind} flagged": table[f"is_{kind}_issue"].to_numpy(dtype=np.float64) for kind in kinds}
    return found


def _eight_bit_copy(file: Path, folder: Path) -> Path:
    pixels = decode(file) if file.suffix == ".tif" else None
    if pixels is None or pixels.dtype == np.uint8:
        return file
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / f"{file.stem}.png"
    cv2.imwrite(str(copy), np.minimum(pixels / 128, 255).astype(np.uint8))
    return copy


def plant(
    name: str,
    images: Sequence[tuple[Pixels, int]],
    folder: Path,
    seed: int,
    *,
    strengths: tuple[float, float] = (1.0, 3.0),
    suffix: str = ".png",
    noise: float = 0.0,
) -> PlantedSet:
    """Write images (pixels, label), some of them blurred, with noise of that deviation after it."""
    random = np.random.default_rng([seed, 17])
    kinds = np.full(len(images), -1, dtype=np.int64)
    chosen = random.choice(len(images), max(3, round(SHARE * len(images))), replace=False)
    kinds[chosen] = np.arange(len(chosen)) % len(KINDS)
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for number, (pixels, _) in enumerate(images):
        if kinds[number] >= 0:
            pixels = blurred(pixels, KINDS[kinds[number]], random.uniform(*strengths), random)
            pixels = with_noise(pixels, noise, pixels.dtype, random) if noise > 0 else pixels
        files.append(folder / f"{number:05}{suffix}")
        _write(files[-1], pixels)
    return PlantedSet(name, files, kinds, np.array([label for _, label in images], dtype=np.int64))


def _write(file: Path, pixels: Pixels) -> None:
    if file.suffix == ".tif":
        tifffile.imwrite(file, pixels)
    else:
        cv2.imwrite(str(file), pixels, [cv2.IMWRITE_JPEG_QUALITY, 92] if file.suffix == ".jpg" else [])


def sets_with_blur(folder: Path, options: argparse.Namespace) -> Iterator[PlantedSet]:
    """Yield every set that can be made on this computer, by seed."""
    for seed in range(options.seeds):
        for name, suffix in (("cells, as JPEG", ".jpg"), ("cells, as PNG", ".png")):
            if cells := _cells(options.cells, seed, options.images):
                yield plant(name, cells, folder / f"{name}{seed}", seed, suffix=suffix)
        if options.fashion.is_file():
            yield plant(
                "fashion, 28 px", _fashion(options.fashion, seed, 2 * options.images), folder / f"f{seed}", seed
            )
        for name, look in LOOKS.items():
            pictures = dark_field(np.random.default_rng([seed, 3]), options.images // 2, look)
            images = [(picture, 0) for picture in pictures]
            suffix = ".tif" if look.levels > 255 else ".png"
            yield plant(name, images, folder / f"{name}{seed}", seed, suffix=suffix)
        yield from _soft_sets(folder, seed, options.images // 2)


def _soft_sets(folder: Path, seed: int, count: int) -> Iterator[PlantedSet]:
    for name, look in SOFT.items():
        pictures = fluorescence(np.random.default_rng([seed, 4]), count, look)
        suffix = ".tif" if look.kind is np.uint16 else ".png"
        place, images = folder / f"{name}{seed}", [(picture, 0) for picture in pictures]
        yield plant(name, images, place, seed, strengths=SOFT_STRENGTHS, suffix=suffix, noise=0.9 * look.noise)


def _cells(folder: Path, seed: int, count: int) -> list[tuple[Pixels, int]]:
    files = sorted(folder.glob("*/*.jpg"))
    if not files:
        return []
    chosen = np.random.default_rng([seed, 1]).choice(len(files), min(count, len(files)), replace=False)
    names = sorted({file.parent.name for file in files})
    return [(cv2.imread(str(files[at])), names.index(files[at].parent.name)) for at in chosen.tolist()]


def _fashion(file: Path, seed: int, count: int) -> list[tuple[Pixels, int]]:
    pixels = np.frombuffer(gzip.decompress(file.read_bytes()), np.uint8, offset=16).reshape(-1, 28, 28)
    labels_file = file.with_name(file.name.replace("images-idx3", "labels-idx1"))
    labels = np.frombuffer(gzip.decompress(labels_file.read_bytes()), np.uint8, offset=8)
    chosen = np.random.default_rng([seed, 2]).choice(len(pixels), count, replace=False)
    return [(pixels[at], int(labels[at])) for at in chosen.tolist()]


def measure_blur_set(given: PlantedSet, folder: Path) -> dict[str, float]:
    """Return how well the planted blur was found, by us and by the peer."""
    facts = facts_of(given.files, folder / "facts")
    scores, _ = scores_of(PROBLEMS[0], facts, given.labels)
    flagged = scores >= 0.5
    peer = peer_scores(given.files, folder / "peer", ["blurry"])
    named = peer["blurry flagged"] > 0
    motion = given.kinds == KINDS.index("motion")
    # Alone against what is sharp: other blur is neither found nor falsely called so.
    alone = motion | ~given.planted
    return {
        "ours": average_precision(given.planted, scores),
        "ours without labels": average_precision(
            given.planted, scores_of(PROBLEMS[0], facts, np.full(len(facts), -1, dtype=np.int64))[0]
        ),
        "flagged right": float(given.planted[flagged].mean()) if flagged.any() else 1.0,
        "flagged of planted": float(flagged[given.planted].mean()),
        "peer": average_precision(given.planted, peer["blurry"]),
        "ours, motion": average_precision(motion[alone], scores[alone]),
        "peer, motion": average_precision(motion[alone], peer["blurry"][alone]),
        "peer flagged right": float(given.planted[named].mean())
        if (named := peer["blurry flagged"] > 0).any()
        else 1.0,
        "peer flagged of planted": float(named[given.planted].mean()),
        "images": float(len(given.files)),
    }


def measure_dark_set(name: str, look: DarkField, seed: int, folder: Path, count: int) -> dict[str, float]:
    """Return which share of a dark-field set without fault each problem is seen in, by us and by the peer."""
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for number, picture in enumerate(dark_field(np.random.default_rng([seed, 9]), count, look)):
        files.append(folder / f"{number:05}{'.tif' if look.levels > 255 else '.png'}")
        _write(files[-1], picture)
    facts = facts_of(files, folder / "facts")
    none = np.zeros(len(facts), dtype=np.int64)
    found = {f"ours: {p.kind}": float((scores_of(p, facts, none)[0] >= 0.5).mean()) for p in PROBLEMS}
    peer = peer_scores(files, folder / "peer", ["dark", "blurry", "low_information"])
    return found | {f"peer: {kind}": float(peer[f"{kind} flagged"].mean()) for kind in ("dark", "low_information")}


def _means(rows: list[tuple[str, dict[str, float]]], worst: Callable[[list[float]], float] = np.mean) -> dict:
    names = dict.fromkeys(name for name, _ in rows)
    return {
        name: {key: round(float(worst([row[key] for other, row in rows if other == name])), 4) for key in rows_of}
        for name in names
        if (rows_of := next(row for other, row in rows if other == name))
    }


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--cells", type=Path, default=_CELLS, help="folder of folders of JPEG crops")
    parser.add_argument("--fashion", type=Path, default=_FASHION)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--images", type=int, default=600)
    options = parser.parse_args(argv)
    blur, dark = [], []
    with tempfile.TemporaryDirectory() as folder:
        for number, given in enumerate(sets_with_blur(Path(folder), options)):
            blur.append((given.name, measure_blur_set(given, Path(folder) / f"b{number}")))
        for seed in range(options.seeds + 1):
            for name, look in LOOKS.items():
                place = Path(folder) / f"d{name}{seed}"
                dark.append((name, measure_dark_set(name, look, seed, place, options.images // 2)))
    found = {"blur": _means(blur), "dark": _means(dark), "dark, worst set": _means(dark, max)}
    if options.json:
        print(json.dumps(found))
        return 0
    _print(found)
    return 0


def _print(found: dict[str, dict[str, dict[str, float]]]) -> None:
    print(f"Planted blur, average precision (at least {FLOOR}) and that of motion alone; what is flagged: share right,")
    print("share of the planted. Coverslip / CleanVision")
    for name, row in found["blur"].items():
        print(
            f"  {name:22} {row['ours']:.3f} / {row['peer']:.3f}   motion {row['ours, motion']:.3f} /"
            f" {row['peer, motion']:.3f}   flagged {row['flagged right']:.2f} right, {row['flagged of planted']:.2f} of"
            f" them / {row['peer flagged right']:.2f}, {row['peer flagged of planted']:.2f}"
            f"   (without labels {row['ours without labels']:.3f})"
        )
    print(
        f"Dark-field without fault, share called dark (at most {MOST_DARK:.0%}) in the worst of the sets, and the rest"
    )
    for name, row in found["dark, worst set"].items():
        others = "  ".join(f"{key[6:]} {value:.3f}" for key, value in row.items() if key.startswith("ours: "))
        print(f"  {name:20} CleanVision dark {row['peer: dark']:.3f}   Coverslip {others}")


if __name__ == "__main__":
    raise SystemExit(main())
