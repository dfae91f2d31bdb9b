from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from core.backbones.device import DeviceKind, likes_channels_last, pick_device
from core.backbones.measure import candidates, tuned
from core.backbones.table import BACKBONES

SPEC = BACKBONES["mobilenet_v3_small"]


def test_what_was_measured_is_remembered(tmp_path: Path) -> None:
    device = pick_device("cpu")
    chosen = tuned(device, SPEC, tmp_path)
    assert chosen in candidates(device)
    entries = json.loads((tmp_path / "devices.json").read_text(encoding="utf-8"))
    (key,) = entries
    assert SPEC.name in key
    # the memory decides from now on, not another measurement
    entries[key]["channels_last"] = not chosen.channels_last
    (tmp_path / "devices.json").write_text(json.dumps(entries), encoding="utf-8")
    assert tuned(device, SPEC, tmp_path).channels_last is not chosen.channels_last


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v3_small"])
def test_without_time_it_is_guessed_by_the_kind_of_network(name: str, tmp_path: Path) -> None:
    spec = BACKBONES[name]
    chosen = tuned(pick_device("cpu"), spec, tmp_path, bound_s=0)
    assert chosen.channels_last is likes_channels_last(spec)
    assert chosen.precision is None


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1}', "null"])
def test_a_damaged_memory_is_replaced(text: str, tmp_path: Path) -> None:
    (tmp_path / "devices.json").write_text(text, encoding="utf-8")
    tuned(pick_device("cpu"), SPEC, tmp_path, bound_s=0)
    assert SPEC.name in (tmp_path / "devices.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("entry", [3, {}, {"channels_last": "yes"}, {"channels_last": True, "precision": "int3"}])
def test_an_entry_that_makes_no_sense_is_measured_again(entry: object, tmp_path: Path) -> None:
    device, file = pick_device("cpu"), tmp_path / "devices.json"
    tuned(device, SPEC, tmp_path, bound_s=0)
    (key,) = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({key: entry}), encoding="utf-8")
    assert tuned(device, SPEC, tmp_path, bound_s=0).kind is DeviceKind.CPU
    assert json.loads(file.read_text(encoding="utf-8"))[key]["precision"] is None


def test_a_cpu_is_never_tried_in_half_precision_and_a_gpu_is() -> None:
    cpu = pick_device("cpu")
    assert {device.precision for device in candidates(cpu)} == {None}
    cuda = replace(cpu, kind=DeviceKind.CUDA, precision=torch.bfloat16)
    assert {device.precision for device in candidates(cuda)} == {None, torch.bfloat16}
    mps = replace(cpu, kind=DeviceKind.MPS)
    assert {device.precision for device in candidates(mps)} == {None, torch.float16}
