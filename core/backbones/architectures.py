"""The networks themselves: built by their library, then taken apart into units, shallow to deep.

A unit is a module that maps a feature map to the next; a classifier is put together from them the same way for every
backbone. Building on torch's meta device gives the names and shapes of the tensors without any arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.backbones.table import BackboneSpec, Family, Library


@dataclass(frozen=True, slots=True)
class Parts:
    """A network taken apart.

    Attributes
    ----------
    units
        Map (N, C, H, W) to (N, C', H', W'), one after the other, shallow to deep.
    neck
        Maps the pooled features (N, C) to (N, F); an identity in most networks.
    head
        The ImageNet classifier, (N, F) to (N, 1000).
    """

    units: list[nn.Module]
    neck: nn.Module
    head: nn.Linear


def build_network(spec: BackboneSpec) -> nn.Module:
    """Build the library's own network with random weights, on torch's default device."""
    if spec.library is Library.TIMM:
        import timm

        network = timm.create_model(spec.builder, pretrained=False)
    else:
        from torchvision.models import get_model

        network = get_model(spec.builder, weights=None)
    assert isinstance(network, nn.Module)
    return network


def expected_tensors(spec: BackboneSpec) -> dict[str, Tensor]:
    """Return the names and shapes of the network's tensors, as tensors without content (meta device)."""
    with torch.device("meta"):
        return dict(build_network(spec).state_dict())


def take_apart(spec: BackboneSpec, network: nn.Module) -> Parts:
    """Take the library's network of `spec` apart; the parts are the network's own modules, not copies."""
    if spec.library is Library.TIMM:
        return _timm_efficientnet(network)
    if spec.family is Family.RESNET:
        return _resnet(network)
    return _torchvision_features(network)


def _timm_efficientnet(network: nn.Module) -> Parts:
    stem = nn.Sequential(network.get_submodule("conv_stem"), network.get_submodule("bn1"))
    top = nn.Sequential(network.get_submodule("conv_head"), network.get_submodule("bn2"))
    blocks = list(network.get_submodule("blocks").children())
    return Parts([stem, *blocks, top], nn.Identity(), _linear(network.get_submodule("classifier")))


def _resnet(network: nn.Module) -> Parts:
    stem = nn.Sequential(*(network.get_submodule(name) for name in ("conv1", "bn1", "relu", "maxpool")))
    layers = [network.get_submodule(f"layer{i}") for i in (1, 2, 3, 4)]
    return Parts([stem, *layers], nn.Identity(), _linear(network.get_submodule("fc")))


def _torchvision_features(network: nn.Module) -> Parts:
    classifier = list(network.get_submodule("classifier").children())
    # What stands before the last layer, but for dropout, belongs to the features (MobileNet-V3 has a layer there).
    before = [module for module in classifier[:-1] if not isinstance(module, nn.Dropout)]
    neck = nn.Sequential(*before) if before else nn.Identity()
    return Parts(list(network.get_submodule("features").children()), neck, _linear(classifier[-1]))


def _linear(module: nn.Module) -> nn.Linear:
    assert isinstance(module, nn.Linear)
    return module
