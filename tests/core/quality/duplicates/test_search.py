from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from core.embeddings.neighbours import Neighbours
from core.errors import Cancelled, UnreadableImage
from core.progress import CancelToken, Progress
from core.quality.duplicates.relation import relation
from core.quality.duplicates.search import Duplicates, search_duplicates
from core.quality.duplicates.verify import picture
from tests.benchmarks.stranger_variants import STRANGE
from tests.core.quality.duplicates.scenes import jpeg, rotated, scene

ORIGINALS = [scene(seed) for seed in range(12)]
COPIES = {
    "rotated_90": np.rot90(ORIGINALS[0]),
    "rotated_180": np.rot90(ORIGINALS[1], 2),
    "rotated_270": np.rot90(ORIGINALS[2], 3),
    "mirrored": ORIGINALS[3][:, ::-1],
    "cropped": ORIGINALS[4][3:83, 5:83],
    "re_encoded": jpeg(ORIGINALS[5], 45),
    "resized": np.array(Image.fromarray(ORIGINALS[6]).resize((60, 60), Image.Resampling.BILINEAR)),
    "brighter": np.clip(ORIGINALS[7].astype(int) + 25, 0, 255).astype(np.uint8),
    "less_contrast": ((ORIGINALS[8].astype(float) - 128) * 0.7 + 128).astype(np.uint8),
    "rotated": rotated(ORIGINALS[9], 9.0),
}


def search(images: list[NDArray], **given: object) -> Duplicates:
    small = np.stack([picture(image, 32) for image in images]) if images else np.empty((0, 32, 32), np.uint8)
    keys = [f"digest {row}" for row in range(len(images))]
    options = {"keys": keys, "pixel_digest": None, "small": small, "neighbours": None, "progress": Progress()} | given
    return search_duplicates(read=options.pop("read", lambda row: images[row]), **options)


@pytest.fixture(scope="module")
def found() -> Duplicates:
    return search([*ORIGINALS, *COPIES.values()])


def test_each_copy_is_found_with_its_original_and_nothing_else(found: Duplicates):
    assert found.clusters == [(row, len(ORIGINALS) + row) for row in range(len(COPIES))]


@pytest.mark.parametrize(("place", "word"), list(enumerate(COPIES)))
def test_what_was_done_to_a_copy_is_said(found: Duplicates, place: int, word: str):
    images = [*ORIGINALS, *COPIES.values()]
    copy = len(ORIGINALS) + place
    match = next(match for match in found.matches if copy in (match.frame, match.host))
    sizes = np.array([image.shape[1::-1] for image in images], np.float64)
    said, back = relation(match, copy, sizes), relation(match, place, sizes)
    assert word in said.words()
    assert len(said.words()) == 1 or word in {"brighter", "less_contrast"}
    assert said.scale * back.scale == pytest.approx(1, abs=1e-6)
    if word == "rotated":
        assert said.degrees == pytest.approx(9, abs=1)
    if word == "cropped":
        assert said.shown == pytest.approx(80 * 78 / 90**2, abs=0.03)
    if word == "rotated_90":
        assert back.words() == ["rotated_270"]


def test_what_a_stranger_does_to_a_copy_does_not_hide_it():
    random = np.random.default_rng(3)
    strange = {name: change for name, change in STRANGE.items() if name not in {"any_turn", "bad_jpeg"}}
    originals = [scene(300 + row) for row in range(len(strange))]
    copies = [change(originals[row], random) for row, change in enumerate(strange.values())]
    others = [scene(seed) for seed in range(400, 420)]
    found = set(search([*originals, *copies, *others]).clusters)
    missed = [name for row, name in enumerate(strange) if (row, row + len(strange)) not in found]
    assert len(found) <= len(strange)
    assert missed == []


def test_a_copy_turned_by_any_angle_is_found():
    images = [scene(seed) for seed in range(500, 512)]
    turned = [rotated(images[row], 37.0 + 40 * row) for row in range(4)]
    assert {(row, 12 + row) for row in range(4)} <= set(search([*images, *turned]).clusters)


def test_two_crops_of_one_scene_that_merely_overlap_are_not_the_same():
    whole = scene(40, 150, 150)
    assert search([whole[:90, :90], whole[20:110, 35:125], *ORIGINALS[:4]]).clusters == []


def test_what_was_taken_or_cut_out_again_is_found_and_ranks_after_copies():
    whole, random = scene(41, 130, 130), np.random.default_rng(5)
    again = np.clip(whole[6:96, 3:93] + random.normal(0, 0.5, (90, 90, 3)), 0, 255).astype(np.uint8)
    found = search([*ORIGINALS, whole[4:94, 4:94], *COPIES.values(), again])
    copied = dict(zip(found.clusters, found.copied, strict=True))
    retaken = copied.pop((12, 23))
    assert len(copied) == len(COPIES)
    assert retaken < 0.5 < min(copied.values())
    assert max(copied.values()) < 1
    match = next(one for one in found.matches if 23 in (one.frame, one.host))
    assert relation(match, 23, np.full((24, 2), 90.0)).words()[0] == "retaken"


def test_different_images_are_not_the_same():
    assert search([scene(seed) for seed in range(100, 140)]).clusters == []


def test_images_that_are_all_identical_are_one_cluster():
    digests = np.full((50, 16), 7, np.uint8)
    found = search([ORIGINALS[0]] * 50, pixel_digest=digests)
    assert found.clusters == [tuple(range(50))]
    assert found.matches == []
    by_looks = search([jpeg(ORIGINALS[0], 60 + row) for row in range(30)])
    assert by_looks.clusters == [tuple(range(30))]


def test_flat_images_are_the_same_only_where_their_pixels_are():
    flat = [np.full((40, 40, 3), level, np.uint8) for level in (10, 10, 200)]
    digests = np.array([[1] * 16, [1] * 16, [2] * 16], np.uint8)
    assert search(flat, pixel_digest=digests).clusters == [(0, 1)]


def test_equal_files_are_the_same_also_where_nothing_can_be_read():
    keys = ["a", "", "a", ""]
    assert search([], keys=keys, small=None).clusters == [(0, 2)]
    assert search([], keys=keys, small=None, pixel_digest=np.zeros((4, 16), np.uint8)).clusters == [(0, 2)]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_images_are_answered(count: int):
    assert search([scene(seed) for seed in range(count)]).clusters == []


def test_two_images_may_be_copies():
    assert search([ORIGINALS[0], ORIGINALS[0][::-1]]).clusters == [(0, 1)]


def test_an_image_that_cannot_be_read_any_more_is_not_called_a_copy():
    images = [ORIGINALS[0], jpeg(ORIGINALS[0], 60), jpeg(ORIGINALS[0], 90)]

    def read(row: int) -> NDArray:
        if row == 1:
            raise UnreadableImage("image_missing", path="gone.png")
        return images[row]

    assert search(images, read=read).clusters == [(0, 2)]


def test_neighbours_by_features_are_looked_at_too_and_those_without_are_not():
    images = [*ORIGINALS, ORIGINALS[0][:, ::-1]]
    indexes = np.full((13, 2), -1, np.int32)
    distances = np.full((13, 2), np.inf, np.float32)
    indexes[0, 0], distances[0, 0] = 12, 0.1
    assert search(images, neighbours=Neighbours(indexes, distances, True)).clusters == [(0, 12)]


def test_beyond_a_number_of_images_copies_are_found_in_cells():
    images = [*(scene(seed) for seed in range(200, 260)), *COPIES.values(), *ORIGINALS]
    found = search(images, exact_rows=10)
    pairs = {(60 + row, 70 + row) for row in range(10)} - {(64, 74)}
    assert pairs <= set(found.clusters)


def test_the_search_can_be_cancelled_midway():
    token = CancelToken()
    reports: list[object] = []

    def stop(report: object) -> None:
        reports.append(report)
        if len(reports) == 5:
            token.cancel()

    with pytest.raises(Cancelled):
        search([*ORIGINALS, *COPIES.values()], progress=Progress(stop, token, interval_s=0))
