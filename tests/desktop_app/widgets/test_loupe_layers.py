"""Going through the planes, times and pages of a file in the loupe."""

import numpy as np
import pytest
import tifffile
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from core.domain.samples import Source
from core.images.deep import open_sample
from core.images.reader import ImageReader
from desktop_app.theme import theme_for
from desktop_app.widgets.loupe import Loupe
from desktop_app.widgets.loupe_pictures import LoupePictures
from desktop_app.widgets.sample_grid.state import GridState
from desktop_app.widgets.sample_grid.tiles import Tile

SHIFT = Qt.KeyboardModifier.ShiftModifier


class Tiles:
    def prepare(self, ids):
        """Nothing to fetch."""

    def tile(self, sample_id):
        return Tile(f"{sample_id}.tif", ())


@pytest.fixture
def state(qapp):
    return GridState()


@pytest.fixture
def stacked(qtbot, tmp_path, state):
    """A loupe over real files: a stack of five planes and two times, three pages, and a plain picture."""
    rng = np.random.default_rng(4)
    stack = rng.integers(0, 4000, (2, 5, 30, 40), dtype=np.uint16)
    said = {"axes": "TZYX", "PhysicalSizeX": 0.5, "PhysicalSizeY": 0.5}
    tifffile.imwrite(tmp_path / "s.ome.tif", stack, ome=True, metadata=said)
    pages = rng.integers(0, 255, (3, 30, 40), dtype=np.uint8)
    tifffile.imwrite(tmp_path / "p.tif", pages, photometric="minisblack", metadata=None)
    Image.fromarray(pages[0]).save(tmp_path / "a.png")
    paths = {10: "s.ome.tif", 11: "p.tif", 12: "a.png"}
    reader = ImageReader({1: Source(1, "folder", str(tmp_path))})
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(1000, 700)
    pictures = LoupePictures(lambda sample_id, path="": open_sample(reader, 1, path or paths[sample_id]))
    state.set_ids(np.array([10, 11, 12], np.int64))
    made = Loupe(host, state, Tiles(), pictures, theme_for("light"), lambda _: False)
    host.show()
    made.open()
    qtbot.waitUntil(lambda: made.canvas.image is not None)
    made.stack, made.pages = stack, pages
    yield made
    pictures.close()


def seen(loupe):
    return loupe.canvas.values_at(3, 2)


def test_page_down_goes_through_the_planes_of_a_stack_and_pixel_values_follow(qtbot, stacked):
    assert stacked.layers.words.text() == "brightest of 5 planes, time 1 of 2"
    assert seen(stacked) == (stacked.stack[0, :, 2, 3].max(),)
    for plane in range(5):
        qtbot.keyClick(stacked, Qt.Key.Key_PageDown)
        assert stacked.layers.words.text() == f"plane {plane + 1} of 5 (z{plane}), time 1 of 2"
        qtbot.waitUntil(lambda plane=plane: seen(stacked) == (stacked.stack[0, plane, 2, 3],))
    qtbot.keyClick(stacked, Qt.Key.Key_PageDown)
    assert stacked.layers.words.text() == "plane 5 of 5 (z4), time 1 of 2"
    qtbot.keyClick(stacked, Qt.Key.Key_PageDown, SHIFT)
    qtbot.waitUntil(lambda: seen(stacked) == (stacked.stack[1, 4, 2, 3],))
    assert stacked.layers.words.text() == "plane 5 of 5 (z4), time 2 of 2"
    qtbot.keyClick(stacked, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: seen(stacked) == (stacked.stack[0, :, 2, 3].max(),))


def test_the_scale_bar_stays_and_the_windows_are_those_of_the_image(qtbot, stacked):
    display = stacked._pictures.displays.display(10, stacked.canvas.image)
    qtbot.keyClick(stacked, Qt.Key.Key_PageDown)
    qtbot.waitUntil(lambda: seen(stacked) == (stacked.stack[0, 0, 2, 3],))
    assert stacked.canvas.image.pixel_size_um == 0.5
    assert stacked._pictures.displays.display(10, stacked.canvas.image) == display


def test_pages_are_chosen_on_the_slider(qtbot, stacked):
    qtbot.keyClick(stacked, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: stacked.layers.words.text() == "page 1 of 3")
    assert stacked.layers.depth_slider.isVisible() and not stacked.layers.time_slider.isVisible()
    stacked.layers.depth_slider.setValue(2)
    qtbot.waitUntil(lambda: seen(stacked) == (stacked.pages[2, 2, 3],))
    assert stacked.layers.words.text() == "page 3 of 3"


def test_an_image_that_was_left_is_itself_again(qtbot, stacked):
    qtbot.keyClick(stacked, Qt.Key.Key_PageDown)
    qtbot.keyClick(stacked, Qt.Key.Key_Right)
    qtbot.keyClick(stacked, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: stacked.board.cell.sample_id == 12 and stacked.canvas.image is not None)
    assert not stacked.layers.isVisible()
    qtbot.keyClick(stacked, Qt.Key.Key_PageDown)
    for _ in range(2):
        qtbot.keyClick(stacked, Qt.Key.Key_Left)
    qtbot.waitUntil(lambda: stacked.layers.words.text() == "brightest of 5 planes, time 1 of 2")
    qtbot.waitUntil(lambda: seen(stacked) == (stacked.stack[0, :, 2, 3].max(),))


def test_images_side_by_side_go_through_their_planes_together(qtbot, stacked):
    stacked.compare([10, 11])
    qtbot.waitUntil(lambda: all(cell.canvas.image is not None for cell in stacked.board.cells))
    qtbot.keyClick(stacked, Qt.Key.Key_PageDown)
    first, second = stacked.board.cells
    qtbot.waitUntil(lambda: second.canvas.values_at(3, 2) == (stacked.pages[1, 2, 3],))
    qtbot.waitUntil(lambda: first.canvas.values_at(3, 2) == (stacked.stack[0, 0, 2, 3],))
    assert second._name.full_text == "11.tif · page 2 of 3"
