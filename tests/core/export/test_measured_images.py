"""A kit for measured channels: 16 bits or floats, any number of them, windows and choice inside the graph."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UnreadableImage, UserError
from core.export.kit_writer import Subject, write_kit
from core.export.preprocess_graph import PreprocessGraph
from core.images.channels import DTYPES, ChannelMap
from core.images.intensity import Window
from core.images.network_input import to_network
from core.images.preprocess import Preprocess, ResizeMode
from core.inference.predictor import Predictor
from core.inference.verify import verify_kit
from core.kit.metadata import KitMetadata, input_facts
from tests.support import kits

RANGES = {"uint8": (0, 255), "uint16": (200, 5000), "float32": (-2.0, 3.5)}
MAPS = {
    "16-bit grey, three times": ChannelMap(1, "uint16", (0, 0, 0), (Window(300, 4000),) * 3),
    "16-bit RGB": ChannelMap(3, "uint16", (0, 1, 2), (Window(0, 65535), Window(300, 4000), Window(1, 5000))),
    "8-bit RGB as grey": ChannelMap(3, "uint8", (0, 1, 2), (Window(0, 255),) * 3, luma=True),
    "four of five, floats": ChannelMap(5, "float32", (4, 0, 2, 1), tuple(Window(-1, 2 + i) for i in range(4))),
}


def preprocess(channels: ChannelMap, mode: ResizeMode = ResizeMode.PAD, size: int = kits.SIZE) -> Preprocess:
    width = channels.width
    mean = tuple(0.3 + 0.1 * index for index in range(width))
    return Preprocess(size, mode, mean, tuple(0.2 + value for value in mean), channels=channels)


def picture(channels: ChannelMap, height: int, width: int, seed: int = 0) -> np.ndarray:
    low, high = RANGES[channels.dtype]
    rng = np.random.default_rng(seed)
    tint = rng.random(channels.source) * 0.6
    return (low + (tint + 0.4 * rng.random((height, width, channels.source))) * (high - low)).astype(channels.dtype)


class Measured:
    """Images of a map, some of them larger than a golden sample may be."""

    def __init__(self, channels: ChannelMap) -> None:
        sizes = [(5 + 7 * i, 40 - 3 * i) for i in range(9)] + [(400, 300)]
        self.images = [picture(channels, *size, seed) for seed, size in enumerate(sizes)]
        self.expected = len(self.images)

    def __iter__(self):
        return iter(self.images)


def subject(channels: ChannelMap) -> Subject:
    made = preprocess(channels)
    values = kits.metadata().model_dump() | {"preprocess": made.to_json()} | input_facts(made)
    return Subject(kits.network(channels=channels.width), KitMetadata.model_validate(values))


@pytest.fixture(scope="module", params=MAPS.values(), ids=MAPS)
def kit(request, tmp_path_factory) -> tuple[ChannelMap, Path]:
    """Return a map and a proven kit of a tiny network that takes its images."""
    directory = tmp_path_factory.mktemp("measured") / "kit"
    write_kit(subject(request.param), Measured(request.param), directory)
    return request.param, directory


@given(
    height=st.integers(1, 60),
    width=st.integers(1, 60),
    size=st.integers(1, 30),
    mode=st.sampled_from(ResizeMode),
    channels=st.sampled_from(list(MAPS.values())),
)
def test_the_layer_gives_what_the_application_gives(height, width, size, mode, channels):
    made = preprocess(channels, mode, size)
    images = [picture(channels, height, width, seed) for seed in (1, 2)]
    with torch.inference_mode():
        found = PreprocessGraph(made)(torch.from_numpy(np.stack(images).astype(np.float32)))
    assert found.shape == (2, channels.width, size, size)
    assert torch.allclose(found, to_network(images, made), atol=1e-4)


def test_the_proof_holds_and_the_kit_verifies(kit):
    report = verify_kit(kit[1], gpu=False)
    assert report.ok
    assert report.max_abs_dp <= 1e-4


def test_the_model_says_what_it_takes_in_onnx_and_in_words(kit):
    channels, directory = kit
    session = onnxruntime.InferenceSession(str(directory / "model.onnx"), providers=["CPUExecutionProvider"])
    image, properties = session.get_inputs()[0], session.get_modelmeta().custom_metadata_map
    assert (
        image.type == {"uint8": "tensor(uint8)", "uint16": "tensor(uint16)", "float32": "tensor(float)"}[channels.dtype]
    )
    assert image.shape[-1] == channels.source
    assert (properties["channels"], properties["dtype"]) == (str(channels.source), channels.dtype)
    assert json.loads(properties["windows"]) == [[window.low, window.high] for window in channels.windows]
    page = (directory / "README.md").read_text(encoding="utf-8")
    assert f"{channels.dtype}, shape (N, H, W, {channels.source})" in page


def test_the_snippet_of_the_page_gives_the_golden_answers(kit):
    channels, directory = kit
    page = (directory / "README.md").read_text(encoding="utf-8")
    code = page.split("```python\n")[1].split("```")[0]
    names = sorted(path for path in (directory / "golden").iterdir() if path.suffix == ".npy")
    done = subprocess.run([sys.executable, "-c", code, *map(str, names)], cwd=directory, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    best = np.load(directory / "golden" / "expected.npz")["probabilities"].max(axis=1)
    said = [float(line.rsplit(" ", 1)[1]) for line in done.stdout.splitlines()]
    assert said == pytest.approx(best[: len(said)].tolist(), abs=1e-3)
    assert len(said) == (0 if channels.dtype == "uint8" else len(best))


def test_images_as_decoded_are_brought_to_what_the_model_takes(kit):
    channels, directory = kit
    predictor = Predictor.open(directory, gpu=False)
    image = picture(channels, 20, 30)
    expected = predictor.predict([image]).probabilities
    if channels.source == 1:
        assert (predictor.predict([image[..., 0]]).probabilities == expected).all()
    wider = image.astype(np.float64)
    if channels.dtype != "uint8":
        assert predictor.predict([wider]).probabilities == pytest.approx(expected, abs=1e-6)


def test_images_of_another_number_of_channels_are_refused(kit):
    channels, directory = kit
    predictor = Predictor.open(directory, gpu=False)
    with pytest.raises(UnreadableImage) as caught:
        predictor.predict([np.zeros((4, 4, channels.source + 1), channels.dtype)])
    assert caught.value.code == "image_channels_wrong"


def test_a_model_whose_words_do_not_fit_its_input_is_foreign(kit, tmp_path):
    import onnx

    channels, directory = kit
    model = onnx.load(directory / "model.onnx")
    entry = next(prop for prop in model.metadata_props if prop.key == "coverslip")
    said = json.loads(entry.value)
    said["preprocess"]["channels"]["dtype"] = next(name for name in DTYPES.values() if name != channels.dtype)
    entry.value = json.dumps(said)
    onnx.save(model, tmp_path / "lying.onnx")
    with pytest.raises(UserError) as caught:
        Predictor.open(tmp_path / "lying.onnx", gpu=False)
    assert caught.value.code == "model_foreign"
