"""What the file says to those who open it without us."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from core.kit import layout
from tests.conftest import REPOSITORY
from tests.support import kits


@pytest.fixture(scope="module")
def model(built_kit: Path) -> onnx.ModelProto:
    return onnx.load(built_kit / layout.MODEL)


def test_number_and_size_of_the_images_are_open(model):
    (images,) = model.graph.input
    shape = images.type.tensor_type.shape.dim
    assert [dimension.dim_param or dimension.dim_value for dimension in shape] == ["N", "H", "W", 3]
    assert images.type.tensor_type.elem_type == onnx.TensorProto.UINT8
    for output in model.graph.output:
        dimensions = output.type.tensor_type.shape.dim
        assert [dimension.dim_param or dimension.dim_value for dimension in dimensions] == ["N", len(kits.LABELS)]


def test_the_input_is_declared_an_image_as_the_standard_has_it(model):
    image = model.graph.input[0].type
    assert image.denotation == "IMAGE"
    assert [dimension.denotation for dimension in image.tensor_type.shape.dim] == [
        "DATA_BATCH",
        "DATA_FEATURE",
        "DATA_FEATURE",
        "DATA_CHANNEL",
    ]


def test_only_standard_operators_of_one_set_are_used(model):
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", 20)]
    assert {node.domain for node in model.graph.node} == {""}
    assert not model.functions
    assert not {"Resize", "If", "Loop", "Scan"} & {node.op_type for node in model.graph.node}


def test_the_file_tells_nothing_of_the_machine_that_made_it(built_kit):
    content = (built_kit / layout.MODEL).read_bytes()
    for trace in (str(REPOSITORY), str(Path.home()), "site-packages", "stack_trace", ".py"):
        assert trace.encode() not in content


def test_nodes_are_named_by_the_part_they_belong_to(model):
    parts = {node.name.split("/")[0] for node in model.graph.node if "/" in node.name}
    assert parts == {"preprocess", "network", "readout"}


def test_who_made_it_is_in_the_file(model):
    assert (model.producer_name, model.producer_version) == ("Coverslip", "0.1.0")
