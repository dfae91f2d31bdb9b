"""How an epoch went: scores of the training images as they pass, and of the held-out ones at its end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.backbones.classifier import Classifier
from core.backbones.device import Device, is_out_of_memory
from core.domain.task import Task, Truth, task_of
from core.errors import UserError
from core.evaluation.calibration import sample_log_loss, softmax
from core.evaluation.metrics import Tally, accuracy, confusion_matrix, macro_f1, tally
from core.evaluation.ranking import mean_average_precision
from core.training.data import HeldOut
from core.training.events import EpochScores


class EpochTally:
    """Adds up losses and predictions of an epoch on the device, without waiting for it."""

    def __init__(self, n_labels: int, device: torch.device, task: Task = Task.SINGLE) -> None:
        self._n_labels = n_labels
        self._task = task
        self._loss = torch.zeros((), dtype=torch.float32, device=device)
        # The confusion matrix; with many labels an image: right, true and predicted of each, all right, and images.
        counts = n_labels * n_labels if task is Task.SINGLE else 3 * n_labels + 2
        self._confusion = torch.zeros(counts, dtype=torch.int64, device=device)
        self._steps = 0

    def add(self, loss: Tensor, logits: Tensor, y: Tensor) -> None:
        """Count one step: its loss (scalar), logits (B, K) and labels (B,) or targets (B, K)."""
        self._loss += loss
        self._steps += 1
        if self._task is Task.MULTI:
            self._confusion += _multi_counts(logits > 0, y > 0.5)
            return
        truth = y.argmax(dim=1) if y.ndim == 2 else y
        cells = truth * self._n_labels + logits.argmax(dim=1)
        self._confusion.scatter_add_(0, cells, torch.ones_like(cells))

    def scores(self) -> EpochScores:
        """Return the scores so far; waits for the device."""
        counts = self._confusion.cpu().numpy()
        loss = self._loss.item() / max(1, self._steps)
        if self._task is Task.MULTI:
            return _multi_scores(loss, counts, None)
        return _scores(loss, counts.reshape(self._n_labels, self._n_labels))

    def state(self) -> dict[str, Any]:
        """Return what `restore` takes back: plain numbers and tensors."""
        return {"loss": self._loss.cpu(), "confusion": self._confusion.cpu(), "steps": self._steps}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state`."""
        self._loss.copy_(state["loss"])
        self._confusion.copy_(state["confusion"])
        self._steps = int(state["steps"])


def logit_scores(logits: NDArray[np.float32], y: Truth) -> EpochScores:
    """Return the scores of logits (N, K) against the truth (N,) or (N, K)."""
    n_labels = logits.shape[1]
    if task_of(y) is Task.MULTI:
        # ln(1 + e^x) - y x is the cross-entropy of a yes-or-no question, stable for logits of any size.
        loss = float((np.logaddexp(0.0, logits.astype(np.float64)) - y * logits).mean()) if len(y) else 0.0
        counts = _multi_counts(torch.from_numpy(logits > 0), torch.from_numpy(y)).numpy()
        return _multi_scores(loss, counts, mean_average_precision(logits, y))
    loss = float(sample_log_loss(softmax(logits), y).mean()) if len(y) else 0.0
    return _scores(loss, confusion_matrix(y, logits.argmax(axis=1), n_labels))


def held_out_logits(
    model: Classifier, held_out: HeldOut, device: Device, batch_size: int, check: Callable[[], None]
) -> NDArray[np.float32]:
    """Return the logits (N, K) float32 of the held-out images.

    `check` is called before every batch; what it raises ends the work. A batch that does not fit is halved. The model
    is left in evaluation mode.

    Raises
    ------
    UserError
        ``training_out_of_memory`` where not even one image fits.
    """
    model.eval()
    parts: list[NDArray[np.float32]] = []
    start = 0
    while start < len(held_out):
        check()
        inputs = torch.from_numpy(np.asarray(held_out.inputs[start : start + batch_size], dtype=np.float32))
        try:
            with torch.inference_mode(), device.autocast():
                parts.append(model(device.move(inputs)).float().cpu().numpy())
            start += len(inputs)
            continue
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
        if batch_size == 1:
            raise UserError("training_out_of_memory", device=device.name, size=inputs.shape[-1])
        device.release_memory()
        batch_size //= 2
    return np.concatenate(parts) if parts else np.zeros((0, model.head.out_features), np.float32)


def _multi_counts(given: Tensor, truth: Tensor) -> Tensor:
    """Return (3K + 2,) int64: right, true and predicted of each label, images with every label right, and images."""
    exact = (given == truth).all(dim=1).sum()
    per_label = [(given & truth).sum(dim=0), truth.sum(dim=0), given.sum(dim=0)]
    return torch.cat([*per_label, exact[None], torch.full_like(exact, len(given))[None]])


def _multi_scores(loss: float, counts: NDArray[np.int64], ranking: float | None) -> EpochScores:
    per_label, (exact, images) = counts[:-2].astype(np.float64).reshape(3, -1), counts[-2:].tolist()
    f1 = float(macro_f1(Tally(*per_label)))
    known = ranking if ranking is not None and ranking == ranking else None
    return EpochScores(loss, exact / max(1, images), f1 if f1 == f1 else 0.0, known)


def _scores(loss: float, confusion: NDArray[np.int64]) -> EpochScores:
    counts = tally(confusion)
    return EpochScores(loss, float(accuracy(counts)), float(macro_f1(counts)))
