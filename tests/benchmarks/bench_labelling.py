"""How much suggestions' order helps: simulated labelling of real cells, by usefulness against by chance.

    python -m tests.benchmarks.bench_labelling [--json] [--data DIR] [--repeats N] [--step N]

A third of the slides is set aside to judge. Ten images of the others, drawn by chance, are labelled with the truth;
then, ten at a time, what `usefulness_order` puts first, or what chance does. The head learns after every ten. Reported
are accuracy and macro-F1 on the slides set aside after 20, 50, 100 and 200 labels, as means and standard deviations
over repeats with other slides and other first images. The embeddings are those of the bundled backbone at 128 px.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.backbones.device import pick_device
from core.embeddings.labelled import read_pool
from core.embeddings.suggester import SuggestionHead, fit_suggestions
from core.embeddings.usefulness import doubt, usefulness_order
from core.evaluation.metrics import confusion_matrix
from core.ingest.importer import import_source
from core.ingest.rules import parse_group_rule, parse_label_rule
from core.progress import Progress
from core.store.project import Project
from core.training.suggesting import PoolEmbedder

STOPS: Final = (20, 50, 100, 200)
FIRST: Final = 10
DATA: Final = Path(__file__).resolve().parents[3] / "shared" / "data" / "bccd_cells"
GROUP: Final = r"pattern:(BloodImage_\d+)_"
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


def embed(data: Path) -> tuple[Floats, Ints, Ints]:
    """Return the features (N, F), label indexes and slides of the images of a folder of folders."""
    device = pick_device()
    device.use_threads()
    with tempfile.TemporaryDirectory() as folder, Project.create(Path(folder) / "cells") as project:
        labels, groups = parse_label_rule("folder"), parse_group_rule(GROUP)
        import_source(project, data, labels=labels, groups=groups, progress=Progress())
        pool = read_pool(project)
        found = PoolEmbedder(project, device).embed(pool, Progress())
        good = found.rows >= 0
        return found.bank.take(found.rows[good]), pool.held[good].argmax(1), pool.table.groups_or_self()[good]


def macro_f1(truth: Ints, guess: Ints, kinds: int) -> float:
    counts = confusion_matrix(truth, guess, kinds)
    return float(np.mean(2 * counts.diagonal() / np.maximum(1, counts.sum(0) + counts.sum(1))))


def choose(
    policy: str, features: Floats, left: Ints, head: SuggestionHead | None, random: np.random.Generator, n: int
) -> Ints:
    """Return the next `n` of `left` to label."""
    if policy == "chance" or head is None:
        return random.choice(left, n, replace=False)
    doubts = doubt(head.probabilities(features[left]))
    order = usefulness_order(lambda rows: features[left[rows]], doubts)
    return left[order[:n]]


def simulate(
    policy: str, features: Floats, y: Ints, slides: Ints, seed: int, step: int
) -> dict[int, tuple[float, float]]:
    """Return accuracy and macro-F1 after each of `STOPS` labels."""
    random, kinds = np.random.default_rng(seed), int(y.max()) + 1
    names = random.permutation(np.unique(slides))
    aside = np.isin(slides, names[: len(names) // 3])
    judged, pool = np.flatnonzero(aside), np.flatnonzero(~aside)
    known, head = random.choice(pool, FIRST, replace=False), None
    found: dict[int, tuple[float, float]] = {}
    while len(found) < len(STOPS):
        used = np.unique(y[known])
        if len(used) > 1:
            targets = (y[known][:, None] == used).astype(np.float32)
            head = fit_suggestions(features[known], targets, used, before=head)
            if len(known) in STOPS:
                guess = used[head.probabilities(features[judged]).argmax(1)]
                found[len(known)] = (float((guess == y[judged]).mean()), macro_f1(y[judged], guess, kinds))
        left = np.setdiff1d(pool, known)
        known = np.concatenate([known, choose(policy, features, left, head, random, step)])
    return found


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--step", type=int, default=10, help="images labelled before the head learns again")
    options = parser.parse_args(argv)
    features, y, slides = embed(options.data)
    rows: list[dict[str, object]] = []
    for policy in ("usefulness", "chance"):
        runs = [simulate(policy, features, y, slides, seed, options.step) for seed in range(options.repeats)]
        for stop in STOPS:
            scores = np.array([run[stop] for run in runs])
            (accuracy, f1), (accuracy_sd, f1_sd) = scores.mean(0).round(4).tolist(), scores.std(0).round(4).tolist()
            rows.append(
                {
                    "order": policy,
                    "labels": stop,
                    "accuracy": accuracy,
                    "accuracy_sd": accuracy_sd,
                    "macro_f1": f1,
                    "macro_f1_sd": f1_sd,
                }
            )
    if options.json:
        print(json.dumps({"images": len(y), "repeats": options.repeats, "results": rows}))
        return 0
    print(f"{len(y):,} images, {len(np.unique(slides))} slides, {options.repeats} repeats")
    for row in rows:
        accuracy = f"accuracy {row['accuracy']:.3f} ± {row['accuracy_sd']:.3f}"
        print(f"  {row['order']:<10} {row['labels']:>4} labels: {accuracy},", end=" ")
        print(f"macro-F1 {row['macro_f1']:.3f} ± {row['macro_f1_sd']:.3f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
