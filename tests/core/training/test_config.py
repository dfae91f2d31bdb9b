import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.errors import UserError
from core.training.augmentations import AUGMENTATIONS
from core.training.config import (
    PRESETS,
    ClassWeights,
    Precision,
    Preset,
    Strategy,
    TrainConfig,
    build_config,
)

strengths = st.dictionaries(st.sampled_from(sorted(AUGMENTATIONS)), st.floats(0, 0.2), max_size=4)
configs = st.builds(
    TrainConfig,
    preset=st.sampled_from(Preset),
    size=st.integers(32, 1024),
    strategy=st.sampled_from(Strategy),
    epochs=st.integers(1, 1000),
    batch_size=st.integers(2, 4096),
    learning_rate=st.floats(1e-8, 1),
    warmup=st.floats(0, 0.5),
    label_smoothing=st.floats(0, 0.5),
    class_weights=st.sampled_from(ClassWeights),
    strengths=strengths,
    seed=st.integers(0, 2**31 - 1),
    precision=st.sampled_from(Precision),
)


@given(configs)
def test_a_configuration_survives_json(config):
    assert TrainConfig.from_json(config.to_json()) == config


@given(configs)
def test_a_configuration_survives_being_written_as_pairs(config):
    values = json.loads(config.to_json())
    pairs = [f"strengths.{name}={value!r}" for name, value in values.pop("strengths").items()]
    assert build_config(pairs=[f"{key}={value}" for key, value in values.items()] + pairs) == config


@pytest.mark.parametrize("preset", Preset)
def test_every_preset_is_named_after_itself_and_can_be_chosen(preset):
    assert PRESETS[preset].preset is preset
    assert build_config(pairs=[f"preset={preset}"]) == PRESETS[preset]


def test_without_a_word_it_is_balanced():
    assert build_config() == PRESETS[Preset.BALANCED]


def test_the_preset_comes_first_wherever_it_stands():
    config = build_config(pairs=["epochs=3", "preset=best"])
    assert config.epochs == 3
    assert config.strategy is Strategy.WHOLE


def test_a_pair_wins_over_the_file_and_the_file_over_the_preset(tmp_path):
    file = tmp_path / "train.toml"
    file.write_text('preset = "quick"\nsize = 96\nseed = 3\n[strengths]\nrotation = 20\nzoom = 0.2\n', "utf-8")
    config = build_config(file, ["seed=4", "strengths.zoom=0.1"])
    assert (config.preset, config.size, config.seed) == (Preset.QUICK, 96, 4)
    assert config.strengths == {"rotation": 20.0, "zoom": 0.1}
    assert config.augmentation_strengths["rotation"] == 20.0


def test_a_configuration_cannot_be_changed_in_place():
    with pytest.raises(ValidationError):
        TrainConfig().epochs = 3  # type: ignore[misc]


def test_a_changed_copy_is_validated_too():
    assert TrainConfig().with_changes(epochs=9).epochs == 9
    with pytest.raises(UserError):
        TrainConfig().with_changes(epochs=0)


@pytest.mark.parametrize(
    ("pair", "code", "told"),
    [
        ("epochs", "config_pair_invalid", "key=value"),
        ("=3", "config_pair_invalid", "key=value"),
        ("epoch=3", "config_key_unknown", "learning_rate"),
        ("epochs=0", "config_value_invalid", "a whole number from 1 to 1000"),
        ("epochs=many", "config_value_invalid", "a whole number from 1 to 1000"),
        ("learning_rate=0", "config_value_invalid", "a number above 0, up to 1"),
        ("warmup=0.9", "config_value_invalid", "a number from 0 to 0.5"),
        ("learning_rate=nan", "config_value_invalid", "a number above 0, up to 1"),
        ("preset=slow", "config_value_invalid", "one of quick, balanced, best"),
        ("backbone=resnet19", "config_value_invalid", "resnet18"),
        ("resize=tile", "config_value_invalid", "stretch"),
        ("strengths.rotate=3", "config_key_unknown", "rotation"),
        ("strengths.rotation=900", "config_value_invalid", "a number from 0 to 180"),
        ("strengths.rotation=far", "config_value_invalid", "a number from 0 to 180"),
        ("strengths=strong", "config_value_invalid", "a table of numbers"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_allowed(pair, code, told):
    with pytest.raises(UserError) as caught:
        build_config(pairs=[pair])
    assert caught.value.code == code
    assert told in caught.value.message
    assert pair.partition("=")[0] in caught.value.message


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UserError) as caught:
        build_config(tmp_path / "no.toml")
    assert caught.value.code == "config_file_missing"


@pytest.mark.parametrize("content", [b"epochs = ", b"\xff\xfe\x00", b"[[["])
def test_a_file_that_is_not_toml_is_named(tmp_path, content):
    file = tmp_path / "train.toml"
    file.write_bytes(content)
    with pytest.raises(UserError) as caught:
        build_config(file)
    assert caught.value.code == "config_file_invalid"


def test_a_file_with_a_byte_order_mark_is_read(tmp_path):
    file = tmp_path / "train.toml"
    file.write_text("epochs = 4\n", "utf-8-sig")
    assert build_config(file).epochs == 4
