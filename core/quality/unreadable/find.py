"""Images that cannot be read, and images of which only a part can: the rest is flat, as a decoder leaves it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.findings import FindingKind, Json
from core.domain.query import SampleQuery
from core.error_texts.table import ERROR_TEXTS
from core.progress import Progress
from core.quality.data import QualityData
from core.quality.facts.image_facts import ImageFacts
from core.quality.spec import Case, Found
from core.store.project import Project
from core.store.samples import sample_ids, samples_by_id
from core.translation import mark

FLAT_END: Final = mark(
    "The image ends in one flat colour, as files that were cut off do. Compare it with the original."
)
_BROKEN: Final = ERROR_TEXTS["image_truncated"]

LEAST_TAIL: Final = 0.03
"""A share of the rows; a shorter flat end is no loss."""
_SAME_LEVEL: Final = 0.02
MOST_TAILS: Final = 0.05
"""Where more of the images end in a flat colour, that is how they were made: plates with a scale bar, plain grounds."""


def find_unreadable(project: Project) -> list[tuple[int, str]]:
    """Return the samples that cannot be read, excluded ones left out, as id and reason (English: show it with `tr`).

    They are no rows of `QualityData`, which holds what can be used.
    """
    ids = sample_ids(project, SampleQuery(unreadable=True, missing=False))
    return [(sample.id, sample.problem or ERROR_TEXTS["image_damaged"]) for sample in samples_by_id(project, ids)]


def find_partial(data: QualityData, progress: Progress) -> Found:
    """Look for images that could not be read any more, or only in part. Needs the facts."""
    progress.checkpoint()
    if data.facts is None:
        return Found()
    cases = [_case(row, 1.0, reason) for row, reason in sorted(data.facts.problems.items())]
    tails, broken = cut_short(data.facts)
    for row in np.flatnonzero(broken | (tails > 0)).tolist():
        share = float(tails[row])
        score = (0.92 + 0.08 * share) if broken[row] else 0.5 + 0.4 * share
        cases.append(_case(row, score, _BROKEN if broken[row] else FLAT_END, missing_share=round(share, 4)))
    cases.sort(key=lambda case: (-case.score, case.rows))
    return Found(cases, summary={str(FindingKind.UNREADABLE): len(cases)})


def cut_short(facts: ImageFacts) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return (N,) which share of each image's rows is missing at its end, and (N,) whether its decoder says it is cut.

    A flat end that only the pixels show counts where it is unusual: in a set whose images often end so it is none, and
    where the upper corners have the same colour, it is the plain ground on which the object lies.
    """
    tails = np.nan_to_num(facts.column("tail").astype(np.float64))
    broken = facts.column("decoder_warned") > 0
    flat = (tails >= LEAST_TAIL) & ~_on_plain_ground(facts)
    usual = flat.sum() > max(2, MOST_TAILS * max(1, int(facts.readable.sum())))
    return np.where(broken | (flat & (not usual)), tails, 0.0), broken


def _on_plain_ground(facts: ImageFacts) -> NDArray[np.bool_]:
    """Return (N,) whether an upper corner is as dark or bright as the lower ones, within what a JPEG does to it."""
    upper = np.stack([facts.column("corner_nw"), facts.column("corner_ne")])
    lower = np.stack([facts.column("corner_sw"), facts.column("corner_se")])
    same: NDArray[np.bool_] = (np.abs(upper[:, None] - lower[None]) < _SAME_LEVEL).any(axis=(0, 1))
    return same


def _case(row: int, score: float, reason: str, **evidence: Json) -> Case:
    return Case(FindingKind.UNREADABLE, (row,), score, {"reason": reason, **evidence})
