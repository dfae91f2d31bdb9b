"""A project of very many samples as a check leaves it: findings of every kind, what it knows of every label, features.

All of it is made up. Making it takes some seconds per 100,000 samples, most of them for the features, of which 2.6 GB
lie on disk for a million samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from core.backbones.device import pick_device
from core.domain.findings import CheckRecord, FindingKind, Json, Suspicion
from core.embeddings.labelled import read_pool
from core.progress import Progress
from core.store.finding_stamps import member_states, stamp
from core.store.findings import record_check, replace_findings
from core.store.project import Project, now
from core.training.suggesting import PoolEmbedder
from tests.benchmarks.big_project import LABELS, big_project

K = FindingKind
FINDINGS: Final = {
    K.LABEL_SUSPECT: (6_000, 1), K.EXACT_DUPLICATE: (4_000, 2), K.NEAR_DUPLICATE: (4_000, 3),
    K.CONFLICTING_DUPLICATE: (2_000, 2), K.OUTLIER: (1_000, 1), K.BLURRY: (1_500, 1), K.DARK: (500, 1),
    K.LEAKAGE: (1_000, 14), K.SIMILAR_LABELS: (3, 8), K.IMBALANCE: (1, 4), K.CONFOUND: (2, 8),
}  # fmt: skip
"""How many cases of each kind there are, of how many samples each: as many for any number of samples."""
_BLOCK: Final = 10_000
_CLUSTERS, _CAUSES = 40, 8


def make_project(folder: Path, count: int) -> Path:
    """Make the project of `count` samples, 10,000 or more; returns where it is."""
    with big_project(folder, count, pictures=True) as project:
        put_findings(project, count)
        put_features(project)
        return project.root


def put_findings(project: Project, count: int) -> None:
    """Put findings into a project of `count` samples, and what a check keeps of every label."""
    random = np.random.default_rng(11)
    ids, given = np.arange(1, count + 1), np.arange(count) * 31 % len(LABELS)
    near = np.clip(np.arange(count)[:, None] + random.integers(-50, 50, (count, 5)), 0, count - 1)
    suggested = (given + random.integers(1, len(LABELS), count)) % len(LABELS)
    found: list[Suspicion] = []
    p_wrong = 0.05 * random.random(count)
    for kind, (cases, size) in FINDINGS.items():
        firsts = random.choice(count - 100, cases, replace=False)
        members = [tuple((first + 7 * np.arange(size)).tolist()) for first in firsts]
        every = sorted({int(ids[row]) for rows in members for row in rows})
        states = member_states(project.db.read(), every)
        scores = np.sort(random.uniform(0.2, 0.99, cases))[::-1]
        for rows, score in zip(members, scores.tolist(), strict=True):
            of = tuple(int(ids[row]) for row in rows)
            suspect = kind is K.LABEL_SUSPECT
            if suspect:
                p_wrong[rows[0]] = score
            label = 1 + int(suggested[rows[0]]) if suspect or kind is K.CONFLICTING_DUPLICATE else None
            evidence = _evidence(kind, of, [int(ids[row]) for row in near[rows[0]]])
            said = stamp(kind, [states[number] for number in of])
            found.append(
                Suspicion(kind, str(of[0]), of, score, evidence, score if suspect else None, label, stamp=said)
            )
    replace_findings(project, tuple(K), found)
    counts = {kind: cases for kind, (cases, _) in FINDINGS.items()}
    record_check(project, CheckRecord(0, now(), 1.0, count, tuple(K), "made up", counts))
    folder = project.cache_dir / "checks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "label_suspects.npz").open("wb") as file:
        np.savez(
            file, ids=ids, p_wrong=p_wrong.astype(np.float32), suggested=suggested.astype(np.int32),
            given=given.astype(np.int32), neighbours=near.astype(np.int32),
        )  # fmt: skip


def _evidence(kind: FindingKind, members: Sequence[int], near: Sequence[int]) -> dict[str, Json]:
    if kind is K.LABEL_SUSPECT:
        shares: dict[str, Json] = {LABELS[0]: 0.9, LABELS[1]: 0.06, LABELS[2]: 0.04}
        return {"given": LABELS[1], "probabilities": shares, "neighbours": list(near), "distances": [0.1] * len(near)}
    if kind is K.OUTLIER:
        return {"unlike": "all", "neighbours": list(near), "distances": [0.1] * len(near), "usual": [0.1, 0.2]}
    if kind in (K.BLURRY, K.DARK):
        return {"measured": "sharpness", "value": 0.2, "usual_low": 0.3, "usual_high": 0.8, "usual_middle": 0.5}
    if kind is K.IMBALANCE:
        return {"counts": {name: 1_000 * (1 + place) for place, name in enumerate(LABELS)}}
    return {"keep": members[0], "keep_reason": "resolution"}


def put_features(project: Project) -> None:
    """Put made-up features of every sample, in clusters, where the map looks for them."""
    pool = read_pool(project)
    few = replace(pool, table=pool.table.take(np.arange(2)), keys=pool.keys[:2], held=pool.held[:2])
    # What is asked for two of them makes the bank, with all that its name follows from.
    bank = PoolEmbedder(project, pick_device("cpu", spare_core=True)).embed(few, Progress()).bank
    random = np.random.default_rng(5)
    centres = 4 * random.normal(size=(_CLUSTERS, _CAUSES))
    mixing = random.normal(size=(_CAUSES, bank.n_features)).astype(np.float32)
    noise = random.normal(size=(_BLOCK, bank.n_features)).astype(np.float32)
    for start in range(0, len(pool), _BLOCK):
        keys = pool.keys[start : start + _BLOCK]
        of = centres[random.integers(0, _CLUSTERS, len(keys))] + random.normal(size=(len(keys), _CAUSES))
        bank.add(keys, of.astype(np.float32) @ mixing + noise[: len(keys)])
