import numpy as np
import pytest

from core.errors import UserError
from core.images.deep import deep_image
from core.images.rendering import ChannelDisplay
from desktop_app.widgets.loupe_displays import LoupeDisplays, is_plain
from desktop_app.widgets.loupe_pictures import LoupePictures


@pytest.fixture
def made(qapp):
    open_ones = []

    def make(read, **options):
        pictures = LoupePictures(read, **options)
        open_ones.append(pictures)
        return pictures

    yield make
    for pictures in open_ones:
        pictures.close()


def sixteen(offset=0):
    return deep_image(np.linspace(500 + offset, 40_000, 1200).reshape(30, 40).astype(np.uint16))


def test_neighbours_are_opened_too_and_each_once(made, qtbot):
    reads = []
    pictures = made(lambda key: reads.append(key) or np.full((4, 4), 10 * key, np.uint16))
    pictures.want([5, 6, 4])
    qtbot.waitUntil(lambda: all(pictures.image(key) for key in (4, 5, 6)))
    pictures.want([5, 6])
    assert sorted(reads) == [4, 5, 6]
    assert pictures.image(5).source.values_at(0, 0) == (50,)


def test_an_unreadable_image_gives_its_reason(made, qtbot):
    def read(_):
        raise UserError("nothing_to_redo")

    pictures = made(read)
    with qtbot.waitSignal(pictures.loaded):
        pictures.want([1])
    assert pictures.image(1) is None
    assert pictures.failure(1) == "There is nothing to redo."


def test_at_rest_it_holds_nothing_and_reads_again_when_wanted(made, qtbot):
    pictures = made(lambda _: np.zeros((4, 4), np.uint8))
    pictures.want([1])
    qtbot.waitUntil(lambda: pictures.image(1) is not None)
    pictures.rest()
    assert pictures.image(1) is None
    pictures.want([1])
    qtbot.waitUntil(lambda: pictures.image(1) is not None)


def test_each_image_has_its_own_windows_until_they_are_to_be_the_same():
    displays, first, second = LoupeDisplays(), sixteen(), sixteen(9000)
    chosen = (ChannelDisplay(1000, 2000),)
    displays.set_display(1, first, chosen)
    assert displays.display(1, first) == chosen
    assert displays.display(2, second) != chosen
    displays.set_same_for_all(True, 1, first)
    assert displays.display(2, second) == chosen
    displays.set_same_for_all(False, 1, first)
    assert displays.display(2, second) != chosen


def test_the_data_set_s_windows_come_first():
    given = (ChannelDisplay(7, 8, "magma"),)
    displays = LoupeDisplays(of_data_set=lambda image: given if image.source.channels == 1 else None)
    assert displays.display(1, sixteen()) == given
    three = deep_image(np.zeros((3, 3, 3), np.uint16))
    assert displays.display(2, three) != given


def test_only_ordinary_pictures_are_plain():
    assert is_plain(deep_image(np.zeros((3, 3, 3), np.uint8)))
    assert is_plain(deep_image(np.zeros((3, 3), np.uint8)))
    assert not is_plain(deep_image(np.zeros((3, 3, 5), np.uint8)))
    assert not is_plain(sixteen())
