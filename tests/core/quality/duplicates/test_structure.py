from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from core.quality.duplicates.structure import repeats, shared_structure
from core.quality.duplicates.verify import picture
from tests.core.quality.duplicates.scenes import jpeg, scene

AS_IT_IS = torch.eye(2, 3)[None]


def grey(*images: np.ndarray) -> Tensor:
    return torch.from_numpy(np.stack([picture(image) for image in images])).float()


def disc(radius: float, seed: int) -> np.ndarray:
    y, x = np.mgrid[:96, :96] - 47.5
    level = np.where(np.hypot(x, y) < radius, 60, 220) + np.random.default_rng(seed).normal(0, 4, (96, 96))
    return np.repeat(np.clip(level, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def test_a_bar_drawn_into_a_copy_does_not_count():
    marked = scene(5).copy()
    marked[80:84, 10:40] = 255
    shared = shared_structure(grey(scene(5)), grey(marked), AS_IT_IS)
    assert shared.bands.min() > 1.5
    assert 0.9 < float(shared.kept) < 1


def test_silhouettes_that_agree_share_little_of_their_grain():
    alike = shared_structure(grey(disc(30, 1)), grey(disc(30, 2)), AS_IT_IS)
    copied = shared_structure(grey(disc(30, 1)), grey(jpeg(disc(30, 1), 80)), AS_IT_IS)
    assert float(alike.agreement) > 0.99
    assert float(alike.bands[0, 0]) < 0.6 < 1.0 < float(copied.bands[0, 0])


def test_levels_and_what_lies_within_are_told():
    half = torch.tensor([[[0.5, 0, 0], [0, 0.5, 0]]])
    brighter = np.clip(scene(6).astype(float) * 0.8 + 30, 0, 255).astype(np.uint8)
    shared = shared_structure(grey(brighter), grey(scene(6)), AS_IT_IS)
    assert abs(float(shared.gain) - 0.8) < 0.02
    assert abs(float(shared.offset) - 30) < 3
    within = shared_structure(grey(scene(6)), grey(scene(6)), half)
    assert (float(within.covered), float(within.contained)) == (1.0, 0.25)


def test_stripes_and_grids_repeat_themselves_and_scenes_do_not():
    x = np.arange(96)
    stripes = np.repeat((128 + 100 * np.sign(np.sin(x / 2)))[None, :, None], 96, 0).repeat(3, 2).astype(np.uint8)
    grid = ((x[:, None] // 8 + x[None] // 8) % 2 * 200)[..., None].repeat(3, 2).astype(np.uint8)
    found = repeats(grey(stripes, grid, scene(7), scene(8)))
    assert found[:2].min() > 0.9
    assert found[2:].max() < 0.75
