from __future__ import annotations

import errno
import os

import numpy as np
import pytest

from core.errors import Cancelled, UnreadableImage, UserError
from core.images import pixel_cache
from core.images.network_input import resize_rgb8
from core.images.pixel_cache import build_pixel_cache
from core.images.preprocess import Preprocess, ResizeMode
from core.progress import CancelToken, Progress

PREPROCESS = Preprocess(8, ResizeMode.PAD, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


class Images:
    """Pictures by number, that count how often each was read."""

    def __init__(self, numbers):
        self.numbers = list(numbers)
        self.read_counts = dict.fromkeys(self.numbers, 0)

    @property
    def keys(self):
        return [f"{number:032x}" for number in self.numbers]

    def read(self, row):
        number = self.numbers[row]
        self.read_counts[number] += 1
        return np.random.default_rng(number).integers(0, 256, (10 + number % 5, 12, 3), dtype=np.uint8)

    def expected(self):
        rows = [resize_rgb8(self.read(row), PREPROCESS) for row in range(len(self.numbers))]
        self.read_counts = dict.fromkeys(self.numbers, 0)
        return np.stack(rows)


def build(directory, images, preprocess=PREPROCESS, progress=None, **options):
    return build_pixel_cache(
        directory, images.keys, images.read, preprocess, progress or Progress(), workers=2, **options
    )


def files(directory):
    return sorted(path.suffix for path in directory.iterdir() if path.suffix != ".lock")


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(pixel_cache, "_CHUNK_ROWS", 8)


def test_every_row_holds_its_image(tmp_path):
    images = Images(range(20))
    expected = images.expected()
    found = build(tmp_path, images)
    assert found.shape == (20, 8, 8, 3)
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(found[[3, 1, 3]], expected[[3, 1, 3]])
    assert files(tmp_path) == [".keys", ".pixels"]


def test_a_second_time_nothing_is_decoded(tmp_path):
    build(tmp_path, Images(range(20)))
    again = Images(range(20))
    np.testing.assert_array_equal(build(tmp_path, again), again.expected())
    assert set(again.read_counts.values()) == {0}


def test_only_new_images_are_decoded_when_samples_come_and_go(tmp_path):
    build(tmp_path, Images(range(20)))
    other = Images([25, *range(15, 2, -1), 5, 26])
    expected = other.expected()
    np.testing.assert_array_equal(build(tmp_path, other), expected)
    assert {number for number, count in other.read_counts.items() if count} == {25, 26}
    assert files(tmp_path) == [".keys", ".pixels"]


def test_other_preprocessing_has_a_cache_of_its_own_unless_only_the_deviations_differ(tmp_path):
    build(tmp_path, Images(range(4)))
    larger = build(tmp_path, Images(range(4)), Preprocess(9, ResizeMode.PAD, (0.5,) * 3, (0.5,) * 3))
    assert larger.shape[1] == 9
    same = Images(range(4))
    build(tmp_path, same, Preprocess(8, ResizeMode.PAD, (0.5,) * 3, (0.2,) * 3))
    assert set(same.read_counts.values()) == {0}


def test_a_cancelled_build_is_taken_up_again(tmp_path, small_chunks):
    images, token = Images(range(60)), CancelToken()

    def sink(report):
        if report.done >= 24:
            token.cancel()

    with pytest.raises(Cancelled):
        build(tmp_path, images, progress=Progress(sink, token, interval_s=0))
    token_again, again = CancelToken(), Images(range(60))
    with pytest.raises(Cancelled):
        build(tmp_path, again, progress=Progress(lambda report: token_again.cancel(), token_again, interval_s=0))
    last = Images(range(60))
    expected = last.expected()
    np.testing.assert_array_equal(build(tmp_path, last), expected)
    assert all(last.read_counts[number] == 0 for number in range(24))
    assert last.read_counts[59] == 1
    assert files(tmp_path) == [".keys", ".pixels"]


def test_a_killed_build_leaves_nothing_half_that_counts(tmp_path, small_chunks):
    images, token = Images(range(40)), CancelToken()
    with pytest.raises(Cancelled):
        build(tmp_path, images, progress=Progress(lambda report: report.done >= 16 and token.cancel(), token))
    part = next(tmp_path.glob("*.pixels.part"))
    part.write_bytes(part.read_bytes()[:-100])  # the last row noted is not all there
    again = Images(range(40))
    expected = again.expected()
    np.testing.assert_array_equal(build(tmp_path, again), expected)


def test_a_damaged_cache_is_made_again(tmp_path):
    build(tmp_path, Images(range(6)))
    for suffix, data in ((".pixels", b"short"), (".keys", b"\xff\xfe"), (".keys", b"")):
        next(tmp_path.glob(f"*{suffix}")).write_bytes(data)
        images = Images(range(6))
        expected = images.expected()
        np.testing.assert_array_equal(build(tmp_path, images), expected)


def test_an_image_that_cannot_be_read_any_more_stops_the_build_or_is_told(tmp_path):
    images = Images(range(10))
    good = images.read

    def read(row):
        if row == 4:
            raise UnreadableImage("image_missing", path="4.png")
        return good(row)

    with pytest.raises(UnreadableImage):
        build_pixel_cache(tmp_path, images.keys, read, PREPROCESS, Progress())
    told = []
    found = build_pixel_cache(
        tmp_path, images.keys, read, PREPROCESS, Progress(), on_unreadable=lambda row, error: told.append((row, error))
    )
    assert [(row, error.code) for row, error in told] == [(4, "image_missing")]
    assert (found[4] == 128).all()
    again = build(tmp_path, images)  # it is back
    np.testing.assert_array_equal(again, images.expected())


def test_a_full_disk_is_said_to_be_full(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError) as caught:
        build(tmp_path, Images(range(4)))
    assert caught.value.code == "disk_full"


def test_no_images_need_no_file(tmp_path):
    assert build(tmp_path, Images([])).shape == (0, 8, 8, 3)


def test_progress_counts_the_images(tmp_path):
    reports = []
    build(tmp_path, Images(range(10)), progress=Progress(reports.append, interval_s=0))
    assert (reports[-1].done, reports[-1].total) == (10, 10)
