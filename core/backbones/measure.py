"""Which layout and precision a device trains a backbone in most quickly: measured once, for a few seconds at most.

Names do not tell: half precision is many times quicker on one card and slower on another. What was measured is kept in
the user's cache, so that every later run on the machine takes the same. On a CPU only the layout is tried; there
`core.backbones.device.likes_channels_last` guessed for seven backbones of seven what was measured, for nothing.
"""

from __future__ import annotations

import json
import platform
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import torch
from torch import nn

from core.backbones.classifier import build_classifier
from core.backbones.device import Device, DeviceKind, is_out_of_memory, likes_channels_last
from core.backbones.table import BackboneSpec
from core.paths import atomic_write

BOUND_S: Final = 4.0
_ROUNDS: Final = 4
_BATCH: Final = 8
_SIZE_PX: Final = 96
_CLEARLY: Final = 0.95
_LABELS: Final = 10
_PRECISIONS: Final = {"bfloat16": torch.bfloat16, "float16": torch.float16}


def tuned(device: Device, spec: BackboneSpec, cache_dir: Path, *, bound_s: float = BOUND_S) -> Device:
    """Return the device with the layout and precision it trains `spec` in most quickly.

    Parameters
    ----------
    cache_dir
        The user's cache, which remembers the answer.
    bound_s
        Seconds the measurement may take (a step that has begun is finished). Where that is too short to tell, the
        answer is a guess by the kind of network, and is remembered as well.
    """
    file = cache_dir / "devices.json"
    known = _read(file)
    # Only a graphics card's name is its own; the others' are translated.
    name = device.name if device.kind is DeviceKind.CUDA else device.kind.value
    key = "|".join((platform.node(), name, str(device.threads), torch.__version__, spec.name))
    remembered = _device_of(known.get(key), device)
    if remembered is not None:
        return remembered
    chosen = _quickest(candidates(device), spec, bound_s) or _guess(device, spec)
    precision = next((name for name, dtype in _PRECISIONS.items() if dtype is chosen.precision), None)
    known[key] = {"channels_last": chosen.channels_last, "precision": precision}
    with atomic_write(file) as part:
        part.write_text(json.dumps(known, indent=1), encoding="utf-8")
    return chosen


def candidates(device: Device) -> list[Device]:
    """Return what is worth trying on a device; the first is what is taken unless another is clearly quicker."""
    layouts = [replace(device, channels_last=last) for last in (False, True)]
    match device.kind:
        case DeviceKind.CUDA:
            last = layouts[1]
            return [last, layouts[0], replace(last, precision=None)]
        case DeviceKind.MPS:
            return [layouts[0], replace(layouts[0], precision=torch.float16)]
        case DeviceKind.CPU:
            return layouts


def _guess(device: Device, spec: BackboneSpec) -> Device:
    if device.kind is DeviceKind.CPU:
        return replace(device, channels_last=likes_channels_last(spec))
    return device


def _quickest(devices: Sequence[Device], spec: BackboneSpec, bound_s: float) -> Device | None:
    """Return the quickest device, or None where there was no time to tell."""
    give_up = time.perf_counter() + bound_s
    trials = [_Trial(device, spec) for device in devices]
    # In turns, the best of each: what else the machine does must not decide.
    for round_ in range(_ROUNDS):
        for trial in trials:
            if time.perf_counter() > give_up:
                break
            trial.run(warm_up=round_ == 0)
    if any(trial.best_s is None and not trial.failed for trial in trials):
        return None
    times = [(trial.best_s or float("inf")) for trial in trials]
    best = times.index(min(times))
    if times[best] == float("inf"):
        return None
    return devices[best] if times[best] < _CLEARLY * times[0] else devices[0]


class _Trial:
    """A backbone in training on one device, with random weights and images."""

    def __init__(self, device: Device, spec: BackboneSpec) -> None:
        self.best_s: float | None = None
        self.failed = False
        self._device = device
        self._model = build_classifier(spec, _LABELS, None).train()
        generator = torch.Generator().manual_seed(0)
        self._images = torch.randn(_BATCH, 3, _SIZE_PX, _SIZE_PX, generator=generator)
        self._y = torch.arange(_BATCH) % _LABELS
        self._placed = False

    def run(self, *, warm_up: bool) -> None:
        """Do one step; its time counts unless it is the first."""
        if self.failed:
            return
        try:
            seconds = self._step()
        except (RuntimeError, MemoryError) as error:
            # A combination that a device has no code for is not a candidate; neither is one that does not fit.
            if not (isinstance(error, NotImplementedError) or is_out_of_memory(error) or self._device.precision):
                raise
            self.failed = True
            return
        if not warm_up:
            self.best_s = min(seconds, self.best_s or seconds)

    def _step(self) -> float:
        if not self._placed:
            self._device.place(self._model)
            self._placed = True
        start = self._clock()
        self._model.zero_grad(set_to_none=True)
        with self._device.autocast():
            logits = self._model(self._device.move(self._images))
        loss = nn.functional.cross_entropy(logits.float(), self._y.to(logits.device))
        loss.backward()  # type: ignore[no-untyped-call]
        self._wait()
        return self._clock() - start

    def _clock(self) -> float:
        # On the CPU the time this process has worked: other programs at work then change little.
        return time.process_time() if self._device.kind is DeviceKind.CPU else time.perf_counter()

    def _wait(self) -> None:
        if self._device.kind is DeviceKind.CUDA:
            torch.cuda.synchronize()
        elif self._device.kind is DeviceKind.MPS:
            torch.mps.synchronize()


def _read(file: Path) -> dict[str, object]:
    try:
        found: object = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _device_of(entry: object, device: Device) -> Device | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("channels_last"), bool):
        return None
    name = entry.get("precision")
    if name is not None and name not in _PRECISIONS:
        return None
    precision = None if name is None else _PRECISIONS[name]
    return replace(device, channels_last=entry["channels_last"], precision=precision)
