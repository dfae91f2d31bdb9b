"""A classifier: a backbone in stages, and a linear head over its pooled features.

The same modules under the same names whatever library built the backbone, so that a checkpoint is read back by
`load_state_dict` alone. One thing must stay true: a frozen stage does not change, neither its weights nor the running
statistics of its normalisation, however often `train()` is called.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from core.backbones.adapt import adapt_first_convolution
from core.backbones.architectures import Parts, build_network, take_apart
from core.backbones.table import BackboneSpec

FINGERPRINT_BYTES = 16


class Classifier(nn.Module):
    """A backbone with a linear head for `n_labels` labels.

    Attributes
    ----------
    spec
        The backbone's row in the table.
    body
        The stages, shallow to deep; maps (N, C, S, S), C usually 3, to (N, C, S', S').
    neck
        Maps pooled (N, C) to features (N, F).
    head
        Maps features (N, F) to logits (N, K).
    """

    def __init__(self, spec: BackboneSpec, parts: Parts, n_labels: int, dropout: float = 0.0) -> None:
        super().__init__()
        self.spec = spec
        self.body = nn.Sequential(*_stages(spec, parts.units))
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.neck = parts.neck
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(spec.features, n_labels)
        self._frozen = 0

    @property
    def stages(self) -> list[nn.Module]:
        """The parts that are frozen and trained as one, shallow to deep; without the head."""
        deepest = [self.neck] if any(True for _ in self.neck.parameters()) else []
        return [*self.body, *deepest]

    @property
    def frozen_stages(self) -> int:
        """How many stages, counted from the shallowest, are frozen."""
        return self._frozen

    def feature_map(self, x: Tensor) -> Tensor:
        """Map images (N, C, S, S) to the last feature map (N, C, S', S')."""
        out: Tensor = self.body(x)
        return out

    def features(self, x: Tensor) -> Tensor:
        """Map images (N, C, S, S), normalised, to pooled features (N, F)."""
        out: Tensor = self.neck(self.pool(self.feature_map(x)).flatten(1))
        return out

    def forward(self, x: Tensor) -> Tensor:
        """Map images (N, C, S, S), normalised, to logits (N, K)."""
        out: Tensor = self.head(self.dropout(self.features(x)))
        return out

    def freeze(self, stages: int | None = None) -> None:
        """Freeze the `stages` shallowest stages and let the others learn; None freezes all but the head."""
        everything = self.stages
        frozen = len(everything) if stages is None else stages
        if not 0 <= frozen <= len(everything):
            raise ValueError(f"{stages} of {len(everything)} stages")
        self._frozen = frozen
        for index, stage in enumerate(everything):
            stage.requires_grad_(index >= self._frozen)
        self.train(self.training)

    def train(self, mode: bool = True) -> Classifier:
        """Switch training on or off; frozen stages stay in evaluation mode, so that their statistics rest."""
        super().train(mode)
        for stage in self.stages[: self._frozen]:
            stage.eval()
        return self

    def fingerprint(self) -> str:
        """Return the digest of everything the features depend on: the backbone's name and weights (hexadecimal)."""
        digest = hashlib.blake2b(self.spec.name.encode(), digest_size=FINGERPRINT_BYTES)
        for part in (self.body, self.neck):
            for name, tensor in part.state_dict().items():
                if not name.endswith("num_batches_tracked"):
                    digest.update(name.encode())
                    digest.update(tensor.detach().cpu().contiguous().numpy())
        return digest.hexdigest()


def build_classifier(
    spec: BackboneSpec,
    n_labels: int,
    state_dict: Mapping[str, Tensor] | None,
    seed: int = 0,
    *,
    dropout: float = 0.0,
    keep_head: bool = False,
    channels: int = 3,
) -> Classifier:
    """Build a classifier in evaluation mode, nothing frozen, on the CPU.

    Parameters
    ----------
    n_labels
        Outputs of the head, K >= 1.
    state_dict
        The pretrained tensors, as `core.backbones.weights.load_weights` gives them; copied, and not changed. None
        leaves the backbone random, which serves where a checkpoint is loaded over it.
    seed
        Of everything random in it. The same seed gives the same classifier; torch's own generator is left as it was.
    keep_head
        Keep the ImageNet head (K must be 1000).
    channels
        Of the images; the first convolution is adapted where they are not 3 (see `core.backbones.adapt`).
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        if state_dict is None:
            network = build_network(spec)
        else:
            # Without content first: random weights that are overwritten at once would cost a second in a large network.
            with torch.device("meta"):
                network = build_network(spec)
            network.to_empty(device="cpu")
            network.load_state_dict(dict(state_dict), strict=True)
        adapt_first_convolution(network, channels)
        parts = take_apart(spec, network)
        classifier = Classifier(spec, parts, n_labels, dropout)
    if keep_head:
        classifier.head.load_state_dict(parts.head.state_dict())
    else:
        reset_head(classifier, seed)
    return classifier.eval()


def reset_head(classifier: Classifier, seed: int) -> None:
    """Give the head fresh random weights, uniform within 1/sqrt(F), and a bias of zero."""
    generator = torch.Generator().manual_seed(seed)
    bound = 1.0 / math.sqrt(classifier.head.in_features)
    with torch.no_grad():
        fresh = torch.empty(classifier.head.weight.shape).uniform_(-bound, bound, generator=generator)
        classifier.head.weight.copy_(fresh)
        classifier.head.bias.zero_()


def _stages(spec: BackboneSpec, units: list[nn.Module]) -> list[nn.Sequential]:
    ends = [*spec.stage_starts[1:], len(units)]
    return [nn.Sequential(*units[start:end]) for start, end in zip(spec.stage_starts, ends, strict=True)]
