"""The check for wrong labels: from a data set to cases, with why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.findings import FindingKind, Json
from core.progress import Progress
from core.quality.data import QualityData
from core.quality.spec import Case, Found
from core.quality.suspects.anchors import Ints
from core.quality.suspects.evidence import agreeing_neighbours, label_probabilities
from core.quality.suspects.find import Suspects, find_suspects
from core.quality.suspects.kept_answers import answers_to_keep, session_of_answers
from core.quality.suspects.multilabel import Answers, doubted, find_suspects_each
from core.quality.suspects.probabilities import Singles, out_of_fold, out_of_fold_each, own_groups
from core.quality.suspects.session import CleaningSession
from core.translation import mark, tr

REPORTED: Final = 0.1
"""Least P(wrong) of a case: where fewer than one in ten are wrong, looking costs more than it brings."""
MOST: Final = 10_000
_KEPT_NEIGHBOURS: Final = 10
_TOO_FEW: Final = mark("Wrong labels are only found where several images of at least two labels are known.")
_NONE_JUDGED: Final = mark(
    "No label could be judged: a label is judged by images of other groups, so each of the labels needs several."
)
_PART_JUDGED: Final = mark(
    "{n} labels could not be judged, as too few images of other groups have them, or they cannot be read;"
    " what is expected to be wrong is told of the other {total} alone."
)


@dataclass(frozen=True, slots=True)
class _Judged:
    """What was found; `answers` (N,) are the labels in doubt, coded as by `find_suspects_each` where several hold.

    There, `each` (N, K) is P(wrong) of every answer.
    """

    suspects: Suspects
    answers: Ints
    probabilities: Singles
    each: Answers | None = None

    def without(self, rows: NDArray[np.bool_]) -> _Judged:
        """Return what is said of the others."""
        each = None if self.each is None else np.where(rows[:, None], np.float32(np.nan), self.each)
        return replace(self, suspects=self.suspects.without(rows), each=each)


def find_label_suspects(data: QualityData, progress: Progress) -> Found:
    """Look for labels that are probably wrong.

    Source: Northcutt, Jiang and Chuang 2021, confident learning; a posterior through the estimated noise where that
    has a structure. Labels of which a conflict of duplicates tells are no part of any number told here: they would be
    counted twice.
    """
    judged = _judged_each(data, progress) if data.independent else _judged(data, progress)
    if judged is None:
        return Found(note=tr(_TOO_FEW), arrays=_nothing_judged(len(data)))
    not_judged = int((data.labelled & (judged.suspects.suggested < 0)).sum())
    judged = judged.without(conflicting(data))
    p_wrong = judged.suspects.p_wrong
    worst = judged.suspects.order()[:MOST]
    worst = worst[p_wrong[worst] >= REPORTED]
    make = _case_each if data.independent else _case
    cases: list[Case] = []
    for row in worst.tolist():
        progress.checkpoint()
        cases.append(make(row, data, judged))
    told = None if data.independent else judged.probabilities
    summary, kept = _summary(data, judged, len(cases), not_judged), _kept(data, judged)
    return Found(cases, summary, _note(summary), arrays=kept, probabilities=told)


def conflicting(data: QualityData) -> NDArray[np.bool_]:
    """Return (N,) whether another image that shows the same has another label: that is a case of its own already."""
    out = np.zeros(len(data.given), dtype=np.bool_)
    for cluster in data.duplicates:
        rows = np.array(cluster, dtype=np.int64)
        rows = rows[data.labelled[rows]]
        differ = (data.held[rows] != data.held[rows[:1]]).any() if data.independent else len(set(data.given[rows])) > 1
        out[rows] |= differ
    return out


def groups_with_duplicates(groups: Ints, duplicates: tuple[tuple[int, ...], ...]) -> Ints:
    """Return (N,) groups in which samples that show the same are together, as a head would know them again."""
    out = own_groups(groups)
    leader = {group: group for group in out[[row for cluster in duplicates for row in cluster]].tolist()}

    def find(group: int) -> int:
        while leader[group] != group:
            leader[group] = leader[leader[group]]
            group = leader[group]
        return group

    for cluster in duplicates:
        first = find(int(out[cluster[0]]))
        for row in cluster[1:]:
            leader[find(int(out[row]))] = first
    if leader:
        known = np.array(sorted(leader), dtype=np.int64)
        together = np.array([find(group) for group in known.tolist()], dtype=np.int64)
        at = np.minimum(np.searchsorted(known, out), len(known) - 1)
        out = np.where(known[at] == out, together[at], out)
    return out


def _judged(data: QualityData, progress: Progress) -> _Judged | None:
    if data.features is None:
        return None
    groups = groups_with_duplicates(data.groups, data.duplicates)
    bank, rows = data.features.bank, data.features.rows
    p = out_of_fold(bank, rows, data.given, groups, progress, n_labels=len(data.label_names))
    return None if p is None else _Judged(find_suspects(p, data.given), data.given, p)


def _judged_each(data: QualityData, progress: Progress) -> _Judged | None:
    if data.features is None:
        return None
    groups = groups_with_duplicates(data.groups, data.duplicates)
    bank, rows = data.features.bank, data.features.rows
    p = out_of_fold_each(bank, rows, data.held, data.labelled, groups, progress)
    if p is None:
        return None
    suspects, answers, each = find_suspects_each(p, data.held, data.labelled)
    return _Judged(suspects, answers, p, each)


def _case(row: int, data: QualityData, judged: _Judged) -> Case:
    given, suggested = int(data.given[row]), int(judged.suspects.suggested[row])
    p = float(judged.suspects.p_wrong[row])
    evidence: dict[str, Json] = {
        "given": data.label_names[given],
        "probabilities": label_probabilities(judged.probabilities[row], data.label_names, (given, suggested)),
        **agreeing_neighbours(row, lambda near: data.given[near] == suggested, data.neighbours, data.table.ids),
    }
    return Case(FindingKind.LABEL_SUSPECT, (row,), p, evidence, p_wrong=p, suggested=suggested)


def _case_each(row: int, data: QualityData, judged: _Judged) -> Case:
    label, holds = divmod(int(judged.answers[row]), 2)
    p = float(judged.suspects.p_wrong[row])

    def agrees(near: NDArray[np.intp]) -> NDArray[np.bool_]:
        found: NDArray[np.bool_] = data.labelled[near] & (data.held[near, label] != bool(holds))
        return found

    evidence: dict[str, Json] = {
        "label": data.label_names[label],
        "holds": bool(holds),
        "doubted": _doubted(row, data, judged),
        "given": ", ".join(name for name, held in zip(data.label_names, data.held[row].tolist(), strict=True) if held),
        "probabilities": label_probabilities(judged.probabilities[row], data.label_names, (label,)),
        **agreeing_neighbours(row, agrees, data.neighbours, data.table.ids),
    }
    suggested = None if holds else label
    return Case(FindingKind.LABEL_SUSPECT, (row,), p, evidence, p_wrong=p, suggested=suggested)


def _doubted(row: int, data: QualityData, judged: _Judged) -> list[Json]:
    """Return every answer that a case is about, the worst first."""
    if judged.each is None:
        return []
    each = judged.each[row]
    labels = np.flatnonzero(doubted(each[None])[0])
    labels = labels[np.argsort(-each[labels], kind="stable")]
    return [
        {
            "label": data.label_names[label],
            "holds": bool(data.held[row, label]),
            "p_wrong": round(float(each[label]), 4),
        }
        for label in labels.tolist()
    ]


def _summary(data: QualityData, judged: _Judged, cases: int, not_judged: int) -> dict[str, Json]:
    suspects = judged.suspects
    looked_at = int((suspects.suggested >= 0).sum())
    # As a session begins: whoever works through the cases sees the same number.
    kept = _kept(data, judged)
    session = session_of_answers(kept, data.label_ids).session if data.independent else CleaningSession.kept(kept)
    errors = session.expected_left() if looked_at else None
    noise: dict[str, Json] = {}
    if not data.independent:
        worst = np.argwhere((suspects.noise > 0.01) & ~np.eye(len(suspects.noise), dtype=bool))[:50].tolist()
        noise = {
            f"{data.label_names[t]} → {data.label_names[g]}": round(float(suspects.noise[t, g]), 4) for t, g in worst
        }
    # Where several labels may hold, what may be wrong is an answer: whether an image has a label.
    answers: dict[str, Json] = {} if judged.each is None else {"answers": int(np.isfinite(judged.each).sum())}
    return {
        "looked_at": looked_at,
        **answers,
        "not_judged": not_judged,
        "found": cases,
        "flagged": int(suspects.flagged.sum()),
        "expected_errors": None if errors is None else dict(errors.to_json()),
        "noise_rate": None if errors is None else dict(suspects.noise_rate.to_json()),
        "noise": noise,
    }


def _note(summary: Mapping[str, Json]) -> str | None:
    """Say that not every label could be judged; None where each was."""
    looked_at, not_judged = summary["looked_at"], summary["not_judged"]
    if not not_judged:
        return None
    if not looked_at:
        return tr(_NONE_JUDGED)
    return tr(_PART_JUDGED, n=f"{not_judged:,}", total=f"{looked_at:,}")


def _nothing_judged(n: int) -> dict[str, NDArray[np.generic]]:
    """Return what is kept in place of what an earlier check knew."""
    none = np.full(n, -1, dtype=np.int32)
    return {"p_wrong": np.zeros(n), "suggested": none, "given": none}


def _kept(data: QualityData, judged: _Judged) -> dict[str, NDArray[np.generic]]:
    """Return what `read_standing` begins with."""
    kept: dict[str, NDArray[np.generic]] = {
        "p_wrong": judged.suspects.p_wrong,
        "suggested": judged.suspects.suggested.astype(np.int32),
        "given": judged.answers.astype(np.int32),
        "unsure": np.full(len(judged.answers), judged.suspects.unsure, np.float16),
    }
    if judged.each is not None:
        kept |= answers_to_keep(judged.each, data.held, data.label_ids)
    if data.neighbours is not None:
        kept["neighbours"] = data.neighbours.indexes[:, :_KEPT_NEIGHBOURS]
    return kept
