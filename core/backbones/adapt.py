"""A network made for three channels, given another number of them.

What it has learnt of red, green and blue is kept as far as it can be: one channel gets the sum of the three weights,
so that grey answers as grey repeated three times would; more channels get them in turns, scaled by 3 / C, so that the
sum of what comes in stays as large. That is `adapt_input_conv` of timm (R. Wightman, PyTorch Image Models,
`timm/models/_manipulate.py`).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def adapt_first_convolution(network: nn.Module, channels: int) -> None:
    """Have the first convolution of `network`, which takes 3 channels, take `channels`; in place.

    Other modules, and networks of timm and torchvision alike, stay as they are.
    """
    if channels == 3:
        return
    first = next(module for module in network.modules() if isinstance(module, nn.Conv2d))
    if first.in_channels != 3 or first.groups != 1:
        raise ValueError(f"the first convolution takes {first.in_channels} channels in {first.groups} groups")
    with torch.no_grad():
        first.weight = nn.Parameter(adapted_weight(first.weight.detach(), channels), first.weight.requires_grad)
    first.in_channels = channels


def adapted_weight(weight: Tensor, channels: int) -> Tensor:
    """Return (O, channels, h, w) for the weight (O, 3, h, w) of a convolution."""
    if channels == 1:
        return weight.sum(dim=1, keepdim=True)
    turns = -(-channels // 3)
    return weight.repeat(1, turns, 1, 1)[:, :channels].mul_(3 / channels).contiguous()
