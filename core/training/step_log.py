"""The losses of the steps, collected on the device and read in bunches: reading one makes the device wait."""

from __future__ import annotations

import time
from typing import Final

import torch
from torch import Tensor

from core.training.events import StepDone

_READ_EVERY_S: Final = 0.2
_READ_EVERY_STEPS: Final = 200


class StepLog:
    """Collects the steps of one epoch.

    Attributes
    ----------
    images, seconds
        Images so far, and the time they took up to the last `flush`.
    """

    def __init__(self, epoch: int, steps: int) -> None:
        self.images = 0
        self.seconds = 0.0
        self._epoch = epoch
        self._steps = steps
        self._waiting: list[tuple[int, Tensor, float, int]] = []
        self._flushed_s = time.perf_counter()

    def add(self, step: int, loss: Tensor, learning_rate: float, images: int) -> None:
        """Collect a step (from 0) with its loss, which may not be computed yet."""
        self._waiting.append((step, loss, learning_rate, images))

    @property
    def due(self) -> bool:
        """Whether it is time to `flush`."""
        if len(self._waiting) >= _READ_EVERY_STEPS:
            return True
        return bool(self._waiting) and time.perf_counter() - self._flushed_s >= _READ_EVERY_S

    def flush(self) -> list[StepDone]:
        """Return the steps collected since the last time; waits for the device."""
        if not self._waiting:
            return []
        losses = torch.stack([loss for _, loss, _, _ in self._waiting]).tolist()
        images = sum(count for _, _, _, count in self._waiting)
        now_s = time.perf_counter()
        seconds = now_s - self._flushed_s
        self.images += images
        self.seconds += seconds
        rate = images / max(seconds, 1e-9)
        events = [
            StepDone(self._epoch, step + 1, self._steps, loss, learning_rate, rate)
            for (step, _, learning_rate, _), loss in zip(self._waiting, losses, strict=True)
        ]
        self._waiting = []
        self._flushed_s = now_s
        return events
