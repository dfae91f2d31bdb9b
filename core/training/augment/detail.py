"""What is lost in an image: blur, noise, and a rectangle that is covered."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

_SHARP = 1e-3


def blur(images: Tensor, draws: Tensor, sigma_px: float) -> Tensor:
    """Soften each image (N, 3, S, S) with a Gaussian of its own width, 0 to `sigma_px`, reflecting at the border."""
    radius = min(math.ceil(2.5 * sigma_px), images.shape[-1] - 1)
    sigma = (draws[:, :1] * sigma_px).clamp_min(_SHARP)
    offsets = torch.arange(-radius, radius + 1, dtype=images.dtype, device=images.device)
    kernel = torch.exp(-0.5 * (offsets / sigma) ** 2)
    kernel = (kernel / kernel.sum(dim=1, keepdim=True)).repeat_interleave(3, dim=0)
    # All images and channels as the groups of one convolution, first along x and then along y.
    count, _, side, _ = images.shape
    flat = images.reshape(1, count * 3, side, side)
    flat = functional.pad(flat, (radius, radius, radius, radius), mode="reflect")
    flat = functional.conv2d(flat, kernel[:, None, None, :], groups=count * 3)
    flat = functional.conv2d(flat, kernel[:, None, :, None], groups=count * 3)
    return flat.view_as(images)


def noise(images: Tensor, draws: Tensor, fraction: float, seed: int) -> Tensor:
    """Add white noise with a deviation of 0 to `fraction`, its own for each image."""
    # The device's own generator: noise made on the processor would have to be carried over.
    generator = torch.Generator(device=images.device).manual_seed(seed)
    white = torch.randn(images.shape, generator=generator, dtype=images.dtype, device=images.device)
    return images.addcmul(white, (draws[:, 0] * fraction).view(-1, 1, 1, 1))


def erase(images: Tensor, draws: Tensor, fraction: float) -> Tensor:
    """Cover a rectangle of 0 to `fraction` of the area, anywhere, with the image's own mean colour."""
    area, aspect = draws[:, 0] * fraction, torch.exp((draws[:, 1] * 2 - 1) * math.log(2))
    place = torch.frac(draws[:, 2:3] * draws.new_tensor([[1.0, 997.0]]))
    height, width = torch.sqrt(area * aspect).clamp_max(1), torch.sqrt(area / aspect).clamp_max(1)
    side = images.shape[-1]
    middle = (torch.arange(side, dtype=images.dtype, device=images.device) + 0.5) / side
    top, left = (place[:, :1] * (1 - height[:, None])), (place[:, 1:] * (1 - width[:, None]))
    rows = (middle >= top) & (middle < top + height[:, None])
    columns = (middle >= left) & (middle < left + width[:, None])
    covered = (rows[:, None, :, None] & columns[:, None, None, :]).expand_as(images)
    return torch.where(covered, images.mean(dim=(2, 3), keepdim=True), images)
