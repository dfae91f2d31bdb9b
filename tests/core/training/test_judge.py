"""A run is judged against the labels as they are now, also where some were merged since."""

import numpy as np
import pytest

from core.domain.samples import Split
from core.evaluation.calibration import softmax
from core.images.preprocess import Preprocess, ResizeMode
from core.store.edits import undo
from core.store.labels import add_label, labels
from core.store.merge_labels import merge_labels
from core.store.runs import create_run
from core.training.dataset import choose_dataset
from core.training.judge import judge_run
from core.training.outcome import write_outcome
from core.training.predictions import read_predictions

PREPROCESS = Preprocess(32, ResizeMode.STRETCH, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


@pytest.fixture
def judged(project):
    """A project with a run that takes the first two labels for one another, and is sure of the third."""
    run = create_run(project, "tiny", "{}")
    dataset, _ = choose_dataset(project)
    rows = dataset.rows(Split.VAL, Split.TEST)
    swapped = np.array([1, 0, 2])[dataset.y[rows]]
    logits = (5 * np.eye(3)[swapped] + np.random.default_rng(7).normal(0, 1, (len(rows), 3))).astype(np.float32)
    write_outcome(project, run.id, dataset, rows, logits, PREPROCESS)
    return project, [label.name for label in labels(project)]


def test_labels_merged_after_a_training_are_judged_as_one(judged):
    project, (first, second, third) = judged
    before = judge_run(project, 1, Split.VAL)
    merge_labels(project, [first], second)
    after = judge_run(project, 1, Split.VAL)
    assert [label.name for label in after.labels] == [second, third]
    assert len(after.y) == len(before.y)
    assert after.evaluation.metrics["accuracy"].value > before.evaluation.metrics["accuracy"].value
    assert after.probabilities[:, 0] == pytest.approx(before.probabilities[:, :2].sum(axis=1))
    assert after.evaluation.confusion.sum() == len(after.y)
    undo(project)
    assert np.array_equal(judge_run(project, 1, Split.VAL).probabilities, before.probabilities)


def test_a_label_merged_into_a_newer_one_goes_on_under_its_name(judged):
    project, (first, second, third) = judged
    before = judge_run(project, 1, Split.VAL)
    add_label(project, "newer")
    merge_labels(project, [third], "newer")
    after = judge_run(project, 1, Split.VAL)
    assert [label.name for label in after.labels] == [first, second, "newer"]
    assert (after.left_out, after.evaluation.metrics) == (before.left_out, before.evaluation.metrics)


def test_the_numbers_are_those_of_the_stored_logits(judged):
    project, _ = judged
    stored, found = read_predictions(project, 1), judge_run(project, 1, Split.TEST)
    kept = np.isin(stored.sample_ids, found.sample_ids)
    right = softmax(stored.logits[kept], stored.temperature).argmax(axis=1) == stored.y[kept]
    assert found.evaluation.metrics["accuracy"].value == pytest.approx(right.mean())
