"""Augment a batch: one draw of parameters, one sampling pass, one pass over the colours.

Pure: the same images, strengths and generator state give the same result. Each augmentation has its own columns among
the draws, so that switching one on leaves what the others do to an image as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.training.augment import detail
from core.training.augment.colour import COLOUR, DENSITY, contrast_factors, mix_colours, mix_densities
from core.training.augment.geometry import GEOMETRY, compose, transform
from core.training.augmentations import AUGMENTATIONS

_DRAWS_EACH: Final = 3


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be done to each image of a batch of N: drawn once, applied to all or to some of them.

    Attributes
    ----------
    active
        Of each augmentation that is on, its draws (N, 3) and its strength.
    noise_seed
        Of the noise, which is drawn where it is applied.
    """

    active: Mapping[str, tuple[Tensor, float]]
    noise_seed: int

    def apply(self, images: Tensor, start: int = 0) -> Tensor:
        """Change images (n, 3, S, S) float in [0, 1]: those at `start` and after in the batch. They are not changed."""
        if not self.active:
            return images
        own = {name: (part[start : start + len(images)].to(images), s) for name, (part, s) in self.active.items()}
        matrices = [make(*own[name]) for name, make in GEOMETRY.items() if name in own]
        if matrices:
            images = transform(images, compose(matrices))
        if "blur" in own:
            images = detail.blur(images, *own["blur"])
        images = _recolour(images, own)
        if "erase" in own:
            images = detail.erase(images, *own["erase"])
        if "noise" in own:
            images = detail.noise(images, *own["noise"], self.noise_seed + start)
        # In place: with an augmentation on, these are no longer the caller's images.
        return images.clamp_(0, 1)


def draw_changes(count: int, strengths: Mapping[str, float], generator: torch.Generator) -> Changes:
    """Draw what is to be done to `count` images.

    Parameters
    ----------
    strengths
        Strength of each augmentation by its id; one that is absent or 0 is off.
    generator
        On the CPU; all the randomness there is comes from it.
    """
    draws = torch.rand(len(AUGMENTATIONS), count, _DRAWS_EACH, generator=generator)
    own = zip(AUGMENTATIONS, draws, strict=True)
    active = {name: (part, float(strengths[name])) for name, part in own if strengths.get(name, 0.0) > 0}
    return Changes(active, int(torch.randint(2**62, (), generator=generator)))


def augment(images: Tensor, strengths: Mapping[str, float], generator: torch.Generator) -> Tensor:
    """Augment every image of a batch in its own way.

    Parameters
    ----------
    images
        (N, 3, S, S) float in [0, 1]; not changed.
    strengths, generator
        As in `draw_changes`.

    Returns
    -------
    Tensor
        (N, 3, S, S) float in [0, 1].
    """
    return draw_changes(len(images), strengths, generator).apply(images)


def augment_sheet(
    images: NDArray[np.uint8], strengths: Mapping[str, float], seed: int, variants: int = 1
) -> NDArray[np.uint8]:
    """Show what an augmentation makes of images: for the preview.

    Parameters
    ----------
    images
        (N, S, S, 3) uint8, RGB.
    variants
        How many versions of each image, V.

    Returns
    -------
    ndarray
        (N, V, S, S, 3) uint8. The same seed gives the same sheet, whatever else is drawn in the process.
    """
    side = images.shape[1]
    batch = to_unit(torch.from_numpy(np.repeat(images, variants, axis=0)))
    changed = augment(batch, strengths, torch.Generator().manual_seed(seed))
    pixels = (changed * 255).round_().to(torch.uint8).permute(0, 2, 3, 1)
    return np.ascontiguousarray(pixels.numpy().reshape(len(images), variants, side, side, 3))


def to_unit(pixels: Tensor) -> Tensor:
    """Turn pixels (N, S, S, 3) uint8 into images (N, 3, S, S) float32 in [0, 1], contiguous."""
    return pixels.permute(0, 3, 1, 2).to(torch.float32, memory_format=torch.contiguous_format).div_(255)


def _recolour(images: Tensor, own: Mapping[str, tuple[Tensor, float]]) -> Tensor:
    densities = [make(*own[name]) for name, make in DENSITY.items() if name in own]
    if densities:
        images = mix_densities(images, _product(densities))
    colours = [make(*own[name]) for name, make in COLOUR.items() if name in own]
    contrast = contrast_factors(*own["contrast"]) if "contrast" in own else None
    if colours or contrast is not None:
        eye = torch.eye(3, dtype=images.dtype, device=images.device).expand(len(images), 3, 3)
        images = mix_colours(images, _product([eye, *colours]), contrast)
    return images


def _product(matrices: list[Tensor]) -> Tensor:
    """Return the matrix that does what all of `matrices` (N, 3, 3) do, the first one first."""
    whole = matrices[0]
    for matrix in matrices[1:]:
        whole = matrix @ whole
    return whole
