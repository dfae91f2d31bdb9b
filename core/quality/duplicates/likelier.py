"""Which of the labels of copies that contradict each other is likelier, by heads that have seen none of the copies.

Both checks that take part are over by then: the one for duplicates has found the copies, and the one for wrong labels
has kept what it believes of every sample. That belief comes from other images alone, so the mean over the copies
speaks of what they show, not of what they are called.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.findings import Finding, FindingKind, Json
from core.quality.kept import kept_arrays
from core.store.findings import findings, replace_evidence
from core.store.labels import labels
from core.store.project import Project

PROBABILITIES: Final = "label_probabilities"
"""What the check for wrong labels keeps: an array for each label, under its id."""
CLEAR: Final = 0.6
"""Of what the labels of the copies have together: a label with less is not clearly likelier than the others."""
KNOWN: Final = 0.5
"""What the labels of the copies have together at the least: with less, none of them is likely."""


def judge_conflicts(project: Project) -> None:
    """Say of every open conflict which label is likelier, where the last look for wrong labels can tell.

    The evidence gets ``likelier``: ``probabilities`` of the labels that the copies have, the mean over ``of`` of them,
    and where one is clearly likelier ``label`` and ``p``, its share; that one is suggested. Else the majority stays.
    """
    kept = kept_arrays(project, PROBABILITIES)
    open_now = findings(project, [FindingKind.CONFLICTING_DUPLICATE]) if kept is not None else []
    if kept is None or not open_now:
        return
    ids, known = kept["ids"].astype(np.int64), {label.name: label.id for label in labels(project)}
    order = np.argsort(ids, kind="stable")
    judged: list[Finding] = []
    for one in open_now:
        at = np.searchsorted(ids, np.array(one.members), sorter=order)
        rows = order[np.minimum(at, len(ids) - 1)] if len(ids) else order
        rows = rows[np.isin(ids[rows], one.members)]
        said = likelier({name: kept[str(known[name])][rows] for name in _labels(one, known, kept)})
        if said is not None:
            suggested = said.get("label", one.suggested)
            evidence = {**one.evidence, "likelier": said}
            judged.append(replace(one, evidence=evidence, suggested=None if suggested is None else str(suggested)))
    replace_evidence(project, [(one.id, known.get(one.suggested or ""), one.evidence) for one in judged])


def likelier(believed: Mapping[str, NDArray[np.generic]]) -> dict[str, Json] | None:
    """Return what is believed of labels, from their probabilities (n,) in n copies; None where nothing is known."""
    table = np.array([np.asarray(p, np.float64) for p in believed.values()]).reshape(len(believed), -1)
    table = table[:, np.isfinite(table).all(axis=0)]
    if len(table) < 2 or not table.shape[1]:
        return None
    mean = table.mean(axis=1)
    said: dict[str, Json] = {
        "probabilities": {name: round(float(p), 4) for name, p in zip(believed, mean, strict=True)},
        "of": table.shape[1],
    }
    together, best = float(mean.sum()), int(mean.argmax())
    if together >= KNOWN and mean[best] >= CLEAR * together:
        said |= {"label": list(believed)[best], "p": round(float(mean[best]) / together, 4)}
    return said


def _labels(one: Finding, known: Mapping[str, int], kept: Mapping[str, object]) -> Sequence[str]:
    told = one.evidence.get("labels")
    return [name for name in told if str(known.get(name)) in kept] if isinstance(told, dict) else []
