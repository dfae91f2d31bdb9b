import pytest

from core.training.augmentations import (
    AUGMENTATIONS,
    PRESET_STRENGTHS,
    PRESET_TITLES,
    AugmentationPreset,
    strengths_of,
)


@pytest.mark.parametrize("spec", AUGMENTATIONS.values(), ids=AUGMENTATIONS)
def test_every_row_has_a_slider_that_makes_sense(spec):
    assert 0 < spec.step <= spec.default <= spec.maximum
    assert spec.title
    assert spec.tip.endswith(".")


@pytest.mark.parametrize("preset", AugmentationPreset)
def test_every_preset_stays_within_the_sliders(preset):
    assert PRESET_TITLES[preset]
    for name, strength in PRESET_STRENGTHS[preset].items():
        assert 0 < strength <= AUGMENTATIONS[name].maximum


def test_no_augmentation_means_no_strength():
    assert set(strengths_of(AugmentationPreset.NONE).values()) == {0.0}


def test_an_override_replaces_the_strength_of_the_preset():
    strengths = strengths_of(AugmentationPreset.CELLS, {"rotation": 5, "noise": 0.02})
    assert strengths["rotation"] == 5
    assert strengths["noise"] == 0.02
    assert strengths["zoom"] == PRESET_STRENGTHS[AugmentationPreset.CELLS]["zoom"]
