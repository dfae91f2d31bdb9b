"""Judging a run: its stored predictions against the labels as they are now.

One thing must stay true: an image is judged in the split it had when the run was trained, whatever happened since, so
that no image a network has learnt from ever judges it. Labels are those of today: a label that was put right since
counts as put right, and a label that was merged into another counts as that one, in what the run says too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.domain.labels import UNLABELLED_COLOUR, Label
from core.domain.query import USABLE_SAMPLES
from core.domain.runs import USABLE, Run
from core.domain.sample_ids import SampleIds
from core.domain.samples import SPLIT_CODES, SampleTable, Split
from core.domain.task import Task, Truth, task_of
from core.errors import UserError
from core.evaluation.hierarchy import Level, parents_of, roll_up, roll_up_given, roll_up_truth
from core.evaluation.intervals import Evaluation, evaluate
from core.evaluation.multilabel import MultiEvaluation, evaluate_multi
from core.evaluation.readout import Readout
from core.store.labels import label_names, labels
from core.store.multilabel import label_matrix, labelled
from core.store.own_labels import merged_labels
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
    task
        Whether an image has one label or many; it decides what `evaluation`, `y` and `given` are.
    level
        At which level labels were told apart.
    labels
        The K labels the run knows, in its order, with their present names and colours, merged ones as one; at the
        level of parents the topmost ones.
    sample_ids, y, probabilities
        (N,) the images; (N,) the index of their present label, or (N, K) bool which labels they have; (N, K)
        calibrated probabilities.
    given
        (N, K) bool: the labels the run gives.
    left_out
        Predicted images that cannot judge any more: excluded since, unlabelled, or of a label the run does not know.
    """

    run_id: int
    split: Split
    labels: tuple[Label, ...]
    evaluation: Evaluation | MultiEvaluation
    sample_ids: NDArray[np.int64]
    y: Truth
    probabilities: NDArray[np.float64]
    left_out: int
    given: NDArray[np.bool_]
    level: Level = Level.LEAF

    @property
    def task(self) -> Task:
        """Whether an image has one label or many."""
        return task_of(self.y)

    @property
    def truth(self) -> NDArray[np.bool_]:
        """(N, K): the labels the images have."""
        return self.y if self.task is Task.MULTI else np.asarray(self.y[:, None] == np.arange(len(self.labels)))

    def cell(self, given: int, predicted: int) -> NDArray[np.int64]:
        """Return the ids of the images that have one label and are predicted another, the surest prediction first.

        With many labels an image: that have one and are wrongly given the other.
        """
        wanted = self.truth[:, given] & self.given[:, predicted]
        if given != predicted:
            wanted &= ~self.truth[:, predicted]
        rows = np.flatnonzero(wanted)
        return self.sample_ids[rows[np.argsort(-self.probabilities[rows, predicted], kind="stable")]]

    def decided(self, label: int, *, has: bool, given: bool) -> NDArray[np.int64]:
        """Return the ids of the images that have a label or not, and are given it or not, the surest first.

        One field of the label's 2 x 2 table.
        """
        rows = np.flatnonzero((self.truth[:, label] == has) & (self.given[:, label] == given))
        p = self.probabilities[rows, label]
        return self.sample_ids[rows[np.argsort(-p if given else p, kind="stable")]]

    def mistakes(self) -> NDArray[np.int64]:
        """Return the ids of the images predicted wrongly, the surest mistake first."""
        return self.sample_ids[self.mistake_rows()]

    def mistake_rows(self) -> NDArray[np.intp]:
        """Return the rows, into `sample_ids` and the arrays beside it, of the mistakes, the surest first."""
        wrong = self.truth != self.given
        if self.task is Task.SINGLE:
            sure = self.probabilities.max(axis=1, initial=0.0)
        else:  # how sure the surest of the wrong decisions of an image was
            sure = np.where(wrong, np.where(self.given, self.probabilities, 1 - self.probabilities), 0).max(axis=1)
        rows = np.flatnonzero(wrong.any(axis=1))
        return rows[np.argsort(-sure[rows], kind="stable")]


def latest_usable_run(project: Project) -> Run:
    """Return the newest run that has a model; raises `UserError` ``no_usable_run``."""
    for run in runs(project):
        if run.state in USABLE:
            return run
    raise UserError("no_usable_run")


def judge_run(project: Project, run_id: int, split: Split, *, level: Level = Level.LEAF) -> RunEvaluation:
    """Judge a run on val or test.

    Parameters
    ----------
    level
        Of `Level.PARENT`, labels count as the topmost label above them: taking one child for another is no mistake.

    Raises
    ------
    UserError
        ``run_missing``, ``run_not_usable`` where it has no predictions yet, ``nothing_to_judge`` where none of the
        split's images can judge any more.
    """
    predictions = read_predictions(project, run_id)
    label_ids, became = parents_of(predictions.label_ids, merged_labels(project))
    rows, y, groups = _judges(project, predictions, label_ids, split)
    if not len(rows):
        raise UserError("nothing_to_judge", run=run_id, split=str(split))
    readout = predictions.readout
    probabilities = readout.probabilities(predictions.logits[rows])
    given, thresholds = readout.given(probabilities), _thresholds(readout, became)
    if len(label_ids) < len(became):
        probabilities = roll_up(probabilities, became, readout.task)
        given = roll_up_given(given, probabilities, became, readout.task)
    if level is Level.PARENT:
        parent_of = {label.id: label.parent_id for label in labels(project)}
        label_ids, parents = parents_of(label_ids, parent_of)
        thresholds = ()
        y = roll_up_truth(y, parents, readout.task)
        probabilities = roll_up(probabilities, parents, readout.task)
        given = roll_up_given(given, probabilities, parents, readout.task)
    known = _known_labels(project, label_ids)
    evaluation: Evaluation | MultiEvaluation
    if readout.multi:
        evaluation = evaluate_multi(probabilities, y, given, groups, thresholds=thresholds, seed=_SEED)
    else:
        evaluation = evaluate(probabilities, y, groups, seed=_SEED)
    return RunEvaluation(
        run_id=run_id,
        split=split,
        labels=known,
        evaluation=evaluation,
        sample_ids=predictions.sample_ids[rows],
        y=y,
        probabilities=probabilities,
        left_out=int((predictions.splits == SPLIT_CODES[split]).sum()) - len(rows),
        given=given,
        level=level,
    )


def _known_labels(project: Project, label_ids: Sequence[int]) -> tuple[Label, ...]:
    """Return the labels with their present names; one that is no longer in use keeps its last name."""
    present, names = {label.id: label for label in labels(project)}, label_names(project)
    retired = (Label(i, names[i], *UNLABELLED_COLOUR, "", len(present)) for i in label_ids if i not in present)
    every = present | {label.id: label for label in retired}
    return tuple(every[label_id] for label_id in label_ids)


def _thresholds(readout: Readout, became: Sequence[int]) -> tuple[float, ...]:
    """Return the threshold of each label; NaN for one that several of the run's became, each with its own."""
    if not readout.multi:
        return ()
    counted = Counter(became)
    own = dict(zip(became, readout.thresholds, strict=True))
    return tuple(own[k] if counted[k] == 1 else float("nan") for k in range(len(counted)))


def _judges(
    project: Project, predictions: RunPredictions, label_ids: Sequence[int], split: Split
) -> tuple[NDArray[np.intp], Truth, NDArray[np.int64]]:
    """Return which predictions count, with the present labels and group of each."""
    predicted = np.flatnonzero(predictions.splits == SPLIT_CODES[split])
    ids = predictions.sample_ids[predicted]
    table = sample_table(project, replace(USABLE_SAMPLES, ids=SampleIds(ids)))
    usable, y = _truth(project, predictions.task, label_ids, table)
    table, y = table.take(usable), y[usable]
    row_of_id = dict(zip(ids.tolist(), predicted.tolist(), strict=True))
    rows = np.array([row_of_id[i] for i in table.ids.tolist()], dtype=np.intp)
    return rows, y, table.groups_or_self()


def _truth(
    project: Project, task: Task, label_ids: Sequence[int], table: SampleTable
) -> tuple[NDArray[np.bool_], Truth]:
    """Return which samples can judge (N,), and their labels as the run counts them, whatever the project is now."""
    if task is Task.MULTI:
        return labelled(project, table.ids), label_matrix(project, table.ids, label_ids)
    every = [label.id for label in labels(project)]
    matrix = label_matrix(project, table.ids, every)
    index_of_label = {label_id: index for index, label_id in enumerate(label_ids)}
    index = np.array([index_of_label.get(label_id, -1) for label_id in every], dtype=np.int64)
    if not len(every):
        return np.zeros(len(table), bool), np.zeros(len(table), np.int64)
    y = index[matrix.argmax(axis=1)]
    return (matrix.sum(axis=1) == 1) & (y >= 0), y
