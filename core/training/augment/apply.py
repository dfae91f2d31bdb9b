"""Augment a batch: one draw of parameters, one sampling pass, one pass over the colours.

Pure: the same images, strengths and generator state give the same result. Each augmentation has its own columns among
the draws, so that switching one on leaves what the others do to an image as it was.
"""

from __future__ import annotations

from collections.abc import Mapping
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


def augment(images: Tensor, strengths: Mapping[str, float], generator: torch.Generator) -> Tensor:
    """Augment every image of a batch in its own way.

    Parameters
    ----------
    images
        (N, 3, S, S) float in [0, 1]; not changed.
    strengths
        Strength of each augmentation by its id; one that is absent or 0 is off.
    generator
        On the CPU; all the randomness there is comes from it.

    Returns
    -------
    Tensor
        (N, 3, S, S) float in [0, 1].
    """
    names = [name for name in AUGMENTATIONS if strengths.get(name, 0.0) > 0]
    draws = torch.rand(len(AUGMENTATIONS), len(images), _DRAWS_EACH, generator=generator)
    noise_seed = int(torch.randint(2**62, (), generator=generator))
    if not names:
        return images
    own = dict(zip(AUGMENTATIONS, draws.to(images.device, images.dtype), strict=True))
    active = {name: (own[name], float(strengths[name])) for name in names}
    matrices = [make(*active[name]) for name, make in GEOMETRY.items() if name in active]
    if matrices:
        images = transform(images, compose(matrices))
    if "blur" in active:
        images = detail.blur(images, *active["blur"])
    images = _recolour(images, active)
    if "erase" in active:
        images = detail.erase(images, *active["erase"])
    if "noise" in active:
        images = detail.noise(images, *active["noise"], noise_seed)
    return images.clamp(0, 1)


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


def _recolour(images: Tensor, active: Mapping[str, tuple[Tensor, float]]) -> Tensor:
    densities = [make(*active[name]) for name, make in DENSITY.items() if name in active]
    if densities:
        images = mix_densities(images, _product(densities))
    colours = [make(*active[name]) for name, make in COLOUR.items() if name in active]
    contrast = contrast_factors(*active["contrast"]) if "contrast" in active else None
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
