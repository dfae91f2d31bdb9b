"""What a run comes to: calibrated, judged on val, and written where evaluation and export find it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.domain.samples import SPLIT_CODES, Split
from core.domain.task import Task, Truth, task_of
from core.evaluation.calibration import fit_temperature
from core.evaluation.intervals import evaluate
from core.evaluation.multilabel import evaluate_multi
from core.evaluation.platt import fit_platt
from core.evaluation.readout import Readout, certainty
from core.evaluation.thresholds import tune_thresholds
from core.images.preprocess import Preprocess
from core.store import predictions as store
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

    What a run says of its training images goes only where the user looks images up by it: it judges nothing.

    Parameters
    ----------
    rows
        (N,) the rows of the dataset that were predicted.
    logits
        (N, K).

    Returns
    -------
    dict
        ``task``, ``macro_f1`` (on val), ``metrics``: ``{"val": {name: {"value", "low", "high"}}}``, and
        ``temperature``, or of many labels ``untuned``: the names of those whose thresholds could not be tuned.
    """
    label_ids = tuple(label.id for label in dataset.labels)
    held_out = np.isin(rows, dataset.rows(Split.VAL, Split.TEST))
    every, every_logits = dataset.table.take(rows).ids, logits
    rows, logits = rows[held_out], logits[held_out]
    table, y = dataset.table.take(rows), dataset.y[rows]
    groups = table.groups_or_self()
    val = table.splits == SPLIT_CODES[Split.VAL]
    readout, tuned = fit_readout(logits[val], y[val])
    metrics = _judged(readout, logits[val], y[val], groups[val])
    how = (readout.temperature, readout.slopes, readout.offsets, readout.thresholds)
    predictions = RunPredictions(table.ids, logits, y, groups, table.splits, label_ids, *how)
    write_predictions(project, run_id, predictions)
    write_model(run_dir(project, run_id), dataset.labels, preprocess, readout)
    _keep_for_queries(project, run_id, every, readout.probabilities(every_logits), label_ids, readout)
    untuned = [label.name for label, done in zip(dataset.labels, tuned, strict=True) if not done]
    calibration = {"untuned": untuned} if readout.multi else {"temperature": readout.temperature}
    reached = {"macro_f1": metrics["macro_f1"]["value"], "metrics": {"val": metrics}}
    return {"task": readout.task.value, **calibration, **reached}


def _keep_for_queries(
    project: Project,
    run_id: int,
    sample_ids: NDArray[np.int64],
    probabilities: NDArray[np.float64],
    label_ids: tuple[int, ...],
    readout: Readout,
) -> None:
    """Write the labels each image is given, and a row of `NO_LABEL` for one that is given none."""
    given = readout.given(probabilities)
    rows, columns = np.nonzero(given)
    none = np.flatnonzero(~given.any(axis=1))
    store.write_predictions(
        project,
        run_id,
        np.concatenate([sample_ids[rows], sample_ids[none]]),
        np.concatenate([np.array(label_ids, np.int64)[columns], np.full(len(none), store.NO_LABEL, np.int64)]),
        np.concatenate([probabilities[rows, columns], certainty(probabilities, given)[none]]),
    )


def fit_readout(logits: NDArray[np.float32], y: Truth) -> tuple[Readout, list[bool]]:
    """Return how logits (N, K) are best read, by the truth of val, and which thresholds could be tuned (K of them)."""
    if task_of(y) is Task.SINGLE:
        return Readout(Task.SINGLE, fit_temperature(logits, y)), [True] * logits.shape[1]
    slopes, offsets = (tuple(part.tolist()) for part in fit_platt(logits, y))
    readout = Readout(Task.MULTI, 1.0, slopes, offsets)
    thresholds = tune_thresholds(readout.probabilities(logits), y)
    return replace(readout, thresholds=tuple(thresholds.values.tolist())), thresholds.tuned.tolist()


def _judged(
    readout: Readout, logits: NDArray[np.float32], y: Truth, groups: NDArray[np.int64]
) -> dict[str, dict[str, float | None]]:
    probabilities = readout.probabilities(logits)
    if not readout.multi:
        found = evaluate(probabilities, y, groups).to_json()
    else:
        found = evaluate_multi(probabilities, y, readout.given(probabilities), groups).to_json()
    metrics: dict[str, dict[str, float | None]] = found["metrics"]
    return metrics
