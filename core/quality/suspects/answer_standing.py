"""Where label suspects stand where several labels may hold at once: what was decided of each answer.

A decision settles the answers that it is about and no others. An answer that was changed, wherever that was, was
wrong; of a case that was dismissed, all that it doubts are right. Every other answer of the image stays in question.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.domain.findings import FindingState
from core.quality.suspects.answers import AnswerRows
from core.quality.suspects.kept_answers import answered_labels, kept_answers, session_of_answers
from core.quality.suspects.multilabel import doubted, worst_of
from core.quality.suspects.standing_facts import Standing
from core.store.labels import labels
from core.store.multilabel import label_matrix, labelled
from core.store.project import Project


def answers_standing(
    project: Project,
    kept: Mapping[str, NDArray[np.generic]],
    found: Sequence[tuple[int, int, FindingState]],
    places: NDArray[np.int64],
    excluded: NDArray[np.bool_],
) -> Standing | None:
    """Return how the answers stand; None where none could be judged.

    Parameters
    ----------
    kept
        What the check kept.
    found
        Id, sample and state of each case; `places` are the samples' rows, -1 where there is none.
    excluded
        (N,) which images take part no more.
    """
    ids = kept["ids"].astype(np.int64)
    known = set(answered_labels(kept))
    names = {label.id: label.name for label in labels(project) if label.id in known}
    label_ids = np.array(list(names), dtype=np.int64)
    each, held = kept_answers(kept, label_ids)
    if not np.isfinite(each).any():
        return None
    changed = label_matrix(project, ids, list(names)) != held
    gone = excluded | ~labelled(project, ids)
    in_doubt = doubted(each)
    about = {number: row for (number, _, _), row in zip(found, places.tolist(), strict=True) if row >= 0}
    states = {number: state for number, _, state in found if number in about}
    verdicts = _verdicts(about, states, in_doubt, changed, excluded, worst_of(each)[1])
    asked = np.isfinite(each) & ~gone[:, None] & ~changed
    for image, label in verdicts:
        asked[image, label] = True
    rows = session_of_answers(kept, label_ids, asked)
    decided = {row: wrong for (image, label), wrong in verdicts.items() if (row := rows.row(image, label)) is not None}
    rows.session.resume(decided)
    of_case = {number: _rows_of_case(rows, row, in_doubt[row], decided, each[row]) for number, row in about.items()}
    of_case = {number: own for number, own in of_case.items() if own}
    named = list(names.values())
    return Standing(
        session=rows.session,
        row_of={number: own[0] for number, own in of_case.items()},
        decided={
            of_case[number][0]: state is FindingState.ACCEPTED
            for number, state in states.items()
            if state is not FindingState.OPEN and number in of_case
        },
        total=rows.total,
        samples=frozenset(sample for _, sample, _ in found),
        rows_of=of_case,
        label_of={row: named[rows.label[row]] for own in of_case.values() for row in own},
        answers=True,
    )


def _verdicts(
    about: Mapping[int, int],
    states: Mapping[int, FindingState],
    in_doubt: NDArray[np.bool_],
    changed: NDArray[np.bool_],
    excluded: NDArray[np.bool_],
    worst: NDArray[np.int64],
) -> dict[tuple[int, int], bool]:
    """Return what is known by image and label of the answers that cases doubt: whether they were wrong."""
    said: dict[tuple[int, int], bool] = {}
    for number, image in about.items():
        for label in np.flatnonzero(in_doubt[image]).tolist():
            if changed[image, label]:
                said[image, label] = True
            elif states[number] is FindingState.DISMISSED:
                said[image, label] = False
        if states[number] is FindingState.ACCEPTED and excluded[image] and not changed[image].any():
            # What was learnt of an image holds, also where it was excluded for it.
            said[image, int(worst[image])] = True
    return said


def _rows_of_case(
    rows: AnswerRows,
    image: int,
    in_doubt: NDArray[np.bool_],
    decided: Mapping[int, bool],
    each: NDArray[np.float32],
) -> tuple[int, ...]:
    """Return the rows that a case is about: the open ones first, the worst first among these."""
    some = [(row, label) for label in np.flatnonzero(in_doubt) if (row := rows.row(image, int(label))) is not None]
    return tuple(row for row, label in sorted(some, key=lambda one: (one[0] in decided, -each[one[1]])))
