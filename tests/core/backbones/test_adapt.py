"""A network for another number of channels answers as it did where the channels say the same."""

from __future__ import annotations

import pytest
import torch

from core.backbones.adapt import adapted_weight
from core.backbones.classifier import build_classifier
from core.backbones.table import BACKBONES, Library

ONE_OF_EACH = [
    next(spec for spec in BACKBONES.values() if spec.library is library)
    for library in (Library.TIMM, Library.TORCHVISION)
]


def images(count=2, side=64):
    return torch.rand(count, 3, side, side, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module", params=ONE_OF_EACH, ids=lambda spec: spec.name)
def spec_and_weights(request):
    from core.backbones.architectures import build_network

    torch.manual_seed(0)
    return request.param, build_network(request.param).state_dict()


def features(spec, weights, x):
    with torch.inference_mode():
        return build_classifier(spec, 2, weights, channels=x.shape[1]).features(x)


def test_one_channel_answers_as_grey_repeated_three_times(spec_and_weights):
    grey = images()[:, :1]
    expected = features(*spec_and_weights, grey.expand(-1, 3, -1, -1).contiguous())
    torch.testing.assert_close(features(*spec_and_weights, grey), expected, rtol=1e-4, atol=1e-4)


def test_channels_repeated_as_often_as_red_green_and_blue_answer_as_these(spec_and_weights):
    x = images()
    expected = features(*spec_and_weights, x)
    torch.testing.assert_close(features(*spec_and_weights, x.repeat(1, 2, 1, 1)), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("channels", [2, 4, 5])
def test_any_number_of_channels_is_taken(spec_and_weights, channels):
    x = torch.rand(2, channels, 64, 64, generator=torch.Generator().manual_seed(1))
    assert torch.isfinite(features(*spec_and_weights, x)).all()


def test_the_weights_are_those_of_timm():
    from timm.models._manipulate import adapt_input_conv

    weight = torch.randn(4, 3, 3, 3, generator=torch.Generator().manual_seed(0))
    for channels in (1, 2, 4, 5, 7):
        torch.testing.assert_close(adapted_weight(weight, channels), adapt_input_conv(channels, weight.clone()))


def test_three_channels_change_nothing(spec_and_weights):
    spec, weights = spec_and_weights
    assert (
        build_classifier(spec, 2, weights, channels=3).fingerprint() == build_classifier(spec, 2, weights).fingerprint()
    )
