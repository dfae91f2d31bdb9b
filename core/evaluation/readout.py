"""How a network's logits are read: as probabilities that mean what they say, and as decisions.

One thing must stay true: whoever evaluates, exports or predicts reads logits by the same `Readout`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.domain.task import Task
from core.evaluation.calibration import softmax
from core.evaluation.metrics import Floats
from core.evaluation.platt import sigmoid


@dataclass(frozen=True, slots=True)
class Readout:
    """The last layer, after the logits.

    Attributes
    ----------
    temperature
        Of a `SINGLE` task: what logits are divided by before softmax.
    slopes, offsets
        Of a `MULTI` task, K each: a label's probability is sigmoid(slope * logit + offset).
    thresholds
        Of a `MULTI` task, K, 0 to 1: a label is given where its probability is at least its threshold.
    """

    task: Task = Task.SINGLE
    temperature: float = 1.0
    slopes: tuple[float, ...] = ()
    offsets: tuple[float, ...] = ()
    thresholds: tuple[float, ...] = ()

    @property
    def multi(self) -> bool:
        """Whether an image can have any number of labels."""
        return self.task is Task.MULTI

    def probabilities(self, logits: ArrayLike) -> Floats:
        """Return the probabilities (N, K) float64 of logits (N, K)."""
        if not self.multi:
            return softmax(logits, self.temperature)
        return sigmoid(np.asarray(logits, np.float64) * np.array(self.slopes) + np.array(self.offsets))

    def given(self, probabilities: ArrayLike) -> NDArray[np.bool_]:
        """Return which labels are given, (N, K) bool: the most probable one, or all at or above their thresholds."""
        p = np.asarray(probabilities)
        if self.multi:
            return np.asarray(p >= np.array(self.thresholds, p.dtype))
        chosen = np.zeros(p.shape, bool)
        chosen[np.arange(len(p)), p.argmax(axis=1)] = True
        return chosen

    def to_json(self) -> dict[str, Any]:
        """Return it in JSON's own types."""
        if not self.multi:
            return {"task": self.task.value, "temperature": self.temperature}
        return {
            "task": self.task.value,
            "slopes": list(self.slopes),
            "offsets": list(self.offsets),
            "thresholds": list(self.thresholds),
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Readout:
        """Read what `to_json` wrote; what has no task is of a single one. Raises `ValueError`, `KeyError`."""
        task = Task(value.get("task", Task.SINGLE))
        if task is Task.SINGLE:
            return cls(task, float(value["temperature"]))
        slopes, offsets, thresholds = (tuple(map(float, value[key])) for key in ("slopes", "offsets", "thresholds"))
        return cls(task, 1.0, slopes, offsets, thresholds)


def certainty(probabilities: ArrayLike, given: ArrayLike) -> NDArray[Any]:
    """Return how sure the least sure decision of each sample is, (N,), 0 to 1.

    The probability of a label that is given, and of the absence of one that is not.
    """
    p = np.asarray(probabilities)
    return np.asarray(np.where(given, p, 1 - p).min(axis=1, initial=1.0))
