"""A kit of a network small enough to export within seconds, and images that it tells apart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.images.preprocess import Preprocess, ResizeMode
from core.kit.metadata import KitLabel, KitMetadata

LABELS = ("round", "=long", "조각")
SIZE = 24


class Pictures:
    """Images of mixed sizes, the same for the same seed: what an export is proven on."""

    def __init__(self, n: int = 12, seed: int = 0, largest: int = 60) -> None:
        self.images = [picture(seed * 1000 + i, largest) for i in range(n)]

    @property
    def expected(self) -> int:
        """How many there are."""
        return len(self.images)

    def __iter__(self) -> Iterator[NDArray[np.uint8]]:
        return iter(self.images)


def picture(seed: int, largest: int = 60) -> NDArray[np.uint8]:
    """Return (H, W, 3) uint8 with a tint of its own under noise, so that a network has something to answer."""
    generator = np.random.default_rng(seed)
    height, width = generator.integers(1, largest + 1, 2)
    tint = generator.integers(0, 200, 3)
    return (tint + generator.integers(0, 56, (height, width, 3))).astype(np.uint8)


def preprocess(mode: ResizeMode = ResizeMode.STRETCH, size: int = SIZE) -> Preprocess:
    """Return a preprocess whose channels all differ."""
    return Preprocess(size, mode, (0.4, 0.5, 0.6), (0.2, 0.3, 0.25))


def metadata(mode: ResizeMode = ResizeMode.STRETCH, precision: str = "fp32") -> KitMetadata:
    """Return what a tiny kit says about itself."""
    return KitMetadata(
        version="0.1.0",
        created="2026-01-02T03:04:05+00:00",
        project="Cells",
        run=3,
        backbone="tiny",
        precision=precision,
        size=SIZE,
        labels=tuple(KitLabel(name=name, colour="#0072B2", glyph="■") for name in LABELS),
        preprocess=preprocess(mode).to_json(),
        temperature=1.3,
        metrics={"test": {"n": 10, "groups": 2, "metrics": {"accuracy": {"value": 0.9, "low": 0.8, "high": None}}}},
    )


def network(labels: int = len(LABELS), seed: int = 0, channels: int = 3):
    """Return a convolutional network whose answers are spread out, in evaluation mode."""
    import torch
    from torch import nn

    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        layers = nn.Sequential(
            nn.Conv2d(channels, 8, 3, stride=2),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
            nn.Linear(32, labels),
        )
        with torch.no_grad():
            layers[-1].weight.mul_(8)
    return layers.eval()


def write_tiny_kit(directory: Path, *, images: Pictures | None = None, precision: str = "fp32", **options) -> None:
    """Write a complete kit of `network` to `directory`."""
    from core.export.kit_writer import Subject, write_kit

    write_kit(Subject(network(), metadata(precision=precision)), images or Pictures(), directory, **options)
