"""Small sets with wrong labels, on features of their own: digits, tumours, wines and clouds of points.

Wrong labels of six kinds: any other label, the next one, the one most alike, only of one label, where the classifier
itself is unsure, and of two kinds at once. Another seed makes other points and other wrong labels.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.embeddings.bank import FeatureBank
from core.quality.suspects.find import Suspects
from core.quality.suspects.probabilities import out_of_fold
from core.quality.suspects.session import CleaningSession
from tests.benchmarks.suspect_cases import Case, most_alike

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

KINDS = ("any", "next", "alike", "one label", "unsure", "two kinds")
_RATES = (0.015, 0.03, 0.06, 0.1, 0.2, 0.35)
_OFTEN_RIGHT = 0.85


def small_cases(clouds: int, seed: int) -> Iterator[tuple[str, Case]]:
    """Yield cases, each with how hard its set is and its kind of noise: two rates of each kind, for each set."""
    for name, features, true in _sets(clouds, seed):
        random = np.random.default_rng([seed, len(true), len(name)])
        clean = Case(name, head_probabilities(features, true), true, true)
        hard = "often right" if (clean.p.argmax(1) == true).mean() >= _OFTEN_RIGHT else "often wrong"
        for kind in KINDS:
            for rate in random.choice(_RATES, 2, replace=False).tolist():
                given = _spoiled(clean, kind, rate, random)
                if (np.bincount(given, minlength=clean.p.shape[1]) >= 3).all() and (given != true).any():
                    yield hard, Case(f"{name}, {kind} {rate:.1%}", head_probabilities(features, given), given, true)


def head_probabilities(features: NDArray[np.float32], given: Ints) -> Floats:
    """Return probabilities (N, K) out of fold, as the check for wrong labels makes them."""
    with tempfile.TemporaryDirectory() as folder:
        bank = FeatureBank(Path(folder), features.shape[1])
        bank.add([f"{row:064x}" for row in range(len(features))], features)
        rows = np.arange(len(features))
        p = out_of_fold(bank, rows, given, np.full(len(rows), -1), n_labels=int(given.max()) + 1)
    if p is None:
        raise RuntimeError("nothing was learnt")
    return np.nan_to_num(p.astype(np.float64), nan=1 / p.shape[1])


def work_through(case: Case, suspects: Suspects, lengths: tuple[int, ...], seed: int) -> list[dict[str, Any]]:
    """Return what is left and expected after so many decisions, of which one in thirty is mistaken."""
    random = np.random.default_rng(seed)
    session = CleaningSession(suspects.p_wrong, suspects.suggested, case.given, unsure=suspects.unsure)
    is_open, found = np.ones(len(case.given), dtype=bool), []
    for length in lengths:
        while (~is_open).sum() < min(length, len(is_open) // 3):
            row = int(session.order(1)[0])
            session.decide(row, bool(case.wrong[row]) != (random.random() < 1 / 30))
            is_open[row] = False
        left, expected = int((case.wrong & is_open).sum()), session.expected_left()
        width = (expected.high - expected.low) / max(5, left)
        found.append({"left": left, "within": bool(expected.low <= left <= expected.high), "width": width})
    return found


def _sets(clouds: int, seed: int) -> Iterator[tuple[str, NDArray[np.float32], Ints]]:
    from sklearn.datasets import load_breast_cancer, load_digits, load_wine

    x, y = load_digits(return_X_y=True)
    yield "digits", x.astype(np.float32), y.astype(np.int64)
    some = np.random.default_rng(seed).permutation(len(y))[:500]
    yield "500 digits", x[some].astype(np.float32), y[some].astype(np.int64)
    for labels in ((3, 8), (4, 7, 9)):
        rows = np.isin(y, labels)
        yield f"digits {labels}", x[rows].astype(np.float32), np.searchsorted(labels, y[rows]).astype(np.int64)
    for name, load in (("tumours", load_breast_cancer), ("wines", load_wine)):
        x_of, y_of = load(return_X_y=True)
        yield name, x_of.astype(np.float32), y_of.astype(np.int64)
    for number in range(clouds):
        yield _cloud(np.random.default_rng([seed, number]))


def _cloud(random: np.random.Generator) -> tuple[str, NDArray[np.float32], Ints]:
    k = int(random.choice([2, 3, 5, 8, 12, 20]))
    n, width = int(np.exp(random.uniform(np.log(max(200, 15 * k)), np.log(5_000)))), int(random.choice([16, 64, 256]))
    share = np.maximum(random.dirichlet(np.full(k, random.choice([1, 3, 100]))), 12 / n)
    true = random.choice(k, n, p=share / share.sum()).astype(np.int64)
    true[: 4 * k] = np.arange(4 * k) % k
    inner = int(random.choice([4, 6, 10]))
    places = random.normal(size=(k, inner)) * random.uniform(1.5, 5) / inner**0.5
    points = (places[true] + random.normal(size=(n, inner))) @ random.normal(size=(inner, width)) / inner**0.5
    features = points + 0.4 * random.normal(size=(n, width))
    return f"{n:,} points of {k} labels", features.astype(np.float32), true


def _spoiled(clean: Case, kind: str, rate: float, random: np.random.Generator) -> Ints:
    true, (n, k) = clean.true, clean.p.shape
    wrong, alike = random.random(n) < rate, most_alike(clean)[true]
    other = (true + random.integers(1, k, n)) % k
    if kind == "unsure":
        others = clean.p + 1e-3
        others[np.arange(n), true] = 0
        wrong = random.random(n) < np.clip(rate * others.sum(1) / others.sum(1).mean(), 0, 0.8)
        other = ((others / others.sum(1, keepdims=True)).cumsum(1) > random.random((n, 1))).argmax(1)
    elif kind == "next":
        other = (true + 1) % k
    elif kind == "alike":
        other = alike
    elif kind == "one label":
        wrong, other = wrong & (true == random.integers(k)), alike
    elif kind == "two kinds":
        other = np.where(random.random(n) < 0.5, other, alike)
    given: Ints = np.where(wrong, other, true).astype(np.int64)
    return given
