"""Images through a backbone: decoded, brought into the network's shape, and on to feature vectors.

On the CPU every worker takes a few images from the file to their features on its own thread, with single-threaded
arithmetic: no batch waits for a decoder, and a few images at a time stay in the processor's cache (EfficientNet-Lite0
at 128 px embeds 8 at a time nearly three times as quickly as 32). On a GPU the workers prepare batches ahead and one
thread feeds them to it. Features are always computed in float32: the head fitted to them has to fit the exported model.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.backbones.classifier import Classifier
from core.backbones.device import Device, DeviceKind, is_out_of_memory
from core.embeddings.fused import fused
from core.errors import UnreadableImage
from core.images.formats import Raw
from core.images.network_input import to_network
from core.images.preprocess import Preprocess
from core.progress import Progress
from core.translation import mark

MAX_WORKERS: Final = 16
GPU_BATCH: Final = 64
_CPU_BATCH_PIXELS: Final = 2**17
_LARGEST_KEPT: Final = 2**25 - 2**13

ReadImage = Callable[[int], Raw]
"""Returns the image of an index as `Preprocess.image` gives it, or raises `UnreadableImage`; any thread may call it."""


@dataclass(frozen=True, slots=True)
class Block:
    """Some images' features.

    Attributes
    ----------
    indexes
        (n,) of the images that could be read.
    features
        (n, F) float32.
    problems
        Index and reason of those that could not.
    """

    indexes: NDArray[np.int64]
    features: NDArray[np.float32]
    problems: dict[int, str]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """Images on their way: `output` is the network's input (n, C, S, S) or, on the CPU, the features (n, F)."""

    indexes: list[int]
    output: Tensor
    problems: dict[int, str]


def embed_images(
    read: ReadImage,
    count: int,
    classifier: Classifier,
    preprocess: Preprocess,
    device: Device,
    progress: Progress,
    *,
    batch: int | None = None,
    stage: str = mark("Embedding images"),
) -> Generator[Block]:
    """Yield the features of images 0 to count - 1, in order, block by block.

    Parameters
    ----------
    classifier
        Its backbone is used as it is in evaluation mode; it is neither moved nor changed.
    batch
        Images at a time; None chooses by the device.
    stage
        What the progress calls it: a text marked for translation.

    Raises
    ------
    Cancelled
        The user stopped; within a few images.
    """
    network = network_of(classifier, device)
    size = batch or batch_size(preprocess.size, device)
    on_cpu = device.kind is DeviceKind.CPU

    def prepare(start: int) -> _Prepared:
        output, indexes, problems = _read_all(read, range(start, min(start + size, count)), preprocess, progress)
        return _Prepared(indexes, network(output) if on_cpu else output, problems)

    progress.begin(stage, count)
    with closing(_ahead(prepare, range(0, count, size), device)) as ahead:
        for prepared in ahead:
            features = prepared.output if on_cpu else network(prepared.output)
            yield Block(np.array(prepared.indexes, dtype=np.int64), features.numpy(), prepared.problems)
            progress.advance(len(prepared.indexes) + len(prepared.problems))


def batch_size(size_px: int, device: Device) -> int:
    """Return how many images of `size_px` pixels square are embedded at a time."""
    if device.kind is DeviceKind.CPU:
        return max(1, min(32, round(_CPU_BATCH_PIXELS / size_px**2)))
    return GPU_BATCH


def network_of(classifier: Classifier, device: Device) -> Callable[[Tensor], Tensor]:
    """Return what maps the network's input (n, C, S, S) to features (n, F) on the CPU: a copy of the backbone."""
    _keep_freed_memory()
    return _Network(classifier, device)


def _keep_freed_memory() -> None:
    """Make glibc keep large blocks for the next batch, up to 64 MB a thread; without effect elsewhere.

    It gives the ten megabytes that a layer makes back to the system, which hands them out page by page again: a sixth
    of the whole pass. How large the blocks are that it keeps, it learns from those that are freed, to 32 MiB at most.
    """
    np.empty(_LARGEST_KEPT, dtype=np.uint8)  # never touched: no memory is taken


class _Network:
    """The backbone on its device, ready for batches."""

    def __init__(self, classifier: Classifier, device: Device) -> None:
        self._device = device
        # Channels last is quicker for inference with every network on CPUs, and on the GPUs with tensor cores.
        last = device.kind is not DeviceKind.MPS
        self._layout = torch.channels_last if last else torch.contiguous_format
        self._backbone = fused(classifier).to(device.torch_device).to(memory_format=self._layout)
        self._n_features = classifier.spec.features

    def __call__(self, batch: Tensor) -> Tensor:
        """Map the network's input (n, C, S, S) to features (n, F) on the CPU."""
        if len(batch) == 0:
            return torch.empty(0, self._n_features)
        try:
            with torch.inference_mode():
                placed = batch.to(self._device.torch_device).contiguous(memory_format=self._layout)
                return self._backbone.features(placed).cpu()
        except (RuntimeError, MemoryError) as error:
            if len(batch) == 1 or not is_out_of_memory(error):
                raise
        # Outside of the except block, which would keep the failed batch alive.
        self._device.release_memory()
        half = len(batch) // 2
        return torch.cat([self(batch[:half]), self(batch[half:])])


def _read_all(
    read: ReadImage, indexes: range, preprocess: Preprocess, progress: Progress
) -> tuple[Tensor, list[int], dict[int, str]]:
    """Return the network's input (n, C, S, S) for the images that can be read, their indexes, and the problems."""
    inputs: list[Tensor] = []
    readable: list[int] = []
    problems: dict[int, str] = {}
    for index in indexes:
        progress.checkpoint()
        try:
            # Resized at once, while the pixels are in the processor's cache: no two large images are there together.
            inputs.append(to_network([read(index)], preprocess))
            readable.append(index)
        except UnreadableImage as problem:
            problems[index] = problem.message
    return torch.cat(inputs) if inputs else to_network([], preprocess), readable, problems


def _ahead(prepare: Callable[[int], _Prepared], starts: Sequence[int], device: Device) -> Generator[_Prepared]:
    """Yield `prepare` of every start, in order, worked on ahead by threads; leaves none running."""
    workers = min(device.threads, MAX_WORKERS)
    each = max(1, device.threads // workers) if device.kind is DeviceKind.CPU else 1
    waiting: deque[Future[_Prepared]] = deque()
    pool = ThreadPoolExecutor(workers, "embed", initializer=torch.set_num_threads, initargs=(each,))
    try:
        for start in starts:
            waiting.append(pool.submit(prepare, start))
            if len(waiting) > workers + 2:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        # Setting the number in a thread also sets it for threads to come.
        device.use_threads()
