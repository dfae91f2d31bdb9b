"""What ``evaluate`` answers to a script."""

import numpy as np

from core.cli.evaluate import evaluation_result
from core.domain.labels import Label
from core.domain.samples import Split
from core.evaluation.intervals import evaluate
from core.training.judge import RunEvaluation


def test_each_label_is_named_beside_its_number():
    labels = (Label(7, "RBC", "#0072B2", "■", "1", 0), Label(3, "WBC", "#D55E00", "●", "2", 1))
    ids, y, probabilities = np.array([1, 2, 3]), np.array([0, 1, 0]), np.eye(2)[[0, 1, 1]]
    found = evaluate(probabilities, y, [0, 1, 2], resamples=20)
    judged = RunEvaluation(1, Split.TEST, labels, found, ids, y, probabilities, 0, probabilities > 0.5)
    data = evaluation_result(judged).data
    assert [(row["label"], row["name"]) for row in data["per_label"]] == [(0, "RBC"), (1, "WBC")]
