"""What a training reads: pixels for the epochs, finished network inputs for validation, batches ahead of time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.domain.task import Task, Truth, task_of
from core.training.augment.apply import draw_changes, to_unit
from core.training.plan import Draw, stream_seed

T = TypeVar("T")
_AHEAD: Final = 2
_PART_BYTES: Final = 2**20 * 3


@dataclass(frozen=True, slots=True)
class TrainSet:
    """The images that are learned from.

    Attributes
    ----------
    pixels
        (M, S, S, C) uint8, as the pixel cache holds them; a memory map is fine.
    rows
        (N,) which of the pixels are the training images.
    y
        (N,) int64, label indexes; of a `MULTI` task (N, K) bool.
    mean, std
        Of the C channels, on the scale 0 to 1.
    soft
        (N, K) float32 shares that are learnt in place of `y`, if there are any.
    colour
        Whether the channels are red, green and blue.
    """

    pixels: NDArray[np.uint8]
    rows: NDArray[np.int64]
    y: Truth
    mean: tuple[float, ...]
    std: tuple[float, ...]
    soft: NDArray[np.float32] | None = None
    colour: bool = True

    def __len__(self) -> int:
        return len(self.y)

    @property
    def task(self) -> Task:
        """Whether an image has one label or many."""
        return task_of(self.y)

    def targets(self, rows: NDArray[np.int64]) -> NDArray[Any]:
        """Return what the network should say of some images: (B,) int64, or (B, K) float32."""
        if self.soft is not None:
            return self.soft[rows]
        return self.y[rows].astype(np.float32) if self.task is Task.MULTI else self.y[rows]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """The images that are judged on: network `inputs` (N, C, S, S) float, resized from the originals, and `y`."""

    inputs: NDArray[Any]
    y: Truth

    def __len__(self) -> int:
        return len(self.y)


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """Which images, in which order and augmented how: the same for the same seed and epoch, from any step on."""

    data: TrainSet
    batch_size: int
    strengths: dict[str, float]
    seed: int
    pin: bool = False
    memory_format: torch.memory_format = torch.contiguous_format

    def rows(self, epoch: int) -> NDArray[np.int64]:
        """Return the order (N,) of the images in an epoch."""
        seed = stream_seed(Draw.ORDER, self.seed, epoch)
        return np.random.default_rng(seed).permutation(len(self.data))

    def load(self, order: NDArray[np.int64], step: int) -> tuple[Tensor, Tensor]:
        """Return the pixels (B, S, S, C) uint8 and targets (B,) or (B, K) of a step (from 0)."""
        chosen = order[step * self.batch_size : (step + 1) * self.batch_size]
        pixels = torch.from_numpy(self.data.pixels[self.data.rows[chosen]])
        y = torch.from_numpy(self.data.targets(chosen))
        return (pixels.pin_memory(), y.pin_memory()) if self.pin else (pixels, y)

    def finish(self, pixels: Tensor, epoch: int, step: int) -> Tensor:
        """Turn pixels into augmented, normalised network inputs (B, C, S, S), on the device they are on."""
        generator = torch.Generator().manual_seed(stream_seed(Draw.AUGMENT, self.seed, epoch, step))
        changes = draw_changes(len(pixels), self.strengths, generator, colour=self.data.colour)
        if pixels.device.type != "cpu":
            return self._normalised(changes.apply(to_unit(pixels)))
        count, side, _, channels = pixels.shape
        images = torch.empty((count, channels, side, side), memory_format=self.memory_format)
        # In parts that stay in the processor's cache, and whose memory is used again: half the time.
        part = max(1, _PART_BYTES // (channels * side * side * 4))
        for start in range(0, count, part):
            end = min(count, start + part)
            images[start:end] = self._normalised(changes.apply(to_unit(pixels[start:end]), start))
        return images

    def _normalised(self, images: Tensor) -> Tensor:
        mean, std = torch.tensor(self.data.mean), torch.tensor(self.data.std)
        scale = torch.stack([mean, std]).view(2, -1, 1, 1).to(images.device, non_blocking=True)
        return images.sub_(scale[0]).div_(scale[1])


def ahead(load: Callable[[int], T], steps: Iterable[int]) -> Generator[T, None, None]:
    """Yield ``load(step)`` for each step, made by a thread that stays a few steps ahead.

    Closing the iterator ends the thread.
    """
    waiting: deque[Future[T]] = deque()
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="batches") as pool:
        try:
            for step in steps:
                waiting.append(pool.submit(load, step))
                if len(waiting) > _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
