"""A kit answers alone, the same whatever its images are batched with, and a file that is not ours is told so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from core.errors import UserError
from core.inference.predictor import MAX_BATCH, MAX_BATCH_PIXELS, Predictor, batch_limit, batches
from core.inference.providers import CPU, CUDA, cuda_devices, usable_providers
from core.kit import layout
from tests.conftest import REPOSITORY
from tests.support import kits
from tests.support.kits import Pictures, picture


@pytest.fixture(scope="module")
def predictor(built_kit: Path) -> Predictor:
    return Predictor.open(built_kit, threads=1)


def refusal(path: Path) -> UserError:
    with pytest.raises(UserError) as caught:
        Predictor.open(path)
    return caught.value


def test_a_kit_and_its_onnx_are_the_same_model(predictor, built_kit):
    alone = Predictor.open(built_kit / layout.MODEL)
    images = Pictures(4).images
    assert alone.metadata == predictor.metadata == kits.metadata()
    assert predictor.labels == kits.LABELS
    assert np.array_equal(alone.predict(images).probabilities, predictor.predict(images).probabilities)


def test_probabilities_are_the_calibrated_softmax_of_the_logits(predictor):
    found = predictor.predict(Pictures(6).images)
    powers = np.exp(found.logits / 1.3)
    assert found.probabilities == pytest.approx(powers / powers.sum(axis=1, keepdims=True), abs=1e-6)
    assert found.probabilities.dtype == found.logits.dtype == np.float32


def test_the_answer_does_not_depend_on_the_company(predictor):
    images = [picture(seed, 9) for seed in range(40)]
    together = predictor.predict(images)
    alone = [predictor.predict([image]).probabilities[0] for image in images]
    assert together.probabilities == pytest.approx(np.array(alone), abs=1e-6)


def test_no_images_give_no_answers(predictor):
    assert predictor.predict([]).probabilities.shape == (0, len(kits.LABELS))


def test_batches_keep_every_image_once_and_mix_no_sizes():
    images = [np.zeros((1 + i % 3, 2, 3), np.uint8) for i in range(3 * MAX_BATCH + 5)]
    found = list(batches(images))
    assert sorted(row for rows in found for row in rows) == list(range(len(images)))
    assert all(len({images[row].shape for row in rows}) == 1 for rows in found)
    assert max(len(rows) for rows in found) == MAX_BATCH


def test_large_images_go_alone():
    assert batch_limit(1, 1) == MAX_BATCH
    assert batch_limit(10_000, 10_000) == 1
    assert batch_limit(1000, 1000) * 1_000_000 <= MAX_BATCH_PIXELS


def test_a_missing_file_an_empty_one_and_noise_are_told(tmp_path):
    path = tmp_path / "model.onnx"
    assert refusal(path).code == "model_missing"
    assert refusal(tmp_path).code == "model_missing"
    path.write_bytes(b"")
    assert refusal(path).code == "model_damaged"
    path.write_bytes(bytes(range(256)) * 40)
    assert refusal(path).code == "model_damaged"
    path.write_text("<html>404 Not Found</html>")
    assert refusal(path).code == "model_damaged"


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9, 0.999])
def test_a_truncated_model_is_told_in_one_line_wherever_it_ends(kit, share):
    path = kit / layout.MODEL
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    error = refusal(path)
    assert error.code in {"model_damaged", "model_foreign", "model_unusable"}
    assert "\n" not in error.message


def other_model(path: Path, properties: dict[str, str], *, kind: int = TensorProto.FLOAT) -> None:
    image = helper.make_tensor_value_info("images", kind, ["N", "H", "W", 3])
    answer = helper.make_tensor_value_info("probabilities", kind, ["N", "H", "W", 3])
    graph = helper.make_graph([helper.make_node("Identity", ["images"], ["probabilities"])], "g", [image], [answer])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9)
    helper.set_model_props(model, properties)
    onnx.save(model, path)


def test_somebody_else_s_model_is_foreign(tmp_path):
    path = tmp_path / "yolo.onnx"
    other_model(path, {"names": "{0: 'cat', 1: 'dog'}", "task": "classify"})
    error = refusal(path)
    assert error.code == "model_foreign"
    assert str(path) in error.message


def test_our_metadata_in_somebody_else_s_model_does_not_make_it_ours(tmp_path):
    path = tmp_path / "dressed.onnx"
    other_model(path, kits.metadata().to_properties())
    assert refusal(path).code == "model_foreign"


def test_a_model_with_another_number_of_labels_is_foreign(kit):
    path = kit / layout.MODEL
    model = onnx.load(path)
    fewer = kits.metadata().model_copy(update={"labels": kits.metadata().labels[:2]})
    helper.set_model_props(model, fewer.to_properties())
    onnx.save(model, path)
    assert refusal(path).code == "model_foreign"


def test_an_operator_that_no_runtime_knows_is_told_with_its_name(tmp_path):
    path = tmp_path / "model.onnx"
    other_model(path, {})
    model = onnx.load(path)
    model.graph.node[0].op_type = "Teleport"
    onnx.save(model, path)
    error = refusal(path)
    assert error.code == "model_unusable"
    assert "Teleport" in error.message
    assert "\n" not in error.message


def test_the_provider_is_what_really_runs(predictor):
    assert predictor.provider == (CUDA if cuda_devices() else CPU)
    assert usable_providers(gpu=False) == [CPU]


def test_opening_and_predicting_is_silent_and_needs_no_torch(built_kit):
    code = (
        "import sys, numpy as np\nfrom pathlib import Path\n"
        "from core.inference.predictor import Predictor\n"
        "p = Predictor.open(Path(sys.argv[1]))\n"
        "assert p.predict([np.zeros((5, 7, 3), np.uint8)]).logits.shape == (1, 3)\n"
        "assert not {'torch', 'onnx', 'cv2', 'sklearn'} & set(sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(built_kit)], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
