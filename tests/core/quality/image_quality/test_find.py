from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from core.domain.findings import FindingKind
from core.domain.samples import SampleTable
from core.errors import Cancelled
from core.images.reader import ImageReader
from core.progress import CancelToken, Progress
from core.quality.data import QualityData
from core.quality.facts.bank import FactsBank
from core.quality.facts.image_facts import ImageFacts
from core.quality.facts.measured import measure_bytes
from core.quality.image_quality.find import PROBLEMS, find_image_quality
from core.quality.spec import Case, Found
from tests.benchmarks.planted_blur import DarkField, Fluorescence, blurred, dark_field, fluorescence, with_noise

Images = list[np.ndarray]


def facts_of(images: Images, folder: Path) -> ImageFacts:
    bank = FactsBank(folder)
    found = [measure_bytes(cv2.imencode(".png", image)[1].tobytes(), Path(f"{i}")) for i, image in enumerate(images)]
    bank.add([str(i) for i in range(len(images))], found)
    rows = np.arange(len(images), dtype=np.int64)
    return ImageFacts(bank, rows, rows * 0, rows * 0)


def data_of(facts: ImageFacts | None, count: int, labels: np.ndarray | None = None) -> QualityData:
    rows = np.arange(count, dtype=np.int64)
    given = np.full(count, -1, dtype=np.int64) if labels is None else labels.astype(np.int64)
    table = SampleTable(rows + 1, given, rows * 0 - 1, rows.astype(np.int8) * 0, rows * 0, [f"{i}.png" for i in rows])
    held = np.zeros((count, 2), dtype=np.bool_)
    return QualityData(
        table, [f"{i}" for i in rows], ("a", "b"), np.array([1, 2]), given, held, given >= 0, False, ImageReader({}),
        facts=facts,
    )  # fmt: skip


def look(images: Images, folder: Path, labels: np.ndarray | None = None) -> Found:
    return find_image_quality(data_of(facts_of(images, folder), len(images), labels), Progress())


def rows_of(found: Found, kind: FindingKind) -> list[int]:
    return [case.rows[0] for case in found.cases if case.kind == kind]


def cells(count: int, seed: int = 0, ground: int = 200) -> Images:
    """Return pictures of dark discs on a bright, noisy ground."""
    random, images = np.random.default_rng(seed), []
    for _ in range(count):
        size = int(random.integers(58, 70))
        image = np.full((size, size, 3), ground + random.normal(0, 4), np.float32)
        centre = (int(size / 2 + random.integers(-3, 4)), int(size / 2 + random.integers(-3, 4)))
        colour = (120 + random.normal(0, 5), 70 + random.normal(0, 5), 110 + random.normal(0, 5))
        cv2.circle(image, centre, int(random.integers(12, 18)), colour, -1, cv2.LINE_AA)
        image += random.normal(0, 3, image.shape)
        images.append(np.clip(image, 0, 255).astype(np.uint8))
    return images


FAULTS = {
    FindingKind.BLURRY: lambda image: cv2.GaussianBlur(image, (0, 0), 2.0),
    FindingKind.DARK: lambda image: (image * 0.3).astype(np.uint8),
    FindingKind.BRIGHT: lambda image: np.clip(image * 0.2 + 200, 0, 250).astype(np.uint8),
    FindingKind.LOW_INFORMATION: lambda image: np.full_like(image, 190),
    FindingKind.ODD_SIZE: lambda image: cv2.resize(image, None, fx=4, fy=4),
    FindingKind.ODD_ASPECT: lambda image: cv2.resize(image, None, fx=3, fy=0.5),
    FindingKind.ODD_COLOUR: lambda image: np.ascontiguousarray(image[..., ::-1] * [0.6, 0.9, 1.0]).astype(np.uint8),
    FindingKind.SATURATED: lambda image: np.clip(image.astype(np.int16) + 80, 0, 255).astype(np.uint8),
    FindingKind.CUT_OFF: lambda image: image[image.shape[0] // 2 :],
}


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: str(problem.kind))
def test_what_is_wrong_with_a_few_images_is_found(problem, tmp_path: Path):
    images = cells(80)
    for row in (5, 40):
        images[row] = FAULTS[problem.kind](images[row])
    found = look(images, tmp_path)
    rows = rows_of(found, problem.kind)
    assert set(rows[:2]) == {5, 40}
    assert len(rows) <= 4
    case = next(case for case in found.cases if case.kind == problem.kind)
    assert 0.5 <= case.score <= 1
    assert case.evidence["measured"] == problem.measured
    assert case.evidence["usual_low"] <= case.evidence["usual_middle"] <= case.evidence["usual_high"]
    scores = found.arrays[str(problem.kind)]
    assert scores.shape == (80,)
    assert (scores[[row for row in range(80) if row not in rows]] < 0.5).all()


def test_nearly_nothing_is_found_in_a_set_without_fault(tmp_path: Path):
    assert len(look(cells(200, seed=3), tmp_path).cases) <= 4


@pytest.mark.parametrize("levels", [255, 65_535])
def test_dark_field_is_not_dark_and_its_blurred_are_found(levels: int, tmp_path: Path):
    random = np.random.default_rng(8)
    images = dark_field(random, 150, DarkField(levels, size=(56, 80), objects=4))
    for row in (3, 60, 149):
        images[row] = blurred(images[row], "gaussian", 2.0, random)
    found = look(images, tmp_path)
    assert len(rows_of(found, FindingKind.DARK)) <= 1
    assert rows_of(found, FindingKind.BLURRY)[:3] and set(rows_of(found, FindingKind.BLURRY)[:3]) == {3, 60, 149}


def test_blur_of_soft_objects_is_told_though_the_noise_stays_sharp(tmp_path: Path):
    random = np.random.default_rng(4)
    look_of = Fluorescence(np.uint8, 90, 6, 2, size=64)
    images = fluorescence(random, 120, look_of)
    for row in (7, 50, 99):
        images[row] = with_noise(blurred(images[row], "gaussian", 3.0, random), 1.8, np.uint8, random)
    scores = look(images, tmp_path).arrays[str(FindingKind.BLURRY)]
    assert set(np.argsort(-scores)[:3].tolist()) == {7, 50, 99}
    assert (np.delete(scores, [7, 50, 99]) < 0.5).all()


def test_motion_of_few_soft_objects_is_told_though_they_stay_steep_across_it(tmp_path: Path):
    random = np.random.default_rng(4)
    images = fluorescence(random, 120, Fluorescence(np.uint8, 90, 6, 2, objects=(1, 3)))
    for row in (7, 50, 99):
        images[row] = with_noise(blurred(images[row], "motion", 3.0, random), 1.8, np.uint8, random)
    scores = look(images, tmp_path).arrays[str(FindingKind.BLURRY)]
    assert set(np.flatnonzero(scores >= 0.5).tolist()) == {7, 50, 99}


def test_stripes_as_wide_as_a_lag_are_no_blur(tmp_path: Path):
    random, images = np.random.default_rng(3), []
    y, x = np.mgrid[:64, :64].astype(np.float32)
    for row in range(90):
        angle, period = (0.0, 4.0) if row in (10, 70) else random.uniform((0.2, 5), (2.9, 7))
        apart = np.hypot(x - random.uniform(28, 36), y - random.uniform(28, 36))
        disc = 1 / (1 + np.exp((apart - random.uniform(17, 22)) * 2))
        stripes = 100 + 40 * np.cos((x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / period)
        images.append(with_noise(40 + disc * stripes, 2, np.uint8, random))
    assert not {10, 70} & set(rows_of(look(images, tmp_path), FindingKind.BLURRY))


def test_a_label_whose_images_are_darker_is_not_dark_but_a_dark_one_in_it_is(tmp_path: Path):
    images, labels = [*cells(60), *cells(40, 1, ground=120)], np.repeat([0, 1], [60, 40])
    images[70] = (images[70] * 0.3).astype(np.uint8)
    assert rows_of(look(images, tmp_path, labels), FindingKind.DARK) == [70]


def test_images_that_are_all_the_same_have_no_case(tmp_path: Path):
    assert look([cells(1)[0]] * 30, tmp_path).cases == []


def test_without_images_enough_nothing_is_found_and_it_says_why(tmp_path: Path):
    for images in ([], cells(1), cells(5)):
        found = (
            look(images, tmp_path / str(len(images))) if images else find_image_quality(data_of(None, 0), Progress())
        )
        assert found.cases == []
        assert found.note


def test_images_that_cannot_be_read_have_no_case_and_do_not_count(tmp_path: Path):
    images = cells(40)
    images[7] = (images[7] * 0.3).astype(np.uint8)
    facts = facts_of(images, tmp_path)
    rows = facts.rows.copy()
    rows[::5] = -1
    rows[7] = 7
    found = find_image_quality(data_of(ImageFacts(facts.bank, rows, rows * 0, rows * 0), 40), Progress())
    assert rows_of(found, FindingKind.DARK) == [7]
    assert not {case.rows[0] for case in found.cases} & set(range(0, 40, 5))


def test_the_search_can_be_stopped(tmp_path: Path):
    facts = facts_of(cells(20), tmp_path)
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        find_image_quality(data_of(facts, 20), Progress(token=token))


def test_a_case_is_ordered_by_how_odd_it_is(tmp_path: Path):
    images = cells(80)
    images[10] = cv2.GaussianBlur(images[10], (0, 0), 0.9)
    images[20] = cv2.GaussianBlur(images[20], (0, 0), 3)
    cases: list[Case] = [case for case in look(images, tmp_path).cases if case.kind == FindingKind.BLURRY]
    assert [case.rows[0] for case in cases[:2]] == [20, 10]
    assert cases[0].evidence["value"] < cases[1].evidence["value"] < 0.5


def test_less_light_is_no_blur(tmp_path: Path):
    images = cells(80)
    for row in (5, 40):
        images[row] = (images[row] * 0.4).astype(np.uint8)
    found = look(images, tmp_path)
    assert set(rows_of(found, FindingKind.DARK)) == {5, 40}
    assert not {5, 40} & set(rows_of(found, FindingKind.BLURRY))


def test_too_much_light_is_told_where_the_ground_is_white_anyway(tmp_path: Path):
    images = cells(80, ground=243)
    for row in (5, 40):
        images[row] = (255 - (255 - images[row]) * 0.3).astype(np.uint8)
    assert set(rows_of(look(images, tmp_path), FindingKind.BRIGHT)) == {5, 40}


def test_twelve_bits_kept_as_sixteen_are_levels_of_twelve(tmp_path: Path):
    images = [(image[..., 0].astype(np.uint16) * 16) for image in cells(80)]
    for row in (5, 40):
        images[row] = (4095 - (4095 - images[row]) * 0.3).astype(np.uint16)
    assert set(rows_of(look(images, tmp_path), FindingKind.BRIGHT)) == {5, 40}


def test_close_crops_are_not_cut_off_but_what_lies_against_one_edge_is(tmp_path: Path):
    images = [image[8:-8] for image in cells(80)]
    for row in (5, 40):
        images[row] = np.ascontiguousarray(images[row][:, images[row].shape[1] // 2 :])
    assert set(rows_of(look(images, tmp_path), FindingKind.CUT_OFF)) == {5, 40}


def test_more_of_an_image_saturated_than_in_others_that_are_a_little_so_is_told(tmp_path: Path):
    random = np.random.default_rng(2)
    images = cells(80)
    for image in images:
        size = int(random.integers(0, 16))
        image[:size, :size] = 255
    for row in (5, 40):
        images[row] = np.clip(images[row].astype(np.int16) + 60, 0, 255).astype(np.uint8)
    assert set(rows_of(look(images, tmp_path), FindingKind.SATURATED)) == {5, 40}


def test_a_grey_image_among_coloured_ones_is_odd(tmp_path: Path):
    images = cells(80)
    images[9] = cv2.cvtColor(cv2.cvtColor(images[9], cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    assert rows_of(look(images, tmp_path), FindingKind.ODD_COLOUR)[:1] == [9]


def darker(images: Images, share: float) -> Images:
    return [(image * share).astype(np.uint8) for image in images]


def test_what_is_usual_and_odd_is_told_of_the_label_that_an_image_was_judged_in(tmp_path: Path):
    images, labels = [*cells(60), *darker(cells(60, 1), 0.5)], np.repeat([0, 1], 60)
    images[7], images[70] = darker([images[7]], 0.25)[0], darker([images[70]], 0.4)[0]
    cases = [case for case in look(images, tmp_path, labels).cases if case.kind == FindingKind.DARK]
    told = {case.rows[0]: case.evidence for case in cases}
    assert set(told) == {7, 70}
    for evidence in told.values():
        assert evidence["value"] <= evidence["threshold"] < evidence["usual_low"] < evidence["usual_middle"]
        assert evidence["usual_of"] == "label"
    assert told[7]["usual_middle"] == pytest.approx(2 * told[70]["usual_middle"], rel=0.1)


def test_as_dark_as_another_label_is_not_dark_but_between_the_labels_is(tmp_path: Path):
    images, labels = [*cells(60), *darker(cells(60, 1), 0.5)], np.repeat([0, 1], 60)
    images[7], images[8] = darker([images[7]], 0.5)[0], darker([images[8]], 0.7)[0]
    found = look(images, tmp_path, labels)
    assert rows_of(found, FindingKind.DARK) == [8]
    case = next(case for case in found.cases if case.kind == FindingKind.DARK)
    assert case.evidence["value"] < case.evidence["usual_low"]


@pytest.mark.parametrize("seed", range(2))
def test_no_image_is_called_odd_in_what_is_usual(seed: int, tmp_path: Path):
    look_of = DarkField(65_535, 0.002 * (seed + 1), 0.1, 0.6, 3, 0.001)
    images = dark_field(np.random.default_rng(seed), 90, look_of)
    for case in look(images, tmp_path, np.arange(90) % 3).cases:
        numbers = case.evidence
        assert not numbers["usual_low"] <= numbers["value"] <= numbers["usual_high"]
        beyond = [numbers[name] - numbers["usual_middle"] for name in ("value", "threshold")]
        assert beyond[0] * beyond[1] > 0 and abs(beyond[0]) >= abs(beyond[1])
