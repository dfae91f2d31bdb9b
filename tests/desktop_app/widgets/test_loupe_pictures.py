import numpy as np
import pytest

from core.errors import UserError
from desktop_app.widgets.loupe_pictures import LoupePictures, auto_windows, through_windows


@pytest.fixture
def made(qapp):
    open_ones = []

    def make(read):
        pictures = LoupePictures(read)
        open_ones.append(pictures)
        return pictures

    yield make
    for pictures in open_ones:
        pictures.close()


def test_eight_bits_are_shown_as_they_are():
    raw = np.arange(24, dtype=np.uint8).reshape(2, 4, 3)
    np.testing.assert_array_equal(through_windows(raw, None), raw)


def test_grey_becomes_three_equal_channels():
    raw = np.arange(8, dtype=np.uint8).reshape(2, 4)
    shown = through_windows(raw, None)
    assert shown.shape == (2, 4, 3)
    np.testing.assert_array_equal(shown[..., 0], shown[..., 2])


def test_each_channel_of_sixteen_bits_has_its_own_window():
    raw = np.zeros((1, 3, 3), np.uint16)
    raw[0, :, 0], raw[0, :, 1], raw[0, :, 2] = (100, 200, 300), (0, 1000, 65535), (7, 7, 7)
    shown = through_windows(raw, ((100, 300), (0, 1000), (0, 14)))
    assert shown[0, :, 0].tolist() == [0, 128, 255]
    assert shown[0, :, 1].tolist() == [0, 255, 255]
    assert shown[0, :, 2].tolist() == [128, 128, 128]


def test_a_flat_image_still_gets_a_window():
    assert auto_windows(np.full((4, 4), 9, np.uint16)) == ((9, 10),)


def test_the_automatic_window_leaves_out_the_extremes():
    raw = np.full((100, 100), 500, np.uint16)
    raw[:50] = 1000
    raw[0, 0], raw[0, 1] = 0, 65535
    assert auto_windows(raw) == ((500, 1000),)


def test_large_pictures_have_smaller_versions_to_zoom_out_on(made, qtbot):
    pictures = made(lambda _: np.zeros((900, 2100, 3), np.uint8))
    with qtbot.waitSignal(pictures.loaded):
        pictures.want(1, None, [])
    picture = pictures.picture(1, None)
    assert [level.width() for level in picture.levels] == [2100, 1050, 525, 263]
    assert (picture.width, picture.height) == (2100, 900)
    assert picture.values_at(3, 4) == (0, 0, 0)
    assert picture.values_at(2100, 0) is None


def test_neighbours_are_loaded_too_and_the_file_is_read_once_for_all_windows(made, qtbot):
    reads = []
    pictures = made(lambda key: reads.append(key) or np.full((4, 4), 10 * key, np.uint16))
    pictures.want(5, None, [6, 4])
    qtbot.waitUntil(lambda: all(pictures.picture(key, None) for key in (4, 5, 6)))
    with qtbot.waitSignal(pictures.loaded):
        pictures.want(5, ((0, 100),), [])
    assert pictures.picture(5, ((0, 100),)).levels[0].pixelColor(0, 0).red() == 128
    assert sorted(reads) == [4, 5, 6]


def test_an_unreadable_image_gives_its_reason(made, qtbot):
    def read(_):
        raise UserError("nothing_to_redo")

    pictures = made(read)
    with qtbot.waitSignal(pictures.loaded):
        pictures.want(1, None, [])
    assert pictures.picture(1, None) is None
    assert pictures.failure(1) == "There is nothing to redo."
