import numpy as np
import pytest
import torch

from core.training.augment.apply import augment, augment_sheet, to_unit
from core.training.augment.colour import COLOUR, DENSITY
from core.training.augment.geometry import GEOMETRY
from core.training.augmentations import AUGMENTATIONS, PRESET_STRENGTHS, AugmentationKind, AugmentationPreset

every_row = pytest.mark.parametrize("spec", AUGMENTATIONS.values(), ids=AUGMENTATIONS)


def pictures(count=4, side=24, seed=0):
    """Smooth pictures in [0, 1], each different."""
    small = torch.rand(count, 3, 6, 6, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.interpolate(small, side, mode="bicubic", align_corners=False).clamp(0.05, 0.95)


def seeded(seed=1):
    return torch.Generator().manual_seed(seed)


@every_row
def test_no_strength_changes_nothing(spec):
    images = pictures()
    assert torch.equal(augment(images, {spec.id: 0.0}, seeded()), images)


@pytest.mark.parametrize("spec", [spec for spec in AUGMENTATIONS.values() if spec.unit != "share"], ids=lambda s: s.id)
def test_a_tiny_strength_changes_next_to_nothing(spec):
    images = pictures()
    assert torch.allclose(augment(images, {spec.id: 1e-6}, seeded()), images, atol=1e-3)


@every_row
@pytest.mark.parametrize("at", ["default", "maximum"])
def test_the_result_keeps_its_shape_and_stays_in_range(spec, at):
    images = pictures()
    before = images.clone()
    result = augment(images, {spec.id: getattr(spec, at)}, seeded())
    assert result.shape == images.shape
    assert result.dtype == torch.float32
    assert torch.isfinite(result).all()
    assert result.min() >= 0
    assert result.max() <= 1
    assert torch.equal(images, before)


@every_row
def test_the_strongest_setting_changes_the_images_each_in_its_own_way(spec):
    images = pictures(1).expand(8, 3, 24, 24)
    result = augment(images, {spec.id: spec.maximum if spec.unit != "share" else 0.5}, seeded())
    assert len(torch.unique(result.flatten(1), dim=0)) > 1


@every_row
def test_the_same_seed_gives_the_same_images(spec):
    images = pictures()
    first, second, other = (augment(images, {spec.id: spec.maximum}, seeded(seed)) for seed in (3, 3, 4))
    assert torch.equal(first, second)
    assert spec.unit == "share" or not torch.equal(first, other)


@every_row
def test_the_other_augmentations_draw_the_same_whatever_is_on(spec):
    other = "rotation" if spec.id != "rotation" else "zoom"
    plain, also = seeded(), seeded()
    augment(pictures(), {other: 0.1}, plain)
    augment(pictures(), {other: 0.1, spec.id: spec.default}, also)
    assert torch.equal(plain.get_state(), also.get_state())


def test_every_row_of_the_table_is_made_somewhere():
    made = {*GEOMETRY, *COLOUR, *DENSITY, "contrast", "blur", "noise", "erase"}
    assert made == set(AUGMENTATIONS)
    assert {name for name, spec in AUGMENTATIONS.items() if spec.kind is AugmentationKind.GEOMETRY} == set(GEOMETRY)


def test_flipping_all_images_mirrors_them():
    images = pictures()
    assert torch.allclose(augment(images, {"flip_horizontal": 1.0}, seeded()), images.flip(3), atol=1e-5)
    assert torch.allclose(augment(images, {"flip_vertical": 1.0}, seeded()), images.flip(2), atol=1e-5)


def test_a_quarter_turn_moves_every_pixel_to_its_place():
    images = pictures(12)
    turned = augment(images, {"quarter_turns": 1.0}, seeded())
    for image, result in zip(images, turned, strict=True):
        turns = [torch.rot90(image, k, dims=(1, 2)) for k in (1, 2, 3)]
        assert min((result - turn).abs().max().item() for turn in turns) < 1e-5


def test_a_uniform_picture_stays_uniform_under_every_geometric_augmentation():
    images = torch.full((3, 3, 16, 16), 0.4)
    strongest = {name: AUGMENTATIONS[name].maximum for name in GEOMETRY}
    assert torch.allclose(augment(images, strongest, seeded()), images, atol=1e-5)


def test_grey_stays_grey_under_hue_and_saturation():
    grey = pictures()[:, :1].expand(-1, 3, -1, -1)
    result = augment(grey, {"hue": 90.0, "saturation": 1.0}, seeded())
    assert torch.allclose(result, grey, atol=2e-3)


def test_gamma_leaves_black_and_white_alone():
    images = torch.zeros(2, 3, 8, 8)
    images[:, :, :, 4:] = 1.0
    result = augment(images, {"gamma": 0.8}, seeded())
    assert torch.allclose(result, images, atol=0.05)


def test_blur_keeps_the_mean():
    images = pictures()
    result = augment(images, {"blur": 3.0}, seeded())
    assert torch.allclose(result.mean(dim=(2, 3)), images.mean(dim=(2, 3)), atol=0.03)
    assert (result.var(dim=(2, 3)) <= images.var(dim=(2, 3)) + 1e-6).all()


def test_erase_covers_no_more_than_its_share():
    images = pictures(16, side=64)
    covered = (augment(images, {"erase": 0.2}, seeded()) != images).all(dim=1).float().mean(dim=(1, 2))
    assert covered.max() <= 0.25
    assert covered.max() > 0.05


def test_a_picture_as_small_as_a_stamp_can_be_blurred():
    assert augment(pictures(2, side=4), {"blur": 3.0}, seeded()).shape == (2, 3, 4, 4)


@pytest.mark.parametrize("preset", AugmentationPreset)
def test_the_sheet_shows_versions_of_every_image_and_repeats_itself(preset):
    images = (pictures(3) * 255).to(torch.uint8).permute(0, 2, 3, 1).contiguous().numpy()
    sheet = augment_sheet(images, PRESET_STRENGTHS[preset], seed=5, variants=2)
    assert sheet.shape == (3, 2, 24, 24, 3)
    assert sheet.dtype == np.uint8
    assert np.array_equal(sheet, augment_sheet(images, PRESET_STRENGTHS[preset], seed=5, variants=2))
    if preset is AugmentationPreset.NONE:
        assert np.array_equal(sheet[:, 1], images)


def test_unit_images_have_the_channels_first():
    pixels = torch.tensor([[[[0, 255, 51]]]], dtype=torch.uint8)
    assert to_unit(pixels).flatten().tolist() == pytest.approx([0.0, 1.0, 0.2])


def channels(count, number=3):
    """Pictures of any number of channels."""
    return torch.rand(number, count, 16, 16, generator=torch.Generator().manual_seed(0)) * 0.8 + 0.1


@every_row
@pytest.mark.parametrize("count", [1, 2, 5])
def test_every_augmentation_takes_any_number_of_channels(spec, count):
    images = channels(count)
    changed = augment(images, {spec.id: spec.maximum}, seeded(), colour=False)
    assert changed.shape == images.shape
    assert torch.isfinite(changed).all()
    without_colour = spec.id in ("hue", "saturation", "stain")
    assert torch.equal(changed, images) == without_colour


@pytest.mark.parametrize("name", ["brightness", "gamma", "contrast"])
def test_channels_that_are_no_colours_are_each_changed_as_a_grey_image_is(name):
    images = channels(5)
    together = augment(images, {name: 0.5}, seeded(), colour=False)
    for index in range(5):
        alone = augment(images[:, index : index + 1].expand(-1, 3, -1, -1), {name: 0.5}, seeded())
        torch.testing.assert_close(together[:, index], alone[:, 0], rtol=1e-4, atol=1e-5)


def test_three_channels_that_are_no_colours_do_not_mix():
    images = channels(3)
    images[:, 1] = 0.2
    changed = augment(images, {"contrast": 0.8, "brightness": 0.5, "hue": 90.0}, seeded(), colour=False)
    assert (changed[:, 1].amax(dim=(1, 2)) - changed[:, 1].amin(dim=(1, 2))).max() < 1e-5
