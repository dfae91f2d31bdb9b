"""What a run comes to: calibrated, judged on val, and written where evaluation and export find it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.samples import SPLIT_CODES, Split
from core.evaluation.calibration import fit_temperature, softmax
from core.evaluation.intervals import evaluate
from core.images.preprocess import Preprocess
from core.store.project import Project
from core.store.runs import run_dir
from core.training.checkpoint import write_model
from core.training.dataset import Dataset
from core.training.predictions import RunPredictions, write_predictions


def write_outcome(
    project: Project,
    run_id: int,
    dataset: Dataset,
    rows: NDArray[np.int64],
    logits: NDArray[np.float32],
    preprocess: Preprocess,
) -> dict[str, Any]:
    """Write predictions and model of a run; returns what its summary says of them.

    Parameters
    ----------
    rows
        (N,) the rows of the dataset that were predicted: of val and test.
    logits
        (N, K).

    Returns
    -------
    dict
        ``temperature``, ``macro_f1`` (on val) and ``metrics``: ``{"val": {name: {"value", "low", "high"}}}``.
    """
    table, y = dataset.table.take(rows), dataset.y[rows]
    groups = table.groups_or_self()
    val = table.splits == SPLIT_CODES[Split.VAL]
    temperature = fit_temperature(logits[val], y[val])
    judged = evaluate(softmax(logits[val], temperature), y[val], groups[val])
    label_ids = tuple(label.id for label in dataset.labels)
    predictions = RunPredictions(table.ids, logits, y, groups, table.splits, label_ids, temperature)
    write_predictions(project, run_id, predictions)
    write_model(run_dir(project, run_id), dataset.labels, preprocess, temperature)
    metrics = judged.to_json()["metrics"]
    return {"temperature": temperature, "macro_f1": metrics["macro_f1"]["value"], "metrics": {"val": metrics}}
