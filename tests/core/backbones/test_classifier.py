from __future__ import annotations

import pytest
import torch
from torch import nn

from core.backbones.classifier import Classifier, build_classifier, reset_head
from core.backbones.table import BACKBONES
from tests.support.backbones import enliven, lively

SMALL = BACKBONES["mobilenet_v3_small"]


def images(n: int = 2, size: int = 32) -> torch.Tensor:
    return torch.randn(n, 3, size, size, generator=torch.Generator().manual_seed(1))


def state(module: nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}


def same(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> bool:
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_the_same_seed_gives_the_same_classifier_and_leaves_torchs_generator_alone() -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first, again, other = (build_classifier(SMALL, 3, None, seed) for seed in (1, 1, 2))
    assert torch.equal(torch.get_rng_state(), before)
    assert same(state(first), state(again))
    assert not torch.equal(first.head.weight, other.head.weight)


def test_the_logits_are_the_head_on_the_features() -> None:
    classifier = lively("mobilenet_v3_small", 4)
    x = images()
    features = classifier.features(x)
    assert features.shape == (2, SMALL.features)
    torch.testing.assert_close(classifier(x), features @ classifier.head.weight.T + classifier.head.bias)


def test_a_frozen_stage_rests_while_the_others_learn() -> None:
    classifier = build_classifier(SMALL, 3, None, seed=0)
    classifier.freeze(3)
    before = [state(stage) for stage in classifier.stages]
    classifier.train()
    optimiser = torch.optim.SGD([p for p in classifier.parameters() if p.requires_grad], lr=0.1)
    for _ in range(2):
        nn.functional.cross_entropy(classifier(images(4)), torch.tensor([0, 1, 2, 0])).backward()
        optimiser.step()
    changed = [not same(old, state(stage)) for old, stage in zip(before, classifier.stages, strict=True)]
    assert changed == [False] * 3 + [True] * (len(changed) - 3)


def test_a_stage_that_was_released_learns_again_with_its_statistics() -> None:
    classifier = build_classifier(SMALL, 3, None, seed=0).train()
    classifier.freeze()
    assert classifier.frozen_stages == len(classifier.stages)
    assert not any(m.training for stage in classifier.stages for m in stage.modules())
    assert [p.requires_grad for p in classifier.head.parameters()] == [True, True]
    classifier.freeze(0)
    assert all(m.training for m in classifier.modules())
    assert all(p.requires_grad for p in classifier.parameters())


def test_freezing_in_evaluation_mode_does_not_switch_to_training() -> None:
    classifier = build_classifier(SMALL, 3, None, seed=0)
    classifier.freeze(2)
    assert not any(m.training for m in classifier.modules())


@pytest.mark.parametrize("stages", [-1, 99])
def test_freezing_stages_that_do_not_exist_is_refused_and_changes_nothing(stages: int) -> None:
    classifier = build_classifier(SMALL, 3, None, seed=0)
    with pytest.raises(ValueError, match="stages"):
        classifier.freeze(stages)
    assert classifier.frozen_stages == 0


def test_dropout_acts_in_training_only() -> None:
    classifier = build_classifier(SMALL, 3, None, seed=0, dropout=0.5)
    x = images()
    assert torch.equal(classifier(x), classifier(x))
    classifier.train()
    classifier.freeze()
    assert not torch.equal(classifier(x), classifier(x))


def test_a_checkpoint_is_read_back_by_name() -> None:
    trained = build_classifier(SMALL, 3, None, seed=1)
    restored = build_classifier(SMALL, 3, None, seed=2)
    restored.load_state_dict(state(trained))
    assert torch.equal(trained(images()), restored(images()))


def test_pretrained_tensors_are_copied_not_shared() -> None:
    pretrained = state(network_of("resnet18"))
    first = build_classifier(BACKBONES["resnet18"], 3, pretrained)
    second = build_classifier(BACKBONES["resnet18"], 3, pretrained)
    with torch.no_grad():
        for parameter in first.parameters():
            parameter.zero_()
    assert bool(second.body[0][0][0].weight.any())
    assert bool(pretrained["conv1.weight"].any())


def test_the_classifier_answers_what_the_librarys_network_answers() -> None:
    for name in ("resnet18", "mobilenet_v3_small", "efficientnet_lite0"):
        network = network_of(name)
        enliven(network)
        classifier = build_classifier(BACKBONES[name], 1000, network.state_dict(), keep_head=True)
        expected = network(images())
        assert float(expected.detach().abs().max()) > 0.02
        torch.testing.assert_close(classifier(images()), expected, rtol=1e-4, atol=1e-5)


def network_of(name: str) -> nn.Module:
    from core.backbones.architectures import build_network

    torch.manual_seed(0)
    return build_network(BACKBONES[name])


def test_the_fingerprint_changes_with_the_backbone_and_not_with_the_head() -> None:
    classifier = build_classifier(SMALL, 3, None, seed=0)
    before = classifier.fingerprint()
    reset_head(classifier, seed=9)
    assert classifier.fingerprint() == before
    assert classifier.to(memory_format=torch.channels_last).fingerprint() == before
    with torch.no_grad():
        next(classifier.body.parameters())[0, 0, 0, 0] += 1e-3
    assert classifier.fingerprint() != before


def test_channels_last_gives_the_same_answer() -> None:
    classifier = lively("mobilenet_v3_small", 3)
    expected = classifier(images())
    classifier.to(memory_format=torch.channels_last)
    answer = classifier(images().contiguous(memory_format=torch.channels_last))
    torch.testing.assert_close(answer, expected, rtol=1e-4, atol=1e-5)


def test_it_can_be_captured_as_a_graph_with_any_number_of_images() -> None:
    classifier = lively("mobilenet_v3_small", 3)
    captured = torch.export.export(classifier, (images(2),), dynamic_shapes=({0: torch.export.Dim("n")},))
    torch.testing.assert_close(captured.module()(images(5)), classifier(images(5)))


def test_the_head_starts_small_and_even() -> None:
    classifier = build_classifier(SMALL, 3, None, seed=0)
    assert float(classifier.head.weight.detach().abs().max()) <= SMALL.features**-0.5
    assert not classifier.head.bias.detach().any()
    assert isinstance(classifier, Classifier)
