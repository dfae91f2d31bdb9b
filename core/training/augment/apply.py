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
from core.training.augment.colour import (
    COLOUR,
    DENSITY,
    NEED_COLOUR,
    bend_channels,
    contrast_factors,
    mix_colours,
    mix_densities,
    scale_channels,
)
from core.training.augment.geometry import GEOMETRY, compose, transform
from core.training.augmentations import AUGMENTATIONS

_DRAWS_EACH: Final = 3
_DETAILS: Final = ("blur", "erase", "noise")


_Own = tuple[Tensor, float]
"""The draws (N, 3) of one augmentation, and its strength."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What is to be done to each image of a batch of N: drawn once, applied to all or to some of them.

    Everything is made on the CPU, small, and handed over without making the device wait. What is None is not done.

    Attributes
    ----------
    places
        (N, 2, 3), of all geometric augmentations together.
    densities, colours
        (N, 3, 3), of all augmentations that are linear in optical density, and in colour.
    contrast
        (N, 1) factors, already part of `colours`.
    details
        Blur, erasing and noise by name.
    noise_seed
        Of the noise, which is drawn where it is applied.
    colour
        Whether the channels are red, green and blue. Where they are not, `densities` and `colours` are multiples of
        the identity, each channel is changed alike, and contrast is about each channel's own mean.
    """

    places: Tensor | None
    densities: Tensor | None
    colours: Tensor | None
    contrast: Tensor | None
    details: Mapping[str, _Own]
    noise_seed: int
    colour: bool = True

    def apply(self, images: Tensor, start: int = 0) -> Tensor:
        """Return images (n, C, S, S) in [0, 1], those at `start` and after in the batch, changed; a new tensor.

        Without anything to be done they are returned themselves.
        """
        part = slice(start, start + len(images))
        original = images
        if self.places is not None:
            images = transform(images, _handed(self.places[part], images))
        if "blur" in self.details:
            images = detail.blur(images, *self._detail("blur", part))
        if self.densities is not None:
            densities = _handed(self.densities[part], images)
            images = mix_densities(images, densities) if self.colour else bend_channels(images, densities)
        if self.colours is not None:
            contrast = None if self.contrast is None else _handed(self.contrast[part], images)
            mix = mix_colours if self.colour else scale_channels
            images = mix(images, _handed(self.colours[part], images), contrast)
        if "erase" in self.details:
            images = detail.erase(images, *self._detail("erase", part))
        if "noise" in self.details:
            images = detail.noise(images, *self._detail("noise", part), self.noise_seed + start)
        return images if images is original else images.clamp_(0, 1)

    def _detail(self, name: str, part: slice) -> _Own:
        draws, strength = self.details[name]
        return draws[part], strength


def draw_changes(
    count: int, strengths: Mapping[str, float], generator: torch.Generator, *, colour: bool = True
) -> Changes:
    """Draw what is to be done to `count` images.

    Parameters
    ----------
    strengths
        Strength of each augmentation by its id; one that is absent or 0 is off.
    generator
        On the CPU; all the randomness there is comes from it.
    colour
        Whether the images are red, green and blue. Hue, saturation and stain are nothing to any others.
    """
    draws = torch.rand(len(AUGMENTATIONS), count, _DRAWS_EACH, generator=generator)
    noise_seed = int(torch.randint(2**62, (), generator=generator))
    own: dict[str, _Own] = {
        name: (part, float(strengths[name]))
        for name, part in zip(AUGMENTATIONS, draws, strict=True)
        if strengths.get(name, 0.0) > 0 and (colour or name not in NEED_COLOUR)
    }
    places = [make(*own[name]) for name, make in GEOMETRY.items() if name in own]
    colours = [make(*own[name]) for name, make in COLOUR.items() if name in own]
    contrast = contrast_factors(*own["contrast"]) if "contrast" in own else None
    if contrast is not None:
        colours.append(torch.diag_embed(contrast.expand(-1, 3)))
    return Changes(
        places=compose(places) if places else None,
        densities=_product([make(*own[name]) for name, make in DENSITY.items() if name in own]),
        colours=_product(colours),
        contrast=contrast,
        details={name: own[name] for name in _DETAILS if name in own},
        noise_seed=noise_seed,
        colour=colour,
    )


def augment(
    images: Tensor, strengths: Mapping[str, float], generator: torch.Generator, *, colour: bool = True
) -> Tensor:
    """Augment every image of a batch in its own way.

    Parameters
    ----------
    images
        (N, C, S, S) float in [0, 1]; not changed.
    strengths, generator, colour
        As in `draw_changes`.

    Returns
    -------
    Tensor
        (N, C, S, S) float in [0, 1].
    """
    return draw_changes(len(images), strengths, generator, colour=colour).apply(images)


def augment_sheet(
    images: NDArray[np.uint8],
    strengths: Mapping[str, float],
    seed: int,
    variants: int = 1,
    *,
    colour: bool = True,
) -> NDArray[np.uint8]:
    """Show what an augmentation makes of images: for the preview.

    Parameters
    ----------
    images
        (N, S, S, C) uint8.
    variants
        How many versions of each image, V.

    Returns
    -------
    ndarray
        (N, V, S, S, C) uint8. The same seed gives the same sheet, whatever else is drawn in the process.
    """
    side = images.shape[1]
    batch = to_unit(torch.from_numpy(np.repeat(images, variants, axis=0)))
    changed = augment(batch, strengths, torch.Generator().manual_seed(seed), colour=colour)
    pixels = (changed * 255).round_().to(torch.uint8).permute(0, 2, 3, 1)
    return np.ascontiguousarray(pixels.numpy().reshape(len(images), variants, side, side, -1))


def to_unit(pixels: Tensor) -> Tensor:
    """Turn pixels (N, S, S, C) uint8 into images (N, C, S, S) float32 in [0, 1], contiguous."""
    return pixels.permute(0, 3, 1, 2).to(torch.float32, memory_format=torch.contiguous_format).div_(255)


def _handed(values: Tensor, images: Tensor) -> Tensor:
    return values.to(images.device, images.dtype, non_blocking=True)


def _product(matrices: list[Tensor]) -> Tensor | None:
    """Return the matrix that does what all of `matrices` (N, 3, 3) do, the first one first; None without any."""
    if not matrices:
        return None
    whole = matrices[0]
    for matrix in matrices[1:]:
        whole = matrix @ whole
    return whole
