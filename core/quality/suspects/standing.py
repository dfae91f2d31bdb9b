"""Where the label suspects of a project stand: the session of the last check, with all that was decided since."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.domain.findings import FindingKind, FindingState
from core.domain.metrics import Metric
from core.domain.query import SampleQuery
from core.quality.kept import kept_arrays
from core.quality.suspects.answer_standing import answers_standing
from core.quality.suspects.kept_answers import answered_labels
from core.quality.suspects.session import CleaningSession
from core.quality.suspects.standing_facts import Standing
from core.store.findings import finding_states, looked_for
from core.store.project import Project
from core.store.samples import sample_ids

CHECK: Final = "label_suspects"


def read_standing(project: Project) -> Standing | None:
    """Return how the label suspects stand; None where labels were not looked at, or none could be judged."""
    kept = kept_arrays(project, CHECK)
    if kept is None or not {"p_wrong", "suggested", "given"} <= kept.keys():
        return None
    ids, given = kept["ids"].astype(np.int64), kept["given"].astype(np.int64)
    given[kept["suggested"].astype(np.int64) < 0] = -1
    if not (given >= 0).any():
        return None
    found = finding_states(project, FindingKind.LABEL_SUSPECT)
    places = _places(ids, np.array([sample_id for _, sample_id, _ in found], dtype=np.int64))
    gone = np.isin(ids, sample_ids(project, SampleQuery(excluded=True)))
    if answered_labels(kept):
        return answers_standing(project, kept, found, places, gone)
    rows = places.tolist()
    row_of = {number: row for (number, _, _), row in zip(found, rows, strict=True) if row >= 0}
    decided = {
        row_of[number]: state is FindingState.ACCEPTED
        for number, _, state in found
        if number in row_of and state is not FindingState.OPEN
    }
    gone[list(decided)] = False  # what was learnt of an image holds, also where it was excluded for it
    given[gone] = -1
    session = CleaningSession.kept({**kept, "given": given})
    session.resume(decided)
    samples = frozenset(sample_id for _, sample_id, _ in found)
    return Standing(session, row_of, decided, int((given >= 0).sum()), samples)


def expected_left(project: Project) -> Metric | None:
    """Return how many labels are expected to be wrong still; None where no check could say it.

    Every label counts once, and where an image may have several, every answer whether it has one: those that the check
    found in a conflict of duplicates belong to the queue of these and are none of the labels in question here, whatever
    is decided about the conflict. So one who wants to know of both adds the open conflicts, in each of which a label is
    wrong, to this number.
    """
    if FindingKind.LABEL_SUSPECT not in looked_for(project):
        return None
    standing = read_standing(project)
    return None if standing is None else standing.session.expected_left()


def _places(ids: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (n,) where each of the wanted ids is among ids (N,), -1 where it is not; without a table of a million."""
    if not len(ids):
        return np.full(len(wanted), -1, dtype=np.int64)
    order = np.argsort(ids, kind="stable")
    place = order[np.minimum(np.searchsorted(ids, wanted, sorter=order), len(ids) - 1)]
    found: NDArray[np.int64] = np.where(ids[place] == wanted, place, -1)
    return found
