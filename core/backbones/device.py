"""The device to compute on, chosen once: CUDA, Apple's GPU or the CPU, with the precision that pays there."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import psutil
import torch
from torch import Tensor, nn

from core.backbones.table import BackboneSpec, Family
from core.errors import UserError
from core.translation import mark, tr


class DeviceKind(StrEnum):
    """What a device is; the names of the setting and of the command line."""

    CUDA = "cuda"
    MPS = "mps"
    CPU = "cpu"


@dataclass(frozen=True, slots=True)
class Device:
    """Where and how to compute.

    Attributes
    ----------
    name
        What it is called for people: the graphics card, or the CPU with its threads.
    precision
        The type that mixed precision computes in, or None to compute in float32.
    channels_last
        Whether networks and batches are laid out channels last.
    threads
        CPU threads for arithmetic, 1 or more.
    """

    kind: DeviceKind
    name: str
    precision: torch.dtype | None
    channels_last: bool
    threads: int

    @property
    def torch_device(self) -> torch.device:
        """The device as torch knows it."""
        return torch.device(self.kind.value)

    @property
    def scales_gradients(self) -> bool:
        """Whether gradients need scaling: float16 loses the small ones."""
        return self.precision is torch.float16

    def autocast(self) -> AbstractContextManager[object]:
        """Return the context in which a forward pass uses `precision`; a null context in float32."""
        if self.precision is None:
            return nullcontext()
        return torch.autocast(self.kind.value, dtype=self.precision)

    def use_threads(self) -> None:
        """Give this thread, and those started after it, the number of CPU threads. Call it where the work is done."""
        torch.set_num_threads(self.threads)

    def place(self, module: nn.Module) -> None:
        """Move a network to the device, in the device's layout, in place."""
        module.to(self.torch_device)
        for parameter in module.parameters():
            if parameter.dim() == 4:
                parameter.data = parameter.data.contiguous(memory_format=self.memory_format)

    def move(self, batch: Tensor) -> Tensor:
        """Return a batch of images (N, C, H, W) on the device, in the device's layout."""
        return batch.to(self.torch_device, memory_format=self.memory_format, non_blocking=True)

    @property
    def memory_format(self) -> torch.memory_format:
        """The layout of 4-d tensors."""
        return torch.channels_last if self.channels_last else torch.contiguous_format

    def release_memory(self) -> None:
        """Give back what the allocator keeps, after an out-of-memory error."""
        if self.kind is DeviceKind.CUDA:
            torch.cuda.empty_cache()
        elif self.kind is DeviceKind.MPS:
            torch.mps.empty_cache()


def pick_device(name: str = "auto", *, spare_core: bool = False) -> Device:
    """Choose the device by name: ``auto`` takes the first that works of CUDA, Apple's GPU and the CPU.

    The layout is the safe one; `core.backbones.measure.tuned` measures which is quicker for a backbone.

    Parameters
    ----------
    spare_core
        Leave one core alone: while the window is open, it must stay quick.

    Raises
    ------
    UserError
        ``device_unavailable`` where the named device does not exist or does not work.
    """
    if name == "auto":
        kinds = (kind for kind in (DeviceKind.CUDA, DeviceKind.MPS) if _problem(kind) is None)
        return _describe(next(kinds, DeviceKind.CPU), spare_core)
    try:
        kind = DeviceKind(name)
    except ValueError:
        raise UserError("device_unavailable", name=name, reason=tr(mark("no such device"))) from None
    problem = _problem(kind)
    if problem is not None:
        raise UserError("device_unavailable", name=name, reason=problem)
    return _describe(kind, spare_core)


def likes_channels_last(spec: BackboneSpec) -> bool:
    """Guess, without measuring, whether the CPU is quicker channels last: it is for depthwise convolutions."""
    return spec.family is not Family.RESNET


# What the allocators say where they raise no type of their own.
_MEMORY_TEXTS: Final = (
    "out of memory",
    "can't allocate memory",
    "not enough memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "CUDNN_STATUS_ALLOC_FAILED",
)


def is_out_of_memory(error: BaseException) -> bool:
    """Tell whether an error means that the device has too little memory, so that a smaller batch may do."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and any(text in str(error) for text in _MEMORY_TEXTS)


def _problem(kind: DeviceKind) -> str | None:
    """Return why a kind of device cannot be used, or None. It is tried: a driver may be there and not fit."""
    if kind is DeviceKind.CPU:
        return None
    there = torch.cuda.is_available() if kind is DeviceKind.CUDA else torch.backends.mps.is_available()
    if not there:
        return tr(mark("none was found"))
    try:
        (torch.ones(2, device=kind.value) + 1).sum().item()
    except RuntimeError as error:
        return str(error).splitlines()[0]
    return None


def _describe(kind: DeviceKind, spare_core: bool) -> Device:
    threads = max(1, _cores() - spare_core)
    if kind is DeviceKind.CUDA:
        # bfloat16 has float32's range; cards from before it exists in hardware compute in float16.
        native = torch.cuda.is_bf16_supported(including_emulation=False)
        precision = torch.bfloat16 if native else torch.float16
        return Device(kind, torch.cuda.get_device_name(), precision, channels_last=True, threads=threads)
    if kind is DeviceKind.MPS:
        return Device(kind, tr(mark("Apple GPU")), None, channels_last=False, threads=threads)
    return Device(kind, tr(mark("CPU")), None, channels_last=False, threads=threads)


def _cores() -> int:
    """Return the cores this process may use; a second thread on the same core does not help arithmetic."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(allowed, psutil.cpu_count(logical=False) or allowed)
