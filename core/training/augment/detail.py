"""What is lost in an image: blur, noise, and a rectangle that is covered."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

_SHARP = 1e-3
_SCATTER = 997.0  # makes a second draw of a first one: its digits after the third


def blur(images: Tensor, draws: Tensor, sigma_px: float) -> Tensor:
    """Soften each image (N, C, S, S) with a Gaussian of its own width, 0 to `sigma_px`, reflecting at the border."""
    radius = min(math.ceil(2.5 * sigma_px), images.shape[-1] - 1)
    sigma = (draws[:, :1] * sigma_px).clamp_min(_SHARP)
    offsets = torch.arange(-radius, radius + 1, dtype=draws.dtype)
    kernel = torch.exp(-0.5 * (offsets / sigma) ** 2)
    count, channels, side, _ = images.shape
    kernel = (kernel / kernel.sum(dim=1, keepdim=True)).repeat_interleave(channels, dim=0)
    kernel = kernel.to(images.device, images.dtype, non_blocking=True)
    # All images and channels as the groups of one convolution, first along x and then along y.
    flat = images.reshape(1, count * channels, side, side)
    flat = functional.pad(flat, (radius, radius, radius, radius), mode="reflect")
    flat = functional.conv2d(flat, kernel[:, None, None, :], groups=count * channels)
    flat = functional.conv2d(flat, kernel[:, None, :, None], groups=count * channels)
    return flat.view_as(images)


def noise(images: Tensor, draws: Tensor, fraction: float, seed: int) -> Tensor:
    """Add white noise with a deviation of 0 to `fraction`, its own for each image."""
    # The device's own generator: noise made on the processor would have to be carried over.
    generator = torch.Generator(device=images.device).manual_seed(seed)
    white = torch.randn(images.shape, generator=generator, dtype=images.dtype, device=images.device)
    deviation = (draws[:, 0] * fraction).to(images.device, images.dtype, non_blocking=True)
    return images.addcmul(white, deviation.view(-1, 1, 1, 1))


def erase(images: Tensor, draws: Tensor, fraction: float) -> Tensor:
    """Cover a rectangle of 0 to `fraction` of the area, anywhere, with the image's own mean colour."""
    area, aspect = draws[:, 0] * fraction, torch.exp((draws[:, 1] * 2 - 1) * math.log(2))
    height, width = torch.sqrt(area * aspect).clamp_max(1), torch.sqrt(area / aspect).clamp_max(1)
    top = draws[:, 2] * (1 - height)
    left = torch.frac(draws[:, 2] * _SCATTER) * (1 - width)
    box = torch.stack([top, top + height, left, left + width]).to(images.device, images.dtype, non_blocking=True)
    side = images.shape[-1]
    middle = (torch.arange(side, dtype=images.dtype, device=images.device) + 0.5) / side
    rows = (middle >= box[0][:, None]) & (middle < box[1][:, None])
    columns = (middle >= box[2][:, None]) & (middle < box[3][:, None])
    covered = (rows[:, None, :, None] & columns[:, None, None, :]).expand_as(images)
    return torch.where(covered, images.mean(dim=(2, 3), keepdim=True), images)
