"""Confounds: labels that can be told without looking at what the images show.

A classifier learns whatever tells the labels apart. If all images of one label were taken on another day, with another
device or another encoder, it may learn the day. What is found here is not always a fault: cells of one kind may really
be larger. Such families say so, and rank below those that can only be an accident of how the images were taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.findings import FindingKind, Json
from core.embeddings.quick_head import group_folds
from core.evaluation.intervals import metric_json
from core.evaluation.ranking import roc_auc
from core.progress import Progress
from core.quality.confounds.columns import Column, Family, families
from core.quality.confounds.predict import Prediction, predict_labels, told_by
from core.quality.data import QualityData
from core.quality.label_members import groups_or_self
from core.quality.learnable import MOST, N_FOLDS, draw_with_floor
from core.quality.spec import Case, Found
from core.translation import mark, tr

MIN_SAMPLES: Final = 30
MIN_OF_LABEL: Final = 8
MOST_LABELS: Final = 40
LEAST_AUC: Final = 0.65
LEAST_SIGMAS: Final = 3.0
"""With this, none of 270 made-up data sets without a confound (8 to 60 groups, 2 to 8 labels) raised an alarm."""
LEAST_AUC_OF_ONE: Final = 0.75
LEAST_SIGMAS_OF_ONE: Final = 4.5
"""Of a single label, where all together are not told: it is the most striking of several, so more is asked of it."""
_EPOCH: Final = date(1970, 1, 1)
_DAYS: Final = frozenset({"taken_day", "file_day"})
_TYPICAL_LABELS: Final = 12


@dataclass(frozen=True, slots=True)
class _Sampled:
    """n labelled samples and the labels that are looked at, as `predict_labels` takes them."""

    rows: NDArray[np.int64]
    held: NDArray[np.bool_]
    names: tuple[str, ...]
    groups: NDArray[np.int64]
    folds: NDArray[np.int64]
    grouped: bool


def find_confounds(data: QualityData, progress: Progress) -> Found:
    """Look for what tells the labels apart besides the images' content.

    Sources: Zech et al. 2018 and Geirhos et al. 2020 (shortcuts), Ojala and Garriga 2010 (permutation test).
    """
    some = _sampled(data)
    if some is None:
        return Found(note=tr("Two labels with a few images each are needed to see what else tells them apart."))
    facts = data.facts.take(some.rows) if data.facts is not None else None
    known = families(facts, [data.table.paths[row] for row in some.rows.tolist()], data.label_names)
    progress.begin(mark("Predicting labels without the images"), len(known) + 1)
    cases: list[Case] = []
    summary: dict[str, Json] = {}
    for family in known:
        found = predict_labels(family.columns, some.held, some.groups, some.folds, progress)
        progress.advance()
        if found is not None:
            summary[family.name] = _numbers(found)
            if _all_told(found) or _one_told(found):
                cases.append(_case(family, found, some))
    together = tuple(column for family in known for column in family.columns)
    every = predict_labels(together, some.held, some.groups, some.folds, progress, permutations=20)
    if every is not None:
        summary["all"] = _numbers(every)
    return Found(sorted(cases, key=lambda case: -case.score), {"looked_at": len(some.rows), "families": summary})


def _sampled(data: QualityData) -> _Sampled | None:
    if not data.held.size:
        return None
    known = np.flatnonzero(data.labelled & (data.held.any(axis=1) | data.independent))
    rows = known[draw_with_floor(data.held[known], MOST)]
    held = data.held[rows]
    counts = held.sum(axis=0)
    labels = np.flatnonzero((counts >= MIN_OF_LABEL) & (len(rows) - counts >= MIN_OF_LABEL))
    labels = np.sort(labels[np.argsort(-counts[labels], kind="stable")][:MOST_LABELS])
    if len(rows) < MIN_SAMPLES or not len(labels):
        return None
    groups, held = groups_or_self(data.groups)[rows], held[:, labels]
    in_groups = [len(np.unique(groups[held[:, k]])) for k in range(held.shape[1])]
    # Labels that come from one group each can't be told on another one: then images are dealt, and that is said.
    grouped = min(in_groups) >= 2
    units = groups if grouped else np.arange(len(rows), dtype=np.int64)
    folds = group_folds(units, held, min(N_FOLDS, len(np.unique(units))))
    names = tuple(data.label_names[k] for k in labels.tolist())
    return _Sampled(rows, held, names, units, folds, grouped)


def _all_told(found: Prediction) -> bool:
    return found.auc.value >= LEAST_AUC and found.sigmas >= LEAST_SIGMAS and not found.auc.low <= found.chance


def _one_told(found: Prediction) -> bool:
    sure = found.best_sigmas >= LEAST_SIGMAS_OF_ONE and not found.best_auc.low <= 0.5
    return found.best_auc.value >= LEAST_AUC_OF_ONE and sure


def _numbers(found: Prediction) -> dict[str, Json]:
    return {"auc": dict(metric_json(found.auc)), "chance": round(found.chance, 4), "sigmas": round(found.sigmas, 1)}


def _case(family: Family, found: Prediction, some: _Sampled) -> Case:
    of = None if _all_told(found) else found.best
    told = found.auc if of is None else found.best_auc
    alone = [told_by(column, some.held, some.folds, of) for column in family.columns]
    column = family.columns[int(np.argmax(alone))]
    (first, second), of_pair = _pair_most_apart(found.scores, some, of)
    rows = _typical_rows(found.scores, some, first) + _typical_rows(found.scores, some, second)
    low = told.value if np.isnan(told.low) else told.low
    evidence: dict[str, Json] = {
        "family": family.name,
        "could_be_biology": family.biology,
        "auc": dict(metric_json(told)),
        "of": None if of is None else some.names[of],
        "chance": round(found.chance, 4),
        "column": column.name,
        "column_auc": round(max(alone), 4),
        "labels": [some.names[label] for label in (first, second) if label >= 0],
        "pair_auc": round(of_pair, 4),
        "typical": _typical(column, some),
        "groups_respected": some.grouped,
    }
    score = family.weight * float(np.clip(2 * low - 1, 0, 1))
    return Case(FindingKind.CONFOUND, rows, score, evidence, key=family.name)


def _pair_most_apart(scores: NDArray[np.float64], some: _Sampled, of: int | None) -> tuple[tuple[int, int], float]:
    """Return the two labels (one of them `of`) that are told apart best, and how well; (0, -1) of a single label."""
    if some.held.shape[1] < 2:
        return (0, -1), roc_auc(scores[:, 0], some.held[:, 0])
    found = []
    for a, b in combinations(range(some.held.shape[1]), 2):
        if of is not None and of not in (a, b):
            continue
        one = some.held[:, a] != some.held[:, b]
        area = roc_auc(scores[one, a] - scores[one, b], some.held[one, a])
        found.append((-1.0 if np.isnan(area) else area, (a, b)))
    area, pair = max(found)
    return pair, area


def _typical_rows(scores: NDArray[np.float64], some: _Sampled, label: int, most: int = 4) -> tuple[int, ...]:
    if label < 0:
        return ()
    members = np.flatnonzero(some.held[:, label])
    best = members[np.argsort(-scores[members, label], kind="stable")][:most]
    return tuple(some.rows[best].tolist())


def _typical(column: Column, some: _Sampled) -> dict[str, Json]:
    """Return, by label, the median of a column of numbers (a day as a date), or its commonest name."""
    found: dict[str, Json] = {}
    for k, name in enumerate(some.names[:_TYPICAL_LABELS]):
        values = column.values[some.held[:, k]]
        values = values[np.isfinite(values)]
        if not len(values):
            found[name] = None
        elif column.words is not None:
            codes, counts = np.unique(values.astype(np.int64), return_counts=True)
            found[name] = str(column.words[int(codes[counts.argmax()])])
        elif column.name in _DAYS:
            found[name] = (_EPOCH + timedelta(days=float(np.median(values)))).isoformat()
        else:
            found[name] = round(float(np.median(values)), 5)
    return found
