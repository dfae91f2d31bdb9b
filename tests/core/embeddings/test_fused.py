from __future__ import annotations

import pytest
import torch
from torch import nn

from core.embeddings.fused import fused
from tests.support.backbones import lively


@pytest.mark.parametrize(
    "name",
    [
        "efficientnet_lite0",
        "mobilenet_v2",
        "mobilenet_v3_small",
        "resnet18",
        "efficientnet_v2_s",
    ],
)
def test_a_fused_backbone_has_no_normalisation_and_the_same_features(name: str) -> None:
    # in double precision, so that only a mistake can make a difference
    classifier = lively(name).double()
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(2)).double()
    with torch.inference_mode():
        expected = classifier.features(images)
        features = fused(classifier).features(images)
    assert float(expected.abs().max()) > 0.1
    torch.testing.assert_close(features, expected, rtol=1e-6, atol=1e-6)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in fused(classifier).modules())


def test_the_classifier_itself_is_left_as_it_was() -> None:
    classifier = lively("mobilenet_v3_small").train()
    before = classifier.fingerprint()
    fused(classifier)
    assert classifier.fingerprint() == before
    assert classifier.training
    assert all(parameter.requires_grad for parameter in classifier.parameters())
