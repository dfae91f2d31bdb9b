"""A network of a few thousand parameters and pictures it can learn, for tests of the loop's logic."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import torch
from torch import nn

from core.backbones.architectures import Parts
from core.backbones.classifier import Classifier, reset_head
from core.backbones.device import Device, DeviceKind
from core.backbones.table import BackboneSpec, Family, Library
from core.training.config import TrainConfig
from core.training.control import TrainControl
from core.training.data import HeldOut, TrainSet
from core.training.loop import FitResult, fit
from core.training.snapshot import Best, Snapshot

CPU = Device(DeviceKind.CPU, "CPU", None, channels_last=False, threads=1)
SIDE = 32
HALF = (0.5, 0.5, 0.5)
SPEC = BackboneSpec(
    name="tiny",
    title="Tiny",
    family=Family.RESNET,
    library=Library.TORCHVISION,
    builder="tiny",
    parameters=3000,
    features=12,
    input_size=SIDE,
    mean=HALF,
    std=HALF,
    top1=0.0,
    licence="Apache-2.0",
    stage_starts=(0, 1, 2),
    file_name="",
    size_bytes=0,
    sha256_prefix="",
)


def tiny_model(n_labels: int = 3, *, dropout: float = 0.1, seed: int = 0) -> Classifier:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        widths = (3, 8, 10, 12)
        units = [
            nn.Sequential(nn.Conv2d(a, b, 3, stride=2, padding=1), nn.BatchNorm2d(b), nn.ReLU())
            for a, b in pairwise(widths)
        ]
        model = Classifier(SPEC, Parts(units, nn.Identity(), nn.Linear(12, 1000)), n_labels, dropout)
    reset_head(model, seed)
    return model.eval()


def tiny_pixels(count: int, n_labels: int = 3, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return noisy pictures (N, 32, 32, 3) uint8 whose label is their tint, and the labels (N,)."""
    rng = np.random.default_rng(seed)
    y = np.arange(count) % n_labels
    tints = np.linspace(60, 190, n_labels)[y]
    pixels = rng.normal(tints[:, None, None, None], 35, (count, SIDE, SIDE, 3))
    return pixels.clip(0, 255).astype(np.uint8), y.astype(np.int64)


def tiny_sets(train: int = 40, val: int = 12, n_labels: int = 3) -> tuple[TrainSet, HeldOut]:
    pixels, y = tiny_pixels(train, n_labels)
    held, held_y = tiny_pixels(val, n_labels, seed=1)
    inputs = (held.transpose(0, 3, 1, 2).astype(np.float32) / 255 - 0.5) / 0.5
    return TrainSet(pixels, np.arange(train), y, HALF, HALF), HeldOut(inputs.astype(np.float16), held_y)


@dataclass
class MemoryKeeper:
    """Keeps copies, as a file would."""

    best: list[Best] = field(default_factory=list)
    last: list[Snapshot] = field(default_factory=list)
    order: list[str] = field(default_factory=list)

    def keep_best(self, best: Best) -> None:
        self.best.append(best)
        self.order.append("best")

    def keep_last(self, snapshot: Snapshot) -> None:
        self.last.append(copied(snapshot))
        self.order.append("last")


def copied(value):
    if isinstance(value, torch.Tensor):
        return value.detach().clone()
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copied(item) for item in value]
    if isinstance(value, Snapshot):
        parts = (value.model, value.optimiser, value.scaler, value.tally)
        return Snapshot(value.place, *(copied(dict(part)) for part in parts))
    return value


def tiny_config(**changes) -> TrainConfig:
    return TrainConfig(**{"epochs": 4, "batch_size": 8, "learning_rate": 0.03, "patience": 0, "size": 32, **changes})


@dataclass
class Fit:
    events: list
    result: FitResult
    keeper: MemoryKeeper
    model: Classifier


def run_fit(config=None, *, model=None, sets=None, control=None, watch=None, best=None, resume=None) -> Fit:
    """Drain `fit`; `watch` sees every event and may use the control."""
    model = model or tiny_model()
    train, held_out = sets or tiny_sets()
    control = control or TrainControl()
    keeper = MemoryKeeper()
    steps = fit(
        model,
        train,
        held_out,
        config or tiny_config(),
        control,
        device=CPU,
        keeper=keeper,
        best=best,
        resume=resume,
    )
    events = []
    while True:
        try:
            event = next(steps)
        except StopIteration as ended:
            return Fit(events, ended.value, keeper, model)
        events.append(event)
        if watch:
            watch(event, control)
