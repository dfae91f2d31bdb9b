"""How the cost of the checks grows with the number of samples: neighbours, duplicates, outliers and label suspects.

    python -m tests.benchmarks.bench_clean_scale [--json] [--samples 10000 100000] [--all] [--recall]

Embeddings are made up as a backbone gives them (clusters, 64 hidden causes, noise, 1,280 numbers in half precision on
disk); pictures are small random scenes, of which one in a hundred is there twice, turned or relit, so that each copy is
laid over its original at full detail as well. Each size runs in a process of its own, whose largest resident memory is
read. `--all` adds a million samples, about twenty minutes on two idle cores. The slope is that of the logarithm of the
seconds over the logarithm of the number of samples; it is at most 1.2. `--recall` compares the approximate neighbours
of 1,000 samples with all others.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Sequence
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


def write_bank(folder: Path, count: int, seed: int = 0) -> tuple[FeatureBank, NDArray[np.int64]]:
    """Write made-up embeddings; returns them with the labels they came of, 3 % wrong."""
    random = np.random.default_rng(seed)
    kinds = max(LABELS, count // 500)
    centres = random.normal(size=(kinds, HIDDEN)).astype(np.float32)
    mixing = (random.normal(size=(HIDDEN, FEATURES)) / 8).astype(np.float32)
    scales = random.uniform(0.05, 2, FEATURES).astype(np.float32)
    bank, labels = FeatureBank(folder, FEATURES), np.empty(count, dtype=np.int64)
    for start in range(0, count, BLOCK):
        n = min(BLOCK, count - start)
        kind = random.integers(0, kinds, n)
        hidden = centres[kind] + 0.5 * random.standard_normal((n, HIDDEN), dtype=np.float32)
        noise = 0.15 * random.standard_normal((n, FEATURES), dtype=np.float32)
        bank.add([str(start + row) for row in range(n)], np.maximum(hidden @ mixing + noise, 0) * scales)
        wrong = random.random(n) < 0.03
        labels[start : start + n] = np.where(wrong, random.integers(0, LABELS, n), kind % LABELS)
    return bank, labels


def small_pictures(count: int, seed: int = 0) -> NDArray[np.uint8]:
    """Return (N, 32, 32) soft random pictures; one in a hundred is a copy of one before, turned and relit."""
    random = np.random.default_rng(seed)
    waves = np.cos(np.pi * (np.arange(32)[None] + 0.5) * np.arange(9)[:, None] / 32).astype(np.float32)
    fall = 1 / (1 + np.add.outer(np.arange(9), np.arange(9))).astype(np.float32)
    found = np.empty((count, 32, 32), dtype=np.uint8)
    for start in range(0, count, BLOCK):
        n = min(BLOCK, count - start)
        made = np.einsum("nij,iy,jx->nyx", random.standard_normal((n, 9, 9), dtype=np.float32) * fall, waves, waves)
        found[start : start + n] = np.clip(128 + 28 * made, 0, 255)
    copies = random.choice(count, count // 100, replace=False)
    for copy in copies.tolist():
        turned = np.rot90(found[random.integers(0, count)], random.integers(0, 4))
        found[copy] = np.clip(turned * 0.9 + 8, 0, 255)
    return found


def parts(count: int, folder: str, answer: Any) -> None:
    """Measure one size, in a process of its own."""
    bank, labels = write_bank(Path(folder), count)
    rows, small, seconds = np.arange(count, dtype=np.int64), small_pictures(count), {}
    progress = Progress()
    start = time.perf_counter()
    neighbours = nearest(bank, rows, K, progress)
    seconds["neighbours"] = time.perf_counter() - start
    start = time.perf_counter()
    copies = duplicates(small, neighbours)
    seconds["duplicates"] = time.perf_counter() - start
    start = time.perf_counter()
    outliers(bank, rows, neighbours, labels)
    seconds["outliers"] = time.perf_counter() - start
    start = time.perf_counter()
    suspects(bank, rows, labels)
    seconds["suspects"] = time.perf_counter() - start
    answer.put({"samples": count, "seconds": seconds, "copies": copies, "resident_gb": resident_gb()})


def duplicates(small: NDArray[np.uint8], neighbours: Neighbours) -> int:
    from core.quality.duplicates.search import search_duplicates

    read = lambda row: np.repeat(np.repeat(np.repeat(small[row], 3, 0), 3, 1)[..., None], 3, 2)  # noqa: E731
    keys = [str(row) for row in range(len(small))]
    return len(search_duplicates(keys, None, small, neighbours, read, Progress()).clusters)


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
        found: dict[str, Any] = answer.get(timeout=5)
        process.join()
    return found | {"total_s": sum(found["seconds"].values())}


def slope(runs: Sequence[dict[str, Any]]) -> float | None:
    """Return that of the straight line through the logarithms; None of one size."""
    if len(runs) < 2:
        return None
    samples, totals = (np.log([run[name] for run in runs]) for name in ("samples", "total_s"))
    return float(np.polyfit(samples, totals, 1)[0])


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--samples", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--all", action="store_true", help="a million as well")
    parser.add_argument("--recall", action="store_true", help="measure the approximate search against the exact one")
    options = parser.parse_args(argv)
    runs = [measure(count) for count in [*options.samples, *([1_000_000] if options.all else [])]]
    found: dict[str, Any] = {"runs": runs, "slope": slope(runs)}
    if options.recall:
        found["recall_at_10"] = recall()
    ok = all(run["resident_gb"] <= MEMORY_GB for run in runs) and (found["slope"] or 0) <= SLOPE
    ok = ok and found.get("recall_at_10", 1.0) >= RECALL
    if options.json:
        print(json.dumps(found | {"ok": ok}))
        return 0 if ok else 1
    for run in runs:
        each = "  ".join(f"{name} {seconds:.1f} s" for name, seconds in run["seconds"].items())
        print(f"{run['samples']:>9,}: {run['total_s']:8.1f} s  {run['resident_gb']:.1f} GB  {each}")
    print("slope", found["slope"], "(at most", SLOPE, ")", "recall@10", found.get("recall_at_10", "not measured"))
    return 0 if ok else 1


if __name__ == "__main__":
    raise SystemExit(main())
