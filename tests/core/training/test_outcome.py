import numpy as np
import pytest

from core.domain.samples import Split
from core.evaluation.calibration import softmax
from core.images.preprocess import Preprocess, ResizeMode
from core.store.runs import create_run
from core.training.dataset import choose_dataset
from core.training.outcome import write_outcome
from core.training.predictions import read_predictions

PREPROCESS = Preprocess(32, ResizeMode.STRETCH, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


@pytest.fixture
def outcome(project):
    run = create_run(project, "tiny", "{}")
    dataset, _ = choose_dataset(project)
    rows = dataset.rows(Split.VAL, Split.TEST)
    rng = np.random.default_rng(7)
    logits = (30 * np.eye(3)[dataset.y[rows]] + rng.normal(0, 12, (len(rows), 3))).astype(np.float32)
    return project, dataset, rows, logits, write_outcome(project, run.id, dataset, rows, logits, PREPROCESS)


def test_every_metric_comes_with_its_interval(outcome):
    metrics = outcome[-1]["metrics"]["val"]
    assert {"accuracy", "balanced_accuracy", "macro_f1"} <= set(metrics)
    assert outcome[-1]["macro_f1"] == metrics["macro_f1"]["value"]
    assert all(m["low"] is None or m["low"] <= m["value"] <= m["high"] for m in metrics.values())


def test_the_temperature_softens_what_is_too_sure(outcome):
    project, _, _, logits, summary = outcome
    assert summary["temperature"] > 1
    assert softmax(logits, summary["temperature"]).max() < softmax(logits).max() + 1e-12
    assert read_predictions(project, 1).temperature == summary["temperature"]


def test_predictions_are_written_with_everything_to_judge_them_by(outcome):
    project, dataset, rows, logits, _ = outcome
    found = read_predictions(project, 1)
    assert np.array_equal(found.sample_ids, dataset.table.ids[rows])
    assert np.array_equal(found.logits, logits)
    assert np.array_equal(found.y, dataset.y[rows])
    assert np.array_equal(found.groups, dataset.table.groups_or_self()[rows])
    assert np.array_equal(found.splits, dataset.table.splits[rows])
