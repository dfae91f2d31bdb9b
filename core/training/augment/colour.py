"""What pixels look like: colour augmentations, composed so that an image is passed over as few times as can be.

Brightness, contrast, saturation and hue are linear in red, green and blue, and become one (3, 3) matrix and one offset
for each image. Gamma and stain are linear in optical density (the logarithm of the brightness), and become one matrix
there.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import torch
from torch import Tensor

# (draws (N, 3) in [0, 1), strength) -> (N, 3, 3)
ColourMaker = Callable[[Tensor, float], Tensor]

_LUMA: Final = (0.299, 0.587, 0.114)
# Optical densities of haematoxylin, eosin and the residual, by row (Ruifrok and Johnston 2001).
_STAINS: Final = ((0.65, 0.70, 0.29), (0.07, 0.99, 0.11), (0.27, 0.57, 0.78))
# Red, green and blue to luma and two axes of colour, and around these axes the hue turns (Kovesi's YIQ).
_YIQ: Final = ((0.299, 0.587, 0.114), (0.595716, -0.274453, -0.321263), (0.211456, -0.522591, 0.311135))
_DARKEST: Final = 1.0 / 255.0


def mix_colours(images: Tensor, matrices: Tensor, contrast: Tensor | None) -> Tensor:
    """Apply one colour matrix (3, 3) to each image.

    Parameters
    ----------
    images
        (N, 3, S, S) in [0, 1].
    matrices
        (N, 3, 3), the contrast's factor included.
    contrast
        (N, 1) factors by which each image moves away from its own mean luma, or None.

    Returns
    -------
    Tensor
        (N, 3, S, S), not clamped.
    """
    flat = images.flatten(2)
    mixed = torch.bmm(matrices, flat)
    if contrast is not None:
        red, green, blue = flat.mean(dim=2).unbind(dim=1)
        luma = red * _LUMA[0] + green * _LUMA[1] + blue * _LUMA[2]
        mixed.add_(((1 - contrast[:, 0]) * luma).view(-1, 1, 1))
    return mixed.view_as(images)


def mix_densities(images: Tensor, matrices: Tensor) -> Tensor:
    """Apply one matrix (3, 3) to the optical densities of each image; (N, 3, S, S) in [0, 1] in, positive out."""
    density = images.clamp_min(_DARKEST).log_().flatten(2)
    return torch.bmm(matrices, density).exp_().view_as(images)


def scale_channels(images: Tensor, matrices: Tensor, contrast: Tensor | None) -> Tensor:
    """Do to each of any number of channels (N, C, S, S) what the multiples of the identity `matrices` (N, 3, 3) do.

    The contrast's factors (N, 1) move each channel away from its own mean.
    """
    scaled = images * matrices[:, 0, 0].view(-1, 1, 1, 1)
    if contrast is not None:
        scaled.add_((1 - contrast).view(-1, 1, 1, 1) * images.mean(dim=(2, 3), keepdim=True))
    return scaled


def bend_channels(images: Tensor, matrices: Tensor) -> Tensor:
    """Raise each image (N, C, S, S) to the power in the multiples of the identity `matrices` (N, 3, 3): a gamma."""
    return images.clamp_min(_DARKEST).pow(matrices[:, 0, 0].view(-1, 1, 1, 1))


def _around_one(draw: Tensor, fraction: float) -> Tensor:
    """Map draws in [0, 1) to factors between 1 - fraction and 1 + fraction."""
    return 1 + (draw * 2 - 1) * fraction


def _identity(draws: Tensor) -> Tensor:
    return torch.eye(3, dtype=draws.dtype, device=draws.device).expand(len(draws), 3, 3)


def contrast_factors(draws: Tensor, fraction: float) -> Tensor:
    """Return (N, 1) contrast factors."""
    return _around_one(draws[:, :1], fraction)


def _brightness(draws: Tensor, fraction: float) -> Tensor:
    return _identity(draws) * _around_one(draws[:, 0], fraction)[:, None, None]


def _saturation(draws: Tensor, fraction: float) -> Tensor:
    factor = _around_one(draws[:, 0], fraction)[:, None, None]
    grey = draws.new_tensor(_LUMA).expand(3, 3)
    return factor * _identity(draws) + (1 - factor) * grey


def _hue(draws: Tensor, degrees: float) -> Tensor:
    angle = (draws[:, 0] * 2 - 1) * math.radians(degrees)
    turn = _identity(draws).clone()
    turn[:, 1, 1] = turn[:, 2, 2] = torch.cos(angle)
    turn[:, 1, 2], turn[:, 2, 1] = -torch.sin(angle), torch.sin(angle)
    to_yiq = draws.new_tensor(_YIQ)
    from_yiq: Tensor = torch.linalg.inv(to_yiq)
    return from_yiq @ turn @ to_yiq


def _gamma(draws: Tensor, fraction: float) -> Tensor:
    exponent = torch.exp((draws[:, 0] * 2 - 1) * math.log1p(fraction))
    return _identity(draws) * exponent[:, None, None]


def _stain(draws: Tensor, fraction: float) -> Tensor:
    stains = draws.new_tensor(_STAINS).T
    stains = stains / stains.norm(dim=0)
    to_stains: Tensor = torch.linalg.inv(stains)
    mixed: Tensor = stains @ torch.diag_embed(_around_one(draws, fraction)) @ to_stains
    return mixed


COLOUR: Final[Mapping[str, ColourMaker]] = MappingProxyType(
    {"hue": _hue, "saturation": _saturation, "brightness": _brightness}
)
NEED_COLOUR: Final = frozenset({"hue", "saturation", "stain"})
"""What only red, green and blue have."""
DENSITY: Final[Mapping[str, ColourMaker]] = MappingProxyType({"stain": _stain, "gamma": _gamma})
