"""Develops what was planned into files: each item from random streams of its own, whatever the order."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from core.ingest.sample_set.faults import hopeless_defocus_um, nearly_the_same
from core.ingest.sample_set.foreign import foreign_picture
from core.ingest.sample_set.optics import Image, encode
from core.ingest.sample_set.plan import N_SLIDES, Fault, Item
from core.ingest.sample_set.scene import picture_of
from core.ingest.sample_set.stains import Slide, make_slide


class Darkroom:
    """The slides of one seed, and what makes files of its plan."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.slides: list[Slide] = [make_slide(self._rng(1, number), number + 1) for number in range(N_SLIDES)]

    def file(self, item: Item, original: Item | None = None) -> tuple[str, bytes]:
        """Return the suffix and the bytes of an item's file; for a duplicate, `original` is what it shows."""
        if original is None:
            return encode(self.picture(item), self.slides[item.slide].quality)
        picture = self.picture(original)
        if Fault.NEAR_DUPLICATE in item.faults:
            return encode(*nearly_the_same(self._rng(3, item.stream), picture))
        return encode(picture, self.slides[original.slide].quality)

    def picture(self, item: Item) -> Image:
        """Return what the camera saw of an item that is no duplicate, (H, W, 3) uint8 RGB."""
        rng, slide = self._rng(2, item.stream), self.slides[item.slide]
        if item.foreign is not None:
            return foreign_picture(rng, item.foreign, slide)
        defocus_um = hopeless_defocus_um(rng) if Fault.BLURRED in item.faults else 0.0
        return picture_of(rng, str(item.label), slide, defocus_um=defocus_um)

    def _rng(self, purpose: int, number: int) -> Generator:
        return np.random.default_rng([self._seed, purpose, number])
