"""How the cost of the checks grows with the number of samples: neighbours, duplicates, outliers and label suspects.

    python -m tests.benchmarks.bench_clean_scale [--json] [--samples 10000 100000] [--all] [--recall]

Embeddings are made up as a backbone gives them (clusters, 64 hidden causes, noise, 1,280 numbers in half precision on
disk); pictures are small random scenes. One in a hundred is a copy of another, turned, relit or cut, with features much
like its original's: of these the share that is found is counted, and the share of what is found that is one of these.
Each size runs in a process of its own, whose largest resident memory is read. `--all` adds a million samples, about
twenty minutes on two idle cores. The slope is that of the logarithm of the seconds over the logarithm of the number of
samples; it is at most 1.2. Beside the seconds on the clock stand those of all processors, which tell more where other
work goes on. `--recall` compares the approximate neighbours of 1,000 samples with all others.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.embeddings.bank import FeatureBank
from core.embeddings.neighbours import EXACT_ROWS, Neighbours, nearest
from core.progress import Progress

FEATURES, HIDDEN, LABELS = 1280, 64, 10
BLOCK: Final = 20_000
SLOPE, MEMORY_GB, RECALL = 1.2, 8.0, 0.9
K: Final = 20


def planted(count: int, seed: int = 0) -> NDArray[np.int64]:
    """Return (count // 100, 2) copies and their originals, which are no copies themselves, within the same block."""
    random = np.random.default_rng([count, seed])
    pairs = []
    for start in range(0, count, BLOCK):
        n = min(BLOCK, count - start)
        chosen = start + random.choice(n, 2 * (n // 100), replace=False)
        pairs.append(chosen.reshape(-1, 2))
    return np.concatenate(pairs)


def write_bank(folder: Path, count: int, seed: int = 0) -> tuple[FeatureBank, NDArray[np.int64]]:
    """Write made-up embeddings; returns them with the labels they came of, 3 % wrong."""
    random = np.random.default_rng(seed)
    kinds = max(LABELS, count // 500)
    centres = random.normal(size=(kinds, HIDDEN)).astype(np.float32)
    mixing = (random.normal(size=(HIDDEN, FEATURES)) / 8).astype(np.float32)
    scales = random.uniform(0.05, 2, FEATURES).astype(np.float32)
    bank, labels = FeatureBank(folder, FEATURES), np.empty(count, dtype=np.int64)
    copies, originals = planted(count).T
    for start in range(0, count, BLOCK):
        n = min(BLOCK, count - start)
        kind = random.integers(0, kinds, n)
        hidden = centres[kind] + 0.5 * random.standard_normal((n, HIDDEN), dtype=np.float32)
        here = (copies >= start) & (copies < start + n)
        copy, original = copies[here] - start, originals[here] - start
        kind[copy], hidden[copy] = kind[original], hidden[original] + 0.1 * random.standard_normal((len(copy), HIDDEN))
        noise = 0.15 * random.standard_normal((n, FEATURES), dtype=np.float32)
        bank.add([str(start + row) for row in range(n)], np.maximum(hidden @ mixing + noise, 0) * scales)
        wrong = random.random(n) < 0.03
        labels[start : start + n] = np.where(wrong, random.integers(0, LABELS, n), kind % LABELS)
    return bank, labels


def small_pictures(count: int, seed: int = 0) -> NDArray[np.uint8]:
    """Return (N, 32, 32) soft random pictures; the planted copies are turned and relit, or a part and relit."""
    random = np.random.default_rng(seed)
    waves = np.cos(np.pi * (np.arange(32)[None] + 0.5) * np.arange(9)[:, None] / 32).astype(np.float32)
    fall = 1 / (1 + np.add.outer(np.arange(9), np.arange(9))).astype(np.float32)
    found = np.empty((count, 32, 32), dtype=np.uint8)
    for start in range(0, count, BLOCK):
        n = min(BLOCK, count - start)
        made = np.einsum("nij,iy,jx->nyx", random.standard_normal((n, 9, 9), dtype=np.float32) * fall, waves, waves)
        found[start : start + n] = np.clip(128 + 28 * made, 0, 255)
    for number, (copy, original) in enumerate(planted(count).tolist()):
        turned = np.rot90(found[original], int(random.integers(0, 4)))
        seen = _cut(turned, random) if number % 3 == 0 else turned
        found[copy] = np.clip(seen * 0.9 + 8, 0, 255)
    return found


def _cut(image: NDArray[np.uint8], random: np.random.Generator) -> NDArray[np.uint8]:
    """Return 80 to 95 % of each side of a picture (32, 32), anywhere, at the size it had."""
    import cv2

    share = random.uniform(0.8, 0.95)
    x, y = random.uniform(0, 32 * (1 - share), 2)
    matrix = np.array([[share, 0, x + share / 2 - 0.5], [0, share, y + share / 2 - 0.5]])
    seen: NDArray[np.uint8] = cv2.warpAffine(
        np.ascontiguousarray(image), matrix, (32, 32), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return seen


def parts(count: int, folder: str, answer: Any) -> None:
    """Measure one size, in a process of its own."""
    bank, labels = write_bank(Path(folder), count)
    rows, small, clock = np.arange(count, dtype=np.int64), small_pictures(count), Clock()
    neighbours = nearest(bank, rows, K, Progress())
    clock.stop("neighbours")
    copies = duplicates(small, neighbours)
    clock.stop("duplicates")
    outliers(bank, rows, neighbours, labels)
    clock.stop("outliers")
    suspects(bank, rows, labels)
    clock.stop("suspects")
    answer.put({"samples": count, "copies": copies, "resident_gb": resident_gb()} | clock.read())


class Clock:
    """Seconds by part, on the clock and of all processors; told as each ends, as a million take long."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._cpu: dict[str, float] = {}
        self._since = time.perf_counter(), time.process_time()

    def stop(self, part: str) -> None:
        now = time.perf_counter(), time.process_time()
        self._seconds[part], self._cpu[part] = now[0] - self._since[0], now[1] - self._since[1]
        self._since = now
        print(f"{part:>9}: {self._seconds[part]:.1f} s ({self._cpu[part]:.1f})", file=sys.stderr, flush=True)

    def read(self) -> dict[str, Any]:
        return {"seconds": self._seconds, "cpu_s": self._cpu}


def duplicates(small: NDArray[np.uint8], neighbours: Neighbours) -> dict[str, float]:
    import cv2

    from core.quality.duplicates.search import search_duplicates

    def read(row: int) -> NDArray[np.uint8]:
        grey = cv2.resize(small[row], (96, 96), interpolation=cv2.INTER_LINEAR)
        return np.repeat(grey[..., None], 3, axis=2)

    keys = [str(row) for row in range(len(small))]
    clusters = search_duplicates(keys, None, small, neighbours, read, Progress()).clusters
    pairs = {pair for members in clusters for pair in combinations(members, 2)}
    wanted = {(min(pair), max(pair)) for pair in planted(len(small)).tolist()}
    right = len(pairs & wanted)
    return {"recall": right / max(1, len(wanted)), "precision": right / max(1, len(pairs)), "pairs": len(pairs)}


def outliers(bank: FeatureBank, rows: NDArray[np.int64], neighbours: Neighbours, labels: NDArray[np.int64]) -> None:
    from core.quality.outliers.distances import own_label_distances
    from core.quality.outliers.find import outliers as judge

    held = labels[:, None] == np.arange(LABELS)
    judge(neighbours, own_label_distances(bank, rows, held, Progress()), held)


def suspects(bank: FeatureBank, rows: NDArray[np.int64], labels: NDArray[np.int64]) -> None:
    from core.quality.suspects.find import find_suspects
    from core.quality.suspects.probabilities import out_of_fold

    none = np.full(len(rows), -1, dtype=np.int64)
    probabilities = out_of_fold(bank, rows, labels, none, Progress(), n_labels=LABELS)
    if probabilities is not None:
        find_suspects(probabilities, labels)


def resident_gb() -> float:
    import psutil

    info = psutil.Process().memory_info()
    if sys.platform == "win32":
        return float(info.peak_wset) / 1e9
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e9


def recall(count: int = 100_000, queries: int = 1_000) -> float:
    """Return the share of the ten nearest that the approximate search finds."""
    with tempfile.TemporaryDirectory() as folder:
        bank, _ = write_bank(Path(folder), count)
        rows = np.arange(count, dtype=np.int64)
        found = nearest(bank, rows, 10, exact_rows=min(EXACT_ROWS, count - 1))
        chosen = np.random.default_rng(1).choice(count, queries, replace=False)
        wanted = bank.take(rows[chosen])
        wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
        cosines = np.empty((queries, count), dtype=np.float32)
        for part, features in bank.chunks(rows):
            other = features.numpy()
            cosines[:, part] = wanted @ (other / np.linalg.norm(other, axis=1, keepdims=True)).T
        cosines[np.arange(queries), chosen] = -2
        truth = np.argpartition(-cosines, 10, axis=1)[:, :10]
    hits = [len(np.intersect1d(a, b)) for a, b in zip(truth, found.indexes[chosen], strict=True)]
    return float(np.mean(hits)) / 10


def measure(count: int) -> dict[str, Any]:
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        answer = context.Queue()
        process = context.Process(target=parts, args=(count, folder, answer))
        process.start()
        while process.is_alive() and answer.empty():
            time.sleep(0.2)
        if answer.empty():
            raise SystemExit(f"{count:,} samples: ended with {process.exitcode} before it was measured")
        found: dict[str, Any] = answer.get(timeout=5)
        process.join()
    return found | {"total_s": sum(found["seconds"].values()), "total_cpu_s": sum(found["cpu_s"].values())}


def slope(runs: Sequence[dict[str, Any]], what: str) -> float | None:
    """Return that of the straight line through the logarithms of `what`; None of one size."""
    if len(runs) < 2:
        return None
    samples, totals = (np.log([run[name] for run in runs]) for name in ("samples", what))
    return float(np.polyfit(samples, totals, 1)[0])


def told(run: dict[str, Any]) -> str:
    """Return what is printed of one size, as soon as it is measured: seconds on the clock, of all processors behind."""
    each = "  ".join(f"{name} {seconds:.1f} s ({run['cpu_s'][name]:.1f})" for name, seconds in run["seconds"].items())
    totals = f"{run['total_s']:8.1f} s ({run['total_cpu_s']:.1f})  {run['resident_gb']:.2f} GB"
    copies = f"{'copies':>9}: recall {run['copies']['recall']:.3f}  precision {run['copies']['precision']:.3f}"
    return f"{run['samples']:>9,}: {totals}  {each}\n{copies}"


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--samples", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--all", action="store_true", help="a million as well")
    parser.add_argument("--recall", action="store_true", help="measure the approximate search against the exact one")
    options = parser.parse_args(argv)
    runs = []
    for count in [*options.samples, *([1_000_000] if options.all else [])]:
        runs.append(measure(count))
        print(told(runs[-1]), file=sys.stderr if options.json else sys.stdout, flush=True)
    found: dict[str, Any] = {"runs": runs, "slope": slope(runs, "total_s"), "slope_cpu": slope(runs, "total_cpu_s")}
    if options.recall:
        found["recall_at_10"] = recall()
    ok = all(run["resident_gb"] <= MEMORY_GB for run in runs) and (found["slope"] or 0) <= SLOPE
    ok = ok and found.get("recall_at_10", 1.0) >= RECALL
    if options.json:
        print(json.dumps(found | {"ok": ok}))
        return 0 if ok else 1
    print(
        "slope",
        found["slope"],
        "(at most",
        SLOPE,
        ") of cpu",
        found["slope_cpu"],
        "recall@10",
        found.get("recall_at_10", "not measured"),
    )
    return 0 if ok else 1


if __name__ == "__main__":
    raise SystemExit(main())
