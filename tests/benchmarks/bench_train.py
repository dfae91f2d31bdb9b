"""What the training loop costs over the arithmetic: images per second of whole epochs against a bare loop.

    python -m tests.benchmarks.bench_train [--json] [--backbone NAME] [--strategy staged|whole] [--images N]

The bare loop is forward, backward and step on one tensor in memory: the same network, batch, layout and threads, and
the ceiling of what a loop can reach. Both run in one process, in turns, epoch by epoch; the first epoch does not
count. The ratio is the median over the turns.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

# As the application does, before torch is imported: its threads spin only briefly.
os.environ.setdefault("GOMP_SPINCOUNT", "30000")

import numpy as np
import torch
from torch.nn import functional

from core.backbones.classifier import Classifier, build_classifier
from core.backbones.device import Device, DeviceKind, likes_channels_last, pick_device
from core.backbones.table import get_backbone
from core.backbones.weights import load_weights
from core.paths import user_cache_dir
from core.training.config import TrainConfig
from core.training.control import TrainControl
from core.training.data import BatchPlan, HeldOut, TrainSet
from core.training.events import EpochDone
from core.training.loop import fit
from core.training.optimiser import build_optimiser
from core.training.plan import plan_stages
from core.training.snapshot import Best, Snapshot
from core.training.step import learning

N_LABELS: Final = 4
FLOOR: Final = 0.90


class Nothing:
    """Keeps nothing."""

    def keep_best(self, best: Best) -> None:
        """Let it go."""

    def keep_last(self, snapshot: Snapshot) -> None:
        """Let it go."""


@dataclass
class Rates:
    """Images per second, one entry a turn."""

    epoch: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    with_validation: list[float] = field(default_factory=list)

    def ratios(self) -> list[float]:
        return [ours / bare for ours, bare in zip(self.epoch, self.bare, strict=True)]


def new_model(config: TrainConfig) -> Classifier:
    spec = get_backbone(config.backbone)
    return build_classifier(spec, N_LABELS, load_weights(spec, user_cache_dir()), dropout=config.dropout)


def data(config: TrainConfig, images: int, folder: Path) -> tuple[TrainSet, HeldOut]:
    """Return a memory-mapped pixel cache and held-out inputs of a fifth of its size."""
    spec = get_backbone(config.backbone)
    rng = np.random.default_rng(7)
    shape = (images, config.size, config.size, 3)
    pixels = np.lib.format.open_memmap(folder / "pixels.npy", "w+", np.uint8, shape)
    for row in range(images):
        pixels[row] = rng.integers(0, 256, shape[1:], np.uint8)
    held = rng.normal(size=(max(1, images // 5), 3, config.size, config.size)).astype(np.float16)
    train = TrainSet(pixels, np.arange(images), np.arange(images) % N_LABELS, spec.mean, spec.std)
    return train, HeldOut(held, np.arange(len(held)) % N_LABELS)


class BareLoop:
    """Forward, backward and step, again and again on the same tensor."""

    def __init__(self, config: TrainConfig, device: Device) -> None:
        self.model = new_model(config)
        device.place(self.model)
        self.model.freeze(len(self.model.stages) - plan_stages(config, len(self.model.stages))[-1].learning)
        learning(self.model)
        self.optimiser = build_optimiser(self.model, config)
        generator = torch.Generator().manual_seed(7)
        images = torch.randn(config.batch_size, 3, config.size, config.size, generator=generator)
        self.images = device.move(images)
        self.y = (torch.arange(config.batch_size) % N_LABELS).to(device.torch_device)
        self.device = device

    def rate(self, steps: int) -> float:
        """Return images per second over `steps` steps."""
        started_s = time.perf_counter()
        for _ in range(steps):
            self.optimiser.zero_grad(set_to_none=True)
            with self.device.autocast():
                logits = self.model(self.images)
            loss = functional.cross_entropy(logits.float(), self.y)
            loss.backward()
            self.optimiser.step()
        loss.item()
        return steps * len(self.y) / (time.perf_counter() - started_s)


def measure(config: TrainConfig, device: Device, images: int) -> Rates:
    """Run epochs of the product's loop and of the bare one, in turns."""
    rates = Rates()
    with tempfile.TemporaryDirectory() as folder:
        train, held_out = data(config, images, Path(folder))
        bare = BareLoop(config, device)
        bare.rate(2)
        events = fit(new_model(config), train, held_out, config, TrainControl(), device=device, keeper=Nothing())
        for event in events:
            if isinstance(event, EpochDone) and event.epoch > 1:
                rates.epoch.append(event.images_per_second)
                rates.with_validation.append(images / event.seconds)
                rates.bare.append(bare.rate(images // config.batch_size))
        del train
    return rates


def feeding_rate(config: TrainConfig, device: Device) -> float:
    """Return images per second of reading and augmenting alone."""
    with tempfile.TemporaryDirectory() as folder:
        train, _ = data(config, 4 * config.batch_size, Path(folder))
        plan = BatchPlan(
            train,
            config.batch_size,
            config.augmentation_strengths,
            config.seed,
            memory_format=device.memory_format,
        )
        order = plan.rows(1)
        times = []
        for step in range(12):
            started_s = time.perf_counter()
            pixels, _ = plan.load(order, step % 4)
            plan.finish(pixels.to(device.torch_device), 1, step).sum().item()
            times.append(time.perf_counter() - started_s)
    return config.batch_size / statistics.median(times[2:])


def report(config: TrainConfig, device: Device, images: int) -> dict[str, object]:
    rates = measure(config, device, images)
    return {
        "benchmark": "train",
        "backbone": config.backbone,
        "strategy": config.strategy,
        "size": config.size,
        "batch_size": config.batch_size,
        "device": device.name,
        "threads": device.threads,
        "channels_last": device.channels_last,
        "turns": len(rates.epoch),
        "epoch_images_per_second": statistics.median(rates.epoch),
        "bare_images_per_second": statistics.median(rates.bare),
        "with_validation_images_per_second": statistics.median(rates.with_validation),
        "feeding_images_per_second": feeding_rate(config, device),
        "ratio": statistics.median(rates.ratios()),
        "floor": FLOOR,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--backbone", default="efficientnet_lite0")
    parser.add_argument("--strategy", choices=("staged", "whole"), default="staged")
    parser.add_argument("--images", type=int, default=256)
    parser.add_argument("--epochs", type=int, default=5)
    asked = parser.parse_args(arguments)
    config = TrainConfig(
        backbone=asked.backbone,
        strategy=asked.strategy,
        # `whole` spends its first fifth on the last stages; five epochs or more would mix the two.
        epochs=asked.epochs if asked.strategy == "staged" else min(asked.epochs, 4),
        patience=0,
    )
    device = pick_device("auto")
    if device.kind is DeviceKind.CPU:
        device = replace(device, channels_last=likes_channels_last(get_backbone(config.backbone)))
    device.use_threads()
    result = report(config, device, asked.images)
    if asked.json:
        print(json.dumps(result))
    else:
        for name, value in result.items():
            print(f"{name:<36} {value:.3f}" if isinstance(value, float) else f"{name:<36} {value}")
        print("ceiling: the arithmetic of the bare loop; reading and augmenting come on top of it")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
