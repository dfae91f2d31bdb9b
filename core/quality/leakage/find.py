"""Leakage: what should be on one side of a split and is on both, and by how much that flatters the score.

Three things tie images together: their group (a patient, a slide), showing the same (duplicates), and having been taken
together, by what the files say of themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.findings import FindingKind, Json
from core.domain.samples import SPLIT_CODES, SPLITS_BY_CODE, Split
from core.evaluation.intervals import metric_json
from core.progress import Progress
from core.quality.data import QualityData
from core.quality.leakage.draw import split_rows, unit_rows
from core.quality.leakage.inflation import Inflation, fold_inflation, split_inflation
from core.quality.leakage.sessions import alike_within, tells_sessions
from core.quality.leakage.units import (
    Straddling,
    joined,
    judged_split,
    straddling_clusters,
    straddling_codes,
)
from core.quality.learnable import learnable, usable_rows
from core.quality.spec import Case, Found
from core.translation import mark, tr

SEVERITY: Final = {"duplicate": 0.95, "group": 0.85}
RECORDED: Final = 0.6
"""Of what only the files' own records tie together."""
NOT_OF_TEST: Final = 0.8
"""A leak between training and validation misleads less than one into the test."""
MOST_ROWS: Final = 200
MOST_COPIES: Final = 2_000
MOST_VALUES: Final = 50
"""Where more groups than this are torn apart, all of it is one case: the split takes no notice of groups."""
_TRAIN, _TEST = SPLIT_CODES[Split.TRAIN], SPLIT_CODES[Split.TEST]


def find_leakage(data: QualityData, progress: Progress) -> Found:
    """Look for what straddles the splits.

    Sources: Kapoor and Narayanan 2023 (kinds of leakage), Yagis et al. 2021 (its size on medical images), Field and
    Welsh 2007 (intervals by drawing whole groups).
    """
    if len(np.unique(data.splits[data.splits > 0])) < 2:
        return Found(note=tr("The images are not split into training, validation and test yet."))
    progress.begin(mark("Looking for what is on both sides of a split"))
    sessions = _sessions(data)
    recorded = {name: straddling_codes(name, codes, data.splits) for name, codes in sessions.items()}
    groups = straddling_codes("group", data.groups, data.splits)
    clusters = data.duplicates or _same_content(data)
    copies = straddling_clusters(clusters, data.splits)
    progress.checkpoint()
    named = [leak for leaks in recorded.values() for leak in leaks]
    inflation = _inflation(data, copies + groups + named, clusters, sessions, progress)
    cases = [_case(leak, data) for leak in copies[:MOST_COPIES]]
    for name, leaks in {"group": groups, **recorded}.items():
        if len(leaks) > MOST_VALUES:
            cases.append(_whole(name, leaks, data, inflation))
        else:
            cases += [_case(leak, data) for leak in leaks]
    summary: dict[str, Json] = {
        "groups_straddling": len(groups),
        "duplicates_straddling": len(copies),
        "recorded_straddling": {name: len(leaks) for name, leaks in recorded.items()},
        "test_touched": _touched(copies + groups + named, data),
        "inflation": inflation,
    }
    # Clusters may overlap where an image is an exact copy of one and nearly another: each is told once.
    once = {case.key: case for case in cases}
    return Found(sorted(once.values(), key=lambda case: -case.score), summary)


def _sessions(data: QualityData) -> dict[str, NDArray[np.int64]]:
    """Return what the files record of when and with what they were taken, where that tells which belong together."""
    if data.facts is None or data.neighbours is None:
        return {}
    taken = data.facts.taken_s
    device = data.facts.tag("device").astype(np.int64) + 1
    candidates = {"taken_minute": taken // 60, "taken_day": taken // 86_400}
    label = data.held.argmax(axis=1) if data.held.size else np.zeros(len(data), np.int64)
    given = np.where(data.labelled & data.held.any(axis=1), label, -1) if data.held.size else label - 1
    found: dict[str, NDArray[np.int64]] = {}
    for name, moment in candidates.items():
        known = np.isfinite(moment)
        codes = np.full(len(data), -1, dtype=np.int64)
        codes[known] = moment[known].astype(np.int64) * (int(device.max(initial=0)) + 1) + device[known]
        if not found and tells_sessions(codes) and alike_within(codes, given, data.neighbours.indexes):
            found[name] = codes
    return found


def _same_content(data: QualityData) -> list[NDArray[np.int64]]:
    """Return the rows of files that are the same byte by byte: what is known where nobody looked for duplicates."""
    _, codes, counts = np.unique(np.array(data.keys), return_inverse=True, return_counts=True)
    several = np.flatnonzero(counts[codes.ravel()] > 1)
    order = several[np.argsort(codes.ravel()[several], kind="stable")]
    return np.split(order, np.flatnonzero(np.diff(codes.ravel()[order])) + 1) if len(order) else []


def _inflation(
    data: QualityData,
    leaks: Sequence[Straddling],
    clusters: Sequence[Sequence[int] | NDArray[np.int64]],
    sessions: dict[str, NDArray[np.int64]],
    progress: Progress,
) -> dict[str, Json]:
    """Measure the inflation on the split as it is, and what folds without regard to groups would claim."""
    rows, code = usable_rows(data), judged_split(data.splits)
    found: dict[str, Json] = {"of_split": None, "of_random_folds": None, "split": None}
    if code is None or not len(rows):
        return found
    found["split"] = str(SPLITS_BY_CODE[code])
    if leaks:
        units = joined(len(data), [leak.rows for leak in leaks])
        judged, taught = rows[data.splits[rows] == code], rows[data.splits[rows] == _TRAIN]
        some = learnable(data, progress, rows=split_rows(judged, taught, units))
        if some is not None:
            split = data.splits[some.rows]
            measured = split_inflation(some, units[some.rows], split == code, split == _TRAIN, progress)
            found["of_split"] = _inflation_json(measured)
    every = joined(len(data), clusters, data.groups, *sessions.values())
    some = learnable(data, progress, rows=unit_rows(rows, every))
    if some is not None:
        found["of_random_folds"] = _inflation_json(fold_inflation(some, every[some.rows], progress))
    return found


def _inflation_json(inflation: Inflation | None) -> Json:
    if inflation is None:
        return None
    return {
        "macro_f1": dict(metric_json(inflation.flattered)),
        "without": dict(metric_json(inflation.honest)),
        "difference": dict(metric_json(inflation.difference)),
        "n": inflation.n,
    }


def _case(leak: Straddling, data: QualityData) -> Case:
    splits = data.splits[list(leak.rows)]
    score = SEVERITY.get(leak.why, RECORDED) * (1.0 if (splits == _TEST).any() else NOT_OF_TEST)
    evidence: dict[str, Json] = {"why": leak.why, "splits": _split_counts(splits)}
    key = f"{leak.why}:{leak.value}"
    if leak.why == "group":
        evidence["group"] = leak.value
    elif leak.why == "duplicate":
        key = "duplicate:" + "-".join(str(key) for key in sorted(data.table.ids[list(leak.rows)].tolist())[:8])
    return Case(FindingKind.LEAKAGE, leak.rows[:MOST_ROWS], score, evidence, key=key)


def _whole(name: str, leaks: Sequence[Straddling], data: QualityData, inflation: dict[str, Json]) -> Case:
    """Return the one case of groups, or of something recorded, that the split takes no notice of."""
    rows = [row for leak in leaks for row in (leak.rows[0], leak.rows[-1])][:MOST_ROWS]
    every = np.concatenate([np.array(leak.rows) for leak in leaks])
    evidence: dict[str, Json] = {
        "why": name,
        "values": len(leaks),
        "splits": _split_counts(data.splits[every]),
        "inflation": inflation,
    }
    return Case(FindingKind.LEAKAGE, tuple(rows), SEVERITY.get(name, RECORDED), evidence, key=f"{name}:all")


def _split_counts(splits: NDArray[np.int8]) -> dict[str, Json]:
    return {str(split): int((splits == code).sum()) for code, split in SPLITS_BY_CODE.items() if (splits == code).any()}


def _touched(leaks: Sequence[Straddling], data: QualityData) -> dict[str, Json]:
    """Return how many images of the split that the score is of share something with others, and of how many."""
    code = judged_split(data.splits)
    rows = {row for leak in leaks for row in leak.rows if data.splits[row] == code}
    return {"images": len(rows), "of": int((data.splits == code).sum()) if code is not None else 0}
