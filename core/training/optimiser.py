"""The optimiser: AdamW with a rate for each stage of the network, and no decay where decay does harm."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from core.backbones.classifier import Classifier
from core.training.config import TrainConfig


def build_optimiser(model: Classifier, config: TrainConfig) -> torch.optim.AdamW:
    """Return AdamW over what learns in `model` (its frozen stages are left out).

    The head learns at the configuration's rate, every stage below it at `stage_decay` times the rate of the one
    above. Biases and normalisation have no weight decay.
    """
    groups: list[dict[str, Any]] = []
    rate = config.learning_rate
    for part in (model.head, *reversed(model.stages[model.frozen_stages :])):
        groups += _groups(part, rate, config.weight_decay)
        rate *= config.stage_decay
    device = next(model.parameters()).device
    return torch.optim.AdamW(groups, lr=config.learning_rate, fused=device.type != "mps")


def set_rate(optimiser: torch.optim.Optimizer, factor: float) -> float:
    """Set every group to `factor` of its own peak rate; returns the head's rate."""
    for group in optimiser.param_groups:
        group["lr"] = group["peak"] * factor
    return float(optimiser.param_groups[0]["lr"])


def _groups(part: nn.Module, rate: float, decay: float) -> list[dict[str, Any]]:
    parameters = [parameter for parameter in part.parameters() if parameter.requires_grad]
    matrices = [parameter for parameter in parameters if parameter.dim() > 1]
    vectors = [parameter for parameter in parameters if parameter.dim() <= 1]
    rows = ((matrices, decay), (vectors, 0.0))
    return [{"params": params, "lr": rate, "peak": rate, "weight_decay": d} for params, d in rows if params]
