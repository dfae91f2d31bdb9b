"""Backbones with random weights that nevertheless answer: a test on features that are all but zero proves nothing."""

from __future__ import annotations

import torch
from torch import nn

from core.backbones.classifier import Classifier, build_classifier
from core.backbones.table import BACKBONES


def lively(name: str, n_labels: int = 2, seed: int = 0) -> Classifier:
    """Return a classifier with random weights whose features are of the size of 1, in evaluation mode."""
    classifier = build_classifier(BACKBONES[name], n_labels, None, seed)
    enliven(classifier)
    return classifier


def enliven(network: nn.Module) -> None:
    """Set the running statistics of a network to those of random images, as training would."""
    norms = [module for module in network.modules() if isinstance(module, nn.BatchNorm2d)]
    before = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 1.0
    network.train()
    with torch.no_grad(), torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(7)
        network(torch.randn(16, 3, 32, 32))
    for norm, momentum in zip(norms, before, strict=True):
        norm.momentum = momentum
    network.eval()
