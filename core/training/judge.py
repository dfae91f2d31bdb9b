"""Judging a run: its stored predictions against the labels as they are now.

One thing must stay true: an image is judged in the split it had when the run was trained, whatever happened since, so
that no image a network has learnt from ever judges it. Labels are those of today: a label that was put right since
counts as put right.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.domain.labels import Label
from core.domain.query import USABLE_SAMPLES
from core.domain.runs import USABLE, Run
from core.domain.samples import SPLIT_CODES, Split
from core.errors import UserError
from core.evaluation.calibration import softmax
from core.evaluation.intervals import Evaluation, evaluate
from core.store.labels import labels
from core.store.project import Project
from core.store.runs import runs
from core.store.samples import sample_table
from core.training.predictions import RunPredictions, read_predictions

_SEED = 0


@dataclass(frozen=True, slots=True)
class RunEvaluation:
    """A run judged on one split.

    Attributes
    ----------
    labels
        The K labels the run knows, in its order, with their present names and colours.
    sample_ids, y, probabilities
        (N,) the images; (N,) the index of their present label; (N, K) calibrated probabilities.
    left_out
        Predicted images that cannot judge any more: excluded since, unlabelled, or of a label the run does not know.
    """

    run_id: int
    split: Split
    labels: tuple[Label, ...]
    evaluation: Evaluation
    sample_ids: NDArray[np.int64]
    y: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    left_out: int

    def cell(self, given: int, predicted: int) -> NDArray[np.int64]:
        """Return the ids of the images of one cell of the confusion matrix, the surest prediction first."""
        best = self.probabilities.argmax(axis=1)
        rows = np.flatnonzero((self.y == given) & (best == predicted))
        return self.sample_ids[rows[np.argsort(-self.probabilities[rows, predicted], kind="stable")]]

    def mistakes(self) -> NDArray[np.int64]:
        """Return the ids of the images predicted wrongly, the surest mistake first."""
        return self.sample_ids[self.mistake_rows()]

    def mistake_rows(self) -> NDArray[np.intp]:
        """Return the rows, into `sample_ids` and the arrays beside it, of the mistakes, the surest first."""
        best = self.probabilities.argmax(axis=1)
        rows = np.flatnonzero(best != self.y)
        return rows[np.argsort(-self.probabilities[rows, best[rows]], kind="stable")]


def latest_usable_run(project: Project) -> Run:
    """Return the newest run that has a model; raises `UserError` ``no_usable_run``."""
    for run in runs(project):
        if run.state in USABLE:
            return run
    raise UserError("no_usable_run")


def judge_run(project: Project, run_id: int, split: Split) -> RunEvaluation:
    """Judge a run on val or test.

    Raises
    ------
    UserError
        ``run_missing``, ``run_not_usable`` where it has no predictions yet, ``nothing_to_judge`` where none of the
        split's images can judge any more.
    """
    predictions = read_predictions(project, run_id)
    rows, y, groups = _judges(project, predictions, split)
    if not len(rows):
        raise UserError("nothing_to_judge", run=run_id, split=str(split))
    probabilities = softmax(predictions.logits[rows], predictions.temperature)
    known = {label.id: label for label in labels(project)}
    return RunEvaluation(
        run_id=run_id,
        split=split,
        labels=tuple(known[label_id] for label_id in predictions.label_ids),
        evaluation=evaluate(probabilities, y, groups, seed=_SEED),
        sample_ids=predictions.sample_ids[rows],
        y=y,
        probabilities=probabilities,
        left_out=int((predictions.splits == SPLIT_CODES[split]).sum()) - len(rows),
    )


def _judges(
    project: Project, predictions: RunPredictions, split: Split
) -> tuple[NDArray[np.intp], NDArray[np.int64], NDArray[np.int64]]:
    """Return which predictions count, with the present label index and group of each."""
    predicted = np.flatnonzero(predictions.splits == SPLIT_CODES[split])
    ids = predictions.sample_ids[predicted]
    table = sample_table(project, replace(USABLE_SAMPLES, ids=tuple(ids.tolist())))
    index_of_label = {label_id: index for index, label_id in enumerate(predictions.label_ids)}
    usable = np.array([label in index_of_label for label in table.label_ids.tolist()], dtype=bool)
    table = table.take(usable)
    row_of_id = dict(zip(ids.tolist(), predicted.tolist(), strict=True))
    rows = np.array([row_of_id[i] for i in table.ids.tolist()], dtype=np.intp)
    y = np.array([index_of_label[label] for label in table.label_ids.tolist()], dtype=np.int64)
    return rows, y, table.groups_or_self()
