"""The predictions of a run on val and test, from which everything about it is judged: ``runs/ID/predictions.npz``."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.domain.task import Task, Truth, task_of
from core.errors import UserError
from core.evaluation.readout import Readout
from core.paths import atomic_write
from core.store.project import Project
from core.store.runs import get_run, run_dir

_NAME: Final = "predictions.npz"
_LATER: Final = ("slopes", "offsets", "thresholds")


@dataclass(frozen=True, slots=True, eq=False)
class RunPredictions:
    """What a run's best model says about its val and test images, as they were when it was trained.

    Attributes
    ----------
    sample_ids
        (N,) int64.
    logits
        (N, K) float32, before temperature scaling.
    y
        (N,) int64, the index of the label each image had; of a `MULTI` task (N, K) bool.
    groups
        (N,) int64, equal where images belong together; an image without a group has a value of its own.
    splits
        (N,) int8, codes of `core.domain.samples.SPLIT_CODES`.
    label_ids
        K ids of labels, in the order of the logits.
    temperature, slopes, offsets, thresholds
        How the logits are read: see `core.evaluation.readout.Readout`.
    """

    sample_ids: NDArray[np.int64]
    logits: NDArray[np.float32]
    y: Truth
    groups: NDArray[np.int64]
    splits: NDArray[np.int8]
    label_ids: tuple[int, ...]
    temperature: float = 1.0
    slopes: tuple[float, ...] = ()
    offsets: tuple[float, ...] = ()
    thresholds: tuple[float, ...] = ()

    @property
    def task(self) -> Task:
        """Whether an image has one label or many."""
        return task_of(self.y)

    @property
    def readout(self) -> Readout:
        """How the logits are read."""
        return Readout(self.task, self.temperature, self.slopes, self.offsets, self.thresholds)


def write_predictions(project: Project, run_id: int, predictions: RunPredictions) -> None:
    """Write the predictions, all or nothing; raises `UserError` ``disk_full``."""
    arrays = {field.name: np.asarray(getattr(predictions, field.name)) for field in fields(predictions)}
    with atomic_write(run_dir(project, run_id) / _NAME) as part, part.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def read_predictions(project: Project, run_id: int) -> RunPredictions:
    """Read the predictions of a run.

    Raises
    ------
    UserError
        ``run_missing``; ``run_not_usable`` where it has none yet; ``run_damaged``.
    """
    run = get_run(project, run_id)
    path = run_dir(project, run_id) / _NAME
    if not path.is_file():
        raise UserError("run_not_usable", run=run_id, state=run.state.value)
    try:
        # Opened here: numpy leaves the file open where it turns out to be none of its own.
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            names = [field.name for field in fields(RunPredictions)]
            # Runs of single labels were written without the columns of many.
            values: dict[str, Any] = {name: file[name] for name in names if name in file or name not in _LATER}
        for name in ("label_ids", *_LATER):
            values[name] = tuple(values.get(name, np.zeros(0)).tolist())
        values["temperature"] = float(values["temperature"])
        return RunPredictions(**values)
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise UserError("run_damaged", path=path.name, run=run_id, reason=str(error)) from error
