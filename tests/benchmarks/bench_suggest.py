"""What suggestions cost: learning again after twenty labels, and sorting by similarity.

    python -m tests.benchmarks.bench_suggest [--json] [--samples N …] [--compared N …] [--busy N] [--turns N]

Learning is all that happens after a label: the features are read from the bank, the head is fitted from the one
before. The ceiling is scikit-learn's LogisticRegression (lbfgs, the same penalty and tolerance, all samples, from
nothing) in the same process, in turns; learning takes no longer, and under a second for 10,000 samples. Of more than
10,000 labelled samples a part is drawn, which the ratio at 100,000 shows. `--busy` keeps so many processes computing
meanwhile. The features are made up: 1,280 numbers, in half precision in a bank on disk.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

# As the application sets it, before torch is imported.
os.environ.setdefault("GOMP_SPINCOUNT", "30000")

import numpy as np
from numpy.typing import NDArray

from core.domain.labels import Label
from core.domain.samples import SampleTable
from core.embeddings.bank import FeatureBank
from core.embeddings.labelled import LabelledPool
from core.embeddings.quick_head import DEFAULT_L2
from core.embeddings.similarity import similarity_order
from core.embeddings.suggestions import appraise, guess, learn, useful_first
from tests.benchmarks.bench_head import embeddings_like

FEATURES: Final = 1280
LABELS: Final = 4
NEW: Final = 20
LIMIT_S: Final = 1.0
CEILING: Final = 1.0
_AT_ONCE: Final = 10_000


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median_s(work: Callable[[], object], turns: int) -> float:
    return statistics.median(seconds(work) for _ in range(turns))


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _spin() -> None:
    while True:
        sum(range(100_000))


@contextmanager
def busy(count: int) -> Iterator[None]:
    """Keep `count` processes computing."""
    others = [multiprocessing.get_context("spawn").Process(target=_spin, daemon=True) for _ in range(count)]
    for other in others:
        other.start()
    try:
        yield
    finally:
        for other in others:
            other.terminate()
            other.join()


def make_bank(folder: Path, count: int) -> tuple[FeatureBank, NDArray[np.int64]]:
    """Return a bank of `count` made-up samples and the label index of each."""
    bank = FeatureBank(folder, FEATURES)
    features, y = embeddings_like(min(count, 2 * _AT_ONCE), LABELS)
    noise = np.random.default_rng(1).normal(scale=0.05, size=(len(features), FEATURES)).astype(np.float32)
    for turn, start in enumerate(range(0, count, len(features))):
        size = min(len(features), count - start)
        # After the first turn: others like them, each with its own noise.
        added = features + np.roll(noise, turn, axis=0) if turn else features
        bank.add([str(i) for i in range(start, start + size)], added[:size])
    return bank, y[np.arange(count) % len(features)]


def make_pool(y: NDArray[np.int64], known: int) -> LabelledPool:
    """Return the pool of these samples, of which the first are labelled."""
    n = len(y)
    labelled = np.arange(n) < known
    none, ids = np.full(n, -1), np.arange(1, n + 1)
    table = SampleTable(ids, np.where(labelled, y + 1, -1), none, np.zeros(n, np.int8), np.ones(n, np.int64), [""] * n)
    labels = tuple(Label(i + 1, str(i), "#000000", "●", "", i) for i in range(LABELS))
    held = np.eye(LABELS, dtype=bool)[y] & labelled[:, None]
    return LabelledPool(labels, False, table, [""] * n, held, labelled)


def time_learning(folder: Path, count: int, turns: int) -> dict[str, object]:
    """Time what follows a label where `count` samples are labelled, and as many again are not."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    bank, y = make_bank(folder, count + min(count, _AT_ONCE))
    rows = np.arange(len(y))
    before = learn(bank, rows, make_pool(y, count - NEW))
    pool = make_pool(y, count)
    assert before is not None
    reference = LogisticRegression(C=1 / (DEFAULT_L2 * count), tol=1e-4, max_iter=500)
    times: dict[str, list[float]] = {"learn_s": [], "reference_s": []}
    # Scaled beforehand, which lbfgs needs to get anywhere, and which learning does within its time.
    scaler = StandardScaler().fit(bank.take(rows[:count]))
    features, known = scaler.transform(bank.take(rows[:count])), y[:count]
    for _ in range(turns):
        times["learn_s"].append(seconds(lambda: learn(bank, rows, pool, before)))
        times["reference_s"].append(seconds(lambda: reference.fit(features, known)))
    learned = learn(bank, rows, pool, before)
    assert learned is not None
    others = rows[count:]
    found: dict[str, object] = {name: round(statistics.median(values), 3) for name, values in times.items()}
    held = y[others]
    ours = guess(bank, others, learned.head).labels.argmax(1)
    return found | {
        "samples": count,
        "ratio": round(statistics.median(times["learn_s"]) / statistics.median(times["reference_s"]), 3),
        "from_nothing_s": round(median_s(lambda: learn(bank, rows, pool), 1), 3),
        "appraise_s": round(median_s(lambda: appraise(bank, rows, pool, learned), 1), 3),
        "guess_s": round(median_s(lambda: guess(bank, others, learned.head), 1), 3),
        "order_s": round(median_s(lambda: useful_first(bank, others, learned.head), 1), 3),
        "right": round(float((ours == held).mean()), 4),
        "reference_right": round(float((reference.predict(scaler.transform(bank.take(others))) == held).mean()), 4),
    }


def time_similarity(folder: Path, count: int) -> dict[str, object]:
    """Time sorting `count` samples by their similarity to five."""
    bank, _ = make_bank(folder, count)
    rows, before = np.arange(count), peak_mb()
    taken = seconds(lambda: similarity_order(bank, rows, np.arange(5)))
    return {"samples": count, "order_s": round(taken, 2), "more_memory_mb": peak_mb() - before}


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--samples", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    parser.add_argument("--compared", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--busy", type=int, default=0, help="processes that compute meanwhile")
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args(argv)
    found: dict[str, list[dict[str, object]]] = {"learning": [], "similarity": []}
    with busy(options.busy):
        for kind, counts in (("similarity", options.compared), ("learning", options.samples)):
            for count in counts:
                with tempfile.TemporaryDirectory() as folder:
                    timed = time_similarity(Path(folder), count) if kind == "similarity" else None
                    found[kind].append(timed or time_learning(Path(folder), count, options.turns))
    if options.json:
        print(json.dumps(found | {"limit_s": LIMIT_S, "ceiling": CEILING, "busy": options.busy}))
        return 0
    for row in found["learning"]:
        print(
            f"{row['samples']:>9,} labelled: learning {row['learn_s']} s, scikit-learn {row['reference_s']} s,", end=" "
        )
        print(f"ratio {row['ratio']} (at most {CEILING}); right {row['right']}, scikit-learn {row['reference_right']}")
        others = (
            f"{name.removesuffix('_s')} {row[name]} s"
            for name in ("from_nothing_s", "appraise_s", "guess_s", "order_s")
        )
        print(f"           {', '.join(others)}")
    for row in found["similarity"]:
        print(f"{row['samples']:>9,} by similarity: {row['order_s']} s, {row['more_memory_mb']} MB more at the peak")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
