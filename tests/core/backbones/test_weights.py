"""Weights come from packages, files and the cache; a file that is not what it should be changes nothing."""

from __future__ import annotations

import dataclasses
import os
import pickle
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file
from sklearn.datasets import load_sample_image

from core.backbones.architectures import build_network
from core.backbones.classifier import build_classifier
from core.backbones.state_file import read_tensors
from core.backbones.table import BACKBONES
from core.backbones.weights import (
    WeightsState,
    cached_file,
    import_weights,
    load_weights,
    packaged_file,
    remove_weights,
    weights_state,
)
from core.errors import UserError
from core.images.network_input import to_network
from core.images.preprocess import Preprocess, ResizeMode

BUNDLED = [spec for spec in BACKBONES.values() if spec.bundled]
SMALL = BACKBONES["mobilenet_v3_small"]
PALACE = 698


@pytest.fixture(scope="module")
def tensors() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return dict(build_network(SMALL).state_dict())


@pytest.fixture(scope="module")
def weights_file(tensors: dict[str, torch.Tensor], tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("weights") / "small.pth"
    torch.save(tensors, file)
    return file


def refused(file: Path, cache: Path, code: str) -> str:
    """Check that both ways in refuse the file in one line and leave no trace; returns the line."""
    for attempt in (lambda: import_weights(file, cache, SMALL), lambda: load_weights(SMALL, cache, file=file)):
        with pytest.raises(UserError) as caught:
            attempt()
        assert caught.value.code == code
        assert "\n" not in caught.value.message
    assert not list(cache.rglob("*"))
    return caught.value.message


@pytest.mark.parametrize("spec", BUNDLED, ids=lambda spec: spec.name)
def test_a_bundled_backbone_recognises_a_palace(spec, tmp_path: Path) -> None:
    assert weights_state(spec, tmp_path) is WeightsState.BUNDLED
    classifier = build_classifier(spec, 1000, load_weights(spec, tmp_path), keep_head=True)
    preprocess = Preprocess(spec.input_size, ResizeMode.CROP, spec.mean, spec.std)
    with torch.inference_mode():
        p = classifier(to_network([load_sample_image("china.jpg").copy()], preprocess)).softmax(1)[0]
    assert int(p.argmax()) == PALACE
    assert float(p[PALACE]) > 0.25


@pytest.mark.parametrize("spec", BUNDLED, ids=lambda spec: spec.name)
def test_the_packaged_file_is_the_one_the_table_names(spec) -> None:
    import hashlib

    file = packaged_file(spec)
    assert file is not None
    assert file.stat().st_size == spec.size_bytes
    assert hashlib.sha256(file.read_bytes()).hexdigest().startswith(spec.sha256_prefix)


def test_a_frozen_application_finds_the_file_among_its_own(tmp_path: Path, monkeypatch) -> None:
    spec = dataclasses.replace(SMALL, package="package_that_is_not_installed", package_path="models/w.pth")
    assert packaged_file(spec) is None
    (tmp_path / spec.package / "models").mkdir(parents=True)
    (tmp_path / spec.package / "models" / "w.pth").touch()
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert packaged_file(spec) == tmp_path / spec.package / "models" / "w.pth"


def test_absent_weights_say_which_file_to_bring(tmp_path: Path) -> None:
    assert weights_state(SMALL, tmp_path) is WeightsState.ABSENT
    with pytest.raises(UserError, match=r"mobilenet_v3_small-047dcff4\.pth") as caught:
        load_weights(SMALL, tmp_path)
    assert caught.value.code == "weights_missing"
    assert "https://download.pytorch.org/models/" in caught.value.message


def test_an_imported_file_serves_from_then_on_and_can_be_removed(
    weights_file: Path, tensors: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    assert import_weights(weights_file, tmp_path, SMALL) is SMALL
    assert weights_state(SMALL, tmp_path) is WeightsState.CACHED
    loaded = load_weights(SMALL, tmp_path)
    assert loaded.keys() == tensors.keys()
    assert all(torch.equal(loaded[name], tensors[name]) for name in tensors)
    assert remove_weights(SMALL, tmp_path)
    assert not remove_weights(SMALL, tmp_path)
    assert weights_state(SMALL, tmp_path) is WeightsState.ABSENT


def test_the_backbone_of_a_file_is_told_by_its_tensors(weights_file: Path, tmp_path: Path) -> None:
    assert import_weights(weights_file, tmp_path).name == "mobilenet_v3_small"


def test_a_file_of_no_backbone_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.pth"
    torch.save({"weight": torch.ones(3)}, file)
    with pytest.raises(UserError) as caught:
        import_weights(file, tmp_path / "cache")
    assert caught.value.code == "weights_of_no_backbone"


def test_what_the_user_imported_goes_before_what_is_bundled(tmp_path: Path) -> None:
    spec = BACKBONES["mobilenet_v2"]
    torch.manual_seed(0)
    file = tmp_path / "own.pth"
    torch.save(build_network(spec).state_dict(), file)
    bundled = load_weights(spec, tmp_path / "cache")
    import_weights(file, tmp_path / "cache", spec)
    own = load_weights(spec, tmp_path / "cache")
    assert not torch.equal(own["features.0.0.weight"], bundled["features.0.0.weight"])


@pytest.mark.parametrize("wrapped", ["state_dict", "data_parallel", "half", "safetensors", "old_format", "no_counters"])
def test_usual_variations_of_a_file_are_understood(wrapped: str, tensors, tmp_path: Path) -> None:
    file = tmp_path / "weights"
    match wrapped:
        case "state_dict":
            torch.save({"epoch": 3, "state_dict": tensors}, file)
        case "data_parallel":
            torch.save({f"module.{name}": tensor for name, tensor in tensors.items()}, file)
        case "half":
            torch.save({n: t.half() if t.is_floating_point() else t for n, t in tensors.items()}, file)
        case "safetensors":
            save_file(tensors, file)
        case "old_format":
            torch.save(tensors, file, _use_new_zipfile_serialization=False)
        case "no_counters":
            torch.save({n: t for n, t in tensors.items() if "num_batches" not in n}, file)
    loaded = load_weights(SMALL, tmp_path / "cache", file=file)
    assert build_classifier(SMALL, 2, loaded)(torch.zeros(1, 3, 32, 32)).dtype is torch.float32


def test_a_truncated_file_is_refused(weights_file: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.pth"
    cut.write_bytes(weights_file.read_bytes()[:-5000])
    assert str(cut) in refused(cut, tmp_path / "cache", "weights_unreadable")


def test_a_file_that_would_run_code_is_refused_and_runs_none(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "pwned"),)

    plain, wrapped = tmp_path / "evil.pkl", tmp_path / "evil.pth"
    plain.write_bytes(pickle.dumps(Evil()))
    torch.save({"weight": Evil()}, wrapped)
    refused(plain, tmp_path / "cache", "weights_unreadable")
    refused(wrapped, tmp_path / "cache", "weights_unreadable")
    assert not (tmp_path / "pwned").exists()


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    refused(tmp_path / "nowhere.pth", tmp_path / "cache", "weights_file_missing")
    refused(tmp_path, tmp_path / "cache", "weights_file_missing")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t: t.pop("features.0.0.weight"), "“features.0.0.weight” is missing"),
        (lambda t: t.update(extra=torch.ones(1)), "“extra” is not part of it"),
        (lambda t: t.update({"classifier.3.bias": torch.ones(5)}), "“classifier.3.bias” is 5 instead of 1000"),
        (lambda t: t["classifier.3.bias"].fill_(float("nan")), "has values that are not numbers"),
        (lambda t: t.update({"classifier.3.bias": torch.ones(1000).long()}), "another kind of number"),
        (lambda t: t.update({"classifier.3.bias": torch.ones(1).expand(10**13)}), "instead of 1000"),
    ],
    ids=["missing", "extra", "shape", "nan", "type", "bomb"],
)
def test_a_file_of_another_network_is_refused_with_the_first_difference(change, says: str, tensors, tmp_path) -> None:
    changed = {name: tensor.clone() for name, tensor in tensors.items()}
    change(changed)
    file = tmp_path / "w.pth"
    torch.save(changed, file)
    assert says in refused(file, tmp_path / "cache", "weights_wrong")


def test_something_else_than_tensors_is_refused(tmp_path: Path) -> None:
    for number, content in enumerate(([1, 2], {"a": 1}, {}, {"a": torch.ones(2), "b": "text"}, torch.ones(3))):
        file = tmp_path / f"{number}.pth"
        torch.save(content, file)
        refused(file, tmp_path / "cache", "weights_unreadable")


def test_a_damaged_file_in_the_cache_is_reported_not_used(weights_file: Path, tmp_path: Path) -> None:
    import_weights(weights_file, tmp_path, SMALL)
    cached = cached_file(SMALL, tmp_path)
    cached.write_bytes(cached.read_bytes()[:1000])
    with pytest.raises(UserError, match="damaged") as caught:
        load_weights(SMALL, tmp_path)
    assert str(cached) in caught.value.message


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """Three files of two tensors, one in each format."""
    folder = tmp_path_factory.mktemp("formats")
    content = {"a": torch.arange(6.0).view(2, 3), "b": torch.ones(4, dtype=torch.int64)}
    torch.save(content, folder / "zip")
    torch.save(content, folder / "old", _use_new_zipfile_serialization=False)
    save_file(content, folder / "safe")
    return [(folder / name).read_bytes() for name in ("zip", "old", "safe")]


@given(data=st.data())
def test_no_damage_does_more_than_be_refused(data: st.DataObject, samples: list[bytes], tmp_path_factory) -> None:
    content = bytearray(data.draw(st.sampled_from(samples)))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    for _ in range(data.draw(st.integers(0, 4))):
        if content:
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    file = tmp_path_factory.mktemp("damaged") / "file"
    file.write_bytes(content)
    try:
        read = read_tensors(file)
    except UserError as error:
        assert error.code == "weights_unreadable"
    else:
        assert all(isinstance(tensor, torch.Tensor) for tensor in read.values())
