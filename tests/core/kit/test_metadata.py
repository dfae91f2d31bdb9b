"""What a model says about itself survives the file, and a stranger's file is refused."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserError
from core.kit.metadata import FORMAT, PROPERTY, KitLabel, KitMetadata, metadata_from_properties, read_metadata
from tests.support import kits

names = st.text(st.characters(exclude_categories=("C",)), min_size=1, max_size=30)


def refusal(properties: dict[str, str]) -> str:
    with pytest.raises(UserError) as caught:
        metadata_from_properties(properties, Path("model.onnx"))
    return caught.value.code


@given(
    labels=st.lists(names, min_size=1, max_size=8),
    temperature=st.floats(0.01, 100),
    run=st.integers(0, 10**9),
)
def test_metadata_reads_back_what_it_wrote(labels, temperature, run):
    written = kits.metadata().model_copy(
        update={
            "labels": tuple(KitLabel(name=name) for name in labels),
            "temperature": temperature,
            "run": run,
        }
    )
    assert metadata_from_properties(written.to_properties(), Path("model.onnx")) == written
    assert KitMetadata.model_validate_json(written.to_text()) == written


def test_other_readers_find_the_keys_they_know():
    properties = kits.metadata().to_properties()
    assert ast.literal_eval(properties["names"]) == dict(enumerate(kits.LABELS))
    assert properties["task"] == "classify"
    assert ast.literal_eval(properties["imgsz"]) == [kits.SIZE, kits.SIZE]
    assert int(properties["stride"]) == 1
    assert json.loads(properties["labels"]) == list(kits.LABELS)
    assert float(properties["temperature"]) == 1.3
    assert properties["Image.BitmapPixelFormat"] == "Rgb8"
    assert properties["Image.ColorSpaceGamma"] == "SRGB"
    assert properties["Image.NominalPixelRange"] == "NominalRange_0_255"


def test_a_model_without_our_metadata_is_foreign():
    assert refusal({}) == "model_foreign"
    assert refusal({"names": "{0: 'cat'}", "task": "classify"}) == "model_foreign"


@pytest.mark.parametrize(
    "text",
    ["", "nonsense", "[]", "null", '{"product": "Other"}', '{"product": "Coverslip"}', "[" * 20_000],
    ids=["empty", "no JSON", "a list", "null", "another product", "fields missing", "nested"],
)
def test_metadata_that_is_not_ours_is_foreign(text):
    assert refusal({PROPERTY: text}) == "model_foreign"


@pytest.mark.parametrize(
    ("field", "value"),
    [("labels", []), ("temperature", 0), ("temperature", "NaN"), ("size", 0), ("labels", [{"name": ""}])],
)
def test_values_that_cannot_be_are_refused(field, value):
    values = kits.metadata().model_dump(mode="json") | {field: value}
    assert refusal({PROPERTY: json.dumps(values)}) == "model_foreign"


def test_a_newer_format_says_to_update():
    values = kits.metadata().model_dump(mode="json") | {"format": FORMAT + 1, "temperature": "something new"}
    assert refusal({PROPERTY: json.dumps(values)}) == "kit_newer"


def test_a_damaged_metadata_file_is_named_with_its_kit(tmp_path):
    path = tmp_path / "metadata.json"
    for content in (b"", b"\xff\xfe", b"{}"):
        path.write_bytes(content)
        with pytest.raises(UserError, match=r"metadata\.json") as caught:
            read_metadata(path)
        assert caught.value.code == "kit_damaged"
        assert caught.value.params["path"] == str(tmp_path)


def test_many_labels_come_with_a_threshold_each():
    many = {"task": "multi", "slopes": [1, 2, 3], "offsets": [0, -1, 1], "thresholds": [0.5, 0.2, 0.9]}
    values = kits.metadata().model_dump(mode="json") | many
    found = metadata_from_properties({PROPERTY: json.dumps(values)}, Path("model.onnx"))
    assert found.readout.thresholds == (0.5, 0.2, 0.9)
    assert json.loads(found.to_properties()["thresholds"]) == [0.5, 0.2, 0.9]
    assert refusal({PROPERTY: json.dumps(values | {"thresholds": [0.5]})}) == "model_foreign"
    assert refusal({PROPERTY: json.dumps(values | {"task": "single"})}) == "model_foreign"
