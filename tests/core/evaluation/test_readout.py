from __future__ import annotations

import json

import numpy as np
import pytest

from core.domain.task import Task
from core.evaluation.calibration import softmax
from core.evaluation.readout import Readout, certainty

MULTI = Readout(Task.MULTI, slopes=(1.0, 2.0), offsets=(0.0, -1.0), thresholds=(0.5, 0.2))


@pytest.mark.parametrize("readout", [Readout(temperature=1.7), MULTI])
def test_a_readout_reads_back_what_it_wrote(readout: Readout) -> None:
    assert Readout.from_json(json.loads(json.dumps(readout.to_json()))) == readout


def test_what_was_written_before_there_was_a_task_is_of_a_single_label() -> None:
    assert Readout.from_json({"temperature": 2.0}) == Readout(Task.SINGLE, 2.0)


def test_a_single_label_is_the_most_probable_one() -> None:
    logits = np.array([[1.0, 3.0], [2.0, 0.0]])
    readout = Readout(temperature=2.0)
    np.testing.assert_allclose(readout.probabilities(logits), softmax(logits, 2.0))
    assert readout.given(readout.probabilities(logits)).tolist() == [[False, True], [True, False]]


def test_many_labels_are_each_given_at_their_own_threshold() -> None:
    p = MULTI.probabilities(np.array([[0.0, 0.0], [-3.0, 3.0]]))
    np.testing.assert_allclose(p, [[0.5, 1 / (1 + np.e)], [1 / (1 + np.exp(3)), 1 / (1 + np.exp(-5))]])
    assert MULTI.given(p).tolist() == [[True, True], [False, True]]


def test_the_certainty_is_that_of_the_least_sure_decision() -> None:
    p = np.array([[0.9, 0.2], [0.6, 0.1]])
    assert certainty(p, p >= 0.5).tolist() == pytest.approx([0.8, 0.6])
