"""The graph's way into the network is the application's, for images of any size in every resize mode."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.evaluation.readout import Readout
from core.export.graph import build_graph, finish_model
from core.export.preprocess_graph import ExportedClassifier, PreprocessGraph
from core.images.network_input import to_network
from core.images.preprocess import ResizeMode
from core.inference.predictor import Predictor
from tests.support import kits

EXTREMES = ((1, 1), (1, 7), (9, 1), (2, 1501), (1300, 3), (24, 24), (23, 25), (1201, 1801))


def image(height: int, width: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def reference(images: list[np.ndarray], mode: ResizeMode) -> np.ndarray:
    with torch.inference_mode():
        logits = kits.network()(to_network(images, kits.preprocess(mode)))
        return torch.softmax(logits / 1.3, dim=1).numpy()


@pytest.fixture(scope="module")
def predictors(tmp_path_factory: pytest.TempPathFactory) -> dict[ResizeMode, Predictor]:
    """Return the tiny network exported once in each resize mode."""
    folder: Path = tmp_path_factory.mktemp("graphs")
    found = {}
    for mode in ResizeMode:
        model = build_graph(ExportedClassifier(kits.preprocess(mode), kits.network(), Readout(temperature=1.3)))
        path = folder / f"{mode}.onnx"
        path.write_bytes(finish_model(model, kits.metadata(mode).to_properties(), "0.1.0"))
        found[mode] = Predictor.open(path, threads=1)
    return found


@given(
    height=st.integers(1, 90),
    width=st.integers(1, 90),
    size=st.integers(1, 40),
    mode=st.sampled_from(ResizeMode),
    seed=st.integers(0, 99),
)
def test_the_layer_gives_what_the_application_gives(height, width, size, mode, seed):
    preprocess = kits.preprocess(mode, size)
    images = [image(height, width, seed), image(height, width, seed + 100)]
    with torch.inference_mode():
        found = PreprocessGraph(preprocess)(torch.from_numpy(np.stack(images)))
    assert found.shape == (2, 3, size, size)
    assert torch.allclose(found, to_network(images, preprocess), atol=1e-4)


@pytest.mark.parametrize("mode", list(ResizeMode))
def test_onnx_runtime_answers_like_torch_at_the_extremes(predictors, mode):
    for height, width in EXTREMES:
        found = predictors[mode].predict([image(height, width)]).probabilities
        assert found == pytest.approx(reference([image(height, width)], mode), abs=1e-5), (height, width)


@settings(max_examples=100)
@given(
    sizes=st.lists(st.tuples(st.integers(1, 130), st.integers(1, 130)), min_size=1, max_size=4),
    mode=st.sampled_from(ResizeMode),
)
def test_onnx_runtime_answers_like_torch_at_any_size(predictors, sizes, mode):
    images = [image(height, width, seed) for seed, (height, width) in enumerate(sizes)]
    found = predictors[mode].predict(images).probabilities
    assert found == pytest.approx(reference(images, mode), abs=1e-5)


def test_the_networks_of_these_tests_do_answer():
    # A network that says 1/3 to everything would agree with anything.
    assert reference(kits.Pictures(20).images, ResizeMode.STRETCH).std(axis=0).min() > 0.05


def test_what_is_padded_has_the_mean_colour():
    preprocess = kits.preprocess(ResizeMode.PAD)
    found = PreprocessGraph(preprocess)(torch.from_numpy(image(5, 50)[None]))
    assert found[0, :, 0, :].abs().max() < 1e-6
    assert found[0, :, kits.SIZE // 2, :].abs().max() > 0.1
