"""Probabilities and labels of which is known what is wrong, for the benchmark of label suspects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

_FILES: Final = {
    "clean": "noise0.0_sparsity0.0",
    "20 %": "noise0.2_sparsity0.0",
    "40 %, sparse": "noise0.4_sparsity0.6",
}
_CIFAR_PAIRS: Final = np.array([2, 9, 0, 5, 7, 3, 6, 7, 8, 1])
"""What is mistaken for what: planes for birds, cars for lorries, cats for dogs …"""


@dataclass(frozen=True)
class Case:
    """Probabilities (N, K), the labels given, and the true ones."""

    name: str
    p: NDArray[np.float64]
    given: NDArray[np.int64]
    true: NDArray[np.int64]

    @property
    def wrong(self) -> NDArray[np.bool_]:
        """(N,) which labels are wrong."""
        return np.not_equal(self.given, self.true)


def known(name: str, data: Path) -> Case:
    """Return one of the settings of known noise."""
    with np.load(data / "noisy_cifar10_probs" / f"{_FILES[name]}.npz") as file:
        p, given, true = file["pred_probs"].astype(np.float64), file["noisy"], file["true"]
    return Case(name, p / p.sum(1, keepdims=True), given.astype(np.int64), true.astype(np.int64))


def uniform(case: Case, rate: float, seed: int) -> Case:
    """Return the case with any other label in place of a share of them."""
    random, k = np.random.default_rng(seed), case.p.shape[1]
    wrong = random.random(len(case.true)) < rate
    given = np.where(wrong, (case.true + random.integers(1, k, len(case.true))) % k, case.true)
    return Case(f"uniform {rate:.1%}, seed {seed}", case.p, given, case.true)


def paired(case: Case, rate: float, seed: int, to: NDArray[np.int64], name: str) -> Case:
    """Return the case with a share of each label given as the one it is mistaken for."""
    wrong = np.random.default_rng(seed).random(len(case.true)) < rate
    return Case(f"{name} {rate:.1%}", case.p, np.where(wrong, to[case.true], case.true), case.true)


def some(case: Case, name: str, share: NDArray[np.float64] | None = None, labels: Sequence[int] = range(10)) -> Case:
    """Return a part of a case: some of its labels, and of each a share of its samples."""
    labels = list(labels)
    keep = np.isin(case.true, labels) & np.isin(case.given, labels)
    if share is not None:
        keep &= np.random.default_rng(3).random(len(keep)) < share[case.true]
    index = np.full(10, -1)
    index[labels] = range(len(labels))
    p = case.p[keep][:, labels] + 1e-9
    return Case(name, p / p.sum(1, keepdims=True), index[case.given[keep]], index[case.true[keep]])


def cases(seeds: int, data: Path) -> Iterator[Case]:
    """Yield what is measured: what has to hold first, then the rest."""
    clean, fifth, sparse = (known(name, data) for name in _FILES)
    yield from (clean, fifth, sparse)
    for rate in (0.01, 0.03, 0.05):
        yield from (uniform(clean, rate, seed) for seed in range(seeds))
    for rate in (0.005, 0.1, 0.2):
        yield uniform(clean, rate, 0)
    cyclic = (np.arange(10) + 1) % 10
    for rate in (0.02, 0.1, 0.3):
        yield paired(clean, rate, 0, cyclic, "to the next label")
    for rate in (0.005, 0.01, 0.02, 0.1):
        yield paired(clean, rate, 0, _CIFAR_PAIRS, "to what looks alike")
    yield from rare_or_odd(clean)
    share = np.array([0.05, 0.3, 1, 0.02, 0.1, 0.5, 1, 0.2, 0.05, 0.03])
    yield some(uniform(clean, 0.05, 4), "imbalanced, uniform 5%", share)
    yield some(fifth, "imbalanced, 20 %", share)
    yield some(fifth, "three labels, 20 %", labels=[0, 8, 9])
    yield some(sparse, "two labels, 40 %", labels=[0, 1])
    yield some(uniform(clean, 0.05, 5), "cats and dogs, 5%", labels=[3, 5])
    yield some(fifth, "1,000 samples, 20 %", np.full(10, 0.02))
    yield from of_many_labels()


def rare_or_odd(clean: Case) -> Iterator[Case]:
    """Yield noise in one pair only, noise of two kinds, and probabilities that do not mean what they say."""
    cats_and_dogs = np.isin(np.arange(10), (3, 5))
    for rate in (0.02, 0.05):
        yield paired(clean, rate, 0, np.where(cats_and_dogs, _CIFAR_PAIRS, np.arange(10)), "cats for dogs only")
    for rate in (0.005, 0.01):
        yield both(uniform(clean, rate, 6), paired(clean, rate, 7, _CIFAR_PAIRS, "look-alikes"))
    for temperature in (0.4, 2.5):
        other = tempered(clean, temperature)
        yield other
        for case in (uniform(other, 0.03, 8), paired(other, 0.03, 8, _CIFAR_PAIRS, "look-alikes")):
            yield Case(f"temperature {temperature}: {case.name}", case.p, case.given, case.true)


def of_many_labels() -> Iterator[Case]:
    """Yield made-up data of twenty and more labels."""
    for k in (20, 150):
        many = made_up(20_000, k)
        for rate in (0.01, 0.05):
            yield Case(f"{k} labels, uniform {rate:.0%}", many.p, uniform(many, rate, 9).given, many.true)
        for rate in (0.03, 0.1):
            yield paired(many, rate, 9, (np.arange(k) + 1) % k, f"{k} labels, to the next")
            yield paired(many, rate, 9, most_alike(many), f"{k} labels, to the likest")


def both(one: Case, other: Case) -> Case:
    """Return a case with the wrong labels of two of the same samples."""
    return Case(f"{one.name} and {other.name}", one.p, np.where(one.wrong, one.given, other.given), one.true)


def tempered(case: Case, temperature: float) -> Case:
    """Return the case as a classifier has it that is too sure (below 1) or not sure enough."""
    logs = np.log(case.p + 1e-6) / temperature
    p = np.exp(logs - logs.max(1, keepdims=True))
    return Case(f"temperature {temperature}", p / p.sum(1, keepdims=True), case.given, case.true)


def made_up(n: int, k: int) -> Case:
    """Return a classifier of many labels, some of which are alike, and no wrong one."""
    random = np.random.default_rng([n, k])
    true = random.integers(0, k, n)
    places = random.normal(size=(k, 8))
    logits = random.normal(size=(n, k)) * 1.5 + 1.2 * (places @ places.T / 8**0.5)[true]
    logits[np.arange(n), true] += random.normal(4, 2, n)
    p = np.exp(logits - logits.max(1, keepdims=True))
    return Case(f"{k} labels", p / p.sum(1, keepdims=True), true, true)


def most_alike(case: Case) -> NDArray[np.int64]:
    """Return (K,) which other label each is most often held possible for."""
    held = np.stack([case.p[case.true == label].mean(0) for label in range(case.p.shape[1])])
    np.fill_diagonal(held, 0)
    return np.asarray(held.argmax(1), np.int64)
