"""What fitting the quick head costs: 5,000 x 1,280 features to convergence, against embedding 100 images.

    python -m tests.benchmarks.bench_head [--json] [--samples N] [--labels K] [--turns N]

The ceiling is the time of embedding 100 images at 224 px that are already decoded, through EfficientNet-Lite0, in the
same process, in turns. The ratio of the medians is at most 1.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.backbones.classifier import build_classifier
from core.backbones.device import pick_device
from core.backbones.table import DEFAULT_BACKBONE, get_backbone
from core.backbones.weights import load_weights
from core.embeddings.pipeline import embed_images
from core.embeddings.quick_head import QuickHead, fit_quick_head, out_of_fold_logits
from core.images.preprocess import Preprocess, ResizeMode
from core.paths import user_cache_dir
from core.progress import Progress

FEATURES: Final = 1280
IMAGES: Final = 100
SIZE_PX: Final = 224
CEILING: Final = 1.0


def embeddings_like(samples: int, labels: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return features as a backbone gives them (not negative, correlated, on many scales), and labels, 3 % wrong."""
    random = np.random.default_rng(7)
    y = random.integers(0, labels, samples)
    hidden = random.normal(size=(labels, 64))[y] * 0.6 + random.normal(size=(samples, 64))
    mixed = hidden @ random.normal(size=(64, FEATURES)) / 8 + random.normal(size=(samples, FEATURES)) * 0.5
    features = np.maximum(mixed, 0) * random.uniform(0.05, 2, FEATURES)
    wrong = random.random(samples) < 0.03
    y = np.where(wrong, random.integers(0, labels, samples), y)
    return features.astype(np.float32), y


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--samples", type=int, default=5000)
    parser.add_argument("--labels", type=int, default=4)
    parser.add_argument("--turns", type=int, default=5)
    options = parser.parse_args(argv)
    device = pick_device()
    device.use_threads()
    spec = get_backbone(DEFAULT_BACKBONE)
    classifier = build_classifier(spec, options.labels, load_weights(spec, user_cache_dir()))
    preprocess = Preprocess(SIZE_PX, ResizeMode.STRETCH, spec.mean, spec.std)
    image = np.random.default_rng(0).integers(0, 256, (SIZE_PX, SIZE_PX, 3), dtype=np.uint8)
    features, y = embeddings_like(options.samples, options.labels)
    folds = np.arange(options.samples, dtype=np.int64) % 5
    heads: list[QuickHead] = []
    times: dict[str, list[float]] = {"head": [], "five_folds": [], "embed_100": []}
    for _ in range(options.turns):
        embed = lambda: list(embed_images(lambda _: image, IMAGES, classifier, preprocess, device, Progress()))  # noqa: E731
        times["embed_100"].append(seconds(embed))
        times["head"].append(seconds(lambda: heads.append(fit_quick_head(features, y, options.labels))))
        times["five_folds"].append(seconds(lambda: out_of_fold_logits(features, y, options.labels, folds)))
    found: dict[str, object] = {f"{name}_s": round(statistics.median(values), 3) for name, values in times.items()}
    ratio = statistics.median(times["head"]) / statistics.median(times["embed_100"])
    found |= {
        "ratio": round(ratio, 3),
        "ceiling": CEILING,
        "iterations": heads[-1].iterations,
        "gradient": heads[-1].gradient,
        "samples": options.samples,
        "labels": options.labels,
        "device": device.name,
    }
    if options.json:
        print(json.dumps(found))
        return 0
    print(f"{options.samples} x {FEATURES}, {options.labels} labels, {device.name} ({device.threads} threads)")
    print(f"  head, to convergence          {found['head_s']} s ({heads[-1].iterations} passes)")
    print(f"  out of fold, five folds       {found['five_folds_s']} s")
    print(f"  embedding {IMAGES} images, {SIZE_PX} px  {found['embed_100_s']} s")
    print(f"  head / embedding = {ratio:.2f} (at most {CEILING})")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
