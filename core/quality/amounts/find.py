"""Imbalance and too few samples: what the labels' numbers are, and what more of each would buy."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.findings import FindingKind, Json
from core.evaluation.intervals import metric_json
from core.progress import Progress
from core.quality.amounts.curve import MORE, Curve, learning_curves
from core.quality.data import QualityData
from core.quality.label_members import groups_or_self, members_of
from core.quality.learnable import learnable
from core.quality.spec import Case, Found
from core.translation import mark, tr

UNEVEN: Final = 10.0
"""The commonest label has this many times the images of the rarest: from here on classifiers neglect the rare one."""
FEW: Final = 50
"""Fewer images of a label leave it unknown how well it is told, whatever the network."""
FEW_GROUPS: Final = 5
"""From fewer patients, slides or plates nobody can say how it is on another one."""
WORTH: Final = 0.015
"""F1 that 200 more images of a label are sure to bring, or twice that where it is only expected: they are worth it."""
MOST_LABELS_TOLD: Final = 40
"""Cases of labels with too few images; of the others, the summary tells."""
_EXAMPLES: Final = 8


def imbalance_score(counts: NDArray[np.int64]) -> float:
    """Return 0 (even) to 1 from how many images each label has: 0.5 where the commonest has 10 times the rarest.

    Labels without any image don't count. Source: the imbalance ratio (Buda et al. 2018), on a logarithmic scale.
    """
    known = counts[counts > 0]
    if len(known) < 2:
        return 0.0
    steps = np.log10(known.max() / known.min())
    return float(steps / (steps + 1.0))


def find_amounts(data: QualityData, progress: Progress) -> Found:
    """Look at how many images and groups each label has, and draw the learning curves.

    Sources: Buda et al. 2018 (imbalance), Figueroa et al. 2012 and Hestness et al. 2017 (learning curves as inverse
    power laws), Field and Welsh 2007 (intervals by drawing whole groups).
    """
    if not data.labelled.any() or not data.held.size:
        return Found(note=tr("Nothing is labelled yet."))
    held = data.held & data.labelled[:, None]
    members, counts = members_of(held), held.sum(axis=0).astype(np.int64)
    groups = groups_or_self(data.groups)
    in_groups = np.array([len(np.unique(groups[some])) for some in members], dtype=np.int64)
    progress.begin(mark("Drawing learning curves"))
    curves: dict[int, Curve] = {}
    some = learnable(data, progress)
    if some is not None:
        for curve in learning_curves(some, counts[some.labels], progress):
            curves[int(some.labels[curve.column]) if curve.column >= 0 else -1] = curve
    cases, few = _uneven(data, members, counts), list[Case]()
    grouped = bool((data.groups >= 0).any())
    for label, own in enumerate(members):
        progress.checkpoint()
        if len(own):
            few += _too_few(data, own, int(in_groups[label]) if grouped else None, label, curves.get(label))
    cases += sorted(few, key=lambda case: -case.score)[:MOST_LABELS_TOLD]
    return Found(cases, _summary(data, counts, in_groups, curves))


def _uneven(data: QualityData, members: list[NDArray[np.int64]], counts: NDArray[np.int64]) -> list[Case]:
    used = np.flatnonzero(counts > 0)
    if len(used) < 2:
        return []
    rarest, commonest = int(used[counts[used].argmin()]), int(used[counts[used].argmax()])
    ratio = float(counts[commonest] / counts[rarest])
    if ratio < UNEVEN:
        return []
    evidence: dict[str, Json] = {
        "ratio": round(ratio, 2),
        "rarest": data.label_names[rarest],
        "commonest": data.label_names[commonest],
        "counts": {data.label_names[k]: int(counts[k]) for k in used.tolist()},
    }
    rows = tuple(members[rarest][:_EXAMPLES].tolist())
    return [Case(FindingKind.IMBALANCE, rows, imbalance_score(counts), evidence, key="labels")]


def _too_few(
    data: QualityData, own: NDArray[np.int64], in_groups: int | None, label: int, curve: Curve | None
) -> list[Case]:
    """Return the case of a label that has too few images or groups, or that would clearly gain from more of them."""
    gain = None if curve is None else curve.gain
    few = max(0.0, 1.0 - len(own) / FEW)
    one_sided = 0.0 if in_groups is None else max(0.0, 1.0 - in_groups / FEW_GROUPS)
    # What is sure to be gained counts, and half of what is only expected.
    promised = 0.0 if gain is None else float(np.nanmean([gain.value, max(gain.low, 0.0)]))
    if not (few or one_sided or promised >= WORTH):
        return []
    evidence: dict[str, Json] = {
        "label": data.label_names[label],
        "images": len(own),
        "groups": in_groups,
        "why": [name for name, there in (("images", few), ("groups", one_sided), ("gain", promised >= WORTH)) if there],
    }
    if curve is not None:
        evidence |= {"curve": curve_json(curve), "more": MORE}
    score = float(1.0 - (1.0 - few) * (1.0 - 0.7 * one_sided) * (1.0 - min(1.0, 4.0 * max(0.0, promised))))
    rows = tuple(own[:_EXAMPLES].tolist())
    return [Case(FindingKind.TOO_FEW, rows, score, evidence, key=str(int(data.label_ids[label])))]


def curve_json(curve: Curve) -> dict[str, Json]:
    """Return a learning curve in JSON's own types."""
    return {
        "images": [round(float(n), 1) for n in curve.counts],
        "f1": [round(float(f1), 4) for f1 in curve.f1],
        "gain": dict(metric_json(curve.gain)),
    }


def _summary(
    data: QualityData, counts: NDArray[np.int64], in_groups: NDArray[np.int64], curves: dict[int, Curve]
) -> dict[str, Json]:
    labels: dict[str, Json] = {}
    for label, name in enumerate(data.label_names):
        row: dict[str, Json] = {"images": int(counts[label]), "groups": int(in_groups[label])}
        if label in curves:
            row["curve"] = curve_json(curves[label])
        labels[name] = row
    every = curve_json(curves[-1]) if -1 in curves else None
    return {"labels": labels, "more": MORE, "curve": every, "imbalance": round(imbalance_score(counts), 4)}
